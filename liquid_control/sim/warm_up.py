# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Compile before a clock runs: the first steps of a new installation take seconds."""

from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import WindConfig
from liquid_control.sim.world_config import WorldConfig

SUBSTEPS = 24       # 0.1 s: every sensor has measured


def warm_up(world: WorldConfig, wind: WindConfig, seed: int) -> None:
    """
    Fly the beginning of a flight for nobody; Numba keeps on disk what it compiles for it.

    In real time, whoever listens would take the pause after the first frame for a camera that
    has failed.

    :param world: what stands where.
    :param wind: what blows.
    :param seed: 0 or more.
    """
    simulation = Simulation(world, wind, seed)
    try:
        simulation.sense()
        for _ in range(SUBSTEPS):
            simulation.step()
    finally:
        simulation.close()
