# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard tells: the reason of every command, how often each was, and what is wrong."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from liquid_control.nodes import messages, qos
from liquid_control.signals import Reason

if TYPE_CHECKING:
    from rclpy.node import Node


class Report:
    """Publishes status and diagnostics of the guard."""

    def __init__(self, node: 'Node') -> None:
        """
        Create the publishers.

        :param node: the guard.
        """
        self._node = node
        self._status = node.create_publisher(DiagnosticArray, '~/status', qos.STATUS)
        self._diagnostics = node.create_publisher(DiagnosticArray, '/diagnostics', qos.STATUS)
        self._reasons: Counter[str] = Counter()

    def command(self, reason: Reason, now: int, values: Mapping[str, object]) -> None:
        """
        Count the reason of one command, and publish it if somebody listens.

        :param reason: why the command is what it is.
        :param now: clock of the stamps [ns].
        :param values: beside the reason.
        """
        self._reasons[reason.value] += 1
        if not self._status.get_subscription_count():
            return
        level = (DiagnosticStatus.OK if reason in (Reason.OK, Reason.LIMITED)
                 else DiagnosticStatus.WARN)
        self._status.publish(messages.status_array(now, messages.status(
            self._node.get_fully_qualified_name(), level, reason.value,
            {'reason': reason.value, **values})))

    def diagnose(self, level: bytes, text: str, values: Mapping[str, object]) -> None:
        """
        Publish diagnostics.

        :param level: of `DiagnosticStatus`.
        :param text: what is wrong, in words.
        :param values: rates and counters; the count of every reason is added.
        """
        counted = {f'reason_{reason}': count for reason, count in self._reasons.items()}
        self._diagnostics.publish(messages.status_array(
            self._node.get_clock().now().nanoseconds,
            messages.status(f'{self._node.get_fully_qualified_name()}: safety', level, text,
                            {**values, **counted})))
