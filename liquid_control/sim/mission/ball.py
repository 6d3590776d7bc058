# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A coloured ball to reach, at rest or on its way along a line or a circle."""

from dataclasses import dataclass
from functools import cached_property
import math
from typing import Literal

from liquid_control.signals import FloatArray
from liquid_control.sim.mission.goal import Goal, Point
from liquid_control.sim.ranges import check, check_range, Range
import numpy as np


def check_color(color: tuple[float, float, float]) -> None:
    """Refuse a colour of bytes."""
    check(all(0 <= share <= 1 for share in color), 'color', 'red, green and blue from 0 to 1',
          list(color))


@dataclass(frozen=True)
class MotionConfig:
    """How a ball moves, level, about the place that was drawn for it."""

    path: Literal['line', 'circle']        # to and fro as a sine, or round and round
    speed: Range                           # its greatest, above 0 [m/s]
    size: Range                            # half the line, or the circle's radius, above 0 [m]

    def __post_init__(self) -> None:
        check_range('speed', self.speed, above=0)
        check_range('size', self.size, above=0)


@dataclass(frozen=True)
class BallConfig:
    """Where a ball may be, and how it looks."""

    radius: float                          # above 0 [m]
    color: tuple[float, float, float]      # red, green, blue, each from 0 to 1
    distance: Range                        # level, from the goal before or the start, above 0 [m]
    bearing_deg: Range                     # from the way that led there, left positive [degrees]
    height: Range                          # of its centre, above 0 [m]
    motion: MotionConfig | None = None     # at rest if null

    def __post_init__(self) -> None:
        check(self.radius > 0, 'radius', 'more than 0 m', self.radius)
        check_color(self.color)
        check_range('distance', self.distance, above=0)
        check_range('bearing_deg', self.bearing_deg)
        check_range('height', self.height, above=0)


@dataclass(frozen=True)
class Motion:
    """A line or a circle about a centre: sine and cosine of one angle."""

    sine: FloatArray            # (3,) [m]
    cosine: FloatArray          # (3,) [m]
    rate: float                 # [rad/s]
    phase: float                # at the start [rad]

    def offset(self, t: float) -> FloatArray:
        """Return how far from the centre it is, (3,) [m]."""
        angle = self.rate * t + self.phase
        return self.sine * math.sin(angle) + self.cosine * math.cos(angle)


def draw_motion(config: MotionConfig, rng: np.random.Generator) -> Motion:
    """
    Draw direction, size, speed and phase.

    :param config: their ranges.
    :param rng: where the draws come from.
    """
    direction, phase = rng.uniform(-np.pi, np.pi, 2)
    size, speed = rng.uniform(*config.size), rng.uniform(*config.speed)
    turn = 1.0 if rng.random() < 0.5 else -1.0
    ahead = np.array([np.cos(direction), np.sin(direction), 0.0])
    aside = np.array([-ahead[1], ahead[0], 0.0])
    if config.path == 'line':
        return Motion(size * ahead, np.zeros(3), speed / size, phase)
    return Motion(size * ahead, size * aside, turn * speed / size, phase)


@dataclass(frozen=True)
class Ball(Goal):
    """A ball; reached within a distance of its centre."""

    centre: FloatArray          # (3,) [m]
    radius: float               # [m]
    color: tuple[float, float, float]
    reach: float                # [m]
    motion: Motion | None = None

    @cached_property
    def moves(self) -> bool:  # type: ignore[override]
        """Whether it does not rest."""
        return self.motion is not None

    @cached_property
    def _rest(self) -> Point:
        """Return the centre; asked for in every substep."""
        return tuple(self.centre.tolist())

    @property
    def extent(self) -> float:  # type: ignore[override]
        """How far from its centre it goes [m]."""
        if self.motion is None:
            return 0.0
        return float(max(np.linalg.norm(self.motion.sine), np.linalg.norm(self.motion.cosine)))

    def place(self, t: float) -> Point:
        if self.motion is None:
            return self._rest
        return tuple((self.centre + self.motion.offset(t)).tolist())

    def achieved(self, t: float, before: Point, after: Point) -> bool:
        return math.dist(after, self.place(t)) < self.reach
