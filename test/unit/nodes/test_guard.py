# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard makes of a pilot's command."""

import time
from types import SimpleNamespace
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.nodes import messages, standstill
from liquid_control.nodes.guard import GuardNode
from liquid_control.nodes.standstill import AFTERWARDS, Standstill
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
            _silence=lambda: self.silent, _may_be_old=self._may_be_old,
            _standstill=Standstill(),
            get_logger=lambda: SimpleNamespace(
                warning=lambda text, throttle_duration_sec: self.warned.append(text)))

    def _send(self, _now: int) -> None:
        self.sent += 1

    def _may_be_old(self, info: dict[str, int]) -> bool:
        return GuardNode._may_be_old(self.guard, info)

    def hear(self, message: TwistStamped | Twist, waited: float = 0.0, age: float = 0.0) -> None:
        now = time.time_ns()
        GuardNode._on_manual(self.guard, message, {
            'received_timestamp': now - round(waited * 1e9),
            'source_timestamp': now - round(age * 1e9)})


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


def forward() -> Twist:
    """Return a command that moves, and has no stamp."""
    message = Twist()
    message.linear.x = 1.0
    return message


def test_a_command_without_a_stamp_that_had_to_wait_moves_nothing() -> None:
    """Nobody knows how old it is; the next one is of now again, and one with a stamp says it."""
    guard = Guard()
    guard.hear(forward(), waited=0.7)
    assert guard.sent == 0 and guard.guard._counts['manual_refused'] == 1
    assert 'had to wait' in guard.warned[0]
    guard.hear(messages.twist_stamped([1.0] * 4, SPEC.names, NOW), waited=0.7)
    guard.hear(forward())
    assert guard.sent == 2


@pytest.mark.parametrize('age', [0.7, -0.7, 1.0e9])
def test_after_a_standstill_the_clock_of_the_pilot_must_say_that_it_is_of_now(
        age: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The middleware calls it fresh: it had it only now. Clocks set apart show nothing."""
    guard = Guard()
    guard.hear(forward(), age=age)
    assert guard.sent == 1, 'else it is of the moment it came'
    guard.silent = 0.4
    guard.hear(forward(), age=age)
    guard.silent = 0.0      # others have sent meanwhile
    guard.hear(forward(), age=age)
    assert guard.sent == 1 and guard.guard._counts['manual_refused'] == 2
    guard.hear(Twist(), age=age)
    assert guard.sent == 2, 'a stop is one whenever it was sent'
    guard.hear(forward(), age=0.1)
    assert guard.sent == 3
    over = time.monotonic_ns() + round(AFTERWARDS * 1e9)
    monkeypatch.setattr(standstill, 'time', SimpleNamespace(monotonic_ns=lambda: over))
    guard.hear(forward(), age=age)
    assert guard.sent == 4


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
