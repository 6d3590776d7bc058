# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a command is due although nothing came to tick on."""

import math


class Idle:
    """Due a period after the last thing that came, and every period after that."""

    def __init__(self, period: float) -> None:
        """
        Never due until it begins.

        :param period: between commands while nothing comes [s].
        """
        self._period = period
        self._at = math.inf     # steady clock [s]

    def begin(self, now: float) -> None:
        """
        Count from now on: the loop starts, or something came.

        :param now: steady clock [s].
        """
        self._at = now + self._period

    def end(self) -> None:
        """Be due no more."""
        self._at = math.inf

    def wait(self, now: float) -> float:
        """
        Return for how long nothing is due unless something comes [s].

        :param now: steady clock [s].
        """
        return max(0.0, self._at - now)

    def due(self, now: float) -> bool:
        """
        Tell whether a command is due, and count on; what a stall has missed is not made up for.

        :param now: steady clock [s].
        """
        if now < self._at:
            return False
        self._at += self._period
        if self._at <= now:
            self._at = now + self._period
        return True
