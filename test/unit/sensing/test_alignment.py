# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which IMU samples and how much time belong to a step."""

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.sensing.alignment import Alignment, Drop, Interval
from liquid_control.sensing.imu import Reading
import numpy as np
import pytest

MS = 1_000_000
NOMINAL = 0.033


def value(number: float) -> Reading:
    """Return a reading whose six channels are the same."""
    return (number,) * 6


@pytest.fixture
def alignment() -> Alignment:
    """Return an alignment for steps of 10 to 200 ms."""
    return Alignment((0.01, 0.2), NOMINAL)


def step(alignment: Alignment, stamp_ms: float) -> Interval:
    """Step, and insist that the step is taken."""
    interval = alignment.step(round(stamp_ms * MS))
    assert isinstance(interval, Interval)
    return interval


def test_the_first_step_is_told_the_nominal_interval(alignment: Alignment) -> None:
    """Nobody knows what elapsed before it."""
    alignment.add(5000 * MS, value(1.0))
    interval = step(alignment, 5000)
    assert interval.dt == NOMINAL
    assert not (interval.reset or interval.clamped or interval.gap)


def test_samples_belong_to_the_interval_that_ends_with_its_step(alignment: Alignment) -> None:
    """At the previous step: no; at this one: yes; after it: the next."""
    alignment.add(100 * MS, value(1.0))
    step(alignment, 100)
    for stamp, number in ((101, 2.0), (140, 4.0), (141, 50.0)):
        assert alignment.add(stamp * MS, value(number))
    interval = step(alignment, 140)
    assert interval.dt == pytest.approx(0.04)
    assert interval.imu.tolist() == [3.0] * 6
    assert step(alignment, 180).imu.tolist() == [50.0] * 6


def test_a_late_sample_is_refused_and_not_used(alignment: Alignment) -> None:
    """Its interval is over, the stamp of the step itself included."""
    alignment.add(100 * MS, value(1.0))
    step(alignment, 100)
    assert not alignment.add(100 * MS, value(9.0))
    assert not alignment.add(60 * MS, value(9.0))
    alignment.add(120 * MS, value(2.0))
    assert step(alignment, 130).imu.tolist() == [2.0] * 6


def test_an_imu_that_lags_by_more_than_an_interval_is_not_frozen(alignment: Alignment) -> None:
    """Every sample is late; what the network sees goes on all the same, and is called a gap."""
    alignment.add(60 * MS, value(1.0))
    step(alignment, 100)
    for stamp in (133, 166, 200):
        assert not alignment.add((stamp - 50) * MS, value(stamp - 1.0))
        assert not alignment.add((stamp - 40) * MS, value(stamp + 1.0))
        interval = step(alignment, stamp)
        assert interval.gap
        assert interval.imu.tolist() == [float(stamp)] * 6
    assert step(alignment, 233).imu.tolist() == [200.0] * 6      # silent: held


def test_what_came_late_before_a_break_is_forgotten(alignment: Alignment) -> None:
    """It is of another time."""
    alignment.add(100 * MS, value(1.0))
    step(alignment, 100)
    alignment.add(90 * MS, value(9.0))
    interval = step(alignment, 2000)
    assert interval.reset
    assert interval.imu.tolist() == [1.0] * 6


def test_an_interval_without_samples_holds_the_last_mean(alignment: Alignment) -> None:
    """A gap is said to be one; a missing sensor is not replaced by zeros."""
    alignment.add(100 * MS, value(7.0))
    step(alignment, 100)
    interval = step(alignment, 130)
    assert interval.gap
    assert interval.imu.tolist() == [7.0] * 6


def test_no_step_before_any_sample(alignment: Alignment) -> None:
    """And none was taken: the next is still the first."""
    assert alignment.step(100 * MS) is Drop.NO_IMU
    alignment.add(130 * MS, value(1.0))
    assert step(alignment, 133).dt == NOMINAL


def test_the_first_step_takes_the_newest_of_older_samples(alignment: Alignment) -> None:
    """An IMU slower than the camera."""
    alignment.add(20 * MS, value(2.0))
    alignment.add(10 * MS, value(1.0))
    interval = step(alignment, 100)
    assert interval.gap
    assert interval.imu.tolist() == [2.0] * 6


