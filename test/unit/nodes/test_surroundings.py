# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard hears of where the vehicle is, and of what is near."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from liquid_control.nodes.inputs import Input
from liquid_control.nodes.surroundings import Surroundings
from liquid_control.runtime.safety.clearance import Clearance
from liquid_control.runtime.safety.config import FallbackConfig, SafetyConfig
from nav_msgs.msg import Odometry


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
