# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a source is stale, and that nothing keeps a dead one fresh."""

from liquid_control.runtime.freshness import Freshness
import pytest

MS = 1_000_000


@pytest.fixture
def source() -> Freshness:
    """Return a source with a deadline of 300 ms, heard at stamp and steady time 10 s."""
    source = Freshness(0.3, 0.1)
    assert source.heard(10_000 * MS, 10_000 * MS)
    return source


def test_a_source_that_was_never_heard_is_stale() -> None:
    """The first tick before any input."""
    assert Freshness(0.3, 0.1).stale(0, 0)


def test_a_deadline_exactly_met_is_met(source: Freshness) -> None:
    """Stale begins one nanosecond later, by either clock."""
    assert not source.stale(10_300 * MS, 10_300 * MS)
    assert source.stale(10_300 * MS + 1, 10_300 * MS)
    assert source.stale(10_300 * MS, 10_300 * MS + 1)


def test_a_clock_that_stands_still_does_not_keep_it_fresh(source: Freshness) -> None:
    """The steady clock goes on."""
    assert source.stale(10_000 * MS, 10_301 * MS)


def test_a_lagging_source_is_stale_however_often_it_is_heard(source: Freshness) -> None:
    """Each message is new, and half a second old."""
    for index in range(1, 50):
        now = (10_500 + 20 * index) * MS
        assert source.heard(now - 500 * MS, now)
        assert source.stale(now, now)


@pytest.mark.parametrize('stamp_ms', [10_000, 9_999, 9_100])
def test_a_repeated_or_overtaken_stamp_is_no_news(source: Freshness, stamp_ms: int) -> None:
    """A frozen driver that sends one message again and again."""
    assert not source.heard(stamp_ms * MS, 10_290 * MS)
    assert source.stale(10_290 * MS, 10_301 * MS)


def test_a_stamp_from_the_future_is_worth_nothing(source: Freshness) -> None:
    """It is stale at once, stays so when its time comes, and hides no later message."""
    future = 3_600_000 * MS
    source.heard(future, 10_050 * MS)
    assert source.stale(10_050 * MS, 10_050 * MS)
    assert source.stale(future, 10_060 * MS)
    assert source.heard(10_070 * MS, 10_070 * MS)
    assert not source.stale(10_070 * MS, 10_070 * MS)


def test_a_future_stamp_then_lagging_messages(source: Freshness) -> None:
    """A future stamp must not vouch for the old ones that follow."""
    source.heard(10_600 * MS, 10_010 * MS)
    source.heard(9_000 * MS, 10_020 * MS)
    assert source.stale(10_020 * MS, 10_020 * MS)


def test_clocks_may_differ_by_the_tolerance(source: Freshness) -> None:
    """A driver on another machine; a frame that overtook the clock."""
    source.heard(10_100 * MS, 10_000 * MS)
    assert not source.stale(10_000 * MS, 10_000 * MS)
    assert source.stale(10_000 * MS - 1, 10_000 * MS)


def test_a_steady_clock_that_went_back_is_distrusted(source: Freshness) -> None:
    """It cannot happen, and must not mean fresh for ever."""
    assert source.stale(10_010 * MS, 9_000 * MS)
    assert source.stale(10_010 * MS, 10_010 * MS)


def test_after_time_began_anew_it_is_heard_again(source: Freshness) -> None:
    """A simulation that was reset."""
    assert source.stale(50 * MS, 10_050 * MS)
    assert source.heard(50 * MS, 10_050 * MS)
    assert not source.stale(50 * MS, 10_050 * MS)


def test_forget(source: Freshness) -> None:
    """As never heard."""
    source.forget()
    assert source.stale(10_000 * MS, 10_000 * MS)
