# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What tests play on the graph: somebody who watches and calls, and a vehicle's drivers."""

from collections.abc import Callable
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.signals import ImuSample
import numpy as np
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image, Imu
from std_srvs.srv import SetBool, Trigger

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
# What may be asked twice: how often, and how long an answer is waited for [s].
TWICE = {SetBool: (5, 3.0), Trigger: (5, 3.0), SetParameters: (4, 15.0)}
LIMIT = 60.0        # [s] of patience with a busy machine; nothing here is that slow


class Probe:
    """A node of the test itself: listens, publishes, calls services."""

    def __init__(self, domain: int) -> None:
        self.context = Context()
        self.context.init(args=[], domain_id=domain)
        self.node = Node('probe', context=self.context)
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._clients: dict[str, Any] = {}
        self.commands: list[tuple[int, np.ndarray]] = []
        self.diagnostics: dict[str, tuple[str, dict[str, str]]] = {}
        self.cmd_vel = self.node.create_subscription(
            TwistStamped, 'cmd_vel', self._on_command, qos.RECORD_COMMAND)
        self.node.create_subscription(
            DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_COMMAND)

    def _on_command(self, message: TwistStamped) -> None:
        self.commands.append((messages.stamp_ns(message.header.stamp),
                              messages.command_values(message.twist, AXES)))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.diagnostics[status.name] = (
                status.message, {pair.key: pair.value for pair in status.values})

    def listen(self, kind: type, topic: str, profile: Any = qos.RECORD_SENSOR) -> list[Any]:
        """Return a list that the messages of a topic are appended to."""
        received: list[Any] = []
        self.node.create_subscription(kind, topic, received.append, profile)
        return received

    def spin(self, seconds: float) -> None:
        """Handle messages for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)

    def until(self, condition: Callable[[], Any], what: str, limit: float = LIMIT) -> None:
        """Handle messages until a condition holds."""
        end = time.monotonic() + limit
        while not condition():
            assert time.monotonic() < end, f'{what}: not within {limit} s; {self.diagnostics}'
            self._executor.spin_once(timeout_sec=0.02)

    def call(self, kind: type, service: str, request: Any) -> Any:
        """
        Call a service.

        A server drops an answer if it does not know the client yet, which on a busy machine is
        so for a moment; so clients are kept, and what may be asked twice is.
        """
        fresh = service not in self._clients
        if fresh:
            self._clients[service] = self.node.create_client(kind, service)
        client = self._clients[service]
        self.until(client.service_is_ready, f'service {service}')
        if fresh and kind not in TWICE:
            self.spin(1.0)      # until the server knows the client, too
        times, patience = TWICE.get(kind, (1, LIMIT))
        for _ in range(times):
            future = client.call_async(request)
            end = time.monotonic() + patience
            while not future.done() and time.monotonic() < end:
                self._executor.spin_once(timeout_sec=0.02)
            if future.done():
                return future.result()
        raise AssertionError(f'{service} did not answer; {self.diagnostics}')

    def engage(self, on: bool = True, guard: str = 'guard') -> Any:
        """Call the guard's engage service."""
        return self.call(SetBool, f'{guard}/engage', SetBool.Request(data=on))

    def moving(self) -> bool:
        """Whether the newest command is not zero."""
        return bool(self.commands) and bool(np.any(self.commands[-1][1] != 0.0))

    def said(self, node: str) -> str:
        """Return the newest diagnostic text of a node."""
        for name, (text, _values) in self.diagnostics.items():
            if f'/{node}:' in name:
                return text
        return ''

    def counted(self, node: str) -> dict[str, str]:
        """Return the newest diagnostic values of a node."""
        for name, (_text, values) in self.diagnostics.items():
            if f'/{node}:' in name:
                return values
        return {}

    def close(self) -> None:
        """Leave the domain."""
        self._executor.shutdown()
        self.node.destroy_node()
        self.context.shutdown()


class Driver:
    """Plays a vehicle's drivers, and the controller if asked: stamps are of the system clock."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        node = probe.node
        self._imu = node.create_publisher(Imu, 'imu/data', qos.IMU)
        self._image = node.create_publisher(Image, 'camera/image_raw', qos.CAMERA)
        self._info = node.create_publisher(CameraInfo, 'camera/camera_info', qos.SENSOR)
        self._policy = node.create_publisher(TwistStamped, 'cmd_vel_policy', qos.COMMAND)
        self.fov = np.pi / 2        # [rad]
        self.force = np.array([0.0, 0.0, 9.81])
        self.message = messages.image_to_message(
            np.random.default_rng(1).integers(0, 255, (24, 32, 3), dtype=np.uint8), 0)
        self.offset_ns = 0          # of the stamps
        self.time: Callable[[], int] = time.time_ns
        self._clock = node.create_publisher(Clock, '/clock', qos.CLOCK)
        self.clock: Callable[[], int] | None = None     # published before everything else

    def publish_images(self, kind: type, topic: str, message: Any) -> None:
        """Send another message for the image from now on."""
        self._image = self._probe.node.create_publisher(kind, topic, qos.CAMERA)
        self.message = message

    def run(self, seconds: float, command: list[float] | None = None, *, camera: bool = True,
            imu: bool = True) -> None:
        """Send at 30 Hz for a while, handling what comes back."""
        self.until(None, '', command, camera=camera, imu=imu, limit=seconds)

    def until(self, condition: Callable[[], Any] | None, what: str,
              command: list[float] | None = None, *, camera: bool = True, imu: bool = True,
              limit: float = LIMIT) -> None:
        """Send at 30 Hz until a condition holds."""
        end = time.monotonic() + limit
        while condition is None or not condition():
            if time.monotonic() > end:
                assert condition is None, f'{what}: not in time; {self._probe.diagnostics}'
                return
            self.send(command, camera=camera, imu=imu)
            self._probe.spin(1 / 30)

    def send(self, command: list[float] | None, *, camera: bool, imu: bool) -> None:
        """Send one of each."""
        stamp = self.time() + self.offset_ns
        if self.clock is not None:
            self._clock.publish(Clock(clock=messages.to_time(self.clock())))
        if imu:
            self._imu.publish(messages.imu_to_message(
                ImuSample(stamp, self.force, np.zeros(3))))
        if camera:
            self._info.publish(messages.camera_info(32, 24, self.fov, stamp))
            self.message.header.stamp = messages.to_time(stamp)
            self._image.publish(self.message)
        if command is not None:
            self.command(command, stamp)

    def command(self, values: list[float], stamp: int) -> None:
        """Send a command of the controller with any stamp."""
        self._policy.publish(messages.twist_stamped(values, AXES, stamp))
