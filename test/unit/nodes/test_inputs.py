# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Inputs on both clocks."""

from liquid_control.nodes.inputs import complaints, Input, Stamp
import pytest

SECOND = 1_000_000_000


def test_each_complaint() -> None:
    source = Input('imu/data', 0.3)
    assert 'nothing has come on imu/data' in source.complaint(0, 0)
    source.heard(100 * SECOND, 5 * SECOND)
    assert source.complaint(100 * SECOND, 5 * SECOND) == ''
    assert 'nothing on imu/data for 0.4 s' in source.complaint(100 * SECOND, int(5.4 * SECOND))
    assert '2.0 s behind' in source.complaint(102 * SECOND, 5 * SECOND)
    assert '1.0 s ahead' in source.complaint(99 * SECOND, 5 * SECOND)
    source.forget()
    assert 'nothing has come' in source.complaint(100 * SECOND, 5 * SECOND)


def test_rate() -> None:
    source = Input('imu/data', 0.3)
    assert source.rate(0) == 0.0
    for index in range(241):
        source.heard(index, index * SECOND // 240)
    assert source.rate(SECOND) == pytest.approx(240.0, rel=1e-3)
    assert source.rate(10 * SECOND) == 0.0, 'what came long ago is no rate'
    assert source.received == 241


def test_a_stamp_ahead_of_the_clock_is_worth_nothing() -> None:
    """It neither vouches for a source nor makes the next message look old."""
    source = Input('imu/data', 0.3)
    assert source.judge(100 * SECOND, 100 * SECOND, 0) is Stamp.GOOD
    assert source.judge(160 * SECOND, 100 * SECOND, 0) is Stamp.AHEAD
    assert source.newest_ns == 100 * SECOND
    assert 'imu/data are 60.0 s ahead' in source.complaint(100 * SECOND, 0)
    assert source.judge(100 * SECOND + 1, 100 * SECOND, 0) is Stamp.GOOD
    assert source.complaint(100 * SECOND, SECOND - 1), 'one bad message is remembered'
    assert source.judge(101 * SECOND, 101 * SECOND, SECOND) is Stamp.GOOD
    assert source.complaint(101 * SECOND, SECOND) == ''
    assert source.received == 4


def test_a_stamp_that_goes_back_is_overtaken_or_of_another_time() -> None:
    source = Input('imu/data', 0.3)
    source.judge(100 * SECOND, 100 * SECOND, 0)
    assert source.judge(100 * SECOND - 50_000_000, 100 * SECOND, 0) is Stamp.OVERTAKEN
    assert source.newest_ns == 100 * SECOND
    assert source.judge(99 * SECOND, 100 * SECOND, 0) is Stamp.BACKWARD
    assert source.judge(100 * SECOND, 100 * SECOND, 0) is Stamp.GOOD


def test_two_publishers_give_themselves_away() -> None:
    """Each counts its messages; where the middleware does not say, nothing can be told."""
    source = Input('cmd_vel_policy', 0.3)
    assert not any(source.another_publisher(number, 0) for number in (5, 6, 9))
    assert source.another_publisher(1, 0)
    assert 'another publisher' in complaints([source], 0, 0)[0]
    assert source.another_publisher(1, 0)
    assert not source.another_publisher(None, 0)
    assert not source.another_publisher(None, 0)


def test_lost_messages_are_the_gaps_in_their_numbers() -> None:
    """Two, then five; one that comes out of order, or a publisher that began anew, is no gap."""
    source = Input('imu/data', 0.3)
    for number in (7, 8, 11, 10, 11, 17, 1, 2, None, 50):
        source.count_lost(number)
    assert source.lost == 2 + 5


def test_silence_may_say_where_to_look() -> None:
    watched = Input('cmd_vel_policy', 0.3, hint='look there')
    watched.heard(0, 0)
    assert watched.complaint(0, SECOND) == (
        'nothing on cmd_vel_policy for 1.0 s (deadline 0.3 s): look there')
