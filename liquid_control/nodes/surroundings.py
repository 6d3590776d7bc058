# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard hears of its surroundings: odometry, ranges, neighbours; only what it needs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from liquid_control.errors import SensorError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.inputs import Input
from liquid_control.nodes.range_messages import depth_from_message, distance_from_message
from liquid_control.runtime.safety import Clearance, SafetyConfig
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Image, Range

if TYPE_CHECKING:
    from rclpy.node import Node

Accept = Callable[[Input, int], 'tuple[int, int] | None']


class Surroundings:
    """Subscriptions that feed a `Clearance`."""

    def __init__(self, node: 'Node', clearance: Clearance, config: SafetyConfig,
                 accept: Accept, correct: bool) -> None:
        """
        Subscribe to what the configuration needs.

        :param node: that hears.
        :param clearance: of its safety filter.
        :param config: of the same.
        :param accept: is told of an input and the stamp of its message; returns the stamp by the
            node's clock and the steady time at which it came [ns], or None if it must not be used.
        :param correct: set stamps right by the offset of each input's clock; a neighbour's, too,
            is of another computer.
        """
        self.required: dict[str, Input] = {}     # which engaging waits for
        self._watched: list[Input] = []          # these and others
        self.refused = 0                         # messages that could not be used
        self._node, self._clearance, self._accept = node, clearance, accept
        odometry = Input('odom', config.odom_deadline, correct)
        self._watched.append(odometry)
        if config.fence or config.separation:
            self.required['odom'] = odometry
        if config.fence or config.separation or config.fallback.kind == 'land':
            node.create_subscription(
                Odometry, 'odom', partial(self._on_odometry, odometry, ''), qos.SENSOR)
        if config.proximity:
            depth = config.proximity.sensor == 'depth'
            watched = Input('depth/image_raw' if depth else 'range', config.proximity.deadline,
                            correct)
            self.required['depth' if depth else 'range'] = watched
            self._watched.append(watched)
            node.create_subscription(
                Image if depth else Range, watched.topic,
                partial(self._on_depth if depth else self._on_range, watched), qos.SENSOR)
        if config.separation:
            for name in config.separation.neighbours:
                watched = Input(f'/{name}/odom', config.separation.deadline, correct)
                self.required[f'{name}/odom'] = watched
                self._watched.append(watched)
                node.create_subscription(
                    Odometry, watched.topic, partial(self._on_odometry, watched, name),
                    qos.SENSOR)

    def forget(self) -> None:
        """Take everything as unheard, after time went backward; stamps begin anew."""
        for watched in self._watched:
            watched.forget()

    def _on_odometry(self, watched: Input, name: str, message: Odometry) -> None:
        """Take a place: of this vehicle, or of a neighbour."""
        accepted = self._accept(watched, messages.stamp_ns(message.header.stamp))
        if accepted is None:
            return
        stamp, steady = accepted
        try:
            state = replace(messages.odometry_from_message(message), stamp_ns=stamp)
        except SensorError as error:
            self._refuse(watched, str(error), steady)
            return
        if name:
            self._clearance.heard_neighbour(name, state, steady)
        else:
            self._clearance.heard_odometry(state, steady)

    def _on_range(self, watched: Input, message: Range) -> None:
        """Take a distance."""
        accepted = self._accept(watched, messages.stamp_ns(message.header.stamp))
        if accepted is None:
            return
        stamp, steady = accepted
        try:
            self._clearance.heard_range(distance_from_message(message), stamp, steady)
        except SensorError as error:
            self._refuse(watched, str(error), steady)

    def _on_depth(self, watched: Input, message: Image) -> None:
        """Take a depth image."""
        accepted = self._accept(watched, messages.stamp_ns(message.header.stamp))
        if accepted is None:
            return
        stamp, steady = accepted
        try:
            self._clearance.heard_depth(depth_from_message(message), stamp, steady)
        except SensorError as error:
            self._refuse(watched, str(error), steady)

    def _refuse(self, watched: Input, text: str, steady: int) -> None:
        """Count what cannot be used, and say why."""
        self.refused += 1
        watched.complain(f'{watched.topic}: {text}', steady)
        self._node.get_logger().error(text, throttle_duration_sec=1.0)
