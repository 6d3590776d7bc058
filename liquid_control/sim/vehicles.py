# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which vehicle a world asks for."""

from liquid_control.signals import FloatArray
from liquid_control.sim.airframe import draw_airframe
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.drone import Drone
from liquid_control.sim.racecar import Racecar
from liquid_control.sim.rover import Rover
from liquid_control.sim.vehicle import Vehicle
from liquid_control.sim.vehicle_config import GroundVehicleConfig, VehicleConfig
from liquid_control.sim.wheels import draw_wheels
import numpy as np

_ON_WHEELS = {'rover': Rover, 'racecar': Racecar}


def build_vehicle(bullet: Bullet, config: VehicleConfig | GroundVehicleConfig,
                  rng: np.random.Generator, position: FloatArray, yaw: float,
                  visible: bool) -> tuple[Vehicle, float]:
    """
    Draw a vehicle and place it at rest.

    :param bullet: the world that it moves in, with its ground.
    :param config: what `vehicle` of the world says.
    :param rng: where the draws come from.
    :param position: (3,) in the world [m]; what rolls stands on the ground below.
    :param yaw: heading [rad].
    :param visible: load what it looks like too (for the GUI; its own camera does not see it).
    :returns: the vehicle, and how late it hears its commands [s].
    :raises DependencyError: if a drone is asked for and gym_pybullet_drones is not installed.
    """
    if isinstance(config, VehicleConfig):
        airframe = draw_airframe(config, rng)
        return (Drone(bullet, config, airframe, position, yaw, visible=visible),
                airframe.command_latency)
    wheels = draw_wheels(config, rng)
    return (_ON_WHEELS[config.kind](bullet, wheels, position, yaw, visible=visible),
            wheels.command_latency)
