# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Requests of a world that waits, there and back, and what they wait for."""

from types import SimpleNamespace
from typing import Any

from liquid_control.errors import SensorError
from liquid_control.nodes.control_loop import ControlLoop
from liquid_control.nodes.lockstep import reached, Request
from liquid_control.sensing.extra import Extras
import pytest
from std_msgs.msg import Header

MS = 1_000_000
NOW = 500 * MS
ALL = {'imu': NOW, 'odom': NOW, 'flow': NOW - 4 * MS, 'frame': NOW}


@pytest.mark.parametrize('request_', [
    Request(0, False), Request(1_700_000_000_123_456_789, True), Request(4_166_666, False, 12),
    Request(33_333_333, True, 33_333_333)])
def test_a_request_round_trip(request_: Request) -> None:
    assert Request.of(request_.message()) == request_


@pytest.mark.parametrize('text', ['flow=x', 'frame flow=', 'flow=1e9'])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(SensorError, match='world/lockstep: expected'):
        Request.of(Header(frame_id=text))


def test_a_stamp_of_another_time_is_not_reached() -> None:
    """The newest is of the flight before."""
    assert reached(5, 5) and reached(5 + 20 * MS, 5)
    assert not reached(None, 5) and not reached(4, 5) and not reached(3_000 * MS, 5)


@pytest.mark.parametrize(('extra', 'late', 'expected'), [
    ((), {}, True), ((), {'odom': 0, 'flow': 0}, True), ((), {'imu': NOW - 4 * MS}, False),
    ((), {'frame': NOW - 33 * MS}, False), (('velocity_x',), {}, True),
    (('velocity_x',), {'odom': NOW - 33 * MS}, False), (('flow_y',), {}, True),
    (('flow_y',), {'flow': NOW - 37 * MS}, False), (('flow_y',), {'odom': 0}, True)])
def test_the_answer_waits_for_what_the_policy_uses(extra: tuple[str, ...], late: dict[str, int],
                                                   expected: bool) -> None:
    """A frame, odometry and flow that were sent before the world asked."""
    stamps = ALL | late
    loop: Any = SimpleNamespace(_extras=Extras(extra), _sensors=SimpleNamespace(
        newest_ns=stamps.get, frame=SimpleNamespace(stamp_ns=stamps['frame'])))
    assert ControlLoop._is_here(loop, Request(NOW, True, NOW - 4 * MS)) is expected


def test_between_frames_only_samples_are_waited_for() -> None:
    loop: Any = SimpleNamespace(_extras=Extras(('velocity_x', 'flow_x')), _sensors=SimpleNamespace(
        newest_ns={'imu': NOW}.get, frame=None))
    assert ControlLoop._is_here(loop, Request(NOW, False))
