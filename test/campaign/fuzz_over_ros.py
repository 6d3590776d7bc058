# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Random bytes over DDS, on every topic that a real controller and a real guard listen to."""

import os
import random
import time
from typing import Any

from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph
from liquid_control.runtime.bundle import find, read_specification
from liquid_control.signals import ImuSample, VehicleState
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.serialization import serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, Imu, Range
from std_msgs.msg import Bool

PATIENCE = 90.0         # for the nodes to come and go [s]
LONGEST = 400           # bytes of nothing but noise
# Types of one size alone: the publisher's own middleware refuses what is longer.
FIXED = {'guard/engaged': 5, '/clock': 12}
BURST = 20              # messages between two good ones of each sensor
# What makes the guard listen to as much as it can.
GUARD = {'fence': 'cylinder', 'fence_radius': 50.0, 'proximity': 'forward',
         'neighbours': 'other'}
TOPICS: dict[str, tuple[type, Any]] = {
    'imu/data': (Imu, qos.IMU), 'camera/image_raw': (Image, qos.CAMERA),
    'camera/camera_info': (CameraInfo, qos.SENSOR), 'odom': (Odometry, qos.SENSOR),
    '/other/odom': (Odometry, qos.SENSOR), 'range': (Range, qos.SENSOR),
    'cmd_vel_policy': (TwistStamped, qos.COMMAND), 'cmd_vel_manual': (TwistStamped, qos.COMMAND),
    'guard/engaged': (Bool, qos.STATUS), '/clock': (Clock, qos.CLOCK)}


