# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A short gap is forgiven, a long stop is not."""

from liquid_control.nodes.engagement import Engagement
from liquid_control.signals import Reason
import pytest

SECOND = 1_000_000_000


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


def test_one_that_has_not_flown_yet_waits() -> None:
    engagement = Engagement(1.0)
    engagement.set(True)
    for second in range(10):
        assert not engagement.outlasted(Reason.COMMAND_STALE, second * SECOND)


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
