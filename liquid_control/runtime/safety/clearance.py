# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What is around the vehicle: its fence, obstacles, neighbours; and commands that keep clear of it.

Its sensors are watched here, too. A late one is a reason to brake; what it said is forgotten.
"""

from collections.abc import Sequence
from dataclasses import replace
import math

from liquid_control.runtime.limits import Limits
from liquid_control.runtime.safety.braking import Barrier, Braking, SLACK
from liquid_control.runtime.safety.config import SafetyConfig
from liquid_control.runtime.safety.fence import Fence
from liquid_control.runtime.safety.place import in_body, in_odom, Place, Pose, Vector
from liquid_control.runtime.safety.proximity import Proximity
from liquid_control.runtime.safety.separation import Separation
from liquid_control.signals import CommandSpec, Float32Array, Reason, VehicleState

GROUND = (Reason.ALTITUDE, Reason.PROXIMITY)     # what a landing must be allowed to pass


class Clearance:
    """The optional parts of the safety filter that know where the vehicle is."""

    def __init__(self, spec: CommandSpec, limits: Limits, config: SafetyConfig) -> None:
        """
        Make the parts that are configured.

        :param spec: the axes.
        :param limits: of the same axes.
        :param config: of the safety filter.
        """
        tolerance = config.stamp_tolerance
        self._limits = limits
        self._braking = Braking(spec, config.reaction_time)
        self._place = Place(config.odom_deadline, tolerance)
        self._fence = Fence(config.fence) if config.fence else None
        self._proximity = Proximity(config.proximity, tolerance) if config.proximity else None
        self._separation = Separation(config.separation, tolerance) if config.separation else None
        self._needs_odometry = self._fence is not None or self._separation is not None

    def heard_odometry(self, state: VehicleState, steady_ns: int) -> bool:
        """Take the vehicle's own odometry; see `Place.heard`."""
        return self._place.heard(state, steady_ns)

    def heard_neighbour(self, name: str, state: VehicleState, steady_ns: int) -> bool:
        """Take a neighbour's odometry; see `Separation.heard`."""
        return self._separation is not None and self._separation.heard(name, state, steady_ns)

    def heard_range(self, distance: float, stamp_ns: int, steady_ns: int) -> bool:
        """Take a measurement of the range finder; see `Proximity.heard_range`."""
        return (self._proximity is not None and not self._proximity.is_depth
                and self._proximity.heard_range(distance, stamp_ns, steady_ns))

    def heard_depth(self, depth: Float32Array, stamp_ns: int, steady_ns: int) -> bool:
        """Take a depth image; see `Proximity.heard_depth`."""
        return (self._proximity is not None and self._proximity.is_depth
                and self._proximity.heard_depth(depth, stamp_ns, steady_ns))

    def stale(self, now_ns: int, steady_ns: int) -> list[Reason]:
        """
        Name the sensors that are needed and late; each is asked, since each may forget.

        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        """
        found = []
        if self._needs_odometry and self._place.at(now_ns, steady_ns) is None:
            found.append(Reason.ODOM_STALE)
        if self._proximity is not None and self._proximity.stale(now_ns, steady_ns):
            found.append(Reason.RANGE_STALE)
        if self._separation is not None and self._separation.stale(now_ns, steady_ns):
            found.append(Reason.NEIGHBOUR_STALE)
        return found

    def height(self, now_ns: int, steady_ns: int) -> float | None:
        """Return the height over the ground by a downward range finder [m], or None."""
        return None if self._proximity is None else self._proximity.height(now_ns, steady_ns)

    def altitude(self, now_ns: int, steady_ns: int) -> float | None:
        """Return z in odom [m], or None."""
        pose = self._place.at(now_ns, steady_ns)
        return None if pose is None else pose.position[2]

    def admit(self, wanted: list[float], now: tuple[int, int], landing: bool) -> Reason | None:
        """
        Cut a wish in place to what may be wanted here, before it is approached.

        Outside the fence, what does not lead back becomes standing still; but a vehicle may
        land there.

        :param wanted: within the limits of velocity.
        :param now: clock of the stamps, and steady clock [ns].
        :param landing: whether the ground is where it is to go.
        :return: why it was cut, or None.
        """
        pose = self._place.at(*now)
        outward = None if self._fence is None or pose is None or landing else (
            self._fence.outward(pose.position))
        if outward is not None and pose is not None:
            velocity = self._braking.velocity(wanted)
            away = sum(a * b for a, b in zip(velocity, in_body(outward, pose.yaw)))
            if away > -SLACK and any(velocity):
                wanted[:] = self._braking.halt(wanted)
                return Reason.GEOFENCE
        return self._braking.cut(wanted, self._barriers(wanted, pose, now, landing),
                                 *self._limits.everything)

    def cut(self, values: list[float], previous: Sequence[float], times: tuple[float, float],
            now: tuple[int, int], landing: bool) -> Reason | None:
        """
        Cut a command in place to what keeps clear of everything, as far as it may change.

        :param values: within every limit.
        :param previous: what was sent before.
        :param times: in which magnitudes may grow, and shrink [s].
        :param now: clock of the stamps, and steady clock [ns].
        :param landing: whether the ground is where it is to go.
        :return: why it was cut, or None.
        """
        pose = self._place.at(*now)
        barriers = self._barriers(values, pose, now, landing)
        low, high = self._limits.reachable(previous, *times)
        reason = self._braking.cut(values, barriers, low, high)
        if self._fence is None or pose is None or landing:
            return reason
        return self._stop_inside(self._fence, values, pose, (low, high)) or reason

    def forget(self) -> None:
        """Take everything as unheard."""
        for part in (self._place, self._proximity, self._separation):
            if part is not None:
                part.forget()

    def _barriers(self, values: list[float], pose: Pose | None,
                  now: tuple[int, int], landing: bool) -> list[Barrier]:
        """Return what is known to be near, in base_stabilized; not the ground of a landing."""
        found = []
        if pose is not None:
            around = self._fence.barriers(pose.position) if self._fence else []
            if self._separation is not None:
                around += self._separation.barriers(pose, *now)
            found = [replace(barrier, direction=in_body(barrier.direction, pose.yaw))
                     for barrier in around]
        if self._proximity is not None and not self._proximity.stale(*now):
            found += self._proximity.barriers(self._braking.velocity(values))
        return [barrier for barrier in found if not (landing and barrier.reason in GROUND)]

    def _stop_inside(self, fence: Fence, values: list[float], pose: Pose,
                     reachable: tuple[Sequence[float], Sequence[float]]) -> Reason | None:
        """
        Slow down, in place, so far that a plain stop ends inside.

        A plain stop keeps its direction, and is all that is left when odometry is lost next.
        """
        velocity = self._braking.velocity(values)
        speed = math.hypot(*velocity)
        if speed <= SLACK:
            return None
        direction: Vector = (velocity[0] / speed, velocity[1] / speed, velocity[2] / speed)
        distance, reason = fence.ahead(pose.position, in_odom(direction, pose.yaw))
        if distance == math.inf:
            return None
        largest = self._braking.straight(velocity, distance)
        if speed <= largest + SLACK:
            return None
        self._braking.scale(values, largest / speed, *reachable)
        return reason
