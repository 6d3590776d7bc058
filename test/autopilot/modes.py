# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Modes, arming and setpoint time-outs as PX4 and ArduPilot document them; clocked by its caller.

PX4, https://docs.px4.io/main/en/flight_modes/offboard.html: OFFBOARD is refused unless setpoints
have come above 2 Hz (for a second, says the page of v1.16), so is arming in it; without setpoints
for COM_OF_LOSS_T (default 1 s) the failsafe takes over, here Hold (COM_OBL_RC_ACT 5).
ArduPilot, https://ardupilot.org/dev/docs/copter-commands-in-guided-mode.html: setpoints outside
GUIDED are ignored; a velocity ends GUID_TIMEOUT (default 3 s) after the last, the mode does not.
"""

from dataclasses import dataclass

SECOND = 1_000_000_000
ACCEPTED, DENIED = 0, 2     # MAV_RESULT


@dataclass(frozen=True)
class Make:
    """One make of autopilot."""

    number: int                     # MAV_AUTOPILOT
    modes: dict[str, tuple[int, int]]   # main and sub mode, as DO_SET_MODE asks for them
    external: str                   # the mode that obeys setpoints
    stream_ns: int | None           # longest gap of a stream; None: no stream is asked for
    settle_ns: int                  # a stream must have lasted
    lost_ns: int                    # after the last setpoint
    failsafe: str                   # mode to go to then; '' to stay and stop


PX4 = Make(12, {'POSCTL': (3, 0), 'LOITER': (4, 3), 'OFFBOARD': (6, 0)}, 'OFFBOARD',
           stream_ns=SECOND // 2, settle_ns=SECOND, lost_ns=SECOND, failsafe='LOITER')
ARDUPILOT = Make(3, {'ALT_HOLD': (2, 0), 'GUIDED': (4, 0), 'LOITER': (5, 0)}, 'GUIDED',
                 stream_ns=None, settle_ns=0, lost_ns=3 * SECOND, failsafe='')
MAKES = {'px4': PX4, 'ardupilot': ARDUPILOT}


class Modes:
    """Mode and arming of one vehicle."""

    def __init__(self, make: Make) -> None:
        """Start disarmed, in the mode that holds position."""
        self.make = make
        self.mode = 'LOITER'
        self.armed = False
        self._last_ns: int | None = None
        self._since_ns = 0
        self._obeyed_ns: int | None = None

    @property
    def custom_mode(self) -> int:
        """Return HEARTBEAT.custom_mode."""
        main, sub = self.make.modes[self.mode]
        return main << 16 | sub << 24 if self.make is PX4 else main

    def setpoint(self, now_ns: int) -> bool:
        """Note a setpoint; return whether it is flown."""
        gap = self.make.stream_ns or SECOND
        if self._last_ns is None or now_ns - self._last_ns > gap:
            self._since_ns = now_ns
        self._last_ns = now_ns
        if self.mode != self.make.external or not self.armed:
            return False
        self._obeyed_ns = now_ns
        return True

    def _streaming(self, now_ns: int) -> bool:
        if self.make.stream_ns is None:
            return True
        return (self._last_ns is not None and now_ns - self._last_ns <= self.make.stream_ns
                and now_ns - self._since_ns >= self.make.settle_ns)

    def request(self, main: int, sub: int, now_ns: int) -> int:
        """Answer DO_SET_MODE."""
        name = next((name for name, numbers in self.make.modes.items()
                     if numbers == (main, sub)), None)
        if name is None or (name == self.make.external and not self._streaming(now_ns)):
            return DENIED
        self.mode, self._obeyed_ns = name, None
        return ACCEPTED

    def arm(self, on: bool, now_ns: int) -> int:
        """Answer COMPONENT_ARM_DISARM."""
        if on and self.mode == self.make.external and not self._streaming(now_ns):
            return DENIED
        self.armed, self._obeyed_ns = on, None
        return ACCEPTED

    def flies_setpoint(self, now_ns: int) -> bool:
        """Whether the last setpoint is flown now; what has been lost too long ends here."""
        if self.mode != self.make.external or not self.armed or self._last_ns is None:
            return False
        if now_ns - self._last_ns > self.make.lost_ns:
            self._obeyed_ns = None
            self.mode = self.make.failsafe or self.mode
        return self._obeyed_ns is not None
