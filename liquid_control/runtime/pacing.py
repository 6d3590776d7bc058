# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a policy that steps on the IMU is due, and which steps came late or never."""

from dataclasses import dataclass

from liquid_control.sensing.alignment import BREAK_NS
from liquid_control.signals import NANOSECONDS


@dataclass(slots=True)
class Punctuality:
    """Steps since the start: each one is taken, in time or late, or skipped."""

    taken: int = 0
    late: int = 0          # of these: answered after the next one was due
    skipped: int = 0       # due by the stamps, and never taken

    @property
    def missed(self) -> int:
        """Return how many steps that were due had no command in time."""
        return self.late + self.skipped

    @property
    def on_time(self) -> float:
        """Return the share of due steps that were answered in time; 1 before the first."""
        due = self.taken + self.skipped
        return 1.0 - self.missed / due if due else 1.0


class Pacing:
    """
    Chooses the samples to step on, and holds every step against its deadline.

    A step is due once in the interval that the policy was trained for. An IMU that is faster is
    not stepped on oftener: of its samples the nearest to that interval is taken, and the others
    belong to the interval's mean. The deadline of a step is when the next one is due.
    """

    def __init__(self, nominal_dt: float, counts_skipped: bool) -> None:
        """
        Start before the first step.

        :param nominal_dt: between two steps [s].
        :param counts_skipped: whether a longer interval means steps that were not taken: so it
            is for an IMU, but not for a camera, whose rate may change within the policy's range.
        """
        self._period_ns = round(nominal_dt * NANOSECONDS)
        self._counts_skipped = counts_skipped
        self._sampled_ns: int | None = None
        self._stepped_ns: int | None = None
        self.counts = Punctuality()

    def retune(self, nominal_dt: float) -> None:
        """
        Go on with another policy; the counts stay.

        :param nominal_dt: between two of its steps [s].
        """
        self._period_ns = round(nominal_dt * NANOSECONDS)

    def due(self, stamp_ns: int) -> bool:
        """
        Say whether a sample is to be stepped on.

        :param stamp_ns: of the newest sample [ns].
        """
        before = self._sampled_ns
        if before is not None and -BREAK_NS <= stamp_ns - before <= 0:
            return False     # repeated, or out of order
        self._sampled_ns = stamp_ns
        if self._stepped_ns is None or before is None or stamp_ns < before:
            return True      # the first, or time began anew
        elapsed, interval = stamp_ns - self._stepped_ns, stamp_ns - before
        # The next sample, an interval later, would be further from the period than this one.
        return 2 * elapsed + interval >= 2 * self._period_ns

    def stepped(self, stamp_ns: int, waited_ns: int) -> None:
        """
        Take note of a step and of the command that answered it.

        :param stamp_ns: that was stepped on [ns].
        :param waited_ns: from when its sample came to when the command was sent [ns].
        """
        before, self._stepped_ns = self._stepped_ns, stamp_ns
        self.counts.taken += 1
        self.counts.late += waited_ns > self._period_ns
        if self._counts_skipped and before is not None and 0 < stamp_ns - before <= BREAK_NS:
            periods = (stamp_ns - before + self._period_ns // 2) // self._period_ns
            self.counts.skipped += max(0, periods - 1)
