# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who else commands: the guard is the only publisher of `cmd_vel`, or nobody may rely on it."""

from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:
    from rclpy.node import Node


def rivals(node: 'Node', endpoint: Any) -> list[str]:
    """
    Say that others publish beside the guard; nothing where there are none.

    :param node: that asks.
    :param endpoint: its publisher or subscription of `cmd_vel`, which knows the name that the
        topic has here: ROS renames none that it is asked for.
    """
    others = node.count_publishers(endpoint.topic_name) - 1
    if others <= 0:
        return []
    return [f'{others} more on {endpoint.topic_name}: the guard must be its only publisher (one '
            'that was killed is gone after some seconds)']
