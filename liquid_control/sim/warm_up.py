# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Compile before a clock runs: the first steps of a new installation take seconds."""

from collections.abc import Iterator
from dataclasses import replace

from liquid_control.sim.sensor_config import ImuConfig, LightConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind, WindConfig
from liquid_control.sim.world_config import WorldConfig
import numpy as np

SUBSTEPS = 48       # 0.2 s: every sensor has measured, and the vehicle turns


def warm_up(world: WorldConfig, wind: WindConfig, seed: int, abreast: float = 0.0) -> None:
    """
    Fly the beginning of a flight for nobody; Numba keeps on disk what it compiles for it.

    In real time, whoever listens would take the pause after the first frame for a camera that
    has failed.

    :param world: what stands where.
    :param wind: what blows.
    :param seed: 0 or more.
    :param abreast: start and goals so far to the left of where the seed has them [m].
    :raises SimulationError: if the scene does not fit.
    """
    simulation = Simulation(world, wind, seed, abreast=abreast)
    try:
        simulation.command(np.array(
            [1.0 if axis == 'yaw_rate' else 0.0 for axis in simulation.spec.names]))
        simulation.sense()
        for _ in range(SUBSTEPS):
            simulation.step()
    finally:
        simulation.close()


def in_flight(world: WorldConfig) -> Iterator[tuple[WorldConfig, WindConfig]]:
    """
    List worlds, with a wind, that have between them all that may be switched on in flight.

    Only what has compiled parts of its own is named; the rest comes with any flight. Nothing
    keeps a frame back, and the vehicle turns at once.

    :param world: whose scene, vehicle and size of images these have.
    """
    camera = replace(world.camera, rate_hz=(30.0, 30.0), jitter=0.0, drop=0.0, stale=0.0,
                     blackout=None, shutter_s=0.03, light=LightConfig(blur_px=(1.0, 1.0)))
    vehicle = replace(world.vehicle, command_latency_s=(0.0, 0.0))
    wind = replace(load_wind('wake'), dryden=load_wind('dryden_light').dryden)
    for imu in (ImuConfig(), ImuConfig(specific_force_scale=0.01)):
        yield replace(world, camera=camera, imu=imu, vehicle=vehicle), wind
