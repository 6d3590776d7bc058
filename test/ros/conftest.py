# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Real processes over real DDS, each test in a domain of its own."""

from collections.abc import Callable, Iterator
import itertools
import os
from pathlib import Path
import subprocess
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.runtime.bundle import Bundle
from liquid_control.signals import ImuSample
import numpy as np
import pytest
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image, Imu
from std_srvs.srv import SetBool, Trigger
import yaml

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
LIMIT = 60.0        # [s] of patience with a busy machine; nothing here is that slow
_numbers = itertools.count()


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
        if service not in self._clients:
            self._clients[service] = self.node.create_client(kind, service)
        client = self._clients[service]
        self.until(client.service_is_ready, f'service {service}')
        for _ in range(5 if kind in (SetBool, Trigger) else 1):
            future = client.call_async(request)
            end = time.monotonic() + (3.0 if kind in (SetBool, Trigger) else LIMIT)
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


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> int:
    """Give the test a ROS domain of its own, on this machine only."""
    number = 1 + (os.getpid() * 11 + next(_numbers)) % 100
    monkeypatch.setenv('ROS_DOMAIN_ID', str(number))
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    monkeypatch.delenv('ROS_LOCALHOST_ONLY', raising=False)
    return number


@pytest.fixture
def probe(domain: int) -> Iterator[Probe]:
    """Return a node of the test in its domain."""
    node = Probe(domain)
    yield node
    node.close()


@pytest.fixture
def graph(domain: int) -> Iterator[Graph]:
    """Return what starts nodes; they end with the test."""
    nodes = Graph()
    yield nodes
    nodes.stop()


@pytest.fixture
def policy(tiny_bundle: Bundle) -> str:
    """Return the folder of an untrained policy, whose commands are small and not zero."""
    return str(tiny_bundle.folder)


def run_node(node: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a node that is expected to refuse to start."""
    return subprocess.run([sys.executable, '-m', f'liquid_control.nodes.{node}', '--ros-args',
                           *words], capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.fixture
def refused(domain: int) -> Callable[..., str]:
    """Return a function that runs a node, and gives the error that it ends with."""
    def check(node: str, *words: str) -> str:
        result = run_node(node, *words)
        assert result.returncode == 2, result.stderr
        assert 'Traceback' not in result.stderr
        return result.stderr
    return check


@pytest.fixture
def quick_world(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a world whose flight is over soon."""
    def write(**success: float) -> str:
        world = yaml.safe_load(
            (Path(__file__).parents[2] / 'sim_worlds' / 'empty.yaml').read_text())
        world['success'].update(success)
        path = tmp_path / 'quick.yaml'
        path.write_text(yaml.safe_dump(world))
        return str(path)
    return write


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
        stamp = time.time_ns() + self.offset_ns
        if imu:
            self._imu.publish(messages.imu_to_message(
                ImuSample(stamp, self.force, np.zeros(3))))
        if camera:
            self._info.publish(messages.camera_info(32, 24, self.fov, stamp))
            self.message.header.stamp = messages.to_time(stamp)
            self._image.publish(self.message)
        if command is not None:
            self._policy.publish(messages.twist_stamped(command, AXES, stamp))


@pytest.fixture
def driver(probe: Probe) -> Driver:
    """Return what plays the drivers of a vehicle."""
    return Driver(probe)
