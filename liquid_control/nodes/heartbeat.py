# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A sign of life for a supervisor: `~/heartbeat`, which state a node is in, ten times a second.

It comes from the thread that ticks, on the steady clock: a node that hangs, is stopped or is gone
is silent, whatever /clock does. A supervisor that subscribes with the deadline offered here is
told by its middleware when a beat is missing; one without a deadline may count for itself.
"""

from collections.abc import Callable

from lifecycle_msgs.msg import State
from liquid_control.nodes import qos
from rclpy.clock import Clock, ClockType
from rclpy.node import Node

PERIOD = 0.1        # between two beats [s]


class Heartbeat:
    """Publishes the life cycle state of a node."""

    def __init__(self, node: Node, state: Callable[[], tuple[int, str]]) -> None:
        """
        Begin at once.

        :param node: that lives.
        :param state: returns id and label of its state.
        """
        self._state = state
        self._publisher = node.create_publisher(State, '~/heartbeat', qos.HEARTBEAT)
        node.create_timer(PERIOD, self.beat, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def beat(self) -> None:
        """Say once more that the node lives, and in which state; also when that changes."""
        number, label = self._state()
        self._publisher.publish(State(id=number, label=label))
