# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Takes out of messages what the checks judge."""

from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import SensorError
from liquid_control.nodes import messages
from liquid_control.nodes.doctor.evidence import Evidence, Picture, Readings, Role
from liquid_control.sensing.camera import CameraView, to_rgb
from liquid_control.signals import NANOSECONDS
from nav_msgs.msg import Odometry
import numpy as np
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu

THIN = 160                         # columns kept of a thin picture, at most twice as many
MOST = 300                         # thin pictures are kept
APART = NANOSECONDS // 4           # whole pictures are kept so far apart [ns]
WHOLE = 12                         # and so many of them


class Hearing:
    """Fills the evidence, message by message."""

    def __init__(self, evidence: Evidence) -> None:
        """
        Start with nothing heard.

        :param evidence: to be filled.
        """
        self._evidence = evidence
        self._samples: list[tuple[int, tuple[float, ...]]] = []

    def ear(self, role: Role) -> Callable[[Any], None]:
        """Return what listens to a role; of some, that they came is enough."""
        ears: dict[Role, Callable[[Any], None]] = {
            'imu': self._on_imu, 'image': self._on_image, 'camera_info': self._on_camera_info}
        return ears.get(role, ignore)

    def conclude(self) -> None:
        """Put the IMU's samples together."""
        if not self._samples:
            return
        stamps = np.array([stamp for stamp, _ in self._samples], np.int64)
        values = np.array([sample for _, sample in self._samples])
        self._evidence.imu = Readings((stamps - stamps[0]) / NANOSECONDS, values[:, :3],
                                      values[:, 3:], int(stamps[0]))

    def _on_imu(self, message: Imu) -> None:
        """Keep six numbers."""
        force, rate = message.linear_acceleration, message.angular_velocity
        self._samples.append((messages.stamp_ns(message.header.stamp),
                              (force.x, force.y, force.z, rate.x, rate.y, rate.z)))

    def _on_image(self, message: Image | CompressedImage) -> None:
        """Keep what the image is, a thin picture of it, and now and then a whole one."""
        images = self._evidence.images
        if isinstance(message, CompressedImage):
            images.compressed = message.format or 'of no format'
            return
        images.kinds.add((message.encoding, message.width, message.height))
        images.largest = max(images.largest, len(message.data))
        try:
            image = to_rgb(np.frombuffer(message.data, np.uint8), message.height, message.width,
                           message.encoding, message.step)
        except SensorError as error:
            images.unreadable = str(error)
            return
        stamp = messages.stamp_ns(message.header.stamp)
        step = max(1, message.width // THIN)
        images.thin.append(Picture(stamp, image[::step, ::step].copy()))
        del images.thin[:-MOST]
        newest = images.whole[-1].stamp_ns if images.whole else stamp - APART
        if stamp - newest >= APART and len(images.whole) < WHOLE:
            images.whole.append(Picture(stamp, image.copy()))

    def _on_camera_info(self, message: CameraInfo) -> None:
        """Keep size and field of view, or why there is none."""
        try:
            camera = messages.camera_from_message(message)
        except SensorError as error:
            self._evidence.camera_complaint = str(error)
            return
        self._evidence.camera = CameraView(camera.width, camera.height, camera.horizontal_fov)


def ignore(_message: TwistStamped | Twist | Odometry | Clock) -> None:
    """Need nothing but that it came."""
