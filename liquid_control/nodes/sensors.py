# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the sensors have sent since the last tick, and what of it could not be used."""

from collections import Counter
from collections.abc import Callable, Mapping
import math
from typing import Any

from liquid_control.errors import SensorError
from liquid_control.nodes import messages
from liquid_control.nodes.inputs import figures, Input
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import CameraFrame, ImuSample, VehicleState
from nav_msgs.msg import Odometry
from sensor_msgs.msg import CameraInfo, Image, Imu


class Sensors:
    """Turns messages of sensors into the inputs of one tick."""

    def __init__(self, safety: SafetyConfig, options: Mapping[str, Any],
                 log_error: Callable[[str], object]) -> None:
        """
        Start with nothing heard.

        :param safety: deadlines.
        :param options: lockstep and horizontal_fov_deg of the node's parameters.
        :param log_error: told once of each thing that cannot be used.
        """
        self.watched = {'camera': Input('camera/image_raw', safety.camera_deadline),
                        'imu': Input('imu/data', safety.imu_deadline)}
        self.rejected = ''            # why the last message that could not be used could not
        self.frame: CameraFrame | None = None
        self._log_error = log_error
        self._once: bool = options['lockstep']
        fixed: float = options['horizontal_fov_deg']
        self._fixed_fov = math.radians(fixed) if fixed else None
        self._camera: messages.Camera | None = None
        self._imu: list[ImuSample] = []
        self._odometry: VehicleState | None = None
        self._counts: Counter[str] = Counter()

    @property
    def wants_camera_info(self) -> bool:
        """Whether the field of view is not known beforehand."""
        return self._fixed_fov is None

    def reconfigure(self, safety: SafetyConfig) -> None:
        """Complain by other deadlines."""
        self.watched['camera'].deadline = safety.camera_deadline
        self.watched['imu'].deadline = safety.imu_deadline

    def take(self) -> Inputs:
        """Return what has come since this was called last."""
        inputs = Inputs(self.frame, tuple(self._imu), self._odometry)
        self.frame = self._odometry = None
        self._imu.clear()
        return inputs

    def forget(self) -> None:
        """Drop what nobody has taken, and what the camera said of itself."""
        self.take()
        self._camera = None

    def on_imu(self, message: Imu, steady: int) -> None:
        """Keep a sample."""
        sample = messages.imu_from_message(message)
        if not self._again('imu', sample.stamp_ns):
            self.watched['imu'].heard(sample.stamp_ns, steady)
            self._imu.append(sample)

    def on_image(self, message: Image, steady: int) -> bool:
        """Keep a frame; return whether there is one to step on."""
        stamp = messages.stamp_ns(message.header.stamp)
        if self._again('camera', stamp):
            return False
        self.watched['camera'].heard(stamp, steady)
        try:
            self.frame = messages.frame_from_message(message, self._fov(message))
        except SensorError as error:
            self._reject('frames_unreadable', str(error))
            return False
        return True

    def on_camera_info(self, message: CameraInfo) -> None:
        """Take the field of view; one that is unusable is worth no more than none."""
        try:
            self._camera = messages.camera_from_message(message)
        except SensorError as error:
            self._camera = None
            self._reject('camera_info_rejected', str(error))

    def on_odometry(self, message: Odometry) -> None:
        """Keep the newest state."""
        try:
            self._odometry = messages.odometry_from_message(message)
        except SensorError as error:
            self._reject('odometry_rejected', str(error))

    def on_lost(self, watched: str, count: int) -> None:
        """Count what the middleware lost."""
        self.watched[watched].lost += count

    def figures(self, steady: int) -> dict[str, object]:
        """Return rates and counters for diagnostics."""
        lost = {f'{name}_lost': source.lost for name, source in self.watched.items()}
        return figures(self.watched.items(), steady) | lost | dict(self._counts)

    def _again(self, watched: str, stamp: int) -> bool:
        """In lockstep the world sends again what was not answered."""
        newest = self.watched[watched].newest_ns
        return self._once and newest is not None and stamp <= newest

    def _fov(self, message: Image) -> float:
        """Return the horizontal field of view of an image [rad]."""
        if self._fixed_fov is not None:
            return self._fixed_fov
        if self._camera is None:
            raise SensorError('no usable camera/camera_info yet: publish it, or set the '
                              'parameter horizontal_fov_deg')
        if (message.width, message.height) != (self._camera.width, self._camera.height):
            raise SensorError(
                f'image size: expected {self._camera.width}x{self._camera.height}, which is '
                f'what camera/camera_info says, found {message.width}x{message.height}; '
                'publish the camera_info of this image')
        return self._camera.horizontal_fov

    def _reject(self, counter: str, text: str) -> None:
        """Count what cannot be used, and say why: once in the log, always in diagnostics."""
        self._counts[counter] += 1
        if text != self.rejected:
            self._log_error(text)
        self.rejected = text
