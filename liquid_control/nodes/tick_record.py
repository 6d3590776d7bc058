# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What every tick of the controller was given, for who records: enough to tick again, exactly.

A bag holds what came, but not when the controller ticked, nor what had reached it by then; two
subscribers of one topic do not even receive the same messages. So `~/ticks` names, for each tick,
both clocks and the stamps of its inputs, and the latched `~/configuration` tells what flies and
within which limits, from which tick on. `bags.ticks` reads both.
"""

from collections.abc import Mapping
import dataclasses
import json
import time
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from liquid_control.nodes import messages, qos
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.runtime.safety import SafetyConfig

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.publisher import Publisher


class TickRecord:
    """Publishes the ticks of one controller while somebody listens."""

    def __init__(self, node: 'Node') -> None:
        """
        Make the publishers.

        :param node: the controller's.
        """
        self._node = node
        self._name = node.get_fully_qualified_name()
        self._ticks = node.create_publisher(DiagnosticArray, '~/ticks', qos.TICKS)
        self._configuration = node.create_publisher(
            DiagnosticArray, '~/configuration', qos.LATCHED)
        self._session = time.monotonic_ns()     # ticks are counted anew in each
        self._number = 0                        # of the last tick
        self._before: dict[str, object] = {}

    def close(self) -> None:
        """Leave nothing behind: the next one has publishers of its own."""
        for publisher in (self._ticks, self._configuration):
            self._node.destroy_publisher(publisher)

    def configured(self, now: int, policy: Mapping[str, object], safety: SafetyConfig) -> None:
        """
        Tell what flies from the next tick on; call it whenever that has changed.

        :param now: clock of the stamps [ns].
        :param policy: name, sha256 and stepper.
        :param safety: deadlines, limits, scale.
        """
        self._send(self._configuration, now, {
            'session': self._session, 'tick': self._number + 1, **policy,
            'safety': json.dumps(dataclasses.asdict(safety))})

    def begin(self, controller: Controller) -> None:
        """
        Note what a tick begins with.

        :param controller: that is about to tick.
        """
        self._number += 1
        self._before = {
            'engaged': controller.engaged, 'resets': controller.counters.resets,
            # Where nothing of a step is left, nor of a command, a replay may begin.
            'fresh': controller.last_step is None, 'at_rest': controller.at_rest}

    def end(self, inputs: Inputs, now: int, steady: int,
            own: Mapping[tuple[str, int], int] | None = None) -> None:
        """
        Publish what the tick was given; call it when its command is on its way.

        :param inputs: of the tick.
        :param now: clock of the stamps [ns].
        :param steady: steady clock [ns].
        :param own: stamps that messages carry, by source and by the stamp in `inputs`, where
            that was set right [ns].
        """
        if self._ticks.get_subscription_count() == 0:
            return
        values: dict[str, object] = {
            'session': self._session, 'tick': self._number, 'stamp_ns': now,
            'steady_ns': steady, **self._before,
            'imu_stamps_ns': ' '.join(
                _named('imu', sample.stamp_ns, own) for sample in inputs.imu)}
        if inputs.frame is not None:
            values['frame_stamp_ns'] = _named('camera', inputs.frame.stamp_ns, own)
            values['horizontal_fov_rad'] = repr(inputs.frame.horizontal_fov)
        if inputs.odometry is not None:
            values['odom_stamp_ns'] = _named('odom', inputs.odometry.stamp_ns, own)
        if inputs.flow is not None:
            values['flow_stamp_ns'] = _named('flow', inputs.flow.stamp_ns, own)
        self._send(self._ticks, now, values)

    def _send(self, publisher: 'Publisher', now: int, values: Mapping[str, object]) -> None:
        """Publish keys and values."""
        publisher.publish(messages.status_array(now, messages.status(
            self._name, DiagnosticStatus.OK, 'recorded', values)))


def _named(source: str, stamp: int, own: Mapping[tuple[str, int], int] | None) -> str:
    """Return a stamp, and behind a colon the one that the message carries if it is another."""
    carried = (own or {}).get((source, stamp), stamp)
    return str(stamp) if carried == stamp else f'{stamp}:{carried}'
