# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard hears of where the vehicle is, and of what is near."""

from collections.abc import Callable
import math
from types import SimpleNamespace
from typing import Any, cast

from liquid_control.nodes.inputs import Input
from liquid_control.nodes.surroundings import Surroundings
from liquid_control.runtime.safety.clearance import Clearance
from liquid_control.runtime.safety.config import FallbackConfig, SafetyConfig
from liquid_control.runtime.safety.filter import SafetyFilter
from liquid_control.runtime.safety.proximity import ProximityConfig
from liquid_control.signals import Axis, CommandSpec, Reason
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from sensor_msgs.msg import Range


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


@pytest.mark.parametrize(('message', 'reason', 'words'), [
    (Range(min_range=0.1, max_range=8.0, range=7.0), Reason.OK, ''),
    (Range(min_range=0.1, max_range=8.0, range=math.inf), Reason.OK, ''),
    (Range(min_range=0.1, max_range=8.0, range=0.2), Reason.PROXIMITY, ''),
    (Range(min_range=0.1, max_range=8.0, range=0.05), Reason.PROXIMITY, ''),
    (Range(min_range=0.1, max_range=8.0, range=-math.inf), Reason.PROXIMITY, ''),
    (Range(min_range=0.1, max_range=8.0, range=math.nan), Reason.RANGE_STALE, ''),
    (Range(range=0.2), Reason.RANGE_STALE, 'found min_range 0 and max_range 0'),
    (Range(range=math.inf), Reason.RANGE_STALE, 'found min_range 0 and max_range 0'),
    (Range(min_range=8.0, max_range=0.1, range=0.8), Reason.RANGE_STALE, 'min_range 8')])
def test_a_range_that_cannot_be_believed_stops(message: Range, reason: Reason,
                                               words: str) -> None:
    """From the message to the command: what fails, and what is too near, is never a free way."""
    config = SafetyConfig(proximity=ProximityConfig('forward'))
    safety = SafetyFilter(CommandSpec((Axis('vx', 1.0, 4.0, 5.0),)), config, ())
    assert safety.clearance is not None
    safety.engage(True)
    take: list[Callable[[Range], None]] = []
    told: list[str] = []
    node = SimpleNamespace(
        create_subscription=lambda _kind, _topic, callback, _profile: take.append(callback),
        get_logger=lambda: SimpleNamespace(error=lambda text, **_: told.append(text)))
    steady = 0

    def accept(watched: Input, _stamp: int) -> tuple[int, int]:
        watched.heard(steady, steady)
        return steady, steady
    around = Surroundings(cast(Any, node), safety.clearance, config, accept, correct=False)
    for _ in range(100):
        steady += 20_000_000
        take[0](message)
        sent, found = safety.filter(np.array([1.0]), steady, steady)
    assert found is reason
    assert sent[0] == (1.0 if reason is Reason.OK else 0.0)
    complaint = around.required['range'].complaint(steady, steady)
    assert (words in complaint) if words else not complaint
    assert around.refused == len(told) == (100 if words else 0)
