# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Offsets of clocks that are known here, seen through delays that are drawn."""

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.sensing.clock_offset import ClockOffset
import numpy as np
import pytest

MS = 1_000_000
SECOND = 1000 * MS
LEAST_MS = 2.0      # no message is faster


class Sensor:
    """A sensor of 100 Hz behind a queue, whose clock differs from the node's."""

    def __init__(self, offset_ms: float, drift: float = 0.0) -> None:
        self.offset, self._drift = offset_ms * MS, drift
        self._numbers = np.random.default_rng(7)
        self.time = 100 * SECOND            # true, which the node's clock shows
        self.clock = ClockOffset()
        self.delay_ms = 0.0                 # on top
        self.growth_ms = 0.0                # of the delay [ms/s]
        self.set_ns = 0                     # by which the node's clock has been set

    def run(self, seconds: float) -> 'Sensor':
        """Send for a while."""
        for _ in range(round(100 * seconds)):
            self.time += 10 * MS
            self.delay_ms += 0.01 * self.growth_ms
            stamp = round(self.time - self.offset - self._drift * (self.time - 100 * SECOND))
            delay = LEAST_MS + self.delay_ms + self._numbers.exponential(3.0)
            now = self.time + round(delay * MS)
            self.clock.heard(stamp, now + self.set_ns, now)
        return self

    @property
    def correction_ms(self) -> float:
        """Return the correction in force."""
        assert self.clock.correction_ns is not None
        return self.clock.correction_ns / MS

    @property
    def found_ms(self) -> float:
        """Return the estimate."""
        assert self.clock.estimate_ns is not None
        return self.clock.estimate_ns / MS


@pytest.mark.parametrize('offset_ms', [0.0, 700.0, -700.0, 3.6e6, -12.5])
def test_the_offset_is_found_through_queues(offset_ms: float) -> None:
    """To a fraction of a millisecond, plus the least delay, which nobody can know."""
    assert Sensor(offset_ms).run(10).found_ms == pytest.approx(offset_ms + LEAST_MS, abs=0.1)


def test_a_mean_would_not_do() -> None:
    """The delays are 5 ms on average, and a burst of late ones changes nothing."""
    sensor = Sensor(40.0).run(5)
    sensor.delay_ms = 300.0
    assert sensor.run(4).found_ms == pytest.approx(40.0 + LEAST_MS, abs=0.1)


def test_drift_is_followed_by_both() -> None:
    """A clock that loses 100 us a second, for a minute."""
    sensor = Sensor(0.0, drift=1e-4).run(60)
    assert sensor.found_ms == pytest.approx(6.0 + LEAST_MS, abs=1.2)    # the window is 10 s
    assert sensor.correction_ms == pytest.approx(6.0 + LEAST_MS, abs=1.2)


def test_a_growing_delay_is_not_corrected_away() -> None:
    """What comes late must go on looking late: half a second in 20 s is no clock's drift."""
    sensor = Sensor(700.0).run(5)
    corrected = sensor.correction_ms
    assert corrected == pytest.approx(700.0 + LEAST_MS, abs=0.1)
    sensor.delay_ms = 500.0
    sensor.run(20)
    assert sensor.found_ms == pytest.approx(1200.0 + LEAST_MS, abs=0.1)
    assert 0 < sensor.correction_ms - corrected <= 20 * 0.5


def test_nothing_is_corrected_before_it_settles() -> None:
    """The first messages may be those of a queue that a slow start filled."""
    sensor = Sensor(700.0).run(1.5)
    assert sensor.clock.correction_ns is None
    assert sensor.run(1.0).correction_ms == pytest.approx(700.0 + LEAST_MS, abs=0.2)


@pytest.mark.parametrize('growth_ms', [1.0, 50.0, 150.0, 500.0])
def test_a_delay_that_grows_by_seconds_is_not_taken_for_a_jump(growth_ms: float) -> None:
    """However fast: a queue that fills. Nor is it one when the queue is empty again."""
    sensor = Sensor(700.0).run(5)
    corrected = sensor.correction_ms
    sensor.growth_ms = growth_ms
    for _ in range(40):
        sensor.run(1)
        assert abs(sensor.correction_ms - corrected) <= 60 * 0.5    # what a clock may drift
    sensor.growth_ms = sensor.delay_ms = 0.0
    sensor.run(20)
    assert sensor.clock.steps == 0
    assert sensor.correction_ms == pytest.approx(corrected, abs=60 * 0.5)
    assert sensor.found_ms == pytest.approx(700.0 + LEAST_MS, abs=0.2)


