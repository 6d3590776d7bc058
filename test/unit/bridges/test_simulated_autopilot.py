# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The simulated autopilot keeps the manners that PX4 and ArduPilot document."""

from autopilot.modes import ACCEPTED, ARDUPILOT, DENIED, Modes, PX4, SECOND
import pytest

OFFBOARD, GUIDED = PX4.modes['OFFBOARD'], ARDUPILOT.modes['GUIDED']


def streamed(modes: Modes, seconds: float, rate: float, start: float = 0.0) -> int:
    """Send setpoints; return the time of the last."""
    moment = start
    for number in range(int(seconds * rate) + 1):
        moment = start + number / rate
        modes.setpoint(round(moment * SECOND))
    return round(moment * SECOND)


@pytest.mark.parametrize(('seconds', 'rate', 'result'), [
    (2.0, 20.0, ACCEPTED), (0.5, 20.0, DENIED), (5.0, 1.5, DENIED)])
def test_px4_wants_a_stream_before_offboard(seconds: float, rate: float, result: int) -> None:
    modes = Modes(PX4)
    assert modes.request(*OFFBOARD, 0) == DENIED
    now = streamed(modes, seconds, rate)
    assert modes.request(*OFFBOARD, now) == result


def test_px4_falls_into_hold_without_setpoints() -> None:
    modes = Modes(PX4)
    modes.arm(True, 0)
    now = streamed(modes, 2.0, 20.0)
    modes.request(*OFFBOARD, now)
    assert modes.setpoint(now) and modes.flies_setpoint(now + SECOND)
    assert not modes.flies_setpoint(now + SECOND + 1)
    assert modes.mode == 'LOITER'
    assert not modes.setpoint(now + 2 * SECOND), 'nobody switches it back'


def test_ardupilot_stops_after_three_seconds_and_stays_in_guided() -> None:
    modes = Modes(ARDUPILOT)
    modes.arm(True, 0)
    assert not modes.setpoint(0), 'ignored outside GUIDED'
    assert modes.request(*GUIDED, 0) == ACCEPTED
    assert not modes.flies_setpoint(0), 'a setpoint of before is not flown'
    assert modes.setpoint(SECOND) and modes.flies_setpoint(4 * SECOND)
    assert not modes.flies_setpoint(4 * SECOND + 1)
    assert modes.mode == 'GUIDED'


@pytest.mark.parametrize('make', [PX4, ARDUPILOT])
def test_disarmed_it_flies_nothing(make: object) -> None:
    modes = Modes(make)     # type: ignore[arg-type]
    now = streamed(modes, 2.0, 20.0)
    modes.request(*modes.make.modes[modes.make.external], now)
    assert not modes.setpoint(now) and not modes.flies_setpoint(now)


def test_pymavlink_reads_the_modes() -> None:
    mavutil = pytest.importorskip('pymavlink.mavutil')
    for make in (PX4, ARDUPILOT):
        modes = Modes(make)
        for name in make.modes:
            modes.mode = name
            heartbeat = mavutil.mavlink.MAVLink_heartbeat_message(
                2, make.number, 81 if name == 'POSCTL' or make is ARDUPILOT else 29,
                modes.custom_mode, 4, 3)
            assert mavutil.mode_string_v10(heartbeat) == name
