# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Frames of a vehicle as TF, published where tf2_msgs is installed (no wheel has it)."""

from importlib import import_module
from importlib.util import find_spec
import math
from typing import Any, TYPE_CHECKING

from geometry_msgs.msg import TransformStamped
from liquid_control.nodes import messages
from liquid_control.signals import FloatArray, heading, VehicleState
import numpy as np
from rclpy.qos import QoSProfile

if TYPE_CHECKING:
    from rclpy.node import Node


def transforms(state: VehicleState, prefix: str = '') -> list[TransformStamped]:
    """
    Return base_link and base_stabilized in odom.

    :param state: of the vehicle.
    :param prefix: of every frame's name.
    """
    half = 0.5 * heading(state.orientation)
    level = np.array([0.0, 0.0, math.sin(half), math.cos(half)])
    return [_transform(state, prefix, messages.BASE_FRAME, state.orientation),
            _transform(state, prefix, messages.COMMAND_FRAME, level)]


def _transform(state: VehicleState, prefix: str, child: str,
               orientation: FloatArray) -> TransformStamped:
    message = TransformStamped(child_frame_id=prefix + child)
    message.header.stamp = messages.to_time(state.stamp_ns)
    message.header.frame_id = prefix + messages.ODOM_FRAME
    place, turn = message.transform.translation, message.transform.rotation
    place.x, place.y, place.z = map(float, state.position)
    turn.x, turn.y, turn.z, turn.w = map(float, orientation)
    return message


class TransformPublisher:
    """Publishes /tf, or nothing where tf2_msgs is not installed."""

    def __init__(self, node: 'Node', prefix: str) -> None:
        """
        Look for tf2_msgs.

        :param node: that publishes.
        :param prefix: of every frame's name.
        """
        self._prefix = prefix
        self._publisher: Any = None
        if find_spec('tf2_msgs') is not None:
            self._kind = import_module('tf2_msgs.msg').TFMessage
            self._publisher = node.create_publisher(self._kind, '/tf', QoSProfile(depth=100))

    def publish(self, state: VehicleState) -> None:
        """Publish the frames of a state."""
        if self._publisher is not None:
            self._publisher.publish(self._kind(transforms=transforms(state, self._prefix)))
