# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What one can fly into: upright cylinders and boxes."""

from collections.abc import Iterable
from dataclasses import dataclass

from liquid_control.signals import FloatArray
import numpy as np

SPACING = 0.25      # between two cylinders that cover a box, at most [m]


@dataclass(frozen=True)
class Obstacle:
    """An upright cylinder on the ground."""

    position: FloatArray   # (2,) of its axis [m]
    radius: float          # [m]
    height: float          # [m]
    color: FloatArray      # (3,) RGB in [0, 1]


@dataclass(frozen=True)
class Box:
    """A box turned about the vertical: a wall, a post, a beam."""

    centre: FloatArray     # (3,) [m]
    size: FloatArray       # (3,) length, thickness, height [m]
    yaw: float             # of its length [rad]
    color: FloatArray      # (3,) RGB in [0, 1]

    @property
    def row(self) -> FloatArray:
        """Return x, y, z of its centre, length, thickness, height [m], yaw [rad]: (7,)."""
        return np.array([*self.centre, *self.size, self.yaw])

    def distance(self, point: FloatArray) -> float:
        """
        Return how far a point is from it as seen from above [m]; 0 inside.

        :param point: (2,) [m].
        """
        away = np.asarray(point) - self.centre[:2]
        cos, sin = np.cos(self.yaw), np.sin(self.yaw)
        local = np.abs([cos * away[0] + sin * away[1], cos * away[1] - sin * away[0]])
        return float(np.linalg.norm(np.maximum(local - self.size[:2] / 2, 0.0)))

    def cover(self) -> FloatArray:
        """Return upright cylinders that hide it: (C, 5) x, y, radius, bottom, top [m]."""
        length, thickness, height = self.size
        count = max(1, int(np.ceil(length / SPACING)))
        along = (np.arange(count) + 0.5) / count * length - length / 2
        ahead = np.array([np.cos(self.yaw), np.sin(self.yaw)])
        places = self.centre[:2] + along[:, None] * ahead
        radius = float(np.hypot(length / count, thickness)) / 2
        ends = self.centre[2] + np.array([-height, height]) / 2
        return np.column_stack([places, np.tile([radius, *ends], (count, 1))])


def wall(start: FloatArray, end: FloatArray, height: float, thickness: float,
         color: FloatArray) -> Box:
    """
    Build a wall on the ground.

    :param start: (2,) middle of one end [m].
    :param end: (2,) middle of the other [m].
    :param height: [m].
    :param thickness: [m].
    :param color: (3,) RGB in [0, 1].
    """
    along = np.asarray(end, dtype=float) - start
    middle = (np.asarray(start, dtype=float) + end) / 2
    return Box(np.append(middle, height / 2),
               np.array([float(np.linalg.norm(along)), thickness, height]),
               float(np.arctan2(along[1], along[0])), color)


def covers(pillars: FloatArray, boxes: Iterable[Box]) -> FloatArray:
    """
    Return all that stands as upright cylinders: (S, 5) x, y, radius, bottom, top [m].

    :param pillars: (P, 4) x, y, radius, height [m].
    :param boxes: each covered by several.
    """
    rows = [np.insert(pillars, 3, 0.0, axis=1), *(box.cover() for box in boxes)]
    return np.concatenate(rows)
