# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the control loop publishes of a tick, and what it makes of a request that is none."""

from types import SimpleNamespace
from typing import Any

from liquid_control.nodes.control_loop import ControlLoop
from liquid_control.runtime.inputs import Inputs
from liquid_control.signals import Reason, VelocityCommand
import numpy as np
import pytest
from std_msgs.msg import Header


def loop_of(command: VelocityCommand, *, lockstep: bool, shadow: bool) -> Any:
    """Return what a tick needs of a loop, whose controller answers with a command."""
    controller = SimpleNamespace(last_step=None, late=None, tick=lambda *_: command)
    sensors = SimpleNamespace(own={}, take=lambda: Inputs(None, (), None))
    published: list[Any] = []
    reported: list[Any] = []
    return SimpleNamespace(
        _controller=controller, _sensors=sensors, _lockstep=lockstep,
        shadow=SimpleNamespace() if shadow else None, _names=('vx',), _prefix='', _silent=False,
        _record=SimpleNamespace(begin=lambda *_: None, end=lambda *_: None),
        _command=SimpleNamespace(publish=published.append), published=published,
        _reporter=SimpleNamespace(ticked=lambda *given: reported.append(given)),
        reported=reported)


@pytest.mark.parametrize(('reason', 'lockstep', 'shadow', 'expected'), [
    (Reason.CAMERA_STALE, False, False, 0), (Reason.CAMERA_STALE, True, False, 1),
    (Reason.CAMERA_STALE, False, True, 1), (Reason.NOT_ENGAGED, False, False, 1)])
def test_a_stop_that_only_the_controller_sees_is_not_published(
        reason: Reason, lockstep: bool, shadow: bool, expected: int) -> None:
    """But reported; and a world in lockstep gets every answer, a shadow shows everything."""
    loop = loop_of(VelocityCommand(5, np.zeros(1), reason), lockstep=lockstep, shadow=shadow)
    answer = ControlLoop._tick(loop, 5, 5)
    assert len(loop.published) == expected and len(loop.reported) == 1
    assert loop._silent is (expected == 0) and answer.twist.linear.x == 0.0


def test_a_request_that_is_none_is_counted() -> None:
    """It neither ends the controller nor takes the place of the one that waits."""
    rejected: list[tuple[str, str]] = []
    loop: Any = SimpleNamespace(_request='before', _answer=lambda: pytest.fail('answered'),
                                _sensors=SimpleNamespace(reject=lambda *why: rejected.append(why)))
    ControlLoop._on_request(loop, Header(frame_id='frame flow=x'))
    assert loop._request == 'before'
    assert rejected[0][0] == 'requests_rejected' and 'flow=x' in rejected[0][1]
