# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Elapsed time between ticks, from clocks that may stop, jump and go backward."""

from dataclasses import dataclass

from liquid_control.signals import NANOSECONDS


def time_of(stamp_ns: int, clock_ns: int, tolerance: float) -> int:
    """
    Return the time that counts while a message is handled.

    Simulated clocks come as messages too, and a sensor's may overtake them; but a stamp that is
    further ahead than that says nothing about the time.

    :param stamp_ns: of the message [ns].
    :param clock_ns: of the node [ns].
    :param tolerance: how far a stamp may be ahead of the clock [s].
    """
    return stamp_ns if 0 < stamp_ns - clock_ns <= round(tolerance * NANOSECONDS) else clock_ns


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time since the previous tick."""

    now: float           # by the clock of the stamps; 0 where it stood still or went back [s]
    steady: float        # by the steady clock [s]
    backward: bool       # the clock of the stamps jumped backward


class Clock:
    """
    Turns the two times of a tick into elapsed times that are never negative.

    `now` is the clock of the message stamps, simulated or the system's. `steady` never jumps:
    it tells that time passes while `now` does not.
    """

    def __init__(self, tolerance: float) -> None:
        """
        Start before the first tick.

        :param tolerance: a smaller step backward is a clock being set right, or two topics
            racing, and counts as standing still [s].
        """
        self._tolerance_ns = round(tolerance * NANOSECONDS)
        self._now_ns: int | None = None
        self._steady_ns = 0

    def advance(self, now_ns: int, steady_ns: int) -> Elapsed:
        """
        Go on to the next tick.

        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        :return: what has elapsed; zeros at the first tick.
        """
        if self._now_ns is None:
            self._now_ns, self._steady_ns = now_ns, steady_ns
            return Elapsed(0.0, 0.0, False)
        passed = now_ns - self._now_ns
        steady = max(0, steady_ns - self._steady_ns)
        backward = passed < -self._tolerance_ns
        if passed > 0 or backward:
            self._now_ns = now_ns
        self._steady_ns = max(steady_ns, self._steady_ns)
        return Elapsed(max(0, passed) / NANOSECONDS, steady / NANOSECONDS, backward)