@pytest.mark.parametrize('delay_ms', [1500.0, 8000.0])
def test_a_delay_that_is_suddenly_long_is_not_taken_for_a_jump(delay_ms: float) -> None:
    """A link that stalls, and goes on with what has waited: late, not of another clock."""
    sensor = Sensor(0.0).run(5)
    sensor.delay_ms = delay_ms
    sensor.run(30)
    assert sensor.clock.steps == 0
    assert sensor.correction_ms == pytest.approx(LEAST_MS, abs=30 * 0.5 + 0.2)
    assert sensor.found_ms == pytest.approx(delay_ms + LEAST_MS, abs=0.2)


@pytest.mark.parametrize('jump_ms', [5000.0, -5000.0, 1.0e9])
@pytest.mark.parametrize('whose', ['sensor', 'node'])
def test_a_clock_that_jumps_is_measured_anew(jump_ms: float, whose: str) -> None:
    """
    By seconds, either way; and so is the correction.

    It used not to follow a jump, lest what is late look fresh: any sudden difference counted as
    one. What is guaranteed now is that only a clock can do what is taken for a jump (see the two
    tests above), and that nothing is corrected by the old offset after it, nor by the new one
    before two seconds of it have been heard.
    """
    sensor = Sensor(0.0).run(5)
    if whose == 'sensor':
        sensor.offset += jump_ms * MS
    else:
        sensor.set_ns += round(jump_ms * MS)
    for _ in range(19):
        assert sensor.run(0.1).clock.correction_ns is None, 'a stop'
    sensor.run(0.2)
    assert sensor.correction_ms == pytest.approx(jump_ms + LEAST_MS, abs=0.2)
    assert sensor.found_ms == pytest.approx(jump_ms + LEAST_MS, abs=0.2)
    assert sensor.clock.steps == 1


def test_both_clocks_are_set_at_once() -> None:
    """They go on as they were, one to the other."""
    sensor = Sensor(700.0).run(5)
    sensor.set_ns += 3600 * SECOND
    sensor.offset -= 3600 * SECOND
    assert sensor.run(5).correction_ms == pytest.approx(700.0 + LEAST_MS, abs=0.2)
    assert sensor.found_ms == pytest.approx(700.0 + LEAST_MS, abs=0.2)


def test_a_small_step_back_of_the_sensor_is_found_when_the_window_has_passed() -> None:
    """By 50 ms; one ahead is found at once."""
    sensor = Sensor(0.0).run(5)
    sensor.offset += 50 * MS
    assert sensor.run(1).found_ms == pytest.approx(LEAST_MS, abs=0.1)
    assert sensor.run(11).found_ms == pytest.approx(50.0 + LEAST_MS, abs=0.1)
    sensor.offset -= 50 * MS
    assert sensor.run(0.5).found_ms == pytest.approx(LEAST_MS, abs=0.2)
    assert sensor.clock.steps == 0


def test_repeated_and_overtaken_stamps_say_nothing() -> None:
    """A frozen sensor does not become one with another clock."""
    clock = ClockOffset()
    clock.heard(100 * SECOND, 100 * SECOND + MS, 0)
    for index in range(1, 50):
        clock.heard(100 * SECOND, 100 * SECOND + index * 10 * MS, index * 10 * MS)
        clock.heard(100 * SECOND - 5 * MS, 100 * SECOND, index * 10 * MS)
    assert clock.estimate_ns == MS
    assert clock.steps == 0


def test_a_stopped_clock_of_the_node_looks_like_a_sensor_that_runs_ahead() -> None:
    """Simulated time stands while messages go on."""
    clock = ClockOffset()
    for index in range(100):
        clock.heard(index * 10 * MS, min(index, 50) * 10 * MS + MS, index * 10 * MS)
    assert clock.estimate_ns == -490 * MS + MS


def test_forgetting() -> None:
    """As a new one."""
    sensor = Sensor(700.0).run(5)
    sensor.clock.forget()
    assert sensor.clock.estimate_ns is None and sensor.clock.correction_ns is None


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(*[st.integers(-2**62, 2**62)] * 3), min_size=1, max_size=30))
def test_any_times_are_survived(heard: list[tuple[int, int, int]]) -> None:
    """The estimate is one of the differences, whatever comes; memory is bounded."""
    clock = ClockOffset()
    for times in heard:
        clock.heard(*times)
    assert clock.estimate_ns in [now - stamp for stamp, now, _ in heard]
    assert len(clock._buckets) <= 10
