# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The topic /clock as our nodes take it.

A time that there is not is left out, not the node's end: rclpy (7.1.6, 9.1.2) raises ValueError in
the callback of its own subscription when a message has negative seconds, and an exception in a
callback ends the process: anybody could stop a controller and its guard with one message.

And it is read before what waits to be polled. Woken after a stall, a node would otherwise find its
sensors ahead of its clock, by as long as the stall was, and refuse them.
"""

from collections.abc import Callable
from typing import Any

from liquid_control.nodes.polled import taken
from rclpy.node import Node
from rclpy.subscription import Subscription
from rclpy.time_source import CLOCK_TOPIC
from rosgraph_msgs.msg import Clock


class ClockGuardedNode(Node):
    """A node whose simulated time is never below zero, and is read without an executor."""

    _time_told: 'Subscription[Any] | None' = None       # of rclpy's own, while time is simulated

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
        if topic != CLOCK_TOPIC or options.get('raw'):      # a recorder's bytes go to nobody
            return super().create_subscription(msg_type, topic, callback, *arguments, **options)
        self._time_told = super().create_subscription(
            msg_type, topic, self._only_times(callback), *arguments, **options)
        return self._time_told

    def destroy_subscription(self, subscription: 'Subscription[Any]') -> bool:
        """
        Destroy a subscription as any node does.

        :param subscription: that is not read any more.
        """
        if subscription is self._time_told:
            self._time_told = None
        return super().destroy_subscription(subscription)

    def read_clock(self) -> None:
        """Take the time that has come and that no executor has handed over yet."""
        if self._time_told is not None:
            for message, _info in taken(self._time_told):
                self._time_told.callback(message)

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
