# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Vehicles side by side are in one scene."""

import dataclasses

from liquid_control.errors import SimulationError
from liquid_control.sim.abreast import moved_aside
from liquid_control.sim.scene import draw_scene, Scene
from liquid_control.sim.scenery.solids import Obstacle
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest


def scene(world: str, seed: int) -> Scene:
    """Draw a scene."""
    return draw_scene(load_world(world), np.random.default_rng(seed))


def test_start_and_goal_move_to_the_left_and_nothing_else() -> None:
    """Of the first heading, at the same height."""
    drawn = scene('empty', 3)
    moved = moved_aside(drawn, 2.0, 'drone')
    ahead = np.array([np.cos(drawn.start_yaw), np.sin(drawn.start_yaw), 0.0])
    for before, after in ((drawn.start, moved.start), (drawn.target, moved.target)):
        aside = after - before
        assert np.linalg.norm(aside) == pytest.approx(2.0)
        assert aside @ ahead == pytest.approx(0.0, abs=1e-12)
        assert np.cross(ahead, aside)[2] == pytest.approx(2.0), 'left is counterclockwise'
    forest = scene('forest', 5)
    np.testing.assert_array_equal(moved_aside(forest, 0.5, 'drone').pillars, forest.pillars)


def test_what_is_not_free_is_refused() -> None:
    """A start or a goal inside a pillar, or a gate that would stand in two places."""
    drawn = scene('empty', 3)
    left = np.array([-np.sin(drawn.start_yaw), np.cos(drawn.start_yaw)])
    for what, place in (('start', drawn.start), ('goal', drawn.target)):
        pillar = Obstacle(place[:2] + 2.0 * left, 0.2, 3.0, np.zeros(3))
        with pytest.raises(SimulationError, match=f'abreast: expected the {what} 2 m to the left'):
            moved_aside(dataclasses.replace(drawn, obstacles=(pillar,)), 2.0, 'drone')
        moved_aside(dataclasses.replace(drawn, obstacles=(pillar,)), 1.0, 'drone')
    near = Obstacle(drawn.start[:2] + (2.0 + 0.2 + 0.5) * left, 0.2, 3.0, np.zeros(3))
    beside = dataclasses.replace(drawn, obstacles=(near,))
    moved_aside(beside, 2.0, 'rover')
    with pytest.raises(SimulationError, match='the start 2 m to the left to be 0.6 m from'):
        moved_aside(beside, 2.0, 'racecar')
    with pytest.raises(SimulationError, match='expected balls for goals, found a gate'):
        moved_aside(scene('gates', 5), 1.0, 'drone')


def test_two_simulations_of_one_seed_share_their_place() -> None:
    """Odometry of both is in one frame."""
    world, wind = load_world('forest'), load_wind('W0')
    first = Simulation(world, wind, 500_003)
    second = Simulation(world, wind, 500_003, abreast=0.8)
    try:
        np.testing.assert_array_equal(first.scene.pillars, second.scene.pillars)
        assert np.linalg.norm(first.odometry.position - second.odometry.position) == pytest.approx(
            0.8)
        assert first.yaw == second.yaw
    finally:
        first.close()
        second.close()


def test_each_vehicle_of_a_swarm_has_sensors_of_its_own() -> None:
    """In one wind: errors that were equal would never bring two nearer to each other."""
    world, wind = load_world('empty'), load_wind('W2')
    flights = [Simulation(world, wind, 500_003, abreast=2.0 * number, number=number)
               for number in (0, 0, 1)]
    for substep in range(60):
        if substep == 30:
            for flight in flights:
                flight.set_sensors(world)
        one, same, other = (flight.step().imu for flight in flights)
        assert one is not None and same is not None and other is not None
        assert np.array_equal(one.specific_force, same.specific_force)
        assert not np.array_equal(one.specific_force, other.specific_force)
        assert np.array_equal(flights[0].wind_velocity, flights[2].wind_velocity)
    for flight in flights:
        flight.close()
