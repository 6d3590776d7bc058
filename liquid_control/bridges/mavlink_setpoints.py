# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which setpoint is sent now: the command, turned into the local frame, or zero, or none. Pure."""

from liquid_control.bridges.mavlink_frames import setpoint_from_command
from liquid_control.bridges.mavlink_permission import Autopilot, Permission
from liquid_control.signals import FloatArray, NANOSECONDS
import numpy as np

HOVER = np.zeros(4)
HOVER.setflags(write=False)
LARGEST = 100.0     # beyond it a number is no command; the limits are the guard's [m/s, rad/s]


class Setpoints:
    """
    Holds the newest command, and forgets it in time.

    Once the vehicle may be moved, it hovers until a command of zero has come: who commanded
    motion before, or all the while that it was not allowed, must come to rest first.

    The setpoint is a velocity in MAV_FRAME_LOCAL_NED, since that frame alone means the same
    everywhere. PX4 accepts LOCAL_NED and BODY_NED for velocities (and nothing else); ArduPilot
    also the two OFFSET frames. Both turn a body velocity by the heading once, when it arrives,
    and fly it as a local one from then on, so that BODY_NED would gain nothing here; see
    https://docs.px4.io/main/en/flight_modes/offboard.html#copter-vtol and
    https://ardupilot.org/dev/docs/copter-commands-in-guided-mode.html.
    """

    def __init__(self, autopilot: Autopilot, command_timeout: float, attitude_timeout: float,
                 proof_of_life: bool) -> None:
        """
        Start with no command.

        :param autopilot: that is flown.
        :param command_timeout: a command holds for so long, then the vehicle hovers [s].
        :param attitude_timeout: a heading is good for so long, then likewise [s].
        :param proof_of_life: send zeros where an autopilot that needs a stream is in another
            mode.
        """
        self._command_ns = round(command_timeout * NANOSECONDS)
        self._attitude_ns = round(attitude_timeout * NANOSECONDS)
        self._offers = proof_of_life and autopilot.needs_stream
        self._command: tuple[FloatArray, int] | None = None
        self._yaw: tuple[float, int] | None = None
        self._rested = False
        self.reason = ''    # why the last setpoint was zero, or none; '' if it was the command

    def command(self, values: FloatArray, steady_ns: int) -> bool:
        """
        Take a command; one that is not finite, or absurd, is refused and ends the one before.

        :param values: (4,) vx, vy, vz [m/s] and yaw rate [rad/s] in base_stabilized.
        :param steady_ns: when it came.
        :returns: whether it is taken.
        """
        good = values.shape == (4,) and bool((np.abs(values) <= LARGEST).all())    # NaN is not
        self._command = (values, steady_ns) if good else None
        self._rested |= good and not values.any()
        return good

    def yaw(self, value: float, steady_ns: int) -> None:
        """
        Take the vehicle's heading.

        :param value: in odom [rad].
        :param steady_ns: when it came.
        """
        self._yaw = (value, steady_ns)

    def now(self, permission: Permission, steady_ns: int) -> FloatArray | None:
        """
        Return what to send.

        :param permission: of this moment.
        :param steady_ns: this moment.
        :returns: (4,) north, east, down [m/s], yaw rate clockwise [rad/s]; or None to be silent.
        """
        if permission is not Permission.GRANTED:
            self._command, self._rested = None, False   # whatever comes back, not the old command
            self.reason = permission.value
            linked = permission in (Permission.NOT_ARMED, Permission.OTHER_MODE)
            return HOVER if self._offers and linked else None
        if self._command is None or steady_ns - self._command[1] > self._command_ns:
            self.reason = 'command_stale'
            return HOVER
        if not self._rested:
            self.reason = 'not_at_rest'
            return HOVER
        if self._yaw is None or steady_ns - self._yaw[1] > self._attitude_ns:
            self.reason = 'attitude_stale'
            return HOVER
        self.reason = ''
        return setpoint_from_command(self._command[0], self._yaw[0])
