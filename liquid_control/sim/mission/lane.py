# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A lane to keep to: it winds from the start to its end, between two painted lines.

Its curvature goes linearly from one drawn value to the next, as that of roads does, so it is a
chain of clothoids (Euler spirals); it begins straight.
"""

from dataclasses import dataclass, field

from liquid_control.errors import SimulationError
from liquid_control.signals import FloatArray
from liquid_control.sim.mission.ball import check_color
from liquid_control.sim.mission.goal import Goal, Point
from liquid_control.sim.ranges import check, check_range, Range
import numpy as np

STEP = 0.05          # between two points of a lane [m]
BEFORE, AFTER = 0.6, 1.5    # what is seen of it before the start and behind its end [m]
_TRIES = 400         # of drawing one that does not meet itself
_APART = 0.5         # between the lines of two stretches, at least [m]


@dataclass(frozen=True)
class LaneConfig:
    """How wide, how long and how winding."""

    width: Range                           # between the middles of its lines, above 0 [m]
    length: Range                          # from the start to its end, above 0 [m]
    radius: float                          # of its tightest bends, at least its width [m]
    bend: Range                            # from one drawn curvature to the next, above 0 [m]
    line: float = 0.06                     # width of a painted line, above 0 [m]
    color: tuple[float, float, float] = (0.92, 0.92, 0.88)     # of the lines; 0 to 1
    surface: tuple[float, float, float] = (0.25, 0.25, 0.27)   # between and beside them; 0 to 1

    def __post_init__(self) -> None:
        for key in ('width', 'length', 'bend'):
            check_range(key, getattr(self, key), above=0)
        check(self.radius >= self.width[1], 'radius', f'at least the width, {self.width[1]} m',
              self.radius)
        check(self.line > 0, 'line', 'more than 0 m', self.line)
        check_color(self.color)
        check_color(self.surface)


@dataclass(frozen=True)
class Lane:
    """One lane as it was drawn."""

    points: FloatArray          # (N, 2) of its middle, STEP apart [m]
    headings: FloatArray        # (N,) [rad]
    width: float                # between the middles of its lines [m]
    length: float               # from the start to its end [m]
    config: LaneConfig = field(repr=False)

    @property
    def lines(self) -> FloatArray:
        """Return the middles of the right and the left painted line, (2, N, 2) [m]."""
        return np.stack([self.border(-self.width / 2), self.border(self.width / 2)])

    def border(self, left: float) -> FloatArray:
        """
        Return the line at a distance from the middle, (N, 2) [m].

        :param left: distance, to the left positive [m].
        """
        aside = np.stack([-np.sin(self.headings), np.cos(self.headings)], axis=1)
        return self.points + left * aside

    def offset(self, point: FloatArray) -> float:
        """
        Return how far a point is from the middle, to the left positive [m].

        :param point: (2,) world [m].
        """
        index = self._nearest(point)
        x, y = point - self.points[index]
        heading = self.headings[index]
        return float(y * np.cos(heading) - x * np.sin(heading))

    def holds(self, point: FloatArray) -> bool:
        """
        Tell whether a point is between the two lines.

        :param point: (2,) world [m].
        """
        return abs(self.offset(point)) <= self.width / 2

    def ahead(self, point: FloatArray, reach: float) -> FloatArray:
        """
        Return the point of the middle that is so far on from a point, (2,) [m].

        :param point: (2,) world [m].
        :param reach: along the lane [m].
        """
        index = self._nearest(point) + round(reach / STEP)
        return np.asarray(self.points[min(index, len(self.points) - 1)])

    def _nearest(self, point: FloatArray) -> int:
        away = self.points - point
        return int(np.argmin(np.einsum('ij,ij->i', away, away)))


@dataclass(frozen=True)
class LaneEnd(Goal):
    """The end of a lane: passed where the line across it is."""

    centre: FloatArray          # (3,) of that line [m]
    heading: float              # of the lane there [rad]
    width: float                # of the lane [m]
    radius: float = 0.0         # there is nothing to see

    def place(self, t: float) -> Point:
        return tuple(self.centre.tolist())

    def achieved(self, t: float, before: Point, after: Point) -> bool:
        past, left = self._local(after)
        return past >= 0.0 > self._local(before)[0] and abs(left) <= self.width / 2

    def _local(self, point: Point) -> tuple[float, float]:
        x, y = point[0] - self.centre[0], point[1] - self.centre[1]
        cos, sin = np.cos(self.heading), np.sin(self.heading)
        return float(x * cos + y * sin), float(y * cos - x * sin)


def draw_lane(config: LaneConfig, start: FloatArray, yaw: float,
              rng: np.random.Generator) -> tuple[Lane, LaneEnd]:
    """
    Draw a lane that begins at the start, ahead, and does not meet itself.

    :param config: its ranges.
    :param start: (3,) [m].
    :param yaw: heading at the start [rad].
    :param rng: where the draws come from.
    :raises SimulationError: if there is none.
    """
    width = rng.uniform(*config.width)
    for _ in range(_TRIES):
        length = rng.uniform(*config.length)
        lane = Lane(*_middle(config, start[:2], yaw, length, rng), width, length, config)
        if _apart(lane):
            end = round((BEFORE + length) / STEP)
            return lane, LaneEnd(np.append(lane.points[end], start[2]),
                                 float(lane.headings[end]), width)
    raise SimulationError(f'no lane that keeps clear of itself after {_TRIES} tries; ask for a '
                          'shorter or narrower one, or for wider bends')


def _middle(config: LaneConfig, start: FloatArray, yaw: float, length: float,
            rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Integrate curvature to headings and to points, a little beyond both ends."""
    count = round((BEFORE + length + AFTER) / STEP) + 1
    along = STEP * np.arange(count) - BEFORE
    knots, values = [-BEFORE, 0.0], [0.0, 0.0]
    while knots[-1] < along[-1]:
        knots.append(knots[-1] + rng.uniform(*config.bend))
        values.append(rng.uniform(-1.0, 1.0) / config.radius)
    curvature = np.interp(along, knots, values)
    # Between two points a lane is an arc: halfway along it points the way from one to the other.
    turns = STEP * (curvature[1:] + curvature[:-1]) / 2
    headings = yaw + np.concatenate([[0.0], np.cumsum(turns)])
    middle = (headings[1:] + headings[:-1]) / 2
    steps = STEP * np.stack([np.cos(middle), np.sin(middle)], axis=1)
    points = np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    return points - points[round(BEFORE / STEP)] + start, headings


def _apart(lane: Lane) -> bool:
    """Tell whether stretches that are not neighbours keep apart."""
    every = 5
    points = lane.points[::every]
    room = lane.width + _APART
    # Half a turn of the tightest bend away, a lane is as near to itself as it may be.
    neighbours = int(np.ceil(np.pi * max(lane.config.radius, room) / (every * STEP)))
    away = np.linalg.norm(points[:, None] - points[None], axis=2)
    far = np.triu(np.ones(away.shape, bool), neighbours)
    return bool(np.all(away[far] > room))
