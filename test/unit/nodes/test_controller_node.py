# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the controller makes of a guard that answers late."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from liquid_control.nodes.controller import ControllerNode
import pytest
from rclpy.task import Future
from std_srvs.srv import SetBool


class Asked:
    """A controller that asks a guard, whose answers and patience the test decides."""

    def __init__(self, on: bool) -> None:
        self.calls: list[tuple[bool, Future]] = []
        self.expire: Callable[[], None] = lambda: None
        self.destroyed = 0
        node: Any = SimpleNamespace(
            _guard=SimpleNamespace(call_async=self._call), create_timer=self._timer,
            destroy_timer=self._destroy)
        self._asking = ControllerNode._ask_guard(node, SetBool.Request(data=on))
        self.told: SetBool.Response | None = None
        self.over = False

    def _call(self, request: SetBool.Request) -> Future:
        self.calls.append((request.data, Future()))
        return self.calls[-1][1]

    def _timer(self, _period: float, callback: Callable[[], None], clock: object) -> None:
        self.expire = callback

    def _destroy(self, _timer: object) -> None:
        self.destroyed += 1

    def go_on(self) -> bool:
        """Let the asking go on; say whether it is over."""
        try:
            self._asking.send(None)
        except StopIteration as end:
            self.told, self.over = end.value, True
        return self.over

    def answer(self, success: bool) -> None:
        self.calls[0][1].set_result(SetBool.Response(success=success))


@pytest.mark.parametrize('success', [True, False])
def test_an_answer_is_passed_on(success: bool) -> None:
    asked = Asked(True)
    assert not asked.go_on()
    asked.answer(success)
    assert asked.go_on() and asked.told is not None and asked.told.success is success
    assert len(asked.calls) == asked.destroyed == 1


@pytest.mark.parametrize(('on', 'success', 'calls'), [
    (True, True, [True, False]), (True, False, [True]), (False, True, [False])])
def test_what_is_engaged_too_late_is_taken_back(on: bool, success: bool,
                                                calls: list[bool]) -> None:
    """And only that: disengaging would end a landing that was refused to be left."""
    asked = Asked(on)
    assert not asked.go_on()
    asked.expire()
    assert asked.go_on() and asked.told is None and asked.destroyed == 1
    assert len(asked.calls) == 1
    asked.answer(success)
    assert [data for data, _ in asked.calls] == calls
