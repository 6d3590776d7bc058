# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where everything stands in one flight: drawn from a world's YAML and a seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from liquid_control.errors import SimulationError
from liquid_control.signals import FloatArray
from liquid_control.sim.mission.course import Course, draw_course
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.mission.goal import Goal
from liquid_control.sim.mission.lane import draw_lane, Lane
from liquid_control.sim.scenery import colors
from liquid_control.sim.scenery.appearance import Appearance, draw_appearance
from liquid_control.sim.scenery.corridor import draw_corridor, fits
from liquid_control.sim.scenery.fixed import build_fixed
from liquid_control.sim.scenery.scatter import Kept, scatter
from liquid_control.sim.scenery.screens import draw_screens
from liquid_control.sim.scenery.solids import Box, covers, Obstacle
from liquid_control.sim.world_config import WorldConfig
import numpy as np

_TRIES = 400    # of drawing a course before its corridor counts as impossible
_LEG = 10       # points of a lane that count as one straight leg of the way
# Free around the start, whatever a file places by hand: as far as each vehicle reaches [m].
START_ROOM = {'drone': 0.1, 'rover': 0.25, 'racecar': 0.6}
_HEADROOM = 0.1      # likewise above and below [m]


@dataclass(frozen=True)
class Scene:
    """One draw of a world."""

    start: FloatArray              # (3,) [m]
    start_yaw: float               # [rad]
    goals: tuple[Goal, ...]        # one or more, in order
    obstacles: tuple[Obstacle, ...]
    ground_color: FloatArray       # (3,) RGB in [0, 1]
    sky_color: FloatArray          # (2, 3) horizon and zenith, RGB in [0, 1]
    light: FloatArray              # (3,) direction towards the light, unit
    walls: tuple[Box, ...] = ()
    appearance: Appearance = Appearance()
    lane: Lane | None = None

    @property
    def target(self) -> FloatArray:
        """Centre of the last goal, (3,) [m]."""
        return self.goals[-1].centre

    @property
    def pillars(self) -> FloatArray:
        """Obstacles as rows x, y, radius, height: (P, 4) [m]."""
        return _rows(self.obstacles)

    @property
    def frames(self) -> tuple[Box, ...]:
        """Return posts and beams of all gates."""
        return _frames(self.goals)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Walls, and the posts and beams of all gates."""
        return (*self.walls, *self.frames)

    def painted(self, done: int) -> tuple[FloatArray, FloatArray]:
        """
        Return boxes (B, 7) as `Box.row`, and their colours (B, 3) RGB, as they look at a time.

        :param done: number of goals that are done by then; the next gate has its own colour.
        """
        boxes = [(box.row, box.color) for box in self.walls]
        for index, goal in enumerate(self.goals):
            if isinstance(goal, Gate):
                boxes += [(box.row, np.array(goal.color) if index == done else box.color)
                          for box in goal.boxes]
        return (np.array([row for row, _ in boxes]).reshape(-1, 7),
                np.array([color for _, color in boxes]).reshape(-1, 3))

    @property
    def solids(self) -> FloatArray:
        """All one can fly into, as upright cylinders: (S, 5) x, y, radius, bottom, top [m]."""
        return covers(self.pillars, self.boxes)


def draw_scene(world: WorldConfig, rng: np.random.Generator) -> Scene:
    """
    Draw one scene.

    :param world: the distributions.
    :param rng: where the draws come from.
    :raises SimulationError: if what is asked for does not fit.
    """
    # Streams of their own: what a world does not have changes nothing of what it has.
    course_rng, walls_rng, looks_rng = rng.spawn(3)
    start = np.array(world.start.position)
    yaw = np.deg2rad(rng.uniform(*world.start.yaw_deg))
    looks = draw_appearance(world.appearance, looks_rng)
    try:
        course = _course(world, start, yaw, rng, course_rng)
        elevation = looks.elevation(rng.uniform(0.6, 1.3))
        azimuth = rng.uniform(-np.pi, np.pi)
        horizon = rng.uniform(0.7, 1.0) * np.array([0.92, 0.96, 1.0])
        blueness = rng.uniform(0.0, 0.55)
        obstacles, walls = _stand(world, course, rng, walls_rng)
    except SimulationError as error:
        raise SimulationError(f'{world.source or world.name}: {error}') from error
    return Scene(
        start=start, start_yaw=yaw, goals=course.goals, obstacles=obstacles,
        ground_color=looks.ground(colors.ground(rng)),
        sky_color=looks.sky_color(np.stack(
            [horizon, horizon * (1 - blueness * np.array([1.0, 0.6, 0.15]))])),
        light=np.array([np.cos(azimuth) * np.cos(elevation),
                        np.sin(azimuth) * np.cos(elevation), np.sin(elevation)]),
        walls=walls, appearance=looks, lane=course.lane)


def _course(world: WorldConfig, start: FloatArray, yaw: float, rng: np.random.Generator,
            details_rng: np.random.Generator) -> Course:
    """Draw the way; one that a corridor would cross itself on is drawn again."""
    if world.lane is not None:
        lane, end = draw_lane(world.lane, start, yaw, details_rng)
        last = len(lane.points) - 1
        return Course(lane.points[[*range(0, last, _LEG), last]], (end,), lane)
    for _ in range(_TRIES):
        course = draw_course(world.legs, start, yaw, world.success.radius, rng, details_rng)
        if world.corridor is None or fits(world.corridor, course.points):
            return course
    raise SimulationError(f'no corridor that keeps clear of itself after {_TRIES} tries; ask for '
                          'a narrower one, longer legs or smaller bearings')


def _rows(obstacles: Sequence[Obstacle]) -> FloatArray:
    """Write obstacles as rows x, y, radius, height: (P, 4) [m]."""
    rows = [[*obstacle.position, obstacle.radius, obstacle.height] for obstacle in obstacles]
    return np.array(rows, dtype=float).reshape(-1, 4)


def _check_start(world: WorldConfig, solids: FloatArray) -> None:
    """Refuse fixed things (S, 5) where the flight begins: what is scattered keeps away."""
    x, y, z = world.start.position
    room = START_ROOM[world.vehicle.kind]
    near = np.hypot(solids[:, 0] - x, solids[:, 1] - y) < solids[:, 2] + room
    if np.any(near & (solids[:, 3] < z + _HEADROOM) & (solids[:, 4] > z - _HEADROOM)):
        raise SimulationError(f'fixed: expected {room} m around the start of a '
                              f'{world.vehicle.kind} to be free, found a pillar or a wall; move '
                              'one of them')


def _stand(world: WorldConfig, course: Course, rng: np.random.Generator,
           walls_rng: np.random.Generator) -> tuple[tuple[Obstacle, ...], tuple[Box, ...]]:
    """Draw what stands: walls first, since what is scattered keeps away from them."""
    pillars: tuple[Obstacle, ...] = ()
    walls: tuple[Box, ...] = ()
    if world.corridor is not None:
        walls += draw_corridor(world.corridor, course.points, walls_rng)
    if world.screens is not None:
        walls += draw_screens(world.screens, course.points, walls_rng)
    if world.fixed is not None:
        pillars, fixed = build_fixed(world.fixed, walls_rng)
        walls += fixed
        _check_start(world, covers(_rows(pillars), fixed))
    if world.obstacles is None:
        return pillars, walls
    start = np.array(world.start.position[:2])
    kept = Kept(start, course.points, course.goals, pillars, (*walls, *_frames(course.goals)))
    return scatter(world.obstacles, kept, rng), walls


def _frames(goals: tuple[Goal, ...]) -> tuple[Box, ...]:
    """Return posts and beams of all gates."""
    return tuple(box for goal in goals if isinstance(goal, Gate) for box in goal.boxes)
