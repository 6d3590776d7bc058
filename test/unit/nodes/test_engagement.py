# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A short gap is forgiven, a long stop is not, whoever of the two processes sees it."""

from liquid_control.nodes.engagement import Engagement, is_silent
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import Axis, CommandSpec, Reason, VelocityCommand
import numpy as np
import pytest

SECOND = 1_000_000_000
MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 4.0, 5.0), Axis('yaw_rate', 2.0, 12.0, 8.0)))


@pytest.fixture
def flying() -> Engagement:
    """Return an engagement that has flown."""
    engagement = Engagement(1.0)
    engagement.set(True)
    assert not engagement.outlasted(Reason.OK, 0)
    return engagement


@pytest.mark.parametrize('late', [Reason.CAMERA_STALE, Reason.IMU_STALE, Reason.COMMAND_STALE,
                                  Reason.NON_FINITE, Reason.RANGE_STALE,
                                  Reason.NEIGHBOUR_STALE, Reason.ODOM_STALE])
def test_a_stop_that_lasts_ends_it(flying: Engagement, late: Reason) -> None:
    assert not flying.outlasted(late, SECOND)
    assert not flying.outlasted(late, 2 * SECOND)
    assert flying.outlasted(late, 2 * SECOND + 1)


def test_a_short_gap_is_forgiven(flying: Engagement) -> None:
    for second in range(0, 10, 2):
        assert not flying.outlasted(Reason.IMU_STALE, second * SECOND)
        assert not flying.outlasted(Reason.LIMITED, (second + 1) * SECOND)


def test_one_that_has_never_flown_ends_likewise() -> None:
    """Whoever engaged saw everything fresh; what is late since then must not come back later."""
    engagement = Engagement(1.0)
    engagement.set(True)
    assert not engagement.outlasted(Reason.ODOM_STALE, 0)
    assert not engagement.outlasted(Reason.ODOM_STALE, SECOND)
    assert engagement.outlasted(Reason.ODOM_STALE, SECOND + 1)


def test_one_of_a_simulation_waits_for_its_first_command_and_no_longer() -> None:
    engagement = Engagement(1.0)
    engagement.set(True, waits=True)
    for second in range(10):
        assert not engagement.outlasted(Reason.COMMAND_STALE, second * SECOND)
    assert not engagement.outlasted(Reason.OK, 10 * SECOND)
    assert not engagement.outlasted(Reason.COMMAND_STALE, 11 * SECOND)
    assert engagement.outlasted(Reason.COMMAND_STALE, 12 * SECOND + 1)


def test_what_is_not_engaged_cannot_end() -> None:
    engagement = Engagement(1.0)
    engagement.outlasted(Reason.NOT_ENGAGED, 0)
    assert not engagement.outlasted(Reason.IMU_STALE, SECOND)
    assert not engagement.outlasted(Reason.IMU_STALE, 10 * SECOND)


