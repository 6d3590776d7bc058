# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The topic /clock as our nodes take it: a time that there is not is left out, not the node's end.

rclpy (7.1.6, 9.1.2) raises ValueError in the callback of its own subscription when a message has
negative seconds, and an exception in a callback ends the process: anybody could stop a controller
and its guard with one message.
"""

from collections.abc import Callable
from typing import Any

from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.time_source import CLOCK_TOPIC
from rosgraph_msgs.msg import Clock


class ClockGuardedNode(Node):
    """A node in whose simulated time nothing lies before zero."""

    def create_subscription(self, msg_type: Any, topic: str, callback: Callable[..., Any],
                            *arguments: Any, **options: Any) -> 'Subscription[Any]':
        """
        Subscribe as any node does, but let no clock below zero through to rclpy.

        :param msg_type: of the messages.
        :param topic: its name.
        :param callback: called with each message.
        :param arguments: the quality of service, as for any node.
        :param options: likewise.
        """
        if topic == CLOCK_TOPIC and not options.get('raw'):     # a recorder's bytes go to nobody
            callback = self._only_times(callback)
        return super().create_subscription(msg_type, topic, callback, *arguments, **options)

    def _only_times(self, take: Callable[[Clock], Any]) -> Callable[[Clock], None]:
        """Return what passes a clock on if it is a time."""
        def passed_on(message: Clock) -> None:
            if message.clock.sec >= 0:
                take(message)
            else:
                self.get_logger().warning(
                    f'/clock: expected 0 s or more, found {message.clock.sec} s; left out',
                    throttle_duration_sec=1.0)
        return passed_on
