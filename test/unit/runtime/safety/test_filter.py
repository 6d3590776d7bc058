# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The safety filter: what stops a vehicle, how, and that nothing else does."""

import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import Axis, CommandSpec, Reason
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 1.6, 3.0, 2.0), Axis('vy', 0.8, 3.0, 2.0),
                    Axis('yaw_rate', 2.0, 12.0, 8.0)))
WANTED = np.array([1.2, -0.4, 1.0])


class Rig:
    """A filter with its clocks; steady runs 3 s ahead of the stamps."""

    def __init__(self, config: SafetyConfig | None = None) -> None:
        self.filter = SafetyFilter(SPEC, config or SafetyConfig(), ('camera', 'imu'))
        self.now = 1_000 * MS
        self.steady = 4_000 * MS

    def hear(self) -> None:
        """Let both sensors be heard."""
        self.filter.heard('camera', self.now, self.steady)
        self.filter.heard('imu', self.now, self.steady)

    def tick(self, ms: float = 20, wanted: np.ndarray | None = WANTED, *, hear: bool = True,
             steady_ms: float | None = None) -> tuple[np.ndarray, Reason]:
        """Let time pass, and filter."""
        self.now += round(ms * MS)
        self.steady += round((ms if steady_ms is None else steady_ms) * MS)
        if hear:
            self.hear()
        return self.filter.filter(wanted, self.now, self.steady)

    def fly(self) -> None:
        """Reach the wanted velocity."""
        self.filter.engage(True)
        for _ in range(40):
            values, reason = self.tick()
        assert values.tolist() == WANTED.tolist()
        assert reason is Reason.OK


@pytest.fixture
def rig() -> Rig:
    """Return a filter in flight."""
    rig = Rig()
    rig.fly()
    return rig


def test_nothing_moves_before_it_is_engaged() -> None:
    """Fresh sensors and a good command are not enough."""
    rig = Rig()
    for _ in range(20):
        values, reason = rig.tick()
        assert not values.any()
        assert reason is Reason.NOT_ENGAGED


def test_nothing_moves_before_the_sensors_are_heard() -> None:
    """Engaged and commanded, from the first tick on."""
    rig = Rig()
    rig.filter.engage(True)
    assert rig.tick(hear=False)[1] is Reason.CAMERA_STALE
    rig.filter.heard('camera', rig.now, rig.steady)
    values, reason = rig.tick(hear=False)
    assert reason is Reason.IMU_STALE
    assert not values.any()


def test_the_first_tick_does_not_jump() -> None:
    """No time has passed, so nothing may change."""
    rig = Rig()
    rig.filter.engage(True)
    values, reason = rig.tick()
    assert not values.any()
    assert reason is Reason.LIMITED


@pytest.mark.parametrize(('source', 'reason'), [('camera', Reason.CAMERA_STALE),
                                                ('imu', Reason.IMU_STALE)])
