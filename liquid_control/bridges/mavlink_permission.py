# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Whether the bridge may move the vehicle: the link lives, the pilot has armed and chosen the mode.

Pure: it is told what was heard, and when by a steady clock.
"""

from dataclasses import dataclass
from enum import Enum

from liquid_control.signals import NANOSECONDS


class Permission(str, Enum):
    """May setpoints that move the vehicle be sent, and if not, why."""

    GRANTED = 'granted'
    NO_LINK = 'no_link'                  # nothing, or no heartbeat, from the autopilot
    WRONG_AUTOPILOT = 'wrong_autopilot'  # its heartbeat is of another make than configured
    NOT_ARMED = 'not_armed'
    OTHER_MODE = 'other_mode'            # somebody else flies


@dataclass(frozen=True, slots=True)
class Autopilot:
    """What differs between the autopilots, by their documentation."""

    name: str
    make: int               # MAV_AUTOPILOT of its heartbeat
    mode: str               # in which it obeys setpoints, as pymavlink names it
    needs_stream: bool      # refuses to switch into that mode unless setpoints are coming


# PX4 wants setpoints above 2 Hz before it switches to OFFBOARD, and ends OFFBOARD when they are
# late by COM_OF_LOSS_T (default 1 s): https://docs.px4.io/main/en/flight_modes/offboard.html.
# ArduPilot ignores setpoints outside GUIDED, and stops GUID_TIMEOUT (default 3 s) after the last
# velocity: https://ardupilot.org/dev/docs/copter-commands-in-guided-mode.html.
AUTOPILOTS = {
    'px4': Autopilot('px4', make=12, mode='OFFBOARD', needs_stream=True),
    'ardupilot': Autopilot('ardupilot', make=3, mode='GUIDED', needs_stream=False),
}


class Watch:
    """Watches link, heartbeat, arming and mode of one autopilot."""

    def __init__(self, autopilot: Autopilot, link_timeout: float,
                 heartbeat_timeout: float) -> None:
        """
        Start without a link.

        :param autopilot: that is expected.
        :param link_timeout: without any message from it, the link is lost [s].
        :param heartbeat_timeout: without a heartbeat, mode and arming are unknown, and the link
            is lost too [s].
        """
        self._autopilot = autopilot
        self._link_ns = round(link_timeout * NANOSECONDS)
        self._heartbeat_limit_ns = round(heartbeat_timeout * NANOSECONDS)
        self._heard_ns: int | None = None
        self._heartbeat_ns: int | None = None
        self._make = 0
        self.mode = ''
        self.armed = False

    def heard(self, steady_ns: int) -> None:
        """Note any message of the autopilot."""
        self._heard_ns = steady_ns

    def heartbeat(self, make: int, mode: str, armed: bool, steady_ns: int) -> None:
        """
        Note a heartbeat of the autopilot.

        :param make: MAV_AUTOPILOT.
        :param mode: as pymavlink names it.
        :param armed: whether the motors may turn.
        :param steady_ns: when it came.
        """
        self.heard(steady_ns)
        self._heartbeat_ns = steady_ns
        self._make, self.mode, self.armed = make, mode, armed

    def linked(self, steady_ns: int) -> bool:
        """Whether messages and heartbeats are coming."""
        return (self._heard_ns is not None and self._heartbeat_ns is not None
                and steady_ns - self._heard_ns <= self._link_ns
                and steady_ns - self._heartbeat_ns <= self._heartbeat_limit_ns)

    def permission(self, steady_ns: int) -> Permission:
        """Say whether the vehicle may be moved now."""
        if not self.linked(steady_ns):
            return Permission.NO_LINK
        if self._make != self._autopilot.make:
            return Permission.WRONG_AUTOPILOT
        if not self.armed:
            return Permission.NOT_ARMED
        if self.mode != self._autopilot.mode:
            return Permission.OTHER_MODE
        return Permission.GRANTED

    def explain(self, steady_ns: int) -> str:
        """Say in words what the permission rests on."""
        wanted = self._autopilot
        if self._heartbeat_ns is None or self._heard_ns is None:
            return f'no heartbeat of {wanted.name} has come yet; check url and target_system'
        permission = self.permission(steady_ns)
        if permission is Permission.NO_LINK:
            message, heartbeat = ((steady_ns - heard) / NANOSECONDS
                                  for heard in (self._heard_ns, self._heartbeat_ns))
            return (f'the link is lost: last message {message:.1f} s, last heartbeat '
                    f'{heartbeat:.1f} s ago')
        if permission is Permission.WRONG_AUTOPILOT:
            return (f'expected {wanted.name} (MAV_AUTOPILOT {wanted.make}), found MAV_AUTOPILOT '
                    f'{self._make}; set the parameter autopilot')
        if permission is Permission.NOT_ARMED:
            return 'the vehicle is not armed'
        if permission is Permission.OTHER_MODE:
            return f'the vehicle is in {self.mode}; it is moved only in {wanted.mode}'
        return f'{self.mode}, armed'