@pytest.mark.parametrize('stamp_ms', [100, 99, -900])
def test_a_stamp_that_is_not_newer_is_dropped(alignment: Alignment, stamp_ms: int) -> None:
    """Repeated or out of order: nothing changes."""
    alignment.add(100 * MS, value(1.0))
    step(alignment, 100)
    assert alignment.step(stamp_ms * MS) is Drop.NOT_NEWER
    assert step(alignment, 150).dt == pytest.approx(0.05)


@pytest.mark.parametrize(('elapsed_ms', 'dt', 'clamped', 'below'), [
    (10, 0.01, False, False), (200, 0.2, False, False), (200.001, 0.2, True, False),
    (1000, 0.2, True, False), (9.999, 0.009999, False, True), (1e-6, 1e-9, False, True)])
def test_elapsed_time_outside_the_range(alignment: Alignment, elapsed_ms: float, dt: float,
                                        clamped: bool, below: bool) -> None:
    """Longer is clamped, shorter is told as it is; both are said."""
    alignment.add(0, value(1.0))
    step(alignment, 0)
    interval = step(alignment, elapsed_ms)
    assert interval.dt == pytest.approx(dt)
    assert (interval.clamped, interval.below, interval.reset) == (clamped, below, False)


@pytest.mark.parametrize('jump_ms', [1000.001, 60_000, -1000.001, -60_000])
def test_a_break_either_way_is_a_reset(alignment: Alignment, jump_ms: float) -> None:
    """After it time is told as at the first step, and samples before it do not count."""
    start = 100_000
    alignment.add(start * MS, value(1.0))
    step(alignment, start)
    alignment.add((start + 1) * MS, value(8.0))
    alignment.add(round((start + jump_ms) * MS), value(5.0))
    interval = step(alignment, start + jump_ms)
    assert interval.reset
    assert interval.dt == NOMINAL
    assert interval.imu.tolist() == [5.0] * 6
    after = step(alignment, start + jump_ms + 20)
    assert not after.reset
    assert after.dt == pytest.approx(0.02)


def test_samples_of_an_earlier_epoch_do_not_come_back(alignment: Alignment) -> None:
    """Time went back by five seconds, and reaches the old samples' stamps again."""
    alignment.add(100_000 * MS, value(1.0))
    step(alignment, 100_000)
    alignment.add(100_010 * MS, value(8.0))
    alignment.add(95_000 * MS, value(5.0))
    assert step(alignment, 95_000).reset
    for stamp in range(95_500, 100_500, 500):
        step(alignment, stamp)
    interval = step(alignment, 100_100)
    assert interval.gap
    assert interval.imu.tolist() == [5.0] * 6


def test_reset_forgets_samples_and_the_held_mean(alignment: Alignment) -> None:
    """The same as a new one."""
    alignment.add(100 * MS, value(1.0))
    step(alignment, 100)
    alignment.add(110 * MS, value(1.0))
    alignment.reset()
    assert alignment.step(120 * MS) is Drop.NO_IMU


def test_samples_without_steps_do_not_pile_up(alignment: Alignment) -> None:
    """A dead camera must not eat the memory."""
    for index in range(20_000):
        alignment.add(index * MS, value(1.0))
    assert len(alignment._samples) <= 4096


@settings(max_examples=60, deadline=None)
@given(samples=st.lists(st.integers(1, 1000), min_size=1, max_size=40),
       steps=st.lists(st.integers(1, 1000), min_size=1, max_size=20, unique=True))
def test_every_sample_is_used_once_at_most(samples: list[int], steps: list[int]) -> None:
    """Sums over the intervals are those of a plain assignment of samples to steps."""
    alignment = Alignment((0.01, 0.2), NOMINAL)
    alignment.add(0, value(0.0))
    alignment.step(0)
    for stamp in samples:
        alignment.add(stamp * MS, value(float(stamp)))
    previous = 0
    for stamp in sorted(steps):
        inside = [sample for sample in samples if previous < sample <= stamp]
        interval = step(alignment, stamp)
        assert interval.gap == (not inside)
        if inside:
            assert interval.imu[0] == pytest.approx(np.mean(inside), rel=1e-5)
        previous = stamp
