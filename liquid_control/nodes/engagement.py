# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who may move the vehicle: a person allows it, and a stop that lasts takes it back."""

from liquid_control.signals import NANOSECONDS, Reason, VelocityCommand

LATE = (Reason.CAMERA_STALE, Reason.IMU_STALE, Reason.ODOM_STALE, Reason.RANGE_STALE,
        Reason.NEIGHBOUR_STALE, Reason.COMMAND_STALE, Reason.SETTLING, Reason.NON_FINITE)


class Engagement:
    """
    The engage state of one vehicle.

    A short gap is forgiven, a long one is not: whoever watched the vehicle stop must not be
    surprised by its going on. A source that comes and goes is late all the while, until its
    return has settled (`engage_after`). It is the same whether the vehicle has flown before:
    whoever engages it sees everything fresh, and is not waiting for it any more a minute later.
    """

    def __init__(self, disengage_after: float) -> None:
        """
        Start not engaged.

        :param disengage_after: a stop for a late input that lasts longer ends it [s].
        """
        self.allow(disengage_after)
        self._begun = False
        self._late_since: int | None = None
        self.on = False

    def allow(self, disengage_after: float) -> None:
        """Change how long a stop may last [s]."""
        self._patience_ns = disengage_after * NANOSECONDS

    def set(self, on: bool, *, waits: bool = False) -> None:  # noqa: A003
        """
        Engage or disengage.

        :param on: True engages.
        :param waits: however long, until the first command is good: for a simulation, which is
            engaged before anything has come.
        """
        self.on = on
        self._begun = on and not waits
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
            self._begun = self.on
            return False
        if self._late_since is None:
            self._late_since = steady_ns
        return self.on and self._begun and steady_ns - self._late_since > self._patience_ns


def is_silent(command: VelocityCommand, late: Reason | None) -> bool:
    """
    Say whether a controller keeps a command to itself.

    What is wrong with the contents of an input only the controller sees. Fresh zeros would have
    the guard take all for well, and keep the engagement until the vehicle moves off by itself;
    so, once at rest, the controller falls silent, and the guard goes by `command_deadline` and
    `disengage_after` as if it had died; and refuses to be engaged until it speaks again.

    :param command: that it would send.
    :param late: what is late, engaged or not; None for nothing.
    """
    reason = late if late is not None and command.reason is Reason.NOT_ENGAGED else command.reason
    return reason in LATE and not command.values.any()
