# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where a vehicle is now, from its newest odometry."""

from dataclasses import dataclass
import math
from typing import TypeAlias

from liquid_control.runtime.freshness import Freshness
from liquid_control.signals import heading, NANOSECONDS, VehicleState

Vector: TypeAlias = tuple[float, float, float]

LARGEST = 1.0e6     # [m, m/s, rad/s]; beyond it a number is a fault, not a place


@dataclass(frozen=True, slots=True)
class Pose:
    """A place and how it moves, all in `odom`."""

    position: Vector     # [m]
    velocity: Vector     # [m/s]
    yaw: float           # what turns odom into base_stabilized [rad]


def in_body(vector: Vector, yaw: float) -> Vector:
    """
    Turn a vector from `odom` into `base_stabilized`.

    :param vector: (x, y, z).
    :param yaw: of the vehicle [rad].
    """
    cosine, sine = math.cos(yaw), math.sin(yaw)
    x, y, z = vector
    return cosine * x + sine * y, cosine * y - sine * x, z


def in_odom(vector: Vector, yaw: float) -> Vector:
    """
    Turn a vector from `base_stabilized` into `odom`.

    :param vector: (x, y, z).
    :param yaw: of the vehicle [rad].
    """
    return in_body(vector, -yaw)


def is_usable(state: VehicleState) -> bool:
    """
    Tell whether a vehicle can be where odometry says.

    :param state: as it arrived.
    """
    numbers = (*state.position.tolist(), *state.velocity.tolist(),
               *state.orientation.tolist(), *state.angular_velocity.tolist())
    return (all(-LARGEST <= number <= LARGEST for number in numbers)      # false for NaN too
            and math.hypot(*state.orientation.tolist()) >= 1e-3)


class Place:
    """The odometry of one vehicle, watched."""

    def __init__(self, deadline: float, tolerance: float) -> None:
        """
        Start nowhere, that is, stale.

        :param deadline: older odometry is worth nothing [s].
        :param tolerance: how far stamps may be ahead of the clock [s].
        """
        self._freshness = Freshness(deadline, tolerance)
        self._state: VehicleState | None = None

    def heard(self, state: VehicleState, steady_ns: int) -> bool:
        """
        Take odometry.

        :param state: position and velocity in odom.
        :param steady_ns: when it came, by the steady clock [ns].
        :return: False if it is not news, or holds what is no number.
        """
        if not is_usable(state) or not self._freshness.heard(state.stamp_ns, steady_ns):
            return False
        self._state = state
        return True

    def at(self, now_ns: int, steady_ns: int) -> Pose | None:
        """
        Return where the vehicle is, if it went on as it did; None if nobody knows.

        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        """
        state = self._state
        if state is None or self._freshness.stale(now_ns, steady_ns):
            return None
        age = max(0, now_ns - state.stamp_ns) / NANOSECONDS
        x, y, z = state.position.tolist()
        vx, vy, vz = state.velocity.tolist()
        return Pose((x + age * vx, y + age * vy, z + age * vz), (vx, vy, vz),
                    heading(state.orientation) + age * float(state.angular_velocity[2]))

    def forget(self) -> None:
        """Be nowhere again."""
        self._freshness.forget()
