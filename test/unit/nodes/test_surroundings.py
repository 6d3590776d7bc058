# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard hears of where the vehicle is, and of what is near."""

from collections.abc import Callable
import math
import time
from types import SimpleNamespace
from typing import Any, cast

from liquid_control.nodes.inputs import Input
from liquid_control.nodes.messages import to_time
from liquid_control.nodes.surroundings import Surroundings
from liquid_control.runtime.safety import (
    Clearance,
    FallbackConfig,
    FenceConfig,
    ProximityConfig,
    SafetyConfig,
    SafetyFilter,
    SeparationConfig,
)
from liquid_control.signals import Axis, CommandSpec, Reason
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from sensor_msgs.msg import Image, Range

SECOND = 1_000_000_000
MS = 1_000_000
SPEC = CommandSpec(tuple(Axis(name, 2.0, 4.0, 5.0) for name in ('vx', 'vy', 'vz', 'yaw_rate')))


def test_odometry_for_landing_alone_is_forgotten_too() -> None:
    """Or, when a clock begins anew, what comes is taken for old, and nothing lands."""
    heard: list[Input] = []
    take: list[Callable[[Odometry], None]] = []

    def subscribe(_kind: type, _topic: str, callback: Callable[[Odometry], None],
                  _profile: Any) -> None:
        take.append(callback)

    def accept(watched: Input, stamp: int) -> None:
        heard.append(watched)
        watched.newest_ns = stamp

    config = SafetyConfig(fallback=FallbackConfig('land'))
    around = Surroundings(cast(Any, SimpleNamespace(create_subscription=subscribe)),
                          cast(Clearance, None), config, accept, correct=False)
    assert around.required == {} and len(take) == 1, 'odometry, which engaging does not wait for'
    message = Odometry()
    message.header.stamp.sec = 50
    take[0](message)
    assert heard[0].topic == 'odom' and heard[0].newest_ns == 50_000_000_000
    around.forget()
    assert heard[0].newest_ns is None


class Played:
    """Surroundings that need one sensor, at 50 messages a second, and what they feed."""

    def __init__(self, config: SafetyConfig, name: str) -> None:
        self.take: list[Callable[[Any], None]] = []
        self.logged: list[str] = []
        self.now = 100 * SECOND
        node = SimpleNamespace(
            create_subscription=lambda *given: self.take.append(given[2]),
            get_logger=lambda: SimpleNamespace(error=lambda text, **_: self.logged.append(text)))
        self.safety = SafetyFilter(SPEC, config, ())
        assert self.safety.clearance is not None
        self.clearance = self.safety.clearance
        self.around = Surroundings(cast(Any, node), self.clearance, config, self._accept,
                                   correct=False)
        self.watched = self.around.required[name]

    def _accept(self, watched: Input, stamp: int) -> tuple[int, int]:
        watched.judge(stamp, self.now, time.monotonic_ns())
        return stamp, self.now

    def send(self, message: Any, times: int = 1) -> str:
        """Let a message come again and again; return the complaint."""
        for _ in range(times):
            self.now += 20 * MS
            message.header.stamp = to_time(self.now)
            self.take[0](message)
        return self.watched.complaint(self.now, time.monotonic_ns())


def odometry(**numbers: float) -> Odometry:
    """Return odometry at the origin, of which some numbers are others."""
    message = Odometry()
    message.pose.pose.orientation.w = 1.0
    for axis, value in numbers.items():
        setattr(message.pose.pose.position, axis, value)
    return message


def depth(value: float, share: float) -> Image:
    """Return a depth image of which a share is a value, the rest nothing in range."""
    pixels = np.full((8, 8), np.inf, '<f4')
    pixels.ravel()[:round(share * 64)] = value
    return Image(height=8, width=8, step=32, encoding='32FC1', data=pixels.tobytes())


FENCED = SafetyConfig(fence=FenceConfig('cylinder', radius=10.0))
FORWARD, DEPTH = (SafetyConfig(proximity=ProximityConfig(kind)) for kind in ('forward', 'depth'))
APART = SafetyConfig(separation=SeparationConfig(('drone_2',)))
REACH = {'min_range': 0.1, 'max_range': 8.0}


@pytest.mark.parametrize(('config', 'name', 'bad', 'good', 'text'), [
    (FENCED, 'odom', odometry(x=math.nan), odometry(), 'expected finite numbers'),
    (FENCED, 'odom', odometry(z=1e30), odometry(), 'expected finite numbers'),
    (APART, 'odom', odometry(y=math.inf), odometry(), 'expected finite numbers'),
    (FORWARD, 'range', Range(range=math.nan, **REACH), Range(range=2.0, **REACH), 'found nan'),
    (DEPTH, 'depth', depth(math.nan, 0.9), depth(math.nan, 0.4), '50% of the pixels'),
])
def test_what_cannot_be_used_is_complained_of(config: SafetyConfig, name: str, bad: Any, good: Any,
                                              text: str) -> None:
    """Fresh as it is; so engaging is refused. Now and then one is no matter."""
    played = Played(config, name)
    assert text in played.send(bad)
    assert played.around.refused == 1 and text in played.logged[0]

    played = Played(config, name)
    for _ in range(20):
        assert played.send(good) == '' and played.send(bad) == ''
    assert played.around.refused == 20 and not played.logged
    assert played.send(bad, times=14) == '', 'within the deadline'
    assert text in played.send(bad)
    assert played.clearance.stale(played.now, played.now), 'and it has gone stale with it'


@pytest.mark.parametrize(('message', 'reason', 'words'), [
    (Range(range=7.0, **REACH), Reason.OK, ''),
    (Range(range=math.inf, **REACH), Reason.OK, ''),
    (Range(range=0.2, **REACH), Reason.PROXIMITY, ''),
    (Range(range=0.05, **REACH), Reason.PROXIMITY, ''),
    (Range(range=-math.inf, **REACH), Reason.PROXIMITY, ''),
    (Range(range=math.nan, **REACH), Reason.RANGE_STALE, 'found nan'),
    (Range(range=0.2), Reason.RANGE_STALE, 'found min_range 0 and max_range 0'),
    (Range(range=math.inf), Reason.RANGE_STALE, 'found min_range 0 and max_range 0'),
    (Range(min_range=8.0, max_range=0.1, range=0.8), Reason.RANGE_STALE, 'min_range 8')])
def test_a_range_that_cannot_be_believed_stops(message: Range, reason: Reason,
                                               words: str) -> None:
    """From the message to the command: what fails, and what is too near, is never a free way."""
    played = Played(FORWARD, 'range')
    played.safety.engage(True)
    for _ in range(100):
        complaint = played.send(message)
        sent, found = played.safety.filter(np.array([1.0, 0.0, 0.0, 0.0]), played.now, played.now)
    assert found is reason
    assert sent[0] == (1.0 if reason is Reason.OK else 0.0)
    assert (words in complaint) if words else not complaint
    assert played.around.refused == len(played.logged) == (100 if words else 0)
