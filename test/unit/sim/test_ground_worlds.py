# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Worlds on the ground: what ends a drive and what does not, whatever rolls there."""

from collections.abc import Callable
from dataclasses import replace

from liquid_control.errors import ConfigError, SimulationError
from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle import ROVER
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest

KINDS = ('rover', 'racecar')
Simulate = Callable[..., Simulation]


def small(name: str, kind: str, **success: float) -> WorldConfig:
    """Return a world with a vehicle of that kind, whose images cost little."""
    world = load_world(name)
    return replace(world, camera=replace(world.camera, width=8, height=8),
                   vehicle=replace(world.vehicle, kind=kind),
                   success=replace(world.success, **success))


def drive(simulation: Simulation, speed: float, yaw_rate: float) -> None:
    """Drive blindly until it is over."""
    while simulation.outcome is None:
        simulation.command(np.array([speed, yaw_rate]))
        simulation.step()


@pytest.mark.parametrize('kind', KINDS)
def test_ground_is_no_collision_and_an_obstacle_is(simulate: Simulate, kind: str) -> None:
    at_rest = simulate(small('yard', kind, time_limit=1.0), 'W5', 500_000)
    drive(at_rest, 0.0, 0.0)
    assert at_rest.outcome is Outcome.TIMEOUT
    assert np.linalg.norm(at_rest.position[:2]) < 0.01
    world = small('yard', kind)
    walled = replace(world, obstacles=None, screens=None, fixed=load_fixed())
    simulation = simulate(replace(walled, start=replace(world.start, yaw_deg=(0.0, 0.0))), 'W0', 0)
    drive(simulation, 0.8, 0.0)
    assert simulation.outcome is Outcome.COLLISION
    # The face of the wall is at 1.95 m: hull 0.19 m ahead of a rover's axle; a racecar's bumper.
    ahead = 1.95 - simulation.position[0]
    assert ahead == pytest.approx({'rover': 0.19, 'racecar': 0.43}[kind], abs=0.05)


def load_fixed():
    """Return a wall across the way, as a file has it."""
    from liquid_control.sim.scenery.fixed import FixedConfig
    return FixedConfig(walls=((2.0, -2.0, 2.0, 2.0, 0.5),))


@pytest.mark.parametrize('kind', KINDS)
def test_who_leaves_the_lane_is_told_so_and_where(simulate: Simulate, kind: str) -> None:
    simulation = simulate(small('road', kind), 'W0', 500_000)
    drive(simulation, 0.6, 0.5)
    lane = simulation.scene.lane
    assert simulation.outcome is Outcome.OFF_LANE and lane is not None
    assert abs(lane.offset(simulation.position[:2])) == pytest.approx(lane.width / 2, abs=0.01)


@pytest.mark.parametrize(('name', 'kind'), [('yard', 'racecar'), ('road', 'rover')])
def test_the_expert_drives_the_other_vehicle_as_well(simulate: Simulate, name: str,
                                                     kind: str) -> None:
    for seed in (500_000, 500_001):
        simulation = simulate(small(name, kind), 'W2', seed)
        flight = run_episode(simulation, ExpertPilot(simulation))
        assert flight.outcome == 'reached'
        # Two axes are commanded, within their limits; a record has those of a drone.
        vx, vy, vz, yaw_rate = flight.command.T
        assert not vy.any() and not vz.any()
        assert 0 < np.abs(vx).max() <= ROVER.axes[0].limit + 1e-9
        assert 0 < np.abs(yaw_rate).max() <= ROVER.axes[1].limit + 1e-9


def test_the_expert_keeps_to_the_middle_of_its_lane(simulate: Simulate) -> None:
    simulation = simulate(small('road', 'racecar'), 'W2', 500_002)
    flight = run_episode(simulation, ExpertPilot(simulation))
    lane = simulation.scene.lane
    assert lane is not None
    assert max(abs(lane.offset(place[:2])) for place in flight.position) < 0.2
    assert flight.path_length == pytest.approx(lane.length, rel=0.05)


def test_a_lane_is_painted_where_it_is(simulate: Simulate) -> None:
    """Two bright lines on dark ground, left and right of the middle, as the camera sees them."""
    world = load_world('road')
    camera = replace(world.camera, noise_std=0.0, stale=0.0)
    simulation = simulate(replace(world, camera=camera, obstacles=None), 'W0', 500_000)
    image = simulation.sense().frame.image.astype(int)
    lane = simulation.scene.lane
    assert lane is not None
    row, height = 28, camera.mount[2] + simulation.position[2]
    focal, pitch = 32.0, np.deg2rad(camera.pitch_deg)
    # A row below the middle looks down so steeply, and meets the ground so far ahead.
    down = pitch + np.arctan((row + 0.5 - 24) / focal)
    ahead = height / np.tan(down)
    depth = ahead * np.cos(pitch) + height * np.sin(pitch)
    column = focal * lane.width / 2 / depth
    bright = np.flatnonzero(image[row].min(axis=1) > 110)
    for side in (-1, 1):
        assert np.abs(bright - (31.5 + side * column)).min() < 1.5
    between = image[row, round(32 - 0.85 * column):round(32 + 0.85 * column)]
    assert 10 < column < 31 and between.max() < 110


def test_a_command_has_two_axes(simulate: Simulate) -> None:
    simulation = simulate(small('yard', 'rover'), 'W0', 0)
    with pytest.raises(SimulationError, match='expected 2 finite numbers'):
        simulation.command(np.zeros(4))


def test_it_stops_when_nobody_commands_it(simulate: Simulate) -> None:
    simulation = simulate(small('yard', 'rover', max_distance=50.0), 'W0', 3)
    simulation.command(np.array([0.5, 0.0]))
    for _ in range(240):
        simulation.step()
    assert np.linalg.norm(simulation.velocity) < 1e-3
    gone = np.linalg.norm(simulation.position[:2])
    assert 0.3 * 0.5 * 0.75 < gone < (0.3 + 0.1) * 0.5     # as long as a command is held


@pytest.mark.parametrize(('changes', 'text'), [
    ({'vehicle': load_world('forest').vehicle}, 'lane: expected a vehicle on wheels'),
    ({'screens': load_world('yard').screens}, 'lane: expected neither corridor nor screens'),
    ({'target': load_world('yard').target}, 'expected one of them, found target and lane'),
    ({'obstacles': replace(load_world('road').obstacles, sight_clearance=0.3)},
     'sight_clearance: expected at least half the lane and a line, 0.71 m, found 0.3')])
def test_a_road_that_cannot_be_is_refused(changes: dict, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        replace(load_world('road'), **changes)
