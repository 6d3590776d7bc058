# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What stands where a world's file says, whatever the seed."""

from dataclasses import dataclass

from liquid_control.sim.ranges import check
from liquid_control.sim.scenery import colors
from liquid_control.sim.scenery.solids import Box, Obstacle, wall
import numpy as np

THICKNESS = 0.15     # of a wall [m]


@dataclass(frozen=True)
class FixedConfig:
    """Single pillars and walls, in the world's frame."""

    # x, y of the axis, radius above 0, height above 0 [m]
    pillars: tuple[tuple[float, float, float, float], ...] = ()
    # x, y of one end, x, y of the other, height above 0 [m]
    walls: tuple[tuple[float, float, float, float, float], ...] = ()

    def __post_init__(self) -> None:
        for index, (_, _, radius, height) in enumerate(self.pillars):
            check(radius > 0 and height > 0, f'pillars[{index}]',
                  'x, y, radius above 0, height above 0', list(self.pillars[index]))
        for index, (x, y, to_x, to_y, height) in enumerate(self.walls):
            check((x, y) != (to_x, to_y) and height > 0, f'walls[{index}]',
                  'x, y of two ends that differ, height above 0', list(self.walls[index]))


def build_fixed(config: FixedConfig,
                rng: np.random.Generator) -> tuple[tuple[Obstacle, ...], tuple[Box, ...]]:
    """
    Build pillars and walls.

    :param config: where they stand.
    :param rng: where their colours come from.
    """
    pillars = tuple(Obstacle(np.array([x, y]), radius, height, colors.bark(rng))
                    for x, y, radius, height in config.pillars)
    walls = tuple(wall(np.array([x, y]), np.array([to_x, to_y]), height, THICKNESS,
                       colors.plaster(rng)) for x, y, to_x, to_y, height in config.walls)
    return pillars, walls
