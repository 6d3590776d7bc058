# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which expert knows the vehicle and the task of a world."""

from typing import Protocol

from liquid_control.signals import FloatArray
from liquid_control.sim.expert import Expert
from liquid_control.sim.lane_expert import LaneExpert
from liquid_control.sim.rover_expert import RoverExpert, RoverExpertConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import VehicleConfig

_BY_KIND = {'rover': RoverExpertConfig(),
            # Its nose is farther ahead, and it turns only on the way.
            'racecar': RoverExpertConfig(clearance=0.5, creep=0.3)}


class Commander(Protocol):
    """Whoever commands a vehicle with the truth before its eyes."""

    def command(self, dark_s: float = 0.0) -> FloatArray:
        """
        Return the command for now, (axes,) of the vehicle's specification.

        :param dark_s: how long the camera has been dark [s].
        """


def build_expert(simulation: Simulation) -> Commander:
    """
    Return the expert of a simulation's world.

    :param simulation: whose truth it may read.
    """
    if isinstance(simulation.world.vehicle, VehicleConfig):
        return Expert(simulation)
    if simulation.scene.lane is not None:
        return LaneExpert(simulation, simulation.scene.lane)
    return RoverExpert(simulation, _BY_KIND[simulation.world.vehicle.kind])