def test_a_source_that_comes_and_goes_is_late_all_the_while(flying: Engagement) -> None:
    """Its return is not one until it has settled."""
    for tenth in range(10):
        reason = Reason.SETTLING if tenth % 2 else Reason.CAMERA_STALE
        assert not flying.outlasted(reason, tenth * SECOND // 10)
    assert flying.outlasted(Reason.SETTLING, 2 * SECOND)


class Pair:
    """A controller's filter and a guard; of its camera, only the first sees the contents."""

    def __init__(self, patience: float = 1.0) -> None:
        config = SafetyConfig()
        self.controller = SafetyFilter(SPEC, config, ('camera',))
        self.guard = SafetyFilter(SPEC, config, ('camera', 'command'))
        self.engagement = Engagement(patience)
        self.now = 50 * SECOND
        self.wanted: np.ndarray | None = None
        self.silent = 0

    def engage(self, on: bool) -> None:
        """As the guard does, and the controller follows."""
        self.engagement.set(on)
        self.guard.engage(on)
        self.controller.engage(on)

    def run(self, seconds: float, *, readable: bool = True,
            wish: float = 1.0) -> tuple[float, Reason]:
        """Let both work at 50 Hz; return the last speed that was sent, and the guard's reason."""
        for _ in range(round(seconds * 50)):
            self.now += 20 * MS
            if readable:
                self.controller.heard('camera', self.now, self.now)
            command = VelocityCommand(self.now, *self.controller.filter(
                np.array([wish, 0.0]), self.now, self.now))
            self.guard.heard('camera', self.now, self.now)
            if is_silent(command, self.controller.late):
                self.silent += 1
            else:
                self.wanted = command.values
                self.guard.heard('command', self.now, self.now)
            values, reason = self.guard.filter(self.wanted, self.now, self.now)
            if self.engagement.outlasted(reason, self.now):
                self.engage(False)
        return float(values[0]), reason


@pytest.mark.parametrize('minutes', [0.05, 10.0])
def test_what_only_the_controller_sees_ends_it_too(minutes: float) -> None:
    """Good again, the vehicle stays where it is until somebody engages."""
    pair = Pair()
    pair.run(0.5)
    pair.engage(True)
    assert pair.run(2.0) == (1.0, Reason.OK)
    assert pair.run(60.0 * minutes, readable=False) == (0.0, Reason.NOT_ENGAGED)
    assert pair.guard.late is Reason.COMMAND_STALE, 'it is silent: engaging would be refused'
    assert pair.run(5.0) == (0.0, Reason.NOT_ENGAGED)
    pair.engage(True)
    assert pair.run(1.0) == (1.0, Reason.OK)


@pytest.mark.parametrize('wish', [1.0, float('nan')])
def test_a_network_that_fails_ends_it_and_one_output_does_not(wish: float) -> None:
    pair = Pair()
    pair.run(0.5)
    pair.engage(True)
    pair.run(2.0)
    pair.run(0.02, wish=float('nan'))
    assert pair.run(0.5) == (1.0, Reason.OK)
    pair.run(5.0, wish=wish)
    assert pair.run(1.0)[0] == (1.0 if wish == 1.0 else 0.0)


@pytest.mark.parametrize('gap', [0.1, 0.4, 1.0])
def test_a_blackout_of_a_second_is_forgiven(gap: float) -> None:
    pair = Pair()
    pair.run(0.5)
    pair.engage(True)
    for _ in range(5):
        assert pair.run(2.0) == (1.0, Reason.OK)
        pair.run(gap, readable=False)
    assert pair.run(2.0) == (1.0, Reason.OK)


def test_who_hovers_goes_on_by_itself() -> None:
    """Its patience has no end; that is what the fallback is for."""
    pair = Pair(float('inf'))
    pair.run(0.5)
    pair.engage(True)
    pair.run(2.0)
    assert pair.run(60.0, readable=False) == (0.0, Reason.COMMAND_STALE)
    assert pair.run(1.0) == (1.0, Reason.OK)


@pytest.mark.parametrize(('reason', 'late', 'speed', 'expected'), [
    (Reason.CAMERA_STALE, Reason.CAMERA_STALE, 0.0, True),
    (Reason.CAMERA_STALE, Reason.CAMERA_STALE, 0.1, False),
    (Reason.NON_FINITE, None, 0.0, True),
    (Reason.NOT_ENGAGED, Reason.IMU_STALE, 0.0, True),
    (Reason.NOT_ENGAGED, Reason.IMU_STALE, 0.1, False),
    (Reason.NOT_ENGAGED, None, 0.0, False),
    (Reason.OK, None, 0.0, False), (Reason.STATE_ALARM, None, 0.0, False)])
def test_silence_is_for_a_late_input_at_rest(reason: Reason, late: Reason | None, speed: float,
                                             expected: bool) -> None:
    assert is_silent(VelocityCommand(1, np.array([speed, 0.0]), reason), late) is expected