@pytest.mark.parametrize('period_ms', [1, 20, 33, 100])
def test_stop_in_time(rig: Rig, source: str, reason: Reason, period_ms: int) -> None:
    """Zero within deadline + v / stop_deceleration + 0.1 s, and exactly zero."""
    other = 'imu' if source == 'camera' else 'camera'
    rig.hear()
    start, stopped = rig.now, None
    for _ in range(2000 // period_ms):
        rig.now += period_ms * MS
        rig.steady += period_ms * MS
        rig.filter.heard(other, rig.now, rig.steady)       # type: ignore[arg-type]
        values, why = rig.filter.filter(WANTED, rig.now, rig.steady)
        silent = (rig.now - start) / 1e9
        assert why is (reason if silent > 0.3 else Reason.OK)
        if not values.any():
            stopped = stopped or silent
        else:
            assert stopped is None
            assert values[1] / values[0] == pytest.approx(-1 / 3)
    assert stopped is not None
    assert 0.3 < stopped <= 0.3 + 1.2 / 2.0 + 0.1
    assert [str(value) for value in values] == ['0.0'] * 3


def test_stop_does_not_brake_harder_than_it_may(rig: Rig) -> None:
    """Each axis by its own deceleration at most."""
    rig.filter.engage(False)
    before = WANTED
    while before.any():
        values, reason = rig.tick(10)
        assert reason is Reason.NOT_ENGAGED
        assert (np.abs(before) - np.abs(values) <= np.array([2.0, 2.0, 8.0]) * 0.01 + 1e-9).all()
        before = values


@pytest.mark.parametrize('bad', [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize('axis', range(3))
def test_one_bad_number_stops_every_axis(rig: Rig, bad: float, axis: int) -> None:
    """What is not a number is no command; what was sent before is not held."""
    wanted = WANTED.copy()
    wanted[axis] = bad
    for _ in range(60):
        values, reason = rig.tick(20, wanted)
        assert reason is Reason.NON_FINITE
        assert np.isfinite(values).all()
    assert not values.any()


def test_no_command_stops(rig: Rig) -> None:
    """None is the absence of a command."""
    for _ in range(60):
        values, reason = rig.tick(20, None)
        assert reason is Reason.COMMAND_STALE
    assert not values.any()


def test_a_wrong_number_of_axes_is_an_error(rig: Rig) -> None:
    """A bug or another vehicle, not a flight condition."""
    with pytest.raises(ConfigError, match='expected 3 axes'):
        rig.tick(20, np.zeros(4))


def test_a_clock_that_stops_stops_the_vehicle(rig: Rig) -> None:
    """A paused simulator: the stamps look fresh for ever, the steady clock tells."""
    for _ in range(100):
        values, reason = rig.tick(0, steady_ms=20)
    assert reason is Reason.CAMERA_STALE
    assert not values.any()


def test_a_frozen_driver_stops_the_vehicle(rig: Rig) -> None:
    """It sends the same frame again and again while the clock stands still."""
    camera = rig.now
    for _ in range(100):
        rig.now += 20 * MS
        rig.steady += 20 * MS
        rig.filter.heard('camera', camera, rig.steady)
        rig.filter.heard('imu', rig.now, rig.steady)
        values, reason = rig.filter.filter(WANTED, rig.now, rig.steady)
    assert reason is Reason.CAMERA_STALE
    assert not values.any()


def test_a_clock_that_jumps_backward_stops_and_asks_for_news(rig: Rig) -> None:
    """What was heard before is of another time."""
    values, reason = rig.tick(-900, hear=False, steady_ms=20)
    assert reason is Reason.CLOCK_BACKWARD
    assert abs(values[0]) < 1.2
    assert rig.tick(20, hear=False)[1] is Reason.CAMERA_STALE
    rig.tick(20)
    assert rig.tick(20)[1] in (Reason.OK, Reason.LIMITED)


def test_a_clock_that_jumps_ahead_does_not_let_the_command_jump(rig: Rig) -> None:
    """An hour is no licence for any acceleration; nor is a tick that came late."""
    for jump_ms in (400, 3_600_000):
        values, _ = rig.tick(jump_ms, -WANTED)
        assert (np.abs(values) <= np.array([3.0, 3.0, 12.0]) * 0.3 + 1e-9).all()


def test_a_clock_that_is_set_ahead_is_no_time_to_gain_speed_in() -> None:
    """By less than a vehicle's own timeout: what passes is what really has passed, 20 ms."""
    for ahead_ms in (40, 280, 299, 3_600_000):
        rig = Rig()
        rig.filter.engage(True)
        rig.tick(wanted=np.zeros(3))
        values, _ = rig.tick(20 + ahead_ms, steady_ms=20)
        assert values[0] == pytest.approx(0.02 * 3.0), ahead_ms
        assert rig.tick()[0][0] == pytest.approx(0.04 * 3.0)


def test_a_simulated_clock_may_run_faster_than_the_real_one() -> None:
    """Ten times: the limits are of its own time, as long as a tick of it is a short one."""
    rig = Rig(SafetyConfig(simulated_time=True))
    rig.filter.engage(True)
    rig.tick(wanted=np.zeros(3))
    assert rig.tick(200, steady_ms=20)[0][0] == pytest.approx(0.2 * 3.0)
    assert rig.tick(10_000, steady_ms=20)[0][0] == pytest.approx(0.22 * 3.0), 'that was a jump'


def test_a_clock_that_is_set_ahead_does_not_cut_the_stop_short(rig: Rig) -> None:
    """Everything is stale at once, but only 20 ms have passed: the vehicle brakes as always."""
    before, _ = rig.tick()
    values, reason = rig.tick(3_600_000, hear=False, steady_ms=20)
    assert reason is Reason.CAMERA_STALE
    assert values[0] == pytest.approx(before[0] - 0.02 * 2.0)


def test_forgetting_disengages_and_brakes(rig: Rig) -> None:
    """Not a step to zero, and not a second's motion more."""
    rig.filter.forget()
    assert not rig.filter.engaged
    speeds = [float(rig.tick(20)[0][0]) for _ in range(40)]
    assert speeds[0] == pytest.approx(1.2 - 0.02 * 2.0)
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == 0.0


@pytest.mark.parametrize('shift_ms', [1_000, -600, -5_000, -3_600_000])
def test_a_refused_command_does_not_end_the_pilots_stop(rig: Rig, shift_ms: int) -> None:
    """A message of long ago, or of the future, beside a pilot who commands zero."""
    assert not rig.filter.heard_manual(np.zeros(3), rig.now, rig.now, rig.steady)
    assert rig.filter.heard_manual(WANTED, rig.now + shift_ms * MS, rig.now, rig.steady)
    values, reason = rig.tick()
    assert reason is Reason.MANUAL
    assert values[0] < WANTED[0]


def test_after_a_gap_the_vehicle_has_stopped_itself(rig: Rig) -> None:
    """So the same command as before is one to accelerate to, from rest."""
    values, reason = rig.tick(301)
    assert values == pytest.approx([0.9, -0.3, 1.0])
    assert reason is Reason.LIMITED
    rig.fly()
    assert rig.tick(300)[0].tolist() == WANTED.tolist()


def test_the_vehicle_stops_itself_whatever_the_deadline_is() -> None:
    """A short deadline must not keep it from accelerating, nor a long one let it jump."""
    hasty = Rig(SafetyConfig(command_deadline=0.02))
    hasty.filter.engage(True)
    for _ in range(20):
        values, _ = hasty.tick(33)
    assert values.tolist() == WANTED.tolist()
    patient = Rig(SafetyConfig(command_deadline=5.0))
    patient.fly()
    assert patient.tick(4_000)[0] == pytest.approx([0.9, -0.3, 1.0])


def test_a_stamp_far_ahead_is_stale_at_once_and_for_ever(rig: Rig) -> None:
    """A year ahead; nothing else is heard."""
    rig.filter.heard('camera', rig.now + 31_536_000_000 * MS, rig.steady)
    for _ in range(100):
        rig.now += 20 * MS
        rig.steady += 20 * MS
        rig.filter.heard('imu', rig.now, rig.steady)
        values, reason = rig.filter.filter(WANTED, rig.now, rig.steady)
        assert reason is Reason.CAMERA_STALE
    assert not values.any()


def test_toggling_engage_is_no_way_around_the_limits(rig: Rig) -> None:
    """Every 5 ms on and off, with the opposite command: changes stay within the rates."""
    before, on = WANTED, True
    for _ in range(400):
        on = not on
        rig.filter.engage(on)
        values, reason = rig.tick(5, -WANTED)
        assert (reason is Reason.NOT_ENGAGED) is not on
        assert (np.abs(values - before) <= np.array([3.0, 3.0, 12.0]) * 0.005 + 1e-9).all()
        before = values


def test_two_ticks_at_one_time_change_nothing(rig: Rig) -> None:
    """A burst of callbacks must not add up to an acceleration."""
    for _ in range(100):
        values, _ = rig.tick(0, -WANTED)
    assert values.tolist() == WANTED.tolist()


def test_what_is_returned_is_the_callers_own(rig: Rig) -> None:
    """Writing to it must not steer."""
    values, _ = rig.tick()
    values[:] = 100.0
    assert rig.tick()[0].tolist() == WANTED.tolist()


def test_the_pilot_wins_for_a_time_engaged_or_not(rig: Rig) -> None:
    """Even over lost sensors, within the limits, and then no longer."""
    rig.filter.engage(False)
    manual = np.array([0.0, 0.0, 5.0])
    assert not rig.filter.heard_manual(manual, rig.now, rig.now, rig.steady)
    for index in range(50):
        values, reason = rig.tick(20, hear=False)
        assert reason is (Reason.MANUAL if index < 25 else Reason.NOT_ENGAGED)
        if index == 24:
            assert values.tolist() == [0.0, 0.0, 2.0]
    assert not values.any()


def test_the_pilots_command_must_be_a_command(rig: Rig) -> None:
    """NaN, a repeated stamp, one from the future, one of long ago."""
    assert rig.filter.heard_manual(np.array([math.nan, 0, 0]), rig.now, rig.now, rig.steady)
    for shift in (1_000, -5_000):
        rig.filter.heard_manual(np.zeros(3), rig.now + shift * MS, rig.now, rig.steady)
        assert rig.tick()[1] is Reason.OK
    assert not rig.filter.heard_manual(np.zeros(3), rig.now, rig.now, rig.steady)
    assert rig.filter.heard_manual(np.zeros(3), rig.now, rig.now, rig.steady)


def test_commands_without_a_stamp_are_of_the_moment_they_came(rig: Rig) -> None:
    """Two within one tick of a simulated clock, and after one with a stamp, are two."""
    forward = np.array([0.5, 0.0, 0.0])
    assert not rig.filter.heard_manual(forward, rig.now + 90 * MS, rig.now, rig.steady)
    for _ in range(30):     # the clock stands still for longer than one command holds
        rig.steady += 20 * MS
        assert not rig.filter.heard_manual(np.zeros(3), None, rig.now, rig.steady)
    values, reason = rig.tick(0, hear=False)
    assert reason is Reason.MANUAL and values[0] < WANTED[0]
    assert rig.tick(500, hear=False)[1] is Reason.MANUAL
    assert rig.tick(1, hear=False)[1] is not Reason.MANUAL


@pytest.mark.parametrize(('shift_ms', 'text'), [
    (-600, '0.6 s behind'), (3_000, '3.0 s ahead'), (0, 'later stamp')])
def test_the_refusal_of_a_command_is_told(rig: Rig, shift_ms: int, text: str) -> None:
    assert not rig.filter.heard_manual(WANTED, rig.now, rig.now, rig.steady)
    assert text in rig.filter.heard_manual(WANTED, rig.now + shift_ms * MS, rig.now, rig.steady)


def test_a_source_that_is_not_required_is_ignored(rig: Rig) -> None:
    """The controller has no command to wait for, a rover maybe no odometry."""
    assert not rig.filter.heard('odom', rig.now, rig.steady)
    assert rig.tick()[1] is Reason.OK


def test_restart_is_as_new(rig: Rig) -> None:
    """At rest, disengaged, unheard; time may begin anew."""
    rig.filter.restart()
    values, reason = rig.filter.filter(WANTED, 0, 0)
    assert not rig.filter.engaged
    assert not values.any()
    assert reason is Reason.NOT_ENGAGED


@pytest.mark.parametrize(('key', 'value'), [
    ('camera_deadline', 0.0), ('imu_deadline', -1.0), ('command_deadline', math.nan),
    ('manual_timeout', math.inf), ('velocity_scale', 0.0), ('velocity_scale', 1.001),
    ('stamp_tolerance', -0.1)])
def test_settings_out_of_range_are_refused(key: str, value: float) -> None:
    """With the name of the setting and what was found."""
    with pytest.raises(ConfigError, match=f'{key}: expected .* found {value}'):
        SafetyConfig(**{key: value})
