# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whether a source of data is fresh, by its stamps and by when it was last heard."""

from liquid_control.sensing.alignment import BREAK_NS
from liquid_control.signals import NANOSECONDS


class Freshness:
    """
    Watches one source.

    It is stale when nothing new was heard for the deadline (it died, or its clock stopped),
    and when what is heard is older than the deadline (it lags). A stamp heard before does not
    count as new, and one from the future is forgotten: neither keeps a dead source fresh. A
    stamp further back than BREAK_NS begins a new epoch of that source.
    """

    def __init__(self, deadline: float, tolerance: float) -> None:
        """
        Start unheard, that is, stale.

        :param deadline: exactly met is in time [s].
        :param tolerance: how far ahead of the clock a stamp may be [s].
        """
        self.allow(deadline)
        self._tolerance_ns = round(tolerance * NANOSECONDS)
        self._stamp_ns: int | None = None
        self._heard_ns = 0

    def allow(self, deadline: float) -> None:
        """
        Change the deadline; what was heard stays heard.

        :param deadline: exactly met is in time [s].
        """
        self._deadline_ns = round(deadline * NANOSECONDS)

    def heard(self, stamp_ns: int, steady_ns: int) -> bool:
        """
        Take note of a message.

        :param stamp_ns: of the message [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: whether it is news; False for a repeated or overtaken stamp.
        """
        newest = self._stamp_ns
        if newest is not None and newest - BREAK_NS <= stamp_ns <= newest:
            return False
        self._stamp_ns, self._heard_ns = stamp_ns, steady_ns
        return True

    def stale(self, now_ns: int, steady_ns: int) -> bool:
        """
        Say whether the source may not be relied on.

        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        """
        if self._stamp_ns is None:
            return True
        if self._stamp_ns - now_ns > self._tolerance_ns or self._heard_ns > steady_ns:
            self._stamp_ns = None      # from the future by either clock: worth nothing
            return True
        return (now_ns - self._stamp_ns > self._deadline_ns
                or steady_ns - self._heard_ns > self._deadline_ns)

    def forget(self) -> None:
        """Become unheard again."""
        self._stamp_ns = None
