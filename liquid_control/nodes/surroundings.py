# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the guard hears of its surroundings: odometry, ranges, neighbours; only what it needs."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
import math
import time
from typing import Any, TYPE_CHECKING, TypeVar

from liquid_control.errors import SensorError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.inputs import Input
from liquid_control.nodes.range_messages import depth_from_message, distance_from_message
from liquid_control.runtime.safety import Clearance, SafetyConfig
from liquid_control.runtime.safety.place import is_usable
from liquid_control.runtime.safety.proximity import is_measured, LEAST_SEEN
from liquid_control.signals import Float32Array, NANOSECONDS, VehicleState
from nav_msgs.msg import Odometry
from sensor_msgs.msg import Image, Range

if TYPE_CHECKING:
    from rclpy.node import Node

T = TypeVar('T')
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
        self._usable_ns: dict[str, int] = {}     # by topic: when one could, last [steady, ns]
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
        self._usable_ns.clear()
        for watched in self._watched:
            watched.forget()

    def _on_odometry(self, watched: Input, name: str, message: Odometry) -> None:
        """Take a place: of this vehicle, or of a neighbour."""
        found = self._read(watched, message, _place)
        if found is None:
            return
        state, stamp, steady = found
        state = replace(state, stamp_ns=stamp)
        if name:
            self._clearance.heard_neighbour(name, state, steady)
        else:
            self._clearance.heard_odometry(state, steady)

    def _on_range(self, watched: Input, message: Range) -> None:
        """Take a distance."""
        found = self._read(watched, message, _distance)
        if found is not None:
            self._clearance.heard_range(*found)

    def _on_depth(self, watched: Input, message: Image) -> None:
        """Take a depth image."""
        found = self._read(watched, message, _depth)
        if found is not None:
            self._clearance.heard_depth(*found)

    def _read(self, watched: Input, message: Any,
              read: Callable[[Any], T]) -> tuple[T, int, int] | None:
        """Return what a message says, its stamp and when it came; None if it is of no use."""
        accepted = self._accept(watched, messages.stamp_ns(message.header.stamp))
        if accepted is None:
            return None
        stamp, steady = accepted
        try:
            value = read(message)
        except SensorError as error:
            self._refuse(watched, str(error), steady)
            return None
        self._usable_ns[watched.topic] = steady
        return value, stamp, steady

    def _refuse(self, watched: Input, text: str, steady: int) -> None:
        """Count what cannot be used; say why, unless others could be within the deadline."""
        self.refused += 1
        usable = self._usable_ns.get(watched.topic)
        if usable is not None and steady - usable <= watched.deadline * NANOSECONDS:
            return      # a range finder fails now and then
        watched.complain(f'{watched.topic}: {text}', time.monotonic_ns())
        self._node.get_logger().error(text, throttle_duration_sec=1.0)


def _place(message: Odometry) -> VehicleState:
    """Return where a vehicle is, if that can be."""
    state = messages.odometry_from_message(message)
    if not is_usable(state):
        raise SensorError('odometry: expected finite numbers, found position '
                          f'{state.position.tolist()}, velocity {state.velocity.tolist()}, '
                          f'orientation {state.orientation.tolist()}, rates '
                          f'{state.angular_velocity.tolist()}')
    return state


def _distance(message: Range) -> float:
    """Return a distance [m], if one was measured."""
    distance = distance_from_message(message)
    if math.isnan(distance):
        raise SensorError('range: expected a distance, found nan, a measurement that failed')
    return distance


def _depth(message: Image) -> Float32Array:
    """Return a depth image [m], if enough of it was measured."""
    depth = depth_from_message(message)
    if not is_measured(depth):
        raise SensorError(f'depth image: expected {LEAST_SEEN:.0%} of the pixels measured at '
                          'least, found nan in more than the rest')
    return depth
