# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A limit of jerk: how fast the acceleration at which a speed grows may itself grow.

It shapes an S: acceleration builds up from zero, and fades before the wanted speed is met. Only
gaining speed is shaped. Losing it is not, so a stop takes no longer than without, and a wish
for less is met at once, even in the midst of an acceleration.
"""

from collections.abc import Sequence
import math


class JerkLimit:
    """Remembers the acceleration of each axis."""

    def __init__(self, limits: Sequence[float]) -> None:
        """
        Start at rest.

        :param limits: of each axis [m/s^3 or rad/s^3]; 0: none.
        """
        self._limits = tuple(limits)
        self._acceleration = [0.0] * len(self._limits)

    def growth(self, axis: int, distance: float, elapsed: float) -> float:
        """
        Return how much speed an axis may gain.

        :param axis: its place in the specification.
        :param distance: from here to the wanted speed, with its sign [m/s or rad/s].
        :param elapsed: time to gain it in [s].
        :return: 0 or more.
        """
        jerk, distance_left = self._limits[axis], abs(distance)
        if jerk == 0.0:
            return distance_left
        before = max(0.0, math.copysign(1.0, distance) * self._acceleration[axis])
        building = (before + jerk * elapsed) * elapsed
        # The acceleration a from which it can still fade in time: a t + a^2 / (2 jerk) = distance.
        fading = 2.0 * distance_left * elapsed / (
            elapsed + math.sqrt(elapsed * elapsed + 2.0 * distance_left / jerk) or 1.0)
        return min(building, fading)

    def note(self, previous: Sequence[float], values: Sequence[float], elapsed: float) -> None:
        """
        Take note of what is sent.

        :param previous: what was sent before.
        :param values: what is sent now.
        :param elapsed: between the two [s]; in no time, nothing can have been gained.
        """
        for i, (before, value) in enumerate(zip(previous, values)):
            if abs(value) < abs(before) or (elapsed > 0.0 and value == before):
                self._acceleration[i] = 0.0
            elif elapsed > 0.0:
                gained = value - before if before * value > 0.0 else value
                self._acceleration[i] = gained / elapsed

    def forget(self) -> None:
        """Be at rest again."""
        self._acceleration = [0.0] * len(self._limits)
