# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A rate of its own, counted in substeps of the physics."""

_ROUNDING = 1e-6      # of a sum of substeps, as a share of an interval


class Interval:
    """Ends a whole number of substeps after it began, at the rate on average."""

    def __init__(self, rate_hz: float) -> None:
        """
        Begin.

        :param rate_hz: of ends, at most that of physics.
        """
        self._rate = rate_hz
        self._age = 0.0     # in intervals

    def over(self, dt: float) -> bool:
        """
        Go on by one substep, and tell whether an interval ends with it.

        :param dt: length of the substep [s].
        """
        self._age += dt * self._rate
        if self._age < 1.0 - _ROUNDING:
            return False
        self._age -= 1.0
        return True
