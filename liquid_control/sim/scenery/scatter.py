# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Pillars to fly around, and distractors that are merely coloured, scattered by a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from liquid_control.errors import SimulationError
from liquid_control.signals import FloatArray
from liquid_control.sim.mission.goal import Goal
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.scenery import colors
from liquid_control.sim.scenery.solids import Box, Obstacle
import numpy as np

_TRIES = 400  # of placing one obstacle before the scene counts as too full


@dataclass(frozen=True)
class ObstacleConfig:
    """How many, how large, and what they leave free."""

    pillars: tuple[int, int]               # number, 0 or more, both ends included: the density
    pillar_radius: Range                   # above 0 [m]
    pillar_height: Range                   # above 0 [m]
    distractors: tuple[int, int]           # number of coloured blocks on the ground, 0 or more
    start_clearance: float                 # free of obstacles around the start, 0 or more [m]
    target_clearance: float                # and around every goal, 0 or more [m]
    gap: float                             # free between two things that stand, 0 or more [m]
    on_path: float                         # share, 0 to 1, that is placed near the straight path
    sight_clearance: float = 0.0           # free beside that path; 0: they may stand on it [m]

    def __post_init__(self) -> None:
        for key in ('pillars', 'distractors'):
            low, high = getattr(self, key)
            check(0 <= low <= high, key, '0 <= low <= high', [low, high])
        check_range('pillar_radius', self.pillar_radius, above=0)
        check_range('pillar_height', self.pillar_height, above=0)
        for key in ('start_clearance', 'target_clearance', 'gap', 'sight_clearance'):
            check(getattr(self, key) >= 0, key, '0 m or more', getattr(self, key))
        check(0 <= self.on_path <= 1, 'on_path', 'a share from 0 to 1', self.on_path)


@dataclass(frozen=True)
class Kept:
    """What must stay free, and what stands already."""

    start: FloatArray              # (2,) [m]
    path: FloatArray               # (N + 1, 2) where the way begins, and the end of every leg [m]
    goals: Sequence[Goal]
    pillars: Sequence[Obstacle]
    boxes: Sequence[Box]


def scatter(config: ObstacleConfig, kept: Kept, rng: np.random.Generator) -> tuple[Obstacle, ...]:
    """
    Draw pillars, then distractors, beside those that stand already.

    :param config: numbers, sizes and clearances.
    :param kept: what must stay free.
    :param rng: where the draws come from.
    :raises SimulationError: if what is asked for does not fit.
    """
    placed = list(kept.pillars)
    count = int(rng.integers(config.pillars[0], config.pillars[1] + 1))
    for _ in range(count):
        radius, height = rng.uniform(*config.pillar_radius), rng.uniform(*config.pillar_height)
        position = _place(config, kept, radius, placed, rng)
        placed.append(Obstacle(position, radius, height, colors.bark(rng)))
    for _ in range(int(rng.integers(config.distractors[0], config.distractors[1] + 1))):
        radius, height = rng.uniform(0.12, 0.28), rng.uniform(0.2, 0.6)
        position = _place(config, kept, radius, placed, rng)
        placed.append(Obstacle(position, radius, height, colors.paint(rng)))
    return tuple(placed)


def _place(config: ObstacleConfig, kept: Kept, radius: float, placed: list[Obstacle],
           rng: np.random.Generator) -> FloatArray:
    """Find a place that keeps every clearance: near a leg of the path, or anywhere about it."""
    for _ in range(_TRIES):
        leg = 0 if len(kept.path) == 2 else int(rng.integers(len(kept.path) - 1))
        start, path = kept.path[leg], kept.path[leg + 1] - kept.path[leg]
        length = float(np.linalg.norm(path))
        along, across = path / length, np.array([-path[1], path[0]]) / length
        if rng.random() < config.on_path:
            place = start + along * length * rng.uniform(0.1, 0.95) + across * rng.normal()
        else:
            place = (start + along * rng.uniform(-1.0, length + 3.0)
                     + across * rng.uniform(-6.0, 6.0))
        if _clear(config, kept, place, radius, placed):
            return np.asarray(place, dtype=float)
    raise SimulationError(f'no room for obstacle {len(placed) + 1} after {_TRIES} tries; ask for '
                          'fewer or smaller obstacles, or for a smaller gap')


def _clear(config: ObstacleConfig, kept: Kept, place: FloatArray, radius: float,
           placed: list[Obstacle]) -> bool:
    """Tell whether a place keeps every clearance."""
    return bool(
        np.linalg.norm(place - kept.start) > config.start_clearance + radius
        and all(np.linalg.norm(place - goal.centre[:2])
                > config.target_clearance + goal.extent + radius for goal in kept.goals)
        and all(np.linalg.norm(place - other.position) > config.gap + radius + other.radius
                for other in placed)
        and all(box.distance(place) > config.gap + radius for box in kept.boxes)
        and (config.sight_clearance == 0
             or all(_beside(place, *ends) > config.sight_clearance + radius
                    for ends in zip(kept.path, kept.path[1:]))))


def _beside(point: FloatArray, start: FloatArray, end: FloatArray) -> float:
    """Return the distance of a point from a line's stretch [m]."""
    along = end - start
    share = np.clip((point - start) @ along / (along @ along), 0.0, 1.0)
    return float(np.linalg.norm(point - start - share * along))
