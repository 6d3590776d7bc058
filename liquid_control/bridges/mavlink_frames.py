# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Frames and signs between ROS (REP-103: ENU world, FLU body) and MAVLink (NED world, FRD body).

Here, and nowhere else in the bridge, an axis changes its name or a number its sign. `odom` is
taken as ENU: x east, y north, z up; MAVLink's local frame is x north, y east, z down. Yaw turns
from east, counter-clockwise, in ROS; from north, clockwise, in MAVLink.
"""

import math

from liquid_control.errors import SensorError
from liquid_control.signals import FloatArray
import numpy as np

# As unit quaternions w, x, y, z: half a turn about (x + y) / sqrt(2) swaps north with east and up
# with down; half a turn about x swaps left with right and up with down. Each undoes itself.
_WORLD = (0.0, math.sqrt(0.5), math.sqrt(0.5), 0.0)
_BODY = (0.0, 1.0, 0.0, 0.0)


def swap_world(vector: FloatArray) -> FloatArray:
    """
    Turn a vector from ENU to NED, or from NED to ENU: the same swap, its own inverse.

    :param vector: (3,).
    """
    x, y, z = vector
    return np.array([y, x, -z], dtype=float)


def swap_body(vector: FloatArray) -> FloatArray:
    """
    Turn a vector from FLU to FRD, or from FRD to FLU: the same swap, its own inverse.

    :param vector: (3,).
    """
    x, y, z = vector
    return np.array([x, -y, -z], dtype=float)


def orientation_from_mavlink(quaternion: FloatArray) -> FloatArray:
    """
    Return the orientation of base_link (FLU) in odom (ENU).

    :param quaternion: (4,) w, x, y, z: FRD body in the NED world, as ATTITUDE_QUATERNION has it.
    :returns: (4,) unit quaternion x, y, z, w.
    :raises SensorError: if it has no length or is not finite.
    """
    length = math.sqrt(sum(float(part) ** 2 for part in quaternion))
    if not (math.isfinite(length) and length > 1e-6):
        raise SensorError('attitude: expected a unit quaternion, found '
                          f'{[float(part) for part in quaternion]}')
    given = [float(part) / length for part in quaternion]
    w, x, y, z = _product(_product(_WORLD, given), _BODY)
    return np.array([x, y, z, w])


def orientation_to_mavlink(orientation: FloatArray) -> FloatArray:
    """
    Return the orientation of the FRD body in the NED world.

    :param orientation: (4,) unit quaternion x, y, z, w: base_link in odom.
    :returns: (4,) w, x, y, z, as ATTITUDE_QUATERNION has it.
    """
    x, y, z, w = (float(part) for part in orientation)
    return np.array(_product(_product(_WORLD, (w, x, y, z)), _BODY))


def setpoint_from_command(command: FloatArray, yaw: float) -> FloatArray:
    """
    Return the velocity setpoint of MAVLink's local frame that is a command.

    :param command: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized: forward, left,
        up, counter-clockwise.
    :param yaw: of the vehicle in odom [rad].
    :returns: (4,) north, east, down [m/s] and yaw rate [rad/s], clockwise.
    """
    forward, left, up, rate = (float(value) for value in command)
    c, s = math.cos(yaw), math.sin(yaw)
    velocity = swap_world(np.array([c * forward - s * left, s * forward + c * left, up]))
    return np.append(velocity, -rate)


def command_from_setpoint(setpoint: FloatArray, yaw: float) -> FloatArray:
    """
    Return the command that a velocity setpoint is: the inverse of `setpoint_from_command`.

    :param setpoint: (4,) north, east, down [m/s] and yaw rate [rad/s], clockwise.
    :param yaw: of the vehicle in odom [rad].
    :returns: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
    """
    east, north, up = swap_world(setpoint[:3])
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([c * east + s * north, -s * east + c * north, up, -float(setpoint[3])])


def flow_from_mavlink(flow: FloatArray, turned: FloatArray, seconds: float,
                      distance: float) -> FloatArray:
    """
    Return the velocity over ground that an optical flow sensor saw, looking down.

    By OPTICAL_FLOW_RAD a turn about an axis gives a positive flow about it; a motion along the
    body's y (right) gives a negative flow about x, one along its x a positive flow about y. Tilt
    is left out: it is what the turning gives while it is small.

    :param flow: (2,) about x and y of the FRD body, over an interval [rad].
    :param turned: (2,) of it, by the vehicle's own rotation [rad].
    :param seconds: length of the interval, above 0 [s].
    :param distance: to what was seen [m].
    :returns: (2,) forward and left [m/s].
    """
    about_x, about_y = (float(value) for value in flow - turned)
    return np.array([about_y, about_x]) * distance / seconds


def _product(a: 'tuple[float, ...] | list[float]',
             b: 'tuple[float, ...] | list[float]') -> tuple[float, float, float, float]:
    """Multiply two quaternions w, x, y, z (Hamilton)."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (aw * bw - ax * bx - ay * by - az * bz, aw * bx + ax * bw + ay * bz - az * by,
            aw * by - ax * bz + ay * bw + az * bx, aw * bz + ax * by - ay * bx + az * bw)
