# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Worlds, drones and simulations for the tests of this folder; all are closed afterwards."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from liquid_control.sim.airframe import draw_airframe
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.drone import Drone
from liquid_control.sim.free_flight import GRAVITY
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import VehicleConfig
from liquid_control.sim.wind.composition import load_wind, WindConfig
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest

STILL = WindConfig('still', 'still air')


@pytest.fixture
def make_drone() -> Iterator[Callable[..., Drone]]:
    """Return a maker of drones, each alone in the air of a Bullet world without a ground."""
    clients: list[Any] = []

    def make(config: VehicleConfig = VehicleConfig(), *, yaw: float = 0.0,
             height: float = 1.0, seed: int = 0) -> Drone:
        bullet = Bullet()
        clients.append(bullet)
        bullet.setGravity(0.0, 0.0, -GRAVITY)
        bullet.setTimeStep(1.0 / 240)
        airframe = draw_airframe(config, np.random.default_rng(seed))
        return Drone(bullet, config, airframe, np.array([0.0, 0.0, height]), yaw)
    yield make
    for client in clients:
        client.disconnect()


@pytest.fixture
def make_world() -> Callable[..., WorldConfig]:
    """Return a maker of shipped worlds with some sections' values replaced."""
    def make(name: str = 'empty', **sections: dict[str, Any]) -> WorldConfig:
        world = load_world(name)
        changed = {key: replace(getattr(world, key), **values)
                   for key, values in sections.items()}
        return replace(world, **changed)
    return make


@pytest.fixture
def simulate() -> Iterator[Callable[..., Simulation]]:
    """Return a maker of simulations."""
    simulations: list[Simulation] = []

    def make(world: WorldConfig | str = 'empty', wind: WindConfig | str = STILL,
             seed: int = 0) -> Simulation:
        simulation = Simulation(load_world(world) if isinstance(world, str) else world,
                                load_wind(wind) if isinstance(wind, str) else wind, seed)
        simulations.append(simulation)
        return simulation
    yield make
    for simulation in simulations:
        simulation.close()
