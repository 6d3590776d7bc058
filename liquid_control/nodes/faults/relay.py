# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The man in the middle: what a simulated world senses comes by here before the graph has it."""

from typing import TYPE_CHECKING

from liquid_control.nodes import messages, qos
from liquid_control.nodes.faults.distortions import CLOCK, Distortion
from liquid_control.nodes.faults.kinds import CAMERA, IMU
from nav_msgs.msg import Odometry
from rclpy.qos import QoSProfile
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, Imu

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.publisher import Publisher

TOPICS: tuple[tuple[str, type, QoSProfile], ...] = (
    (CLOCK, Clock, qos.CLOCK), (IMU, Imu, qos.IMU), ('camera/camera_info', CameraInfo, qos.SENSOR),
    (CAMERA, Image, qos.CAMERA), ('odom', Odometry, qos.SENSOR))


def source(topic: str) -> str:
    """Return the name under which the world publishes what the graph knows as a topic."""
    return '/source' + topic if topic.startswith('/') else 'source/' + topic


REMAPS = {topic: source(topic) for topic, _, _ in TOPICS}      # of the world


class Relay:
    """Passes serialized messages on, as they are or distorted."""

    def __init__(self, node: 'Node') -> None:
        """
        Make the publishers; nothing is passed on before `connect`.

        :param node: that it belongs to.
        """
        self._node = node
        self._publishers: dict[str, Publisher] = {
            topic: node.create_publisher(kind, topic, profile) for topic, kind, profile in TOPICS}
        self.distortion: Distortion | None = None
        self.newest: dict[str, int] = {}       # last stamp that was passed on undistorted [ns]
        self.world_ns = 0                      # the world's own clock [ns]

    def listeners(self, topic: str) -> int:
        """Count who listens to a topic behind this relay."""
        return self._publishers[topic].get_subscription_count()

    def connect(self) -> None:
        """Begin to pass on; a world that waits for a listener begins to fly."""
        for topic, kind, profile in TOPICS:
            self._node.create_subscription(
                kind, source(topic), lambda data, topic=topic: self._pass_on(topic, data),
                profile, raw=True)

    def _pass_on(self, topic: str, data: bytes) -> None:
        stamp = messages.raw_stamp_ns(data)
        if topic == CLOCK:
            self.world_ns = stamp
        publisher = self._publishers[topic]
        if self.distortion is None:
            self.newest[topic] = stamp
            publisher.publish(data)
            return
        for distorted in self.distortion(topic, data):
            publisher.publish(distorted)
