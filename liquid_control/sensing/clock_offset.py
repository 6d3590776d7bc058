# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How far the clock of a sensor is from the clock of those who listen.

When a message comes, its stamp is older by the offset of the two clocks plus a delay that is
never negative; so the least of many such differences is the offset plus the least delay. That is
the clock filter of NTP (RFC 5905, section 10), one way: without an answer from the sensor, the
least delay itself stays in what is found.
"""

from collections import deque

from liquid_control.sensing.alignment import BREAK_NS
from liquid_control.signals import NANOSECONDS

BUCKET_NS = NANOSECONDS      # of which the least difference is kept
BUCKETS = 10                 # a window of ten seconds
SETTLE_NS = 2 * NANOSECONDS  # of messages before anything is corrected
LARGEST_DRIFT = 500e-6       # of a quartz against another, with room [s/s]


class ClockOffset:
    """
    The offset between a sensor's clock and that of the node that hears it.

    The correction is for a sensor whose clock nobody can set. It is taken once, and then follows
    only as fast as a clock can drift: a delay that grows in flight must stay visible, since data
    that is late is not to be made to look fresh.

    A clock that jumps by more than a second, as one does that is set by NTP or begins anew, is
    measured anew, and until that is done there is no correction. Only what no delay can look like
    is a jump: stamps that go back; messages that come earlier than the least delay allows; or the
    node's clock going on otherwise than the steady one. Messages that only come later, by however
    much, are late. So a sensor whose clock was set back while it was silent for longer than that
    stays late, until it is forgotten.
    """

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.forget()

    def forget(self) -> None:
        """Become as new: time began anew."""
        self._buckets: deque[tuple[int, int]] = deque(maxlen=BUCKETS)   # number, least [ns]
        self._newest_ns: int | None = None
        self._since_ns = 0            # steady time of the first message of this epoch [ns]
        self._steady_ns = 0           # of the newest [ns]
        self._ahead_ns = 0            # node's clock less the steady one, then [ns]
        self._correction: float | None = None
        self.steps = 0                # jumps of either clock, of more than a second

    @property
    def estimate_ns(self) -> int | None:
        """Return the offset with the least delay in it: positive where the sensor's is behind."""
        return min(least for _, least in self._buckets) if self._buckets else None

    @property
    def correction_ns(self) -> int | None:
        """Return what makes a stamp one of the listening clock; None until that is known."""
        return None if self._correction is None else round(self._correction)

    def heard(self, stamp_ns: int, now_ns: int, steady_ns: int) -> None:
        """
        Take note of a message; a repeated or overtaken stamp says nothing.

        :param stamp_ns: of the message, by the sensor's clock [ns].
        :param now_ns: when it came, by the clock of the node [ns].
        :param steady_ns: when it came, by a clock that never jumps [ns].
        """
        if self._newest_ns is not None and 0 <= self._newest_ns - stamp_ns <= BREAK_NS:
            return
        difference = now_ns - stamp_ns
        if self._newest_ns is None:
            self._since_ns = steady_ns
        elif self._stepped(stamp_ns, difference, now_ns - steady_ns):
            self.steps += 1
            self._buckets.clear()
            self._since_ns = steady_ns
            self._correction = None
        self._newest_ns = stamp_ns
        self._ahead_ns = now_ns - steady_ns
        number = steady_ns // BUCKET_NS
        while self._buckets and self._buckets[0][0] <= number - BUCKETS:
            self._buckets.popleft()
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append((number, difference))
        elif difference < self._buckets[-1][1]:
            self._buckets[-1] = number, difference
        self._correct(steady_ns)

    def _stepped(self, stamp_ns: int, difference: int, ahead_ns: int) -> bool:
        """
        Say whether a clock has jumped, and not only a delay grown.

        :param stamp_ns: of the message [ns].
        :param difference: when it came, less that [ns].
        :param ahead_ns: the node's clock less the steady one, now [ns].
        """
        least = self.estimate_ns
        assert least is not None and self._newest_ns is not None
        if self._correction is not None:
            least = min(least, round(self._correction))     # a queue that empties is no jump
        if stamp_ns < self._newest_ns or difference < least - BREAK_NS:
            return True
        return difference > least + BREAK_NS and abs(ahead_ns - self._ahead_ns) > BREAK_NS

    def _correct(self, steady_ns: int) -> None:
        """Take the estimate for the correction, or move that towards it."""
        elapsed, self._steady_ns = steady_ns - self._steady_ns, steady_ns
        target = self.estimate_ns
        if target is None or steady_ns - self._since_ns < SETTLE_NS:
            return
        if self._correction is None:
            self._correction = float(target)
            return
        most = LARGEST_DRIFT * elapsed
        self._correction += max(-most, min(most, target - self._correction))
