# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Subscriptions that wake nobody: what has come is taken when it is needed.

A wake-up of rclpy's executor costs more than all else that is done with an IMU sample. Where only
the samples since the last command matter, they wait in the middleware's queue until then.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rclpy.callback_groups import CallbackGroup
from rclpy.subscription import Subscription


class Polled(CallbackGroup):
    """
    A callback group of subscriptions that no executor waits for.

    Nor for their events: in Fast DDS whoever waits for those is woken by data too. A best-effort,
    volatile subscription matches every publisher, so that none is missed.
    """

    def can_execute(self, _entity: object) -> bool:
        """Say no."""
        return False

    def beginning_execution(self, _entity: object) -> bool:
        """Say no."""
        return False

    def ending_execution(self, entity: object) -> None:
        """Hold nothing."""


def taken(subscription: Subscription) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """
    Take the messages that have come, oldest first, each with what is known of it.

    A flood ends with the queue's depth, so that whoever polls gets to its own work.

    :param subscription: in a group of `Polled`; or any, in the thread that runs its executor.
    """
    handle = subscription.handle
    with handle:
        for _ in range(subscription.qos_profile.depth):
            found = handle.take_message(subscription.msg_type, subscription.raw)
            if found is None:
                return
            yield found
