# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The doctor's command beside real nodes, and beside drivers that the test plays badly."""

from collections.abc import Callable
import json
from pathlib import Path
import subprocess
import sys
import time
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph
from liquid_control.signals import ImuSample
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import CameraInfo, Image, Imu

LIMIT = 90.0        # [s] of patience with a busy machine

Visit = Callable[..., tuple[int, str, dict[str, Any]]]


class Drivers:
    """Plays a camera, an IMU and a vehicle, on which all is well until a test spoils it."""

    def __init__(self, probe: Any, space: str = '', info: str = 'camera/camera_info') -> None:
        self._probe = probe
        node = probe.node
        self._imu = node.create_publisher(Imu, space + 'imu/data', qos.IMU)
        self._image = node.create_publisher(Image, space + 'camera/image_raw', qos.CAMERA)
        self._info = node.create_publisher(CameraInfo, space + info, qos.SENSOR)
        self._rng = np.random.default_rng(1)
        sky = np.linspace(220, 50, 24)[:, None, None]
        self.image = messages.image_to_message(
            (sky + self._rng.uniform(0, 20, (24, 32, 3))).astype(np.uint8), 0)
        self.force = np.array([0.0, 0.0, 9.81])
        self.imu_frame = 'imu_link'
        self.camera_offset_ns = 0

    def send(self) -> None:
        """Send a frame, and three samples of the time before it; then wait for the next."""
        now = time.time_ns()
        for late in (22, 11, 0):
            message = messages.imu_to_message(ImuSample(
                now - late * 1_000_000, self.force + self._rng.normal(0, 0.05, 3),
                self._rng.normal(0, 0.01, 3)))
            message.header.frame_id = self.imu_frame
            self._imu.publish(message)
        stamp = now + self.camera_offset_ns
        self._info.publish(messages.camera_info(32, 24, np.pi / 2, stamp))
        self.image.header.stamp = messages.to_time(stamp)
        self._image.publish(self.image)
        self._probe.spin(1 / 30)