class Noise:
    """Sends good messages, and between them what is none."""

    def __init__(self, policy: str, seed: int, domain: int, sim_time: bool) -> None:
        """
        Start controller and guard.

        :param policy: that the controller flies.
        :param seed: of the bytes.
        :param domain: ROS domain of this run alone.
        :param sim_time: whether their clock is one of the topics.
        """
        self.limits = np.array([axis.limit for axis in read_specification(
            find(policy)).command_spec.axes])
        self._names = read_specification(find(policy)).command_spec.names
        self._draw = random.Random(seed)
        self._context = Context()
        self._context.init(args=[], domain_id=domain)
        self._node = Node('noise', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._publishers = {topic: self._node.create_publisher(kind, topic, profile)
                            for topic, (kind, profile) in TOPICS.items()}
        self.commands: list[np.ndarray] = []
        self._node.create_subscription(TwistStamped, 'cmd_vel', self._on_command,
                                       qos.RECORD_COMMAND)
        self._good = self._good_messages()
        os.environ.update(environment(), ROS_DOMAIN_ID=str(domain))
        self._graph = Graph(log_level='fatal', patience=PATIENCE)
        common = {'policy': policy, 'sim': True, 'auto_engage': True, 'use_sim_time': sim_time}
        self._graph.start('controller', common)
        self._graph.start('guard', {**common, **GUARD})

    def _on_command(self, message: TwistStamped) -> None:
        self.commands.append(messages.command_values(message.twist, self._names))

    def _good_messages(self) -> dict[str, Any]:
        """Return one message of each kind as a driver would send it."""
        state = VehicleState(0, np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3),
                             np.zeros(3))
        far = VehicleState(0, np.full(3, 40.0), state.orientation, np.zeros(3), np.zeros(3))
        command = messages.twist_stamped([0.5, 0.0, 0.0, 0.0], self._names, 0)
        return {'imu/data': messages.imu_to_message(
                    ImuSample(0, np.array([0.0, 0.0, 9.81]), np.zeros(3))),
                'camera/image_raw': messages.image_to_message(
                    np.full((24, 32, 3), 90, np.uint8), 0),
                'camera/camera_info': messages.camera_info(32, 24, np.pi / 2, 0),
                'odom': messages.odometry_to_message(state),
                '/other/odom': messages.odometry_to_message(far),
                'range': Range(min_range=0.1, max_range=10.0, range=8.0),
                'cmd_vel_policy': command, 'cmd_vel_manual': command,
                'guard/engaged': Bool(data=True), '/clock': Clock()}

    def bytes_of(self, topic: str) -> bytes:
        """
        Draw bytes for a topic.

        A time below zero on /clock ends every node of rclpy that runs on simulated time: its own
        callback raises. No vehicle does, so such times are left out here, in either byte order.
        """
        data = bytearray(self._noise(topic))
        if topic == '/clock':
            for place in (4, 7):
                data[place:place + 1] = bytes(byte & 0x7f for byte in data[place:place + 1])
        return bytes(data)

    def _noise(self, topic: str) -> bytes:
        """Draw bytes, one at least: noise, or a good message changed, cut off or prolonged."""
        draw = self._draw
        if draw.random() < 0.25:
            return draw.randbytes(draw.randrange(1, LONGEST))[:FIXED.get(topic)]
        message = self._good[topic]
        if hasattr(message, 'header'):
            message.header.stamp = messages.to_time(time.time_ns())
        data = bytearray(serialize_message(message))
        for _ in range(draw.choice((0, 1, 1, 4, 30))):
            place = draw.randrange(len(data))
            data[place:place + 4] = draw.choice((
                draw.randbytes(4), b'\xff\xff\xff\xff', b'\0\0\0\0', b'\0\0\xc0\x7f'))
        length = draw.choice((len(data), len(data), draw.randrange(1, len(data) + 1)))
        return (bytes(data[:length]) + draw.randbytes(draw.choice((0, 0, 3))))[:FIXED.get(topic)]

    def send_good(self) -> None:
        """Send what a vehicle's sensors would."""
        stamp = time.time_ns()
        self._publishers['/clock'].publish(Clock(clock=messages.to_time(stamp)))
        for topic in ('imu/data', 'camera/camera_info', 'camera/image_raw', 'odom',
                      '/other/odom', 'range'):
            message = self._good[topic]
            message.header.stamp = messages.to_time(stamp)
            self._publishers[topic].publish(message)

    def ended(self) -> dict[str, int]:
        """Return the nodes that have ended."""
        return self._graph.ended()

    def wait(self) -> None:
        """Wait until both listen and the guard commands."""
        end = time.monotonic() + PATIENCE
        while not (len(self.commands) > 5
                   and self._publishers['imu/data'].get_subscription_count() >= 2):
            assert not self.ended(), self.ended()
            assert time.monotonic() < end, 'controller and guard did not come'
            self._executor.spin_once(timeout_sec=0.05)

    def send(self, count: int) -> dict[str, int]:
        """
        Send bad messages; good ones between.

        :param count: of bad messages.
        :returns: how many went to each topic.
        """
        sent = dict.fromkeys(TOPICS, 0)
        for number in range(count):
            if number % BURST == 0:
                self.send_good()
                self._executor.spin_once(timeout_sec=0.0)
                if self.ended():
                    break
            topic = self._draw.choice(tuple(TOPICS))
            self._publishers[topic].publish(self.bytes_of(topic))
            sent[topic] += 1
            self._executor.spin_once(timeout_sec=0.001)
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)
        return sent

    def close(self) -> dict[str, int]:
        """End everything; return exit codes."""
        early = self.ended()
        self._graph.stop()
        self._executor.shutdown()
        self._node.destroy_node()
        self._context.shutdown()
        return {node: code for node, code in (self._graph.ended() | early).items() if code != 0}


def fuzz(policy: str, count: int, seed: int) -> tuple[dict[str, object], bool]:
    """
    Send so many bad messages to a controller and a guard, half of them on a clock of messages.

    :param policy: folder or name of the bundle.
    :param count: of bad messages.
    :param seed: of the bytes.
    :returns: figures, and whether both held.
    """
    runs, well = [], True
    for part, sim_time in enumerate((False, True)):
        share = (count + 1 - part) // 2
        noise = Noise(policy, seed + part, 1 + (os.getpid() + part) % 100, sim_time)
        try:
            noise.wait()
            sent = noise.send(share)
            early = noise.ended()
        finally:
            bad_ends = noise.close()
        commands = np.array(noise.commands)
        finite = bool(np.isfinite(commands).all())
        within = bool((np.abs(commands) <= noise.limits + 1e-9).all())
        total = sum(sent.values())
        runs.append({'sim_time': sim_time, 'seed': seed + part, 'messages': total,
                     'by_topic': sent, 'commands': len(commands),
                     'moving': int(np.any(commands != 0.0, axis=1).sum()), 'finite': finite,
                     'within_limits': within, 'ended_early': early, 'bad_ends': bad_ends})
        well &= finite and within and not early and not bad_ends and total == share
    return {'runs': runs}, well
