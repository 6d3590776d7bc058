# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The way that a flight is to take: legs drawn one after the other, each to a goal or a corner."""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.mission.ball import Ball, BallConfig, draw_motion
from liquid_control.sim.mission.gate import Gate, GateConfig
from liquid_control.sim.mission.goal import Goal
from liquid_control.sim.mission.lane import Lane
from liquid_control.sim.ranges import check, check_range, Range
import numpy as np


@dataclass(frozen=True)
class CornerConfig:
    """Where the way turns: there is nothing to see, and nothing to do."""

    distance: Range                        # from the goal or corner before, or start, above 0 [m]
    bearing_deg: Range                     # from the way that led there, left positive [degrees]

    def __post_init__(self) -> None:
        check_range('distance', self.distance, above=0)
        check_range('bearing_deg', self.bearing_deg)


@dataclass(frozen=True)
class LegConfig:
    """One leg of a mission, or several that are drawn alike."""

    ball: BallConfig | None = None         # one of these three: a ball to reach
    gate: GateConfig | None = None         # a gate to fly through
    corner: CornerConfig | None = None     # where the way turns; not at the end of a mission
    times: tuple[int, int] = (1, 1)        # number of such legs, 1 or more, both ends included

    def __post_init__(self) -> None:
        given = [key for key in ('ball', 'gate', 'corner') if getattr(self, key) is not None]
        check(len(given) == 1, 'leg', 'one of ball, gate and corner', given or 'none')
        low, high = self.times
        check(1 <= low <= high, 'times', '1 <= low <= high', [low, high])


@dataclass(frozen=True)
class Course:
    """Legs as they were drawn."""

    points: FloatArray             # (N + 1, 2) the start, and the end of every leg [m]
    goals: tuple[Goal, ...]        # in order
    lane: Lane | None = None       # to keep to


def draw_course(legs: tuple[LegConfig, ...], start: FloatArray, yaw: float, reach: float,
                rng: np.random.Generator, details_rng: np.random.Generator) -> Course:
    """
    Draw every leg from the end of the one before, and the way that led there.

    :param legs: their ranges.
    :param start: (3,) [m].
    :param yaw: heading at the start [rad].
    :param reach: within which a ball counts as reached [m].
    :param rng: where bearings, distances and heights come from.
    :param details_rng: where all else comes from.
    """
    points, heading = [start[:2]], yaw
    goals: list[Goal] = []
    for leg in legs:
        for _ in range(int(details_rng.integers(leg.times[0], leg.times[1] + 1))):
            where = leg.ball or leg.gate or leg.corner
            assert where is not None     # checked by LegConfig
            heading = heading + np.deg2rad(rng.uniform(*where.bearing_deg))
            distance = rng.uniform(*where.distance)
            here = np.array([points[-1][0] + distance * np.cos(heading),
                             points[-1][1] + distance * np.sin(heading)])
            points.append(here)
            if isinstance(where, BallConfig):
                motion = (None if where.motion is None else
                          draw_motion(where.motion, details_rng))
                goals.append(Ball(np.append(here, rng.uniform(*where.height)), where.radius,
                                  where.color, reach, motion))
            elif isinstance(where, GateConfig):
                heading = heading + np.deg2rad(details_rng.uniform(*where.turn_deg))
                goals.append(Gate(np.append(here, rng.uniform(*where.height)), heading,
                                  details_rng.uniform(*where.opening), where.frame, where.color))
    return Course(np.array(points), tuple(goals))
