# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The privileged expert of ground robots: it turns to where the way is free, and drives there.

What cannot move sideways looks where it goes, so the target may leave the view while it drives
around something: a policy that follows must remember it. While the camera is dark it brakes as
time passes, as the drone's expert does.
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.free_way import FreeWay, wrap
from liquid_control.sim.guide import Guide
from liquid_control.sim.simulation import Simulation
import numpy as np


@dataclass(frozen=True)
class RoverExpertConfig:
    """How it drives."""

    speed: float = 0.8             # [m/s]
    look_ahead: float = 2.5        # [m]
    clearance: float = 0.48        # of base_link from every obstacle's surface [m]
    slow_within: float = 1.0       # of what stands ahead it drives slowly [m]
    yaw_gain: float = 2.5          # [1/s]
    max_yaw_rate: float = 1.2      # [rad/s]
    on_the_spot: float = 1.0       # farther off its heading it turns without driving [rad]
    creep: float = 0.0             # or drives so slowly, where it cannot turn at rest [m/s]
    dark_stop: float = 0.8         # after so long in the dark it stands still [s]


class RoverExpert:
    """Commands one simulation."""

    def __init__(self, simulation: Simulation,
                 config: RoverExpertConfig = RoverExpertConfig()) -> None:
        """
        Attach to a simulation.

        :param simulation: whose truth it may read.
        :param config: how it drives.
        """
        self._simulation, self._config = simulation, config
        self._guide = Guide(simulation)
        self._way = FreeWay(simulation.scene, config.clearance, config.clearance,
                            config.look_ahead)

    def command(self, dark_s: float = 0.0) -> FloatArray:
        """
        Return the command for now: (2,) vx [m/s], yaw rate [rad/s].

        :param dark_s: how long the camera has been dark [s].
        """
        return self._seeing() * max(0.0, 1.0 - dark_s / self._config.dark_stop)

    def _seeing(self) -> FloatArray:
        """Return the command while the camera sees."""
        config, simulation = self._config, self._simulation
        ahead = self._guide.aim().head_for - simulation.position
        heading, free = self._way.heading(
            simulation.position, float(np.arctan2(ahead[1], ahead[0])),
            float(np.hypot(ahead[0], ahead[1])))
        off = wrap(heading - simulation.yaw)
        yaw_rate = float(np.clip(config.yaw_gain * off, -config.max_yaw_rate,
                                 config.max_yaw_rate))
        if abs(off) > config.on_the_spot:
            return np.array([config.creep, yaw_rate])
        slow = float(np.clip(free / config.slow_within, 0.25, 1.0))
        return np.array([config.speed * slow * np.cos(off) ** 2, yaw_rate])
