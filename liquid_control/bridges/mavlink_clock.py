# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps of an autopilot, which counts from its own start, on the clock of ROS. Pure."""

from liquid_control.signals import NANOSECONDS

WINDOW = 10 * NANOSECONDS     # over which the quickest message is sought [ns]
BREAK = NANOSECONDS           # an autopilot whose time jumps by more has started anew [ns]


class RemoteClock:
    """
    Follows the offset between two clocks by the quickest message of the last 10 to 20 s.

    A message is never early: received minus sent is the offset plus its delay, and the smallest
    of many is the offset plus the least delay (1 ms on a fast serial line). Two windows take
    turns, so that the estimate follows clocks that drift, 50 ppm being 1 ms in 20 s.
    """

    def __init__(self) -> None:
        """Start with no message."""
        self._current: int | None = None      # smallest difference in this window [ns]
        self._previous: int | None = None     # and in the one before
        self._began_ns = 0
        self._newest_ns: int | None = None    # newest stamp of the remote clock
        self.restarts = 0

    @property
    def offset_ns(self) -> int:
        """Return what to add to a remote stamp [ns]; 0 before the first message."""
        known = [value for value in (self._current, self._previous) if value is not None]
        return min(known, default=0)

    def stamp(self, remote_ns: int, received_ns: int) -> int:
        """
        Return a remote stamp on the local clock; never after its arrival.

        :param remote_ns: as the autopilot wrote it [ns].
        :param received_ns: when it came, on the local clock [ns].
        """
        difference = received_ns - remote_ns
        if self._current is not None and abs(difference - self.offset_ns) > BREAK and (
                self._newest_ns is not None and not 0 <= remote_ns - self._newest_ns <= BREAK):
            self._current = self._previous = None
            self.restarts += 1
        self._newest_ns = remote_ns
        if self._current is None:
            self._began_ns, self._current = received_ns, difference
        elif not 0 <= received_ns - self._began_ns < WINDOW:
            self._began_ns, self._previous, self._current = received_ns, self._current, difference
        else:
            self._current = min(self._current, difference)
        return remote_ns + self.offset_ns