@pytest.fixture
def visit(domain: int, tmp_path: Path) -> Visit:
    """Return a function that runs the command while the test goes on sending."""
    def run(send: Callable[[], object], *words: str) -> tuple[int, str, dict[str, Any]]:
        path = tmp_path / 'found.json'
        doctor = subprocess.Popen(
            [sys.executable, '-m', 'liquid_control', 'doctor', '--json', str(path), *words],
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            end = time.monotonic() + LIMIT
            while doctor.poll() is None:
                assert time.monotonic() < end, 'the doctor does not end'
                send()
        finally:
            doctor.kill()
            text, _ = doctor.communicate()
        assert 'Traceback' not in text
        found = json.loads(path.read_text()) if path.is_file() else {}
        return doctor.returncode, text, found
    return run


def faults(found: dict[str, Any]) -> list[str]:
    """List the faults that the command wrote, but for gaps: this machine may be busy."""
    return [entry['text'] for entry in found['findings']
            if entry['wrong'] and entry['check'] != 'rates']


def wait() -> None:
    """Send nothing."""
    time.sleep(0.05)


def has(texts: list[str], *parts: str) -> bool:
    """Whether one sentence says all of this."""
    return any(all(part in text for part in parts) for text in texts)


def test_a_simulated_vehicle_is_well_and_a_spoilt_one_is_not(
        graph: Graph, probe: Any, visit: Visit, policy: str,
        quick_world: Callable[..., str]) -> None:
    """World, controller and guard as they are; then two clocks, two scales and a rival."""
    probe.node.destroy_subscription(probe.cmd_vel)      # one type a topic
    patient = {'policy': policy, 'camera_deadline': 5.0, 'imu_deadline': 5.0}
    timed = patient | {'use_sim_time': True}
    graph.start('world', {'world': quick_world(time_limit=3000.0), 'seed': 500000})
    graph.start('controller', timed)
    graph.start('guard', timed)
    flown = probe.listen(Odometry, 'odom')
    probe.until(lambda: len(flown) > 30, 'a simulation that has compiled itself and goes')
    probe.until(lambda: probe.said('guard') == 'not_engaged'
                and probe.said('controller') == 'not_engaged', 'nodes that want nothing')
    code, text, found = visit(lambda: probe.spin(0.05))
    assert code == 0 and faults(found) == [], text
    assert text.rstrip().endswith('nothing is wrong') and 'ros2 service call /guard/engage' in text
    assert found['topics']['/imu/data']['rate_hz'] > 50.0
    assert found['topics']['/cmd_vel']['publishers'] == ['/guard']
    graph.processes['guard'].kill()
    graph.processes['guard'].wait()
    graph.start('guard', patient | {'velocity_scale': 0.5})
    probe.node.create_publisher(Twist, 'cmd_vel', qos.COMMAND)
    probe.diagnostics.clear()
    probe.until(lambda: 'behind the clock' in probe.said('guard')
                or 'imu' in probe.said('guard'), 'another guard')
    code, text, found = visit(lambda: probe.spin(0.05))
    said = faults(found)
    assert code == 1 and has(said, 'velocity_scale is 1.0 in the controller and 0.5'), text
    assert has(said, 'use_sim_time is true in /controller, and false in'), text
    assert has(said, '/cmd_vel has 2 types', 'geometry_msgs/Twist (/probe)'), text
    assert has(said, '/cmd_vel has 2 publishers'), text
    assert has(said, 'not engaged'), text


def test_drivers_that_are_well(probe: Any, visit: Visit, policy: str) -> None:
    """Without any node of ours; the probe listens to cmd_vel as a vehicle would."""
    code, text, found = visit(Drivers(probe).send, '--policy', policy)
    assert faults(found) == [] and code == (found['wrong'] > 0), text
    assert 'the drivers alone were looked at' in text


def test_drivers_with_many_faults(graph: Graph, probe: Any, visit: Visit, policy: str) -> None:
    drivers = Drivers(probe, info='cam/camera_info')
    drivers.force, drivers.imu_frame = np.array([0.0, 0.0, -1.0]), 'imu_ned'
    drivers.image.encoding = 'yuv422'
    drivers.camera_offset_ns = 5_000_000_000
    probe.node.create_publisher(
        TwistStamped, 'cmd_vel_manual', QoSProfile(
            depth=1, reliability=ReliabilityPolicy.BEST_EFFORT))
    probe.node.create_subscription(
        TwistStamped, 'cmd_vel', lambda _: None, QoSProfile(
            depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    graph.start('guard', {'policy': policy})
    probe.until(lambda: probe.said('guard'), 'guard')
    code, text, found = visit(drivers.send, '--policy', policy)
    said = faults(found)
    assert code == 1
    assert has(said, 'guard runs and /controller does not'), text
    assert has(said, 'nobody publishes /camera/camera_info'), text
    assert 'camera/camera_info:=/cam/camera_info' in text
    assert has(said, 'units of g') and has(said, 'gravity is on -z'), text
    assert has(said, "/imu/data is in frame 'imu_ned'"), text
    assert has(said, "images are 'yuv422', which is not read here"), text
    assert has(said, 'stamps on /camera/image_raw', 'ahead of'), text
    assert has(said, '/cmd_vel_manual from /probe does not reach /guard', 'best effort'), text
    assert has(said, '/cmd_vel from /guard does not reach /probe', 'transient local'), text


def test_a_controller_in_shadow_mode_needs_no_guard(graph: Graph, probe: Any, visit: Visit,
                                                    policy: str) -> None:
    """In a namespace; the policy is the one that the controller names."""
    drivers = Drivers(probe, 'drone_1/')
    graph.namespace = 'drone_1'
    graph.start('controller', {'policy': policy, 'shadow': True})
    probe.until(lambda: probe.said('controller'), 'controller')
    code, text, found = visit(drivers.send, '--namespace', '/drone_1')
    assert faults(found) == [] and code == (found['wrong'] > 0), text
    assert 'the controller is in shadow mode' in text and found['policy'] == 'tiny'


def test_where_it_cannot_look(visit: Visit) -> None:
    code, text, _ = visit(wait)
    assert code == 2 and 'found no other node' in text and 'ROS_AUTOMATIC_DISCOVERY_RANGE' in text
    for words, part in ((['--policy', 'nothing'], 'nothing'), (['--namespace', '1x'], '1x'),
                        (['--seconds', '0'], '0.5 to 600')):
        code, text, _ = visit(wait, *words)
        assert code == 2 and part in text
