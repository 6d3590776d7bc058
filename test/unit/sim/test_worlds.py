# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every world: the expert solves it, it repeats itself, and a flight leaves nothing behind."""

from collections.abc import Callable
from dataclasses import replace
import hashlib

from liquid_control.flight import Flight
from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest

WORLDS = ('gates', 'corridor', 'moving_target', 'circuit', 'search', 'yard', 'road')
Simulate = Callable[..., Simulation]


def small(name: str, time_limit: float | None = None) -> WorldConfig:
    """Return a world whose images cost little."""
    world = load_world(name)
    limit = world.success.time_limit if time_limit is None else time_limit
    return replace(world, camera=replace(world.camera, width=16, height=12),
                   success=replace(world.success, time_limit=limit))


def flown(simulation: Simulation) -> Flight:
    """Fly the expert."""
    return run_episode(simulation, ExpertPilot(simulation), keep_frames=1000)


def digest(flight: Flight) -> str:
    """Hash what was flown and seen."""
    values = (flight.position, flight.velocity, flight.command, flight.frames, flight.boxes,
              flight.pillars, flight.goals, flight.aim, flight.done, flight.distance)
    return hashlib.sha256(b''.join(value.tobytes() for value in values)).hexdigest()


@pytest.mark.parametrize('name', WORLDS)
def test_the_expert_does_all_that_is_to_be_done(simulate: Simulate, name: str) -> None:
    for seed in (500_000, 500_001, 500_002):       # validation
        simulation = simulate(small(name), 'W2', seed)
        flight = flown(simulation)
        assert flight.outcome == 'reached' and simulation.mission.complete
        assert flight.done[-1] == len(flight.goals) - 1     # the last sample is short of the end
        assert np.all(np.diff(flight.done) >= 0)
        np.testing.assert_allclose(
            flight.distance, np.linalg.norm(flight.aim - flight.position, axis=1))
        assert simulation.distance_to_go < 1.0 < flight.to_go[0]


@pytest.mark.parametrize('name', WORLDS)
def test_twice_from_a_seed_and_after_another_flight(simulate: Simulate, name: str) -> None:
    world = small(name, time_limit=4.0)
    alone = digest(flown(simulate(world, 'W3', 500_005)))
    other = digest(flown(simulate(world, 'W3', 500_006)))
    again = digest(flown(simulate(world, 'W3', 500_005)))
    assert alone == again != other


def test_in_circuit_the_next_ball_appears_when_one_is_reached(simulate: Simulate) -> None:
    simulation = simulate(small('circuit'), 'W0', 500_000)
    flight = flown(simulation)
    assert len(flight.goals) == 3
    for number, goal in enumerate(simulation.scene.goals):
        np.testing.assert_array_equal(flight.aim[flight.done == number], np.tile(
            goal.centre, (int((flight.done == number).sum()), 1)))
    switch = int(np.argmax(flight.done == 1))
    assert flight.distance[switch - 1] < 0.9 and flight.distance[switch] > 4.0
    assert abs(flight.to_go[switch] - flight.to_go[switch - 1]) < 1.6      # by way of the goals


def test_gates_are_passed_inside_their_openings(simulate: Simulate) -> None:
    simulation = simulate(small('gates'), 'W2', 500_003)
    flight = flown(simulation)
    assert flight.outcome == 'reached'
    for gate in simulation.scene.goals:
        assert isinstance(gate, Gate)
        local = np.array([gate.local(point) for point in flight.position])
        nearest = local[np.argmin(np.abs(local[:, 0]) + 10 * (np.abs(local[:, 1]) > 2))]
        assert np.abs(nearest[1:]).max() < gate.opening / 2


def test_a_moving_target_moves_and_is_what_the_camera_shows(simulate: Simulate) -> None:
    simulation = simulate(load_world('moving_target'), 'W0', 500_002)
    flight = flown(simulation)
    assert np.linalg.norm(flight.aim[0] - flight.aim[-1]) > 0.3
    np.testing.assert_array_equal(flight.target, simulation.target)
    last = flight.frames[-1].astype(int)
    rows, columns = np.nonzero(last[..., 0] > 1.8 * last[..., 1:].max(2))
    away = flight.aim[-1] - flight.position[-1]
    bearing = np.arctan2(away[1], away[0]) - flight.yaw[-1]
    assert columns.mean() == pytest.approx(31.5 - 32 * np.tan(bearing), abs=4.0)


def test_a_wall_is_a_collision(simulate: Simulate) -> None:
    simulation = simulate(small('corridor'), 'W0', 500_000)
    while simulation.outcome is None:
        simulation.command(np.array([0.0, 1.0, 0.0, 0.0]))
        simulation.step()
    assert simulation.outcome.value == 'collision'
    nearest = min(box.distance(simulation.position[:2]) for box in simulation.scene.walls)
    assert 0.03 < nearest < 0.09                  # the hull's radius is 6 cm
