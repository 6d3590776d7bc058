# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Elapsed time from clocks that misbehave."""

from liquid_control.runtime.clock import Clock, time_of
import pytest

MS = 1_000_000


@pytest.fixture
def clock() -> Clock:
    """Return a clock whose first tick was at 10 s, steady 5 s."""
    clock = Clock(0.1)
    first = clock.advance(10_000 * MS, 5_000 * MS)
    assert (first.now, first.steady, first.backward) == (0.0, 0.0, False)
    return clock


@pytest.mark.parametrize(('now_ms', 'elapsed', 'backward'), [
    (10_020, 0.02, False), (10_000, 0.0, False), (9_900, 0.0, False), (9_899, 0.0, True),
    (0, 0.0, True), (3_610_000, 3600.0, False)])
def test_elapsed_is_never_negative(clock: Clock, now_ms: int, elapsed: float,
                                   backward: bool) -> None:
    """Forward, standing, a little back, far back, far ahead."""
    found = clock.advance(now_ms * MS, 5_010 * MS)
    assert found.now == pytest.approx(elapsed)
    assert found.steady == pytest.approx(0.01)
    assert found.backward is backward


def test_a_small_step_back_is_waited_out(clock: Clock) -> None:
    """The same time is not counted twice."""
    clock.advance(9_950 * MS, 5_010 * MS)
    assert clock.advance(10_010 * MS, 5_020 * MS).now == pytest.approx(0.01)


def test_creeping_backward_is_noticed(clock: Clock) -> None:
    """Steps that are each within the tolerance add up."""
    found = [clock.advance((10_000 - 60 * index) * MS, 5_000 * MS).backward
             for index in range(1, 4)]
    assert found == [False, True, False]


def test_time_goes_on_from_where_it_jumped_to(clock: Clock) -> None:
    """After a jump back, and after one ahead."""
    clock.advance(0, 5_010 * MS)
    assert clock.advance(30 * MS, 5_040 * MS).now == pytest.approx(0.03)
    clock.advance(10_000_000 * MS, 5_050 * MS)
    assert clock.advance(10_000_020 * MS, 5_060 * MS).now == pytest.approx(0.02)


def test_a_steady_clock_going_back_counts_as_standing(clock: Clock) -> None:
    """It cannot happen, and must not break anything."""
    assert clock.advance(10_010 * MS, 4_000 * MS).steady == 0.0
    assert clock.advance(10_020 * MS, 5_000 * MS).steady == 0.0


def test_a_message_may_overtake_the_clock_by_the_tolerance_only() -> None:
    """A stamp that is behind, or far ahead, says nothing about the time."""
    assert time_of(10_050, 10_000, 1e-7) == 10_050
    assert time_of(10_101, 10_000, 1e-7) == 10_000
    assert time_of(9_000, 10_000, 1e-7) == 10_000
