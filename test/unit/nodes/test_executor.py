# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The executor waits no more often than it must, and nobody waits for ever."""

from collections import Counter
from collections.abc import Iterator

from liquid_control.nodes.executor import OneThreadExecutor
import pytest
import rclpy
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node

LONG = 60.0     # longer than any test [s]


class Counting(OneThreadExecutor):
    """Counts how often it gathers what there is to wait for."""

    waits = 0

    def get_nodes(self) -> list[Node]:
        """Return the nodes, as is done once a wait."""
        self.waits += 1
        return super().get_nodes()


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """Return a node of this process alone."""
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'OFF')
    rclpy.init(args=[])
    made = rclpy.create_node('waiting')
    yield made
    made.destroy_node()
    rclpy.shutdown()


def timers(node: Node, executor: SingleThreadedExecutor, names: str,
           period: float = 0.0) -> Counter[str]:
    """Make timers, always ready unless a period is given; return how often each had its turn."""
    turns: Counter[str] = Counter()
    for name in names:
        def turn(name: str = name) -> None:
            turns[name] += 1
        node.create_timer(period, turn, clock=Clock(clock_type=ClockType.STEADY_TIME))
    executor.add_node(node)
    return turns


def test_a_callback_costs_one_wait(node: Node) -> None:
    executor = Counting()
    turns = timers(node, executor, 'a', period=0.02)
    executor.spin_once(timeout_sec=LONG)
    executor.waits = 0
    for _ in range(10):
        executor.spin_once(timeout_sec=LONG)
    assert turns['a'] == 11 and executor.waits == 10


def test_who_waits_is_woken_by_what_is_new(node: Node) -> None:
    executor = Counting()
    executor.add_node(node)
    executor.wake()
    executor.spin_once(timeout_sec=0.01)
    assert executor.waits == 2      # one that was woken, and one for what had not come then


def test_each_has_its_turn_whatever_the_timeouts(node: Node) -> None:
    executor = OneThreadExecutor()
    turns = timers(node, executor, 'abc')
    for number in range(30):
        executor.spin_once(timeout_sec=LONG + number)
    assert set(turns) == set('abc') and max(turns.values()) - min(turns.values()) <= 1


def test_an_error_of_a_callback_reaches_who_spins(node: Node) -> None:
    def fail() -> None:
        raise ValueError('wrong')
    executor = OneThreadExecutor()
    node.create_timer(0.0, fail, clock=Clock(clock_type=ClockType.STEADY_TIME))
    executor.add_node(node)
    with pytest.raises(ValueError, match='wrong'):
        executor.spin_once(timeout_sec=LONG)
