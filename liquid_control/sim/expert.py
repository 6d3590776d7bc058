# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A privileged expert: it knows every obstacle, and flies as a good pilot with this camera would.

Among headings around the bearing of where it heads (see guide.py) it takes the one that is free
and near; it looks at the target, and where the target is out of view it stops and turns to the
side where it was last seen (left if never), because that is what a policy without the truth could
do as well. A new goal of a mission was never seen.
While the camera is dark it brakes as time passes, for the same reason, and it resumes at the
first good frame.
Where the vehicle flies on a velocity estimate that drifts, the expert makes up for the estimate's
error: it commands what the vehicle must believe in order to do what is wanted.
"""

from dataclasses import dataclass

from liquid_control.sensing.extra import stabilized_velocity
from liquid_control.signals import FloatArray
from liquid_control.sim.free_way import FreeWay, wrap
from liquid_control.sim.guide import Guide
from liquid_control.sim.simulation import Simulation
import numpy as np


@dataclass(frozen=True)
class ExpertConfig:
    """How it flies."""

    speed: float = 1.6             # [m/s]
    look_ahead: float = 3.0        # [m]
    clearance: float = 0.47        # kept from every obstacle's surface [m]
    frame_clearance: float = 0.28  # kept from posts and beams of gates, which it must pass [m]
    view: float = 0.9              # half-angle in which the target counts as seen [rad]
    yaw_gain: float = 2.0          # [1/s]
    max_yaw_rate: float = 1.5      # [rad/s]
    dark_stop: float = 0.8         # after so long in the dark it stands still [s]


class Expert:
    """Commands one simulation; it keeps which side the target was last seen on."""

    def __init__(self, simulation: Simulation, config: ExpertConfig = ExpertConfig()) -> None:
        """
        Attach to a simulation.

        :param simulation: whose truth it may read.
        :param config: how it flies.
        """
        self._simulation = simulation
        self._config = config
        self._guide = Guide(simulation)
        self._way = FreeWay(simulation.scene, config.clearance, config.frame_clearance,
                            config.look_ahead)
        self._turn_left = True
        self._done = 0

    def command(self, dark_s: float = 0.0) -> FloatArray:
        """
        Return the command for now: (4,) vx, vy, vz [m/s], yaw rate [rad/s], base_stabilized.

        :param dark_s: how long the camera has been dark [s].
        """
        # Linear in time: a pilot who knows only its last command and a clock can do the same.
        wanted = self._seeing() * max(0.0, 1.0 - dark_s / self._config.dark_stop)
        wanted[:3] += self._misbelief()     # in the dark too: to stand still takes it as well
        return wanted

    def _misbelief(self) -> FloatArray:
        """Return the error of an estimate that drifts, (3,) base_stabilized [m/s]."""
        estimate = self._simulation.world.vehicle.velocity_estimate
        if estimate is None or estimate.drifting is None:
            return np.zeros(3)      # noise is another by the time that the command is flown
        believed, true = (stabilized_velocity(state) for state in (
            self._simulation.odometry, self._simulation.state))
        return np.zeros(3) if believed is None or true is None else believed - true

    def _seeing(self) -> FloatArray:
        """Return the command while the camera sees."""
        config, simulation = self._config, self._simulation
        if simulation.mission.done != self._done:
            self._done, self._turn_left = simulation.mission.done, True
        aim = self._guide.aim()
        ahead, gaze = aim.head_for - simulation.position, aim.look_at - simulation.position
        bearing = float(np.arctan2(ahead[1], ahead[0]))
        off_nose = wrap(float(np.arctan2(gaze[1], gaze[0])) - simulation.yaw)
        climb = float(np.clip(1.2 * ahead[2], -0.6, 0.6))
        if abs(off_nose) > config.view:
            # Out of view: brake, and turn to the side where the target was last seen.
            turn = config.max_yaw_rate if self._turn_left else -config.max_yaw_rate
            return np.array([0.0, 0.0, 0.0, turn])
        self._turn_left = off_nose >= 0
        heading, free = self._way.heading(simulation.position, bearing,
                                          float(np.linalg.norm(ahead[:2])))
        speed = config.speed * float(np.clip(free / 1.2, 0.25, 1.0))
        course = heading - simulation.yaw
        yaw_rate = float(np.clip(config.yaw_gain * off_nose, -config.max_yaw_rate,
                                 config.max_yaw_rate))
        return np.array([speed * np.cos(course), speed * np.sin(course), climb, yaw_rate])
