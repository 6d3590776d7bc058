# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The privileged expert of a lane: pure pursuit of a point ahead on its middle.

R. C. Coulter, Implementation of the Pure Pursuit Path Tracking Algorithm, CMU-RI-TR-92-01, 1992:
the arc that leaves along the nose and meets a point at distance L, y to the left, has the
curvature 2 y / L^2.
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.mission.lane import Lane
from liquid_control.sim.simulation import Simulation
import numpy as np


@dataclass(frozen=True)
class LaneExpertConfig:
    """How it drives."""

    speed: float = 0.8             # where the lane is straight [m/s]
    look_ahead: float = 0.8        # [m]
    sideways: float = 0.6          # acceleration in bends, at most [m/s^2]
    max_yaw_rate: float = 1.4      # [rad/s]
    dark_stop: float = 0.8         # after so long in the dark it stands still [s]


class LaneExpert:
    """Commands one simulation."""

    def __init__(self, simulation: Simulation, lane: Lane,
                 config: LaneExpertConfig = LaneExpertConfig()) -> None:
        """
        Attach to a simulation.

        :param simulation: whose truth it may read.
        :param lane: of its scene.
        :param config: how it drives.
        """
        self._simulation, self._lane, self._config = simulation, lane, config

    def command(self, dark_s: float = 0.0) -> FloatArray:
        """
        Return the command for now: (2,) vx [m/s], yaw rate [rad/s].

        :param dark_s: how long the camera has been dark [s].
        """
        config, here = self._config, self._simulation.position[:2]
        x, y = self._lane.ahead(here, config.look_ahead) - here
        yaw = self._simulation.yaw
        left = y * np.cos(yaw) - x * np.sin(yaw)
        curvature = 2.0 * left / (x ** 2 + y ** 2)
        speed = min(config.speed, float(np.sqrt(config.sideways / max(abs(curvature), 1e-6))))
        yaw_rate = np.clip(speed * curvature, -config.max_yaw_rate, config.max_yaw_rate)
        return np.array([speed, yaw_rate]) * max(0.0, 1.0 - dark_s / config.dark_stop)
