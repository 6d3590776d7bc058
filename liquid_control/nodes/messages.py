# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Signals to ROS messages; the way back, which needs no ROS, is `unpacking`, and offered here too.

Frames are the package's own (REP-103) on both sides, so nothing is flipped here; what is
converted is the layout: stamps, quaternion order, the frame that a velocity is given in.
"""

from collections.abc import Mapping, Sequence
import math

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import ConfigError
from liquid_control.nodes.unpacking import (
    Camera,
    camera_from_message,
    command_values,
    flow_from_message,
    frame_from_message,
    imu_from_message,
    odometry_from_message,
    pixels,
    raw_stamp_ns,
    rotation,
    stamp_ns,
    status_values,
    TWIST_FIELDS,
)
from liquid_control.signals import (
    FloatArray,
    FlowSample,
    ImageArray,
    ImuSample,
    NANOSECONDS,
    VehicleState,
)
from nav_msgs.msg import Odometry
import numpy as np
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu

__all__ = [
    'BASE_FRAME', 'Camera', 'camera_from_message', 'camera_info', 'CAMERA_FRAME', 'check_axes',
    'COMMAND_FRAME', 'command_values', 'flow_from_message', 'flow_to_message',
    'frame_from_message', 'image_to_message',
    'IMAGES', 'imu_from_message', 'IMU_FRAME', 'imu_to_message', 'ODOM_FRAME',
    'odometry_from_message', 'odometry_to_message', 'pixels', 'raw_stamp_ns', 'rotation',
    'stamp_ns', 'status', 'status_array', 'status_values', 'to_time', 'twist', 'TWIST_FIELDS',
    'twist_stamped',
]

COMMAND_FRAME = 'base_stabilized'
BASE_FRAME = 'base_link'
IMU_FRAME = 'imu_link'
CAMERA_FRAME = 'camera_optical_frame'
ODOM_FRAME = 'odom'

# Topic and type of camera images by the name of their transport.
IMAGES: Mapping[str, tuple[str, type]] = {
    'raw': ('camera/image_raw', Image),
    'compressed': ('camera/image_raw/compressed', CompressedImage),
}


def to_time(stamp: int) -> Time:
    """Return nanoseconds as a message's time."""
    return Time(sec=stamp // NANOSECONDS, nanosec=stamp % NANOSECONDS)


def imu_to_message(sample: ImuSample, frame_prefix: str = '') -> Imu:
    """Return an IMU sample as a message; orientation is marked as not given (REP-145)."""
    message = Imu()
    message.header.stamp = to_time(sample.stamp_ns)
    message.header.frame_id = frame_prefix + IMU_FRAME
    message.orientation_covariance[0] = -1.0
    force, rate = message.linear_acceleration, message.angular_velocity
    force.x, force.y, force.z = map(float, sample.specific_force)
    rate.x, rate.y, rate.z = map(float, sample.angular_velocity)
    return message


def image_to_message(image: ImageArray, stamp: int, frame_prefix: str = '') -> Image:
    """
    Return an image as an rgb8 message.

    :param image: (height, width, 3), RGB.
    :param stamp: of the exposure [ns].
    :param frame_prefix: of the frame's name, for several vehicles.
    """
    message = Image()
    message.header.stamp = to_time(stamp)
    message.header.frame_id = frame_prefix + CAMERA_FRAME
    message.height, message.width = image.shape[:2]
    message.encoding = 'rgb8'
    message.step = 3 * message.width
    message.data = np.ascontiguousarray(image).tobytes()
    return message


def camera_info(width: int, height: int, horizontal_fov: float, stamp: int,
                frame_prefix: str = '') -> CameraInfo:
    """Return the pinhole camera of an image size and horizontal field of view [rad]."""
    focal = 0.5 * width / math.tan(0.5 * horizontal_fov)  # [pixels]
    centre = (0.5 * (width - 1), 0.5 * (height - 1))
    message = CameraInfo(width=width, height=height, distortion_model='plumb_bob')
    message.header.stamp = to_time(stamp)
    message.header.frame_id = frame_prefix + CAMERA_FRAME
    message.d = [0.0] * 5
    message.k = [focal, 0.0, centre[0], 0.0, focal, centre[1], 0.0, 0.0, 1.0]
    message.r = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]
    message.p = [focal, 0.0, centre[0], 0.0, 0.0, focal, centre[1], 0.0, 0.0, 0.0, 1.0, 0.0]
    return message


