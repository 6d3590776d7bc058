# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The gate of an engagement: opens when every input has been fresh for a time, without a gap."""

from liquid_control.signals import NANOSECONDS


class Gate:
    """
    Debounces freshness.

    It is asked at every tick. One late input closes it, and the time begins anew: a source
    that comes and goes neither lets a vehicle be engaged nor sets it in motion again and again.
    """

    def __init__(self, hold: float) -> None:
        """
        Start closed.

        :param hold: how long everything must have been fresh [s].
        """
        self._hold_ns = round(hold * NANOSECONDS)
        self._since: int | None = None

    def is_open(self, fresh: bool, steady_ns: int) -> bool:
        """
        Take note of a tick, and say whether the gate is open.

        :param fresh: whether every input is.
        :param steady_ns: steady clock [ns].
        """
        if not fresh:
            self._since = None
            return False
        if self._since is None or self._since > steady_ns:
            self._since = steady_ns
        return steady_ns - self._since >= self._hold_ns

    def shut(self) -> None:
        """Close."""
        self._since = None
