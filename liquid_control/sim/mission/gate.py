# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A gate to fly through: an upright frame on two posts, with a front and a back."""

from dataclasses import dataclass
import math

from liquid_control.signals import FloatArray
from liquid_control.sim.mission.ball import check_color
from liquid_control.sim.mission.goal import Goal, Point
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.scenery.solids import Box
import numpy as np

WAITING = (0.72, 0.72, 0.70)     # colour of a gate that is not the next, RGB in [0, 1]


@dataclass(frozen=True)
class GateConfig:
    """Where a gate may stand, and how it looks."""

    distance: Range                        # level, from the goal before or the start, above 0 [m]
    bearing_deg: Range                     # from the way that led there, left positive [degrees]
    height: Range                          # of its middle, above half the opening and frame [m]
    opening: Range                         # side of the square to fly through, above 0 [m]
    turn_deg: Range = (0.0, 0.0)           # from the line there to the way through, -80 to 80
    color: tuple[float, float, float] = (0.95, 0.45, 0.05)   # while it is the next; 0 to 1
    frame: float = 0.2                     # thickness of posts and beams, above 0 [m]

    def __post_init__(self) -> None:
        check_range('distance', self.distance, above=0)
        check_range('bearing_deg', self.bearing_deg)
        check_range('opening', self.opening, above=0)
        check_range('turn_deg', self.turn_deg)
        check(-80 <= self.turn_deg[0] and self.turn_deg[1] <= 80, 'turn_deg', '-80 to 80',
              list(self.turn_deg))
        check_color(self.color)
        check(self.frame > 0, 'frame', 'more than 0 m', self.frame)
        check_range('height', self.height, above=0)
        check(self.height[0] > self.opening[1] / 2 + self.frame, 'height',
              f'more than half the opening and the frame, {self.opening[1] / 2 + self.frame:g} m',
              list(self.height))


@dataclass(frozen=True)
class Gate(Goal):
    """A gate; passed where its plane is crossed inside the opening, from the front."""

    centre: FloatArray          # (3,) of the opening [m]
    heading: float              # of the way through it [rad]
    opening: float              # side of the square [m]
    frame: float                # thickness of posts and beams [m]
    color: tuple[float, float, float]
    radius: float = 0.0         # one sees through it

    def place(self, t: float) -> Point:
        return tuple(self.centre.tolist())

    @property
    def forward(self) -> FloatArray:
        """Direction of the way through, (3,) unit."""
        return np.array([np.cos(self.heading), np.sin(self.heading), 0.0])

    def local(self, point: Point | FloatArray) -> tuple[float, float, float]:
        """
        Return a point as seen from the opening: behind its plane, to the left, above [m].

        :param point: (3,) world [m].
        """
        x, y, z = (here - there for here, there in zip(point, self.centre.tolist()))
        cos, sin = math.cos(self.heading), math.sin(self.heading)
        return x * cos + y * sin, y * cos - x * sin, z

    def achieved(self, t: float, before: Point, after: Point) -> bool:
        past, left, up = self.local(after)
        half = self.opening / 2
        return (past >= 0.0 and abs(left) < half and abs(up) < half
                and self.local(before)[0] < 0.0)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Two posts from the ground, a beam above and one below the opening."""
        half, thick = self.opening / 2, self.frame
        top = float(self.centre[2]) + half + thick
        left = np.array([-np.sin(self.heading), np.cos(self.heading)])
        color = np.array(WAITING)
        across = self.heading + np.pi / 2
        posts = [Box(np.append(self.centre[:2] + side * (half + thick / 2) * left, top / 2),
                     np.array([thick, thick, top]), across, color) for side in (1.0, -1.0)]
        beams = [Box(self.centre + [0.0, 0.0, side * (half + thick / 2)],
                     np.array([self.opening, thick, thick]), across, color)
                 for side in (1.0, -1.0)]
        return (*posts, *beams)
