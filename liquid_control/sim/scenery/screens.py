# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Walls that stand across the way, and leave it open at one edge."""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.scenery import colors
from liquid_control.sim.scenery.solids import Box, wall
import numpy as np

THICKNESS = 0.15     # [m]
_ENDS = (0.2, 0.85)  # of a leg: between them the screens stand


@dataclass(frozen=True)
class ScreenConfig:
    """How many on every leg, how large, and how near they come to its straight line."""

    number: tuple[int, int]                # on every leg, 0 or more, both ends included
    width: Range                           # above 0 [m]
    height: Range                          # above 0 [m]
    edge: Range                            # from the leg to the nearer edge; below 0: across [m]

    def __post_init__(self) -> None:
        low, high = self.number
        check(0 <= low <= high, 'number', '0 <= low <= high', [low, high])
        check_range('width', self.width, above=0)
        check_range('height', self.height, above=0)
        check_range('edge', self.edge)


def draw_screens(config: ScreenConfig, path: FloatArray,
                 rng: np.random.Generator) -> tuple[Box, ...]:
    """
    Stand screens evenly along every leg, now on one side of it and now on the other.

    :param config: their ranges.
    :param path: (N + 1, 2) corners [m].
    :param rng: where the draws come from.
    """
    boxes = []
    for start, end in zip(path, path[1:]):
        count = int(rng.integers(config.number[0], config.number[1] + 1))
        side = 1.0 if rng.random() < 0.5 else -1.0
        along = (end - start) / np.linalg.norm(end - start)
        left = np.array([-along[1], along[0]])
        shares = np.linspace(*_ENDS, count + 2)[1:-1] if count > 1 else [np.mean(_ENDS)] * count
        for share in shares:
            near, width = rng.uniform(*config.edge), rng.uniform(*config.width)
            foot = start + share * (end - start)
            boxes.append(wall(foot + side * near * left, foot + side * (near + width) * left,
                              rng.uniform(*config.height), THICKNESS, colors.plaster(rng)))
            side = -side
    return tuple(boxes)
