# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How fast a vehicle may go toward what it must not pass, and how a command is cut to that.

A barrier lies at a distance in a direction. The component of a command toward it may be as large
as the vehicle can still lose on the way: v t + v^2 / (2 a) = distance, with t the time from a
command to its effect. What leads along the barrier is left, unless it scales. Pure arithmetic on
lists of floats, one number an axis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math

from liquid_control.runtime.safety.place import Vector
from liquid_control.signals import CommandSpec, Reason

COMPONENTS = ('vx', 'vy', 'vz')
SLACK = 1e-9        # [m/s]; a component is not cut for the rounding of a sum
ROUNDING = 1e-15   # [m/s]; what is left of a difference that is none
ROUNDS = 3          # over all barriers, where cutting for one touches another
TINY = 1e-9         # part of a direction that is none


@dataclass(frozen=True, slots=True)
class Barrier:
    """Something that must not be passed."""

    direction: Vector     # from here to there, of length 1
    distance: float       # left [m]; 0 or less: not a step nearer
    reason: Reason
    scales: bool = False     # a command slows down as a whole, and turns aside for nothing


class Braking:
    """What one vehicle can do about a barrier."""

    def __init__(self, spec: CommandSpec, reaction_time: float) -> None:
        """
        Find the axes that move the vehicle.

        :param spec: the axes.
        :param reaction_time: from a command to its effect [s].
        """
        self._axes = tuple((i, COMPONENTS.index(axis.name)) for i, axis in enumerate(spec.axes)
                           if axis.name in COMPONENTS and axis.limit > 0)
        # What an axis can lose, or gain the other way, a second.
        self._gentle = {i: min(spec.axes[i].acceleration, spec.axes[i].stop_deceleration)
                        for i, _ in self._axes}
        self._stop = {i: spec.axes[i].stop_deceleration for i, _ in self._axes}
        self._reaction = reaction_time

    def velocity(self, values: Sequence[float]) -> Vector:
        """Return the linear part of a command: (x, y, z) in base_stabilized [m/s]."""
        vector = [0.0, 0.0, 0.0]
        for i, component in self._axes:
            vector[component] = values[i]
        return vector[0], vector[1], vector[2]

    def halt(self, values: Sequence[float]) -> list[float]:
        """Return a command without its linear part."""
        still = list(values)
        for i, _ in self._axes:
            still[i] = 0.0
        return still

    def toward(self, barrier: Barrier) -> float:
        """Return the largest speed toward a barrier [m/s]."""
        deceleration = sum(abs(barrier.direction[component]) * self._gentle[i]
                           for i, component in self._axes)
        return self._speed(barrier.distance, deceleration)

    def straight(self, velocity: Vector, distance: float) -> float:
        """
        Return the largest speed of a plain stop, which keeps its direction.

        :param velocity: its direction [m/s].
        :param distance: in which it must end [m].
        """
        slowest = max((abs(velocity[component]) / self._stop[i] for i, component in self._axes),
                      default=0.0)
        return self._speed(distance, math.hypot(*velocity) / slowest if slowest else 0.0)

    def cut(self, values: list[float], barriers: Sequence[Barrier], low: Sequence[float],
            high: Sequence[float]) -> Reason | None:
        """
        Cut a command, in place, to what stays before every barrier, as far as it may change.

        :param values: the command.
        :param barriers: all of them.
        :param low: the least that each axis may become now.
        :param high: the largest.
        :return: why it was cut first, or None.
        """
        reason = None
        speeds = [self.toward(barrier) for barrier in barriers]
        for _ in range(ROUNDS):
            again = False
            for barrier, speed in zip(barriers, speeds):
                along = self._along(values, barrier)
                if along <= speed + SLACK:
                    continue
                reason, again = reason or barrier.reason, True
                if barrier.scales:
                    self.scale(values, speed / along, low, high)
                self._lower(values, barrier, speed, low, high)
            if not again:
                return reason
        share = min((speed / along for barrier, speed in zip(barriers, speeds)
                     if (along := self._along(values, barrier)) > speed + SLACK), default=1.0)
        self.scale(values, share, low, high)
        return reason

    def scale(self, values: list[float], share: float, low: Sequence[float],
              high: Sequence[float]) -> None:
        """Slow a command down in place, as far as it may change."""
        for i, _ in self._axes:
            values[i] = max(low[i], min(high[i], values[i] * share)) + 0.0

    def _along(self, values: Sequence[float], barrier: Barrier) -> float:
        """Return the speed toward a barrier [m/s]."""
        return sum(values[i] * barrier.direction[component] for i, component in self._axes)

    def _lower(self, values: list[float], barrier: Barrier, speed: float, low: Sequence[float],
               high: Sequence[float]) -> None:
        """Take away what is too much, on the shortest way; an axis at its end leaves the rest."""
        free = [(i, barrier.direction[component]) for i, component in self._axes
                if abs(barrier.direction[component]) > TINY]
        while free:
            excess = self._along(values, barrier) - speed
            if excess <= ROUNDING:
                return
            share = excess / sum(part * part for _, part in free)
            left = []
            for i, part in free:
                wanted = values[i] - share * part
                values[i] = max(low[i], min(high[i], wanted)) + 0.0
                if values[i] == wanted:
                    left.append((i, part))
            if len(left) == len(free):
                return
            free = left

    def _speed(self, distance: float, deceleration: float) -> float:
        """Solve v t + v^2 / (2 a) = distance for v."""
        if distance <= 0.0 or deceleration <= 0.0:
            return 0.0
        lag = deceleration * self._reaction
        return math.sqrt(lag * lag + 2.0 * deceleration * distance) - lag
