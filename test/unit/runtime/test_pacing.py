# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Steps at 200 Hz on IMUs of other rates, late ones and skipped ones: counted by hand."""

from liquid_control.runtime.pacing import Pacing
import numpy as np
import pytest

MS = 1_000_000
SECOND = 1000 * MS


@pytest.mark.parametrize(('imu_hz', 'step_hz'), [
    (200, 200), (400, 200), (1000, 200), (250, 250), (480, 240), (100, 100), (8000, 200)])
def test_steps_are_as_near_to_the_nominal_interval_as_samples_allow(imu_hz: int,
                                                                    step_hz: int) -> None:
    pacing, steps = Pacing(0.005, True), []
    for index in range(imu_hz + 1):
        stamp = 5 * SECOND + index * SECOND // imu_hz
        if pacing.due(stamp):
            steps.append(stamp)
            pacing.stepped(stamp, 0)
    assert (len(steps) - 1) == pytest.approx(step_hz, abs=1)


def test_jitter_skips_nothing() -> None:
    """Every sample of an IMU of the nominal rate is stepped on, 20 % early or late."""
    pacing, numbers = Pacing(0.005, True), np.random.default_rng(3)
    stamps = np.arange(1000) * 5 * MS + (numbers.uniform(-0.5, 0.5, 1000) * MS).astype(int)
    for stamp in stamps.tolist():
        assert pacing.due(stamp)
        pacing.stepped(stamp, 0)
    assert pacing.counts.missed == 0 and pacing.counts.on_time == 1.0


def test_late_and_skipped_steps_are_counted_apart() -> None:
    """A step at 0, 5, 10 (late), then the next at 30 ms: those of 15, 20 and 25 never were."""
    pacing = Pacing(0.005, True)
    for stamp_ms, waited_ms in ((0, 1), (5, 5), (10, 5.1), (30, 1)):
        pacing.stepped(stamp_ms * MS, round(waited_ms * MS))
    counts = pacing.counts
    assert (counts.taken, counts.late, counts.skipped, counts.missed) == (4, 1, 3, 4)
    assert counts.on_time == pytest.approx(3 / 7)


def test_a_slow_camera_skips_nothing_but_can_be_answered_late() -> None:
    pacing = Pacing(1 / 30, False)
    pacing.stepped(0, 40 * MS)
    pacing.stepped(200 * MS, 30 * MS)
    assert (pacing.counts.late, pacing.counts.skipped) == (1, 0)


def test_a_break_is_no_row_of_skipped_steps_and_time_may_begin_anew() -> None:
    pacing = Pacing(0.005, True)
    assert pacing.due(50 * SECOND)
    pacing.stepped(50 * SECOND, 0)
    assert not pacing.due(50 * SECOND), 'the same stamp again'
    assert not pacing.due(50 * SECOND + MS), 'too soon'
    assert not pacing.due(50 * SECOND - 3 * MS), 'out of order'
    assert pacing.due(20 * SECOND), 'a clock that went back by half a minute'
    pacing.stepped(20 * SECOND, 0)
    assert pacing.due(40 * SECOND)
    pacing.stepped(40 * SECOND, 0)
    assert pacing.counts.skipped == 0
