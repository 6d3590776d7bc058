# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard makes of a pilot's command."""

import time
from types import SimpleNamespace
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.nodes import messages
from liquid_control.nodes.guard import GuardNode
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import Axis, CommandSpec, Reason
import numpy as np
import pytest

SPEC = CommandSpec(tuple(Axis(name, 2.0, 4.0, 5.0) for name in ('vx', 'vy', 'vz', 'yaw_rate')))
NOW = 100_000_000_000


class Guard:
    """What `_on_manual` needs of a guard, whose clock stands still."""

    def __init__(self) -> None:
        self.sent = 0
        self.silent = 0.0       # since this process sent anything [s]
        self.warned: list[str] = []
        self.guard: Any = SimpleNamespace(
            _time=lambda _stamp: NOW, _steady=lambda now: now, _spec=SPEC,
            _filter=SafetyFilter(SPEC, SafetyConfig(), ()), _send=self._send,
            _counts={'manual_refused': 0}, _lockstep=False, _config=SafetyConfig(),
            _silence=lambda: self.silent, _kept_waiting=self._kept_waiting,
            get_logger=lambda: SimpleNamespace(
                warning=lambda text, throttle_duration_sec: self.warned.append(text)))

    def _send(self, _now: int) -> None:
        self.sent += 1

    def _kept_waiting(self, info: dict[str, int]) -> bool:
        return GuardNode._kept_waiting(self.guard, info)

    def hear(self, message: TwistStamped | Twist, waited: float = 0.0) -> None:
        GuardNode._on_manual(self.guard, message, {
            'received_timestamp': time.time_ns() - round(waited * 1e9)})


@pytest.mark.parametrize('message', [Twist(), TwistStamped()])
def test_a_pilot_without_stamps_is_heard_each_time(message: TwistStamped | Twist) -> None:
    """Within one tick of a simulated clock too: the second may be the stop."""
    guard = Guard()
    for _ in range(3):
        guard.hear(message)
    assert guard.sent == 3 and not guard.warned


@pytest.mark.parametrize(('late_ns', 'text'), [
    (600_000_000, 'found one 0.6 s behind; synchronise'), (-600_000_000, '0.6 s ahead')])
def test_a_refusal_is_logged_with_its_reason(late_ns: int, text: str) -> None:
    guard = Guard()
    guard.hear(messages.twist_stamped([0.0] * 4, SPEC.names, NOW - late_ns))
    assert guard.sent == 0 and guard.guard._counts['manual_refused'] == 1
    assert 'cmd_vel_manual: refused' in guard.warned[0] and text in guard.warned[0]


@pytest.mark.parametrize(('waited', 'silent'), [(0.7, 0.0), (0.0, 0.4)])
def test_a_command_without_a_stamp_that_had_to_wait_moves_nothing(waited: float,
                                                                  silent: float) -> None:
    """Nobody knows how old it is; the next one is of now again, and one with a stamp says it."""
    guard = Guard()
    guard.silent = silent
    guard.hear(Twist(), waited)
    assert guard.sent == 0 and guard.guard._counts['manual_refused'] == 1
    assert 'had to wait here' in guard.warned[0]
    guard.hear(messages.twist_stamped([0.0] * 4, SPEC.names, NOW), waited)
    assert guard.sent == 1
    guard.silent = 0.0
    guard.hear(Twist())
    assert guard.sent == 2


def test_the_last_command_is_zero_even_if_braking_fails() -> None:
    sent: list[Any] = []

    def fail(_stamp: int) -> None:
        raise RuntimeError('whatever ended the process')

    guard: Any = SimpleNamespace(
        _reason=Reason.OK, _engaging=SimpleNamespace(set=lambda on: None),
        _filter=SimpleNamespace(forget=lambda: None), _lockstep=False, _sent=np.ones(4),
        _send=fail, _publish=lambda values, now: sent.append(values.tolist()), _spec=SPEC,
        _cmd_vel=SimpleNamespace(wait_for_all_acked=lambda duration: True),
        get_clock=lambda: SimpleNamespace(now=lambda: SimpleNamespace(nanoseconds=NOW)))
    with pytest.raises(RuntimeError):
        GuardNode.close(guard)
    assert sent == [[0.0] * 4]
