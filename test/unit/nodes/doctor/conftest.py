# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The evidence of a vehicle on which all is well, for tests to spoil."""

from collections.abc import Callable, Iterable
from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import (
    Arrival,
    Endpoint,
    Evidence,
    Images,
    NAMES,
    Picture,
    Readings,
    Role,
    Said,
    Topic,
    TYPES,
)
from liquid_control.runtime.bundle import Bundle
from liquid_control.sensing.camera import CameraView
import numpy as np
import pytest

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND
FRAMES: dict[Role, str] = {
    'imu': 'imu_link', 'image': 'camera_optical_frame', 'camera_info': 'camera_optical_frame',
    'odom': 'odom', 'flow': 'base_stabilized', 'policy': 'base_stabilized',
    'manual': 'base_stabilized', 'command': 'base_stabilized'}
USERS: dict[Role, tuple[tuple[str, ...], tuple[str, ...]]] = {     # publishers, subscribers
    'imu': (('/imu_driver',), ('/controller', '/guard')),
    'image': (('/camera',), ('/controller', '/guard')),
    'camera_info': (('/camera',), ('/controller',)), 'odom': (('/autopilot',), ()),
    'flow': ((), ()),
    'policy': (('/controller',), ('/guard',)), 'manual': ((), ('/guard',)),
    'command': (('/guard',), ('/autopilot',))}


def arrivals(rate: float, frame: str, seconds: float = 3.0, late: float = 0.01) -> list[Arrival]:
    """Return messages of a steady rate [Hz], which come a little after their stamps [s]."""
    stamps = (NOW + np.arange(0.0, seconds, 1.0 / rate) * SECOND).astype(np.int64).tolist()
    return [Arrival(stamp, frame, stamp + round(late * SECOND)) for stamp in stamps]


def scene(height: int = 24, width: int = 32) -> np.ndarray:
    """Return an image with a bright sky and darker ground."""
    rng = np.random.default_rng(4)
    sky = np.linspace(230.0, 60.0, height)[:, None, None]
    return np.clip(sky + rng.normal(0, 20, (height, width, 3)), 0, 255).astype(np.uint8)


def readings(force: Iterable[float] = (0.0, 0.0, 9.81), rate: Iterable[float] = (0.0, 0.0, 0.0),
             count: int = 600, frequency: float = 200.0) -> Readings:
    """Return samples about a mean, with the noise of a sensor."""
    rng = np.random.default_rng(5)
    return Readings(np.arange(count) / frequency,
                    np.array(list(force)) + rng.normal(0, 0.05, (count, 3)),
                    np.array(list(rate)) + rng.normal(0, 0.005, (count, 3)), NOW)


@pytest.fixture
def well(committed_bundle: Bundle) -> Evidence:
    """Return the evidence of a vehicle that is engaged and flies."""
    topics: dict[Role, Topic] = {}
    for role, name in NAMES.items():
        publishers, subscribers = (tuple(Endpoint(
            node, TYPES[role][0], 'best_effort' if role in ('imu', 'image') else 'reliable')
            for node in users) for users in USERS[role])
        topics[role] = Topic(f'/{name}', publishers, subscribers, arrivals(
            200.0 if role == 'imu' else 30.0, FRAMES[role]) if publishers else [])
    shared = {'use_sim_time': False, 'policy': 'forest_liquid', 'frame_prefix': '',
              'velocity_scale': 1.0, 'camera_deadline': 0.3, 'imu_deadline': 0.3}
    times = [arrival.stamp_ns for arrival in topics['image'].arrivals]
    return Evidence(
        '', 3.0, topics,
        {'/controller': shared | {'shadow': False, 'horizontal_fov_deg': 0.0},
         '/guard': dict(shared), '/imu_driver': {'use_sim_time': False}, '/camera': {},
         '/autopilot': {'use_sim_time': False}},
        imu=readings(), camera=CameraView(32, 24, np.pi / 2),
        images=Images({('rgb8', 32, 24)}, '', '', 2304, [Picture(time, scene()) for time in times],
                      [Picture(time, scene()) for time in times[::8]]),
        diagnostics={'/controller: control loop': Said(0, 'ok', {'engaged': 'True'}),
                     '/guard: safety': Said(0, 'ok', {'engaged': 'True'})},
        engaged=True, policy=committed_bundle, policy_name='forest_liquid')


@pytest.fixture
def faults() -> Callable[[Evidence], list[str]]:
    """Return a function that lists all faults of some evidence, by all checks."""
    def examined(evidence: Evidence) -> list[str]:
        return [finding.text for finding in examine(evidence) if finding.wrong]
    return examined


@pytest.fixture
def notes() -> Callable[[Evidence], list[str]]:
    """Return a function that lists what is worth knowing and no fault."""
    def examined(evidence: Evidence) -> list[str]:
        return [finding.text for finding in examine(evidence) if not finding.wrong]
    return examined


@pytest.fixture
def make() -> Any:
    """Return this file's functions: arrivals, readings, scene."""
    class Make:
        """What evidence is made of."""

    made = Make()
    made.__dict__.update(arrivals=arrivals, readings=readings, scene=scene, NOW=NOW)
    return made
