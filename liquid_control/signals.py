# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What crosses the borders between folders: samples in, commands out.

Frames follow REP-103 (x forward, y left, z up), units are SI. Stamps are integer
nanoseconds, as in ROS messages: a float in seconds since 1970 would blur them.
"""

from dataclasses import dataclass
from enum import Enum
import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
Float32Array: TypeAlias = NDArray[np.float32]
ImageArray: TypeAlias = NDArray[np.uint8]

NANOSECONDS = 1_000_000_000  # in a second


class Reason(str, Enum):
    """Why a command is what it is; published with every command and counted."""

    OK = 'ok'                            # what the source wanted, unchanged
    LIMITED = 'limited'                  # scaled down to a velocity or acceleration limit
    MANUAL = 'manual'                    # the pilot's command wins
    NOT_ENGAGED = 'not_engaged'          # nobody has allowed motion
    CAMERA_STALE = 'camera_stale'        # no camera frame within its deadline
    IMU_STALE = 'imu_stale'              # no IMU sample within its deadline
    ODOM_STALE = 'odom_stale'            # the bundle or a fence needs odometry, and it is late
    RANGE_STALE = 'range_stale'          # the sensor of the proximity brake is late
    NEIGHBOUR_STALE = 'neighbour_stale'  # the odometry of another vehicle is late
    COMMAND_STALE = 'command_stale'      # the controller has fallen silent (guard)
    SETTLING = 'settling'                # every input is back, but not yet for long enough
    NON_FINITE = 'non_finite'            # NaN or Inf where a number belongs
    CLOCK_BACKWARD = 'clock_backward'    # time went backward; hidden state was reset
    ALTITUDE = 'altitude'                # cut: it would leave the altitude band
    GEOFENCE = 'geofence'                # cut: it would leave the fence, or not lead back into it
    PROXIMITY = 'proximity'              # cut: an obstacle is near
    SEPARATION = 'separation'            # cut: another vehicle is near
    STATE_ALARM = 'state_alarm'          # the hidden state is where it cannot, or never, was
    OBSERVATION_ALARM = 'observation_alarm'    # image or IMU are unlike those of training
    LANDING = 'landing'                  # fallback: brakes, then descends
    LANDED = 'landed'                    # fallback: on the ground, or the time is over
    HANDOVER = 'handover'                # fallback: brakes, then falls silent
    HANDED_OVER = 'handed_over'          # fallback: silent, another source may take over


# Why a command may be sent that is the source's own; anything else is a stop of the safety layer.
FLYING = frozenset({Reason.OK.value, Reason.LIMITED.value, Reason.MANUAL.value})


@dataclass(frozen=True, slots=True)
class ImuSample:
    """One reading of an inertial measurement unit in `imu_link`; at rest it reads +g on z."""

    stamp_ns: int
    specific_force: FloatArray     # (3,) [m/s^2]
    angular_velocity: FloatArray   # (3,) [rad/s]


@dataclass(frozen=True, slots=True)
class CameraFrame:
    """One rectified colour image in `camera_optical_frame`."""

    stamp_ns: int
    image: ImageArray              # (height, width, 3), RGB
    horizontal_fov: float          # of the whole image [rad]


@dataclass(frozen=True, slots=True)
class VehicleState:
    """Where a vehicle is and how it moves: odometry, or the simulator's truth."""

    stamp_ns: int
    position: FloatArray           # (3,) in odom [m]
    orientation: FloatArray        # (4,) quaternion x, y, z, w: base_link in odom
    velocity: FloatArray           # (3,) in odom [m/s]
    angular_velocity: FloatArray   # (3,) in base_link [rad/s]


@dataclass(frozen=True, slots=True)
class FlowSample:
    """One velocity over the ground, by an optical flow sensor and the height above ground."""

    stamp_ns: int
    velocity: FloatArray           # (2,) x, y in base_stabilized [m/s]


def heading(orientation: FloatArray) -> float:
    """
    Return the yaw of a vehicle: what turns `odom` into `base_stabilized` [rad].

    :param orientation: (4,) quaternion x, y, z, w, of any length but zero.
    """
    x, y, z, w = (float(value) for value in orientation)
    return math.atan2(2 * (w * z + x * y), w * w + x * x - y * y - z * z)


def to_stabilized(vector: FloatArray, yaw: float) -> FloatArray:
    """
    Turn a vector from `odom` into `base_stabilized`, that is, by yaw alone.

    :param vector: (3,).
    :param yaw: of the vehicle [rad].
    """
    cosine, sine = math.cos(yaw), math.sin(yaw)
    return np.array([cosine * vector[0] + sine * vector[1],
                     -sine * vector[0] + cosine * vector[1], vector[2]])


@dataclass(frozen=True, slots=True)
class Observation:
    """What one step of a policy sees."""

    stamp_ns: int
    dt: float                      # elapsed since the previous step, by the stamps [s]
    frame: ImageArray              # (height, width, 3), RGB, at the bundle's size
    imu: Float32Array              # (6,) means over (previous step, this step], SI, not normalised
    extra: Float32Array            # (n,) the optional inputs that the bundle lists


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a command in `base_stabilized`."""

    name: str                      # vx, vy, vz or yaw_rate
    limit: float                   # largest magnitude [m/s or rad/s]
    acceleration: float            # largest change [m/s^2 or rad/s^2]
    stop_deceleration: float       # at which a stop brakes [m/s^2 or rad/s^2]


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """The axes that a vehicle is commanded by, in order; all there is to know about a vehicle."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes, in order."""
        return tuple(axis.name for axis in self.axes)


@dataclass(frozen=True, slots=True)
class VelocityCommand:
    """What is really sent to a vehicle, and why."""

    stamp_ns: int
    values: FloatArray             # (axes,) in the order of the command specification
    reason: Reason