def check_axes(names: Sequence[str]) -> None:
    """
    Check that a Twist has room for a command.

    :param names: axes of the command specification.
    :raises ConfigError: for an axis that it has no field for.
    """
    for name in names:
        if name not in TWIST_FIELDS:
            raise ConfigError(f'command axis {name!r}: expected one of '
                              f'{", ".join(TWIST_FIELDS)}, which are those of a Twist')


def twist(values: Sequence[float] | FloatArray, names: Sequence[str]) -> Twist:
    """
    Return a command as a Twist.

    :param values: (axes,) in the order of `names` [m/s, rad/s].
    :param names: axes of the command specification.
    """
    message = Twist()
    for name, value in zip(names, values, strict=True):
        part, field = TWIST_FIELDS[name]
        setattr(getattr(message, part), field, float(value))
    return message


def twist_stamped(values: Sequence[float] | FloatArray, names: Sequence[str], stamp: int,
                  frame_prefix: str = '') -> TwistStamped:
    """Return a command as a TwistStamped in base_stabilized; see `twist`."""
    message = TwistStamped(twist=twist(values, names))
    message.header.stamp = to_time(stamp)
    message.header.frame_id = frame_prefix + COMMAND_FRAME
    return message


def twist_and_stamp(message: TwistStamped | Twist) -> tuple[Twist, int | None]:
    """Return a Twist and its stamp [ns], None where it has none or was not given one."""
    if isinstance(message, Twist):
        return message, None
    return message.twist, stamp_ns(message.header.stamp) or None


def odometry_to_message(state: VehicleState, frame_prefix: str = '') -> Odometry:
    """Return a vehicle state as odometry, whose twist is in base_link (REP-105)."""
    message = Odometry(child_frame_id=frame_prefix + BASE_FRAME)
    message.header.stamp = to_time(state.stamp_ns)
    message.header.frame_id = frame_prefix + ODOM_FRAME
    place, turn = message.pose.pose.position, message.pose.pose.orientation
    place.x, place.y, place.z = map(float, state.position)
    turn.x, turn.y, turn.z, turn.w = map(float, state.orientation)
    linear, angular = message.twist.twist.linear, message.twist.twist.angular
    body = rotation(state.orientation).T @ state.velocity
    linear.x, linear.y, linear.z = map(float, body)
    angular.x, angular.y, angular.z = map(float, state.angular_velocity)
    return message


def flow_to_message(sample: FlowSample, frame_prefix: str = '') -> TwistStamped:
    """Return optical flow as a velocity over ground in base_stabilized."""
    return twist_stamped(sample.velocity, ('vx', 'vy'), sample.stamp_ns, frame_prefix)


def status(name: str, level: bytes, text: str, values: Mapping[str, object]) -> DiagnosticStatus:
    """Return a diagnostic status; numbers are written as they are, floats to 6 digits."""
    pairs = [KeyValue(key=key, value=f'{value:.6g}' if isinstance(value, float) else str(value))
             for key, value in values.items()]
    return DiagnosticStatus(level=level, name=name, message=text, values=pairs)


def status_array(stamp: int, entry: DiagnosticStatus) -> DiagnosticArray:
    """Return one status as the stamped array that diagnostic tools read."""
    message = DiagnosticArray(status=[entry])
    message.header.stamp = to_time(stamp)
    return message
