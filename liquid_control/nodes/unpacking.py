# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What messages hold, as signals: it reads fields, and needs no ROS.

So it serves messages that rclpy has taken and those that `bags` has read from a file. Frames are
the package's own (REP-103) on both sides, so nothing is flipped here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math
import struct
from typing import TYPE_CHECKING

from liquid_control.errors import SensorError
from liquid_control.sensing.camera import to_rgb
from liquid_control.signals import (
    CameraFrame,
    FloatArray,
    FlowSample,
    ImageArray,
    ImuSample,
    NANOSECONDS,
    VehicleState,
)
import numpy as np

if TYPE_CHECKING:
    from builtin_interfaces.msg import Time
    from diagnostic_msgs.msg import DiagnosticArray
    from geometry_msgs.msg import Twist, TwistStamped
    from nav_msgs.msg import Odometry
    from sensor_msgs.msg import CameraInfo, Image, Imu

# Where the axes of a command lie in a Twist; a rover has two of them, a drone four.
TWIST_FIELDS: Mapping[str, tuple[str, str]] = {
    'vx': ('linear', 'x'), 'vy': ('linear', 'y'), 'vz': ('linear', 'z'),
    'roll_rate': ('angular', 'x'), 'pitch_rate': ('angular', 'y'), 'yaw_rate': ('angular', 'z'),
}


def stamp_ns(time: 'Time') -> int:
    """Return a message's time in nanoseconds."""
    return int(time.sec) * NANOSECONDS + int(time.nanosec)


def raw_stamp_ns(serialized: bytes) -> int:
    """
    Read the stamp of a serialized message that begins with a header.

    The guard wants to know that an image came, not the image; this spares it unpacking 1 MB.

    :param serialized: CDR: four bytes of encapsulation, then int32 seconds, uint32 nanoseconds.
    :raises SensorError: if it is too short to hold a header.
    """
    if len(serialized) < 12:
        raise SensorError(f'expected a message with a header, found {len(serialized)} bytes')
    order = '<' if serialized[1] & 1 else '>'
    seconds, nanoseconds = struct.unpack_from(order + 'iI', serialized, 4)
    return int(seconds) * NANOSECONDS + int(nanoseconds)


def imu_from_message(message: 'Imu') -> ImuSample:
    """Return the sample in a message; not a number stays what it is, for the controller."""
    force, rate = message.linear_acceleration, message.angular_velocity
    return ImuSample(stamp_ns(message.header.stamp), np.array([force.x, force.y, force.z]),
                     np.array([rate.x, rate.y, rate.z]))


def pixels(message: 'Image') -> ImageArray:
    """
    Return the pixels in an image message, (height, width, 3), RGB.

    :param message: rgb8, bgr8, rgba8, bgra8 or mono8.
    :raises SensorError: for another encoding, no pixels, or too few bytes.
    """
    return to_rgb(np.frombuffer(message.data, dtype=np.uint8), message.height, message.width,
                  message.encoding, message.step)


def frame_from_message(message: 'Image', horizontal_fov: float) -> CameraFrame:
    """
    Return the frame in an image message.

    :param message: see `pixels`.
    :param horizontal_fov: of the whole image [rad].
    :raises SensorError: see `pixels`.
    """
    return CameraFrame(stamp_ns(message.header.stamp), pixels(message), horizontal_fov)


@dataclass(frozen=True, slots=True)
class Camera:
    """What camera_info says of the images."""

    width: int                     # [px]
    height: int                    # [px]
    horizontal_fov: float          # [rad]


def camera_from_message(message: 'CameraInfo') -> Camera:
    """
    Return size and field of view of the images of a camera; binning is taken into account.

    :raises SensorError: if the camera is not calibrated (a zero focal length or width), or
        sends a region of its image, which the field of view would not be that of.
    """
    focal = float(message.k[0])
    if not (math.isfinite(focal) and focal > 0.0 and message.width > 0):
        raise SensorError(f'camera_info: expected a focal length and a width above zero, found '
                          f'{focal:g} and {message.width}; calibrate the camera, or set the '
                          'parameter horizontal_fov_deg')
    region = message.roi.width, message.roi.height
    if region not in ((0, 0), (message.width, message.height)):
        raise SensorError(f'camera_info: expected the whole image, {message.width}x'
                          f'{message.height}, found a region of {region[0]}x{region[1]}; switch '
                          'it off in the camera driver, or set the parameter horizontal_fov_deg')
    return Camera(message.width // max(1, message.binning_x),
                  message.height // max(1, message.binning_y),
                  2.0 * math.atan(0.5 * message.width / focal))


def command_values(message: 'Twist', names: Sequence[str]) -> FloatArray:
    """Return the axes of a command (axes,) out of a Twist."""
    return np.array([getattr(getattr(message, TWIST_FIELDS[name][0]), TWIST_FIELDS[name][1])
                     for name in names])


def odometry_from_message(message: 'Odometry') -> VehicleState:
    """Return the vehicle state in odometry; its velocity is turned into odom."""
    place, turn = message.pose.pose.position, message.pose.pose.orientation
    linear, angular = message.twist.twist.linear, message.twist.twist.angular
    orientation = np.array([turn.x, turn.y, turn.z, turn.w])
    velocity = rotation(orientation) @ np.array([linear.x, linear.y, linear.z])
    return VehicleState(stamp_ns(message.header.stamp), np.array([place.x, place.y, place.z]),
                        orientation, velocity, np.array([angular.x, angular.y, angular.z]))


def flow_from_message(message: 'TwistStamped') -> FlowSample:
    """Return optical flow out of a velocity over ground in base_stabilized."""
    linear = message.twist.linear
    return FlowSample(stamp_ns(message.header.stamp), np.array([linear.x, linear.y]))


def rotation(orientation: FloatArray) -> FloatArray:
    """
    Return the matrix (3, 3) that turns base_link vectors into odom.

    :param orientation: (4,) unit quaternion x, y, z, w.
    :raises SensorError: if the quaternion has no length.
    """
    length = float(np.linalg.norm(orientation))
    if not (math.isfinite(length) and length > 0.0):
        raise SensorError(f'odom: expected a unit quaternion, found {orientation.tolist()}')
    x, y, z, w = (float(part) / length for part in orientation)
    return np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])


def status_values(message: 'DiagnosticArray') -> dict[str, str]:
    """Return the values of the first status of an array by key."""
    if not message.status:
        return {}
    return {pair.key: pair.value for pair in message.status[0].values}
