# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Walls on both sides of the way, from behind the start to behind its end."""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.scenery import colors
from liquid_control.sim.scenery.solids import Box, wall
import numpy as np

THICKNESS = 0.15     # [m]


@dataclass(frozen=True)
class CorridorConfig:
    """How wide and how high."""

    width: Range                           # between the walls, above 0 [m]
    height: float                          # of the walls, above 0 [m]

    def __post_init__(self) -> None:
        check_range('width', self.width, above=0)
        check(self.height > 0, 'height', 'more than 0 m', self.height)


def fits(config: CorridorConfig, path: FloatArray) -> bool:
    """
    Tell whether a corridor along a path keeps clear of itself.

    :param config: the widest counts.
    :param path: (N + 1, 2) corners [m].
    """
    width = config.width[1]
    headings = np.unwrap(np.arctan2(*np.diff(path, axis=0).T[::-1]))
    turns = np.abs(np.diff(headings))
    # A corner takes half the width times the tangent of half its turn off both its legs.
    taken = np.append(width / 2 * np.tan(np.minimum(turns, np.deg2rad(170)) / 2), 0.0)
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    if np.any(turns > np.deg2rad(120)) or np.any(
            taken + np.append(0.0, taken[:-1]) > lengths - 0.2):
        return False
    points = [np.linspace(start, end, 9) for start, end in zip(path, path[1:])]
    return all(np.linalg.norm(one[:, None] - other[None], axis=2).min() > width + 0.6
               for index, one in enumerate(points) for other in points[index + 2:])


def draw_corridor(config: CorridorConfig, path: FloatArray,
                  rng: np.random.Generator) -> tuple[Box, ...]:
    """
    Build both walls along a path that fits, and close both ends.

    :param config: width and height.
    :param path: (N + 1, 2) corners [m].
    :param rng: where the draws come from.
    """
    # From the way to the middle of a wall, at the sides and at the ends alike.
    reach = (rng.uniform(*config.width) + THICKNESS) / 2
    legs = np.diff(path, axis=0)
    ahead = legs / np.linalg.norm(legs, axis=1, keepdims=True)
    spine = path.copy()
    spine[0] -= reach * ahead[0]
    spine[-1] += reach * ahead[-1]
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    # Where two legs meet, their walls meet on the line that halves the angle between them.
    normals = np.concatenate([left[:1], left[:-1] + left[1:], left[-1:]])
    aside = normals / np.concatenate([[1.0], 1 + np.sum(ahead[:-1] * ahead[1:], axis=1),
                                      [1.0]])[:, None]
    sides = [spine + sign * reach * aside for sign in (1.0, -1.0)]
    color = colors.plaster(rng)
    stretches = [(start, end) for side in sides for start, end in zip(side, side[1:])]
    stretches += [(sides[0][end], sides[1][end]) for end in (0, -1)]
    return tuple(_stretch(start, end, config.height, np.clip(
        color * rng.uniform(0.88, 1.12), 0, 1)) for start, end in stretches)


def _stretch(start: FloatArray, end: FloatArray, height: float, color: FloatArray) -> Box:
    """Build one wall, longer by its thickness so that corners are closed."""
    along = (end - start) / np.linalg.norm(end - start)
    return wall(start - along * THICKNESS / 2, end + along * THICKNESS / 2, height, THICKNESS,
                color)
