# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who may move the vehicle: a person allows it, and a stop that lasts takes it back."""

from liquid_control.signals import NANOSECONDS, Reason

LATE = (Reason.CAMERA_STALE, Reason.IMU_STALE, Reason.ODOM_STALE, Reason.RANGE_STALE,
        Reason.NEIGHBOUR_STALE, Reason.COMMAND_STALE, Reason.SETTLING, Reason.NON_FINITE)


class Engagement:
    """
    The engage state of one vehicle.

    A short gap is forgiven, a long one is not: whoever watched the vehicle stop must not be
    surprised by its going on. A source that comes and goes is late all the while, until its
    return has settled (`engage_after`). An engagement that has not flown yet waits for its first
    command.
    """

    def __init__(self, disengage_after: float) -> None:
        """
        Start not engaged.

        :param disengage_after: a stop for a late input that lasts longer ends it [s].
        """
        self.allow(disengage_after)
        self._flown = False
        self._late_since: int | None = None
        self.on = False

    def allow(self, disengage_after: float) -> None:
        """Change how long a stop may last [s]."""
        self._patience_ns = disengage_after * NANOSECONDS

    def set(self, on: bool) -> None:  # noqa: A003
        """Engage or disengage."""
        self.on = on
        self._flown = False
        self._late_since = None

    def outlasted(self, reason: Reason, steady_ns: int) -> bool:
        """
        Take note of why a command is what it is.

        :param reason: of the safety filter.
        :param steady_ns: steady clock [ns].
        :return: whether a stop has lasted so long that the engagement must end.
        """
        if reason not in LATE:
            self._late_since = None
            self._flown = self.on
            return False
        if self._late_since is None:
            self._late_since = steady_ns
        return self.on and self._flown and steady_ns - self._late_since > self._patience_ns
