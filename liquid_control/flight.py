# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The record of one flight: the episode loop and the monitor write it, pictures read it."""

from dataclasses import dataclass, field

from liquid_control.signals import FloatArray, ImageArray
import numpy as np


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight, sampled once a camera frame (T samples); positions and velocities in `odom`."""

    world: str
    wind: str
    seed: int
    policy: str
    outcome: str                   # see `sim.outcome`, or interrupted
    time_s: float                  # duration [s]
    t: FloatArray                  # (T,) [s]; of ticks in process, of frames' stamps over ROS
    position: FloatArray           # (T, 3) [m]
    yaw: FloatArray                # (T,) [rad]
    velocity: FloatArray           # (T, 3) [m/s]
    command: FloatArray            # (T, 4) vx, vy, vz, yaw rate as sent; 0 where not taken
    reasons: tuple[str, ...]       # (T,) why the command is what it is
    wind_velocity: FloatArray      # (T, 3) at the vehicle [m/s]
    distance: FloatArray           # (T,) to the next goal [m]
    target: FloatArray             # (3,) the last goal, at the end [m]
    pillars: FloatArray            # (P, 4) x, y, radius, height [m]
    frames: ImageArray             # (K, height, width, 3) some of what the camera saw
    frame_times: FloatArray        # (K,) [s]
    step_ms: FloatArray = field(default_factory=lambda: np.empty(0))  # (T,) tick duration [ms]
    # Where there are more of these than pillars and one target at rest:
    boxes: FloatArray = field(default_factory=lambda: np.empty((0, 7)))   # (B, 7) x, y, z,
    #                              length, thickness, height [m], yaw [rad]: walls and gates
    goals: FloatArray = field(default_factory=lambda: np.empty((0, 3)))   # (G, 3) in order [m]
    aim: FloatArray = field(default_factory=lambda: np.empty((0, 3)))     # (T, 3) next goal [m]
    done: FloatArray = field(default_factory=lambda: np.empty(0))         # (T,) goals done

    @property
    def reached(self) -> bool:
        """Whether the flight ended at its target."""
        return self.outcome == 'reached'

    @property
    def to_go(self) -> FloatArray:
        """Distance to the last goal, straight from one goal to the next: (T,) [m]."""
        if not len(self.done) or len(self.goals) < 2:
            return self.distance
        legs = np.linalg.norm(np.diff(self.goals, axis=0), axis=1)
        beyond = np.append(legs[::-1].cumsum()[::-1], 0.0)
        rest = beyond[np.minimum(self.done.astype(int), len(legs))]
        return np.asarray(self.distance + rest, dtype=float)

    @property
    def path_length(self) -> float:
        """Distance flown [m]."""
        return float(np.linalg.norm(np.diff(self.position, axis=0), axis=1).sum())
