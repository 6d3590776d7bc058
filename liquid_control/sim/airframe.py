# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The vehicle of one flight, as it was drawn: what it is, whatever its inner loop believes."""

from typing import NamedTuple

from liquid_control.signals import FloatArray
from liquid_control.sim.vehicle_config import BatteryConfig, MotorConfig, VehicleConfig
import numpy as np


class Airframe(NamedTuple):
    """What one flight's vehicle differs in."""

    mass: float                  # factor on mass and moments of inertia
    drag: float                  # factor on all drag
    motor_lag: float             # time constant of rotor speed [s]
    motor_strength: FloatArray   # (4,) thrust over that asked for
    charge: float                # of the battery at the start, share of full
    command_latency: float       # [s]


def draw_airframe(config: VehicleConfig, rng: np.random.Generator) -> Airframe:
    """
    Draw one vehicle.

    :param config: the ranges.
    :param rng: where the draws come from; each has a stream of its own, so that a range does not
        move what is drawn from the others. New streams go to the end.
    """
    mass, drag, lag, strength, one, charge, latency = rng.spawn(7)
    motors, battery = config.motors or MotorConfig(), config.battery or BatteryConfig()
    strengths = np.full(4, strength.uniform(*motors.strength))
    strengths[one.integers(4)] *= one.uniform(*motors.one_strength)
    return Airframe(
        mass=mass.uniform(*config.mass), drag=drag.uniform(*config.drag_scale),
        motor_lag=lag.uniform(*motors.time_constant_s), motor_strength=strengths,
        charge=charge.uniform(*battery.charge),
        command_latency=latency.uniform(*config.command_latency_s))
