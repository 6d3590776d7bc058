# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the sensors have sent since the last tick, and what of it could not be used."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
import math
from typing import Any

from geometry_msgs.msg import TwistStamped
from liquid_control.errors import SensorError
from liquid_control.nodes import messages
from liquid_control.nodes.arrival import Arrival
from liquid_control.nodes.inputs import complaints, figures, Input
from liquid_control.nodes.lockstep import reached
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.sensing.extra import FLOW_LASTS
from liquid_control.signals import (
    CameraFrame,
    FlowSample,
    ImageArray,
    ImuSample,
    VehicleState,
)
from nav_msgs.msg import Odometry
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu


class Sensors:
    """Turns messages of sensors into the inputs of one tick."""

    def __init__(self, safety: SafetyConfig, options: Mapping[str, Any],
                 log_error: Callable[[str], object]) -> None:
        """
        Start with nothing heard.

        :param safety: deadlines.
        :param options: lockstep, horizontal_fov_deg, image_transport and correct_clocks of the
            node's parameters.
        :param log_error: told once of each thing that cannot be used.
        """
        self.camera_topic, self.camera_type = messages.IMAGES[options['image_transport']]
        correct: bool = options['correct_clocks']
        self.watched = {'camera': Input(self.camera_topic, safety.camera_deadline, correct),
                        'imu': Input('imu/data', safety.imu_deadline, correct)}
        self._odom = Input('odom', safety.odom_deadline, correct)
        self._flow_input = Input('flow', FLOW_LASTS, correct)
        self._decode: Callable[[CompressedImage], ImageArray] | None = None
        if self.camera_type is CompressedImage:
            self._decode = import_module('liquid_control.nodes.compressed').decode
        self.rejected = ''            # why the last message that could not be used could not
        self.frame: CameraFrame | None = None
        self._log_error = log_error
        self._once: bool = options['lockstep']
        fixed: float = options['horizontal_fov_deg']
        self._fixed_fov = math.radians(fixed) if fixed else None
        self._camera: messages.Camera | None = None
        self._imu: list[ImuSample] = []
        self._odometry: VehicleState | None = None
        self._flow: FlowSample | None = None
        self._counts: Counter[str] = Counter()
        # Stamps that messages carry, by source and corrected stamp: of what was taken last.
        self.own: dict[tuple[str, int], int] = {}
        self._carried: dict[tuple[str, int], int] = {}

    @property
    def wants_camera_info(self) -> bool:
        """Whether the field of view is not known beforehand."""
        return self._fixed_fov is None

    def reconfigure(self, safety: SafetyConfig) -> None:
        """Complain by other deadlines."""
        self.watched['camera'].deadline = safety.camera_deadline
        self.watched['imu'].deadline = safety.imu_deadline
        self._odom.deadline = safety.odom_deadline

    def take(self) -> Inputs:
        """Return what has come since this was called last."""
        inputs = Inputs(self.frame, tuple(self._imu), self._odometry, flow=self._flow)
        self.frame = self._odometry = self._flow = None
        self._imu.clear()
        self.own, self._carried = self._carried, {}
        return inputs

    def forget(self) -> None:
        """Drop what nobody has taken, and what the camera said of itself."""
        self.take()
        self._camera = None
        for source in self.watched.values():
            source.offset.forget()

    def on_imu(self, message: Imu, came: Arrival) -> int | None:
        """Keep a sample; return its stamp [ns], or None if it is none to use."""
        sample = messages.imu_from_message(message)
        stamp = self._stamp('imu', sample.stamp_ns, came)
        if stamp is None:
            return None
        self._imu.append(sample if stamp == sample.stamp_ns else replace(sample, stamp_ns=stamp))
        return stamp

    def on_image(self, message: Image | CompressedImage, came: Arrival) -> int | None:
        """Keep a frame; return its stamp [ns], or None if there is none to step on."""
        stamp = self._stamp('camera', messages.stamp_ns(message.header.stamp), came)
        if stamp is None:
            return None
        try:
            image = self._decode(message) if self._decode else messages.pixels(message)
            self.frame = CameraFrame(stamp, image, self._fov(image))
        except SensorError as error:
            self.reject('frames_unreadable', str(error))
            return None
        return stamp

    def on_camera_info(self, message: CameraInfo, _info: object = None) -> None:
        """Take the field of view; one that is unusable is worth no more than none."""
        try:
            self._camera = messages.camera_from_message(message)
        except SensorError as error:
            self._camera = None
            self.reject('camera_info_rejected', str(error))

    def on_odometry(self, message: Odometry, came: Arrival) -> None:
        """Keep the newest state."""
        self.watched.setdefault('odom', self._odom)
        stamp = self._stamp('odom', messages.stamp_ns(message.header.stamp), came)
        if stamp is None:
            return
        try:
            self._odometry = replace(messages.odometry_from_message(message), stamp_ns=stamp)
        except SensorError as error:
            self.reject('odometry_rejected', str(error))

    def on_flow(self, message: TwistStamped, came: Arrival) -> None:
        """Keep the newest optical flow."""
        self.watched.setdefault('flow', self._flow_input)
        stamp = self._stamp('flow', messages.stamp_ns(message.header.stamp), came)
        if stamp is not None:
            self._flow = replace(messages.flow_from_message(message), stamp_ns=stamp)

    def newest_ns(self, name: str) -> int | None:
        """Return the newest stamp of an input, None if there is none [ns]."""
        source = self.watched.get(name)
        return None if source is None else source.newest_ns

    def complaints(self, now: int, steady: int) -> list[str]:
        """Say what is wrong with what flying needs; flow may be lost, in the dark for one."""
        return complaints((source for name, source in self.watched.items() if name != 'flow'),
                          now, steady)

    def figures(self, steady: int) -> dict[str, object]:
        """Return rates and counters for diagnostics."""
        lost = {f'{name}_lost': source.lost for name, source in self.watched.items()}
        return figures(self.watched.items(), steady) | lost | dict(self._counts)

    def reject(self, counter: str, text: str) -> None:
        """
        Count what cannot be used, and say why: once in the log, always in diagnostics.

        :param counter: of the diagnostics.
        :param text: expected, found, what to do.
        """
        self._counts[counter] += 1
        if text != self.rejected:
            self._log_error(text)
        self.rejected = text

    def _stamp(self, watched: str, stamp: int, came: Arrival) -> int | None:
        """Note a message; return its stamp by our clock [ns], or None if it is no news."""
        source = self.watched[watched]
        source.count_lost(came.sequence)
        if self._once and reached(source.newest_ns, stamp):
            return None     # in lockstep the world sends again what was not answered
        ours = source.stamp(stamp, came.now_ns, came.steady_ns)
        if ours is not None:
            source.heard(ours, came.steady_ns)
        if ours is not None and ours != stamp:
            self._carried[watched, ours] = stamp
        return ours

    def _fov(self, image: ImageArray) -> float:
        """Return the horizontal field of view of an image [rad]."""
        if self._fixed_fov is not None:
            return self._fixed_fov
        if self._camera is None:
            raise SensorError('no usable camera/camera_info yet: publish it, or set the '
                              'parameter horizontal_fov_deg')
        height, width = image.shape[:2]
        if (width, height) != (self._camera.width, self._camera.height):
            raise SensorError(
                f'image size: expected {self._camera.width}x{self._camera.height}, which is '
                f'what camera/camera_info says, found {width}x{height}; '
                'publish the camera_info of this image')
        return self._camera.horizontal_fov
