# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control drive`: the nodes that fly a drone, for a robot with two axes."""

from collections.abc import Callable
import json
from pathlib import Path
import subprocess
import sys

from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest
import yaml

ROVER = (('vx', 1.0, 2.0, 2.0), ('yaw_rate', 1.5, 6.0, 6.0))
WORLDS = Path(__file__).parents[2] / 'sim_worlds'


@pytest.fixture
def rover_policy(tmp_path: Path, bundle_writer: Callable[..., Path]) -> Path:
    """Return a policy of a ground robot that has learnt nothing, and moves."""
    return bundle_writer(tmp_path / 'tiny_rover', axes=ROVER, stir=0.5)


def test_a_drive_over_ros_is_the_drive_in_process(domain: int, tmp_path: Path,
                                                  rover_policy: Path) -> None:
    values = yaml.safe_load((WORLDS / 'yard.yaml').read_text('utf-8'))
    values['success']['time_limit'] = 2.0
    world = tmp_path / 'quick.yaml'
    world.write_text(yaml.safe_dump(values))
    result = subprocess.run(
        [sys.executable, '-m', 'liquid_control', 'drive', '--world', str(world), '--policy',
         str(rover_policy), '--seed', '500000', '--wind', 'W1', '--lockstep', '--out',
         str(tmp_path), '--json', '-'], capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 1, result.stderr
    assert (tmp_path / 'flight.png').read_bytes().startswith(b'\x89PNG')
    record = json.loads((tmp_path / 'flight.json').read_text())
    assert (record['outcome'], record['world']) == ('timeout', 'yard')
    controller = Controller(Bundle.load(rover_policy))
    controller.engage(True)
    simulation = Simulation(load_world(str(world)), load_wind('W1'), 500_000)
    try:
        flight = run_episode(simulation, controller)
    finally:
        simulation.close()
    samples = min(len(flight.t), len(record['samples']['t']))
    assert samples > 40 and np.ptp(flight.position[:, :2], axis=0).max() > 0.02
    np.testing.assert_allclose(record['samples']['position'][:samples],
                               flight.position[:samples], atol=1e-9)
    np.testing.assert_allclose(record['samples']['command'][:samples],
                               flight.command[:samples], atol=1e-9)
