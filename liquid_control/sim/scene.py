# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where everything stands in one flight: drawn from a world's YAML and a seed."""

from dataclasses import dataclass

from liquid_control.errors import SimulationError
from liquid_control.signals import FloatArray
from liquid_control.sim.world_config import ObstacleConfig, WorldConfig
import numpy as np

_TRIES = 400  # of placing one obstacle before the scene counts as too full


@dataclass(frozen=True)
class Obstacle:
    """An upright cylinder on the ground."""

    position: FloatArray   # (2,) of its axis [m]
    radius: float          # [m]
    height: float          # [m]
    color: FloatArray      # (3,) RGB in [0, 1]


@dataclass(frozen=True)
class Scene:
    """One draw of a world."""

    start: FloatArray              # (3,) [m]
    start_yaw: float               # [rad]
    target: FloatArray             # (3,) centre of the ball [m]
    obstacles: tuple[Obstacle, ...]
    ground_color: FloatArray       # (3,) RGB in [0, 1]
    sky_color: FloatArray          # (2, 3) horizon and zenith, RGB in [0, 1]
    light: FloatArray              # (3,) direction towards the light, unit

    @property
    def pillars(self) -> FloatArray:
        """Obstacles as rows x, y, radius, height: (P, 4) [m]."""
        rows = [[*obstacle.position, obstacle.radius, obstacle.height]
                for obstacle in self.obstacles]
        return np.array(rows, dtype=float).reshape(-1, 4)


def draw_scene(world: WorldConfig, rng: np.random.Generator) -> Scene:
    """
    Draw one scene.

    :param world: the distributions.
    :param rng: where the draws come from.
    :raises SimulationError: if the obstacles asked for do not fit.
    """
    start = np.array(world.start.position)
    yaw = np.deg2rad(rng.uniform(*world.start.yaw_deg))
    bearing = yaw + np.deg2rad(rng.uniform(*world.target.bearing_deg))
    distance = rng.uniform(*world.target.distance)
    target = np.array([start[0] + distance * np.cos(bearing),
                       start[1] + distance * np.sin(bearing),
                       rng.uniform(*world.target.height)])
    elevation = rng.uniform(0.6, 1.3)
    azimuth = rng.uniform(-np.pi, np.pi)
    horizon = rng.uniform(0.7, 1.0) * np.array([0.92, 0.96, 1.0])
    blueness = rng.uniform(0.0, 0.55)
    return Scene(
        start=start, start_yaw=yaw, target=target,
        obstacles=_draw_obstacles(world.obstacles, start, target, rng),
        ground_color=_ground(rng),
        sky_color=np.stack([horizon, horizon * (1 - blueness * np.array([1.0, 0.6, 0.15]))]),
        light=np.array([np.cos(azimuth) * np.cos(elevation),
                        np.sin(azimuth) * np.cos(elevation), np.sin(elevation)]))


def _ground(rng: np.random.Generator) -> FloatArray:
    """Grass, sand, earth or concrete."""
    kinds = np.array([[0.35, 0.48, 0.25], [0.62, 0.56, 0.42], [0.42, 0.35, 0.27],
                      [0.55, 0.55, 0.55]])
    return np.asarray(kinds[rng.integers(len(kinds))] * rng.uniform(0.8, 1.25), dtype=float)


def _bark(rng: np.random.Generator) -> FloatArray:
    """Brown, grey or mossy, and never as saturated as the target."""
    kinds = np.array([[0.42, 0.31, 0.22], [0.50, 0.49, 0.46], [0.33, 0.36, 0.24],
                      [0.60, 0.54, 0.45]])
    return np.asarray(np.clip(kinds[rng.integers(len(kinds))] * rng.uniform(0.7, 1.3)
                              + rng.uniform(-0.03, 0.03, 3), 0, 1), dtype=float)


def _paint(rng: np.random.Generator) -> FloatArray:
    """Colours of distractors: blue, green, yellow, violet; red is the target's."""
    kinds = np.array([[0.15, 0.30, 0.85], [0.15, 0.65, 0.25], [0.85, 0.75, 0.15],
                      [0.50, 0.25, 0.70]])
    return np.asarray(np.clip(kinds[rng.integers(len(kinds))] * rng.uniform(0.8, 1.15), 0, 1),
                      dtype=float)


def _draw_obstacles(config: ObstacleConfig | None, start: FloatArray, target: FloatArray,
                    rng: np.random.Generator) -> tuple[Obstacle, ...]:
    if config is None:
        return ()
    placed: list[Obstacle] = []
    count = int(rng.integers(config.pillars[0], config.pillars[1] + 1))
    for _ in range(count):
        radius, height = rng.uniform(*config.pillar_radius), rng.uniform(*config.pillar_height)
        position = _place(config, start, target, radius, placed, rng)
        placed.append(Obstacle(position, radius, height, _bark(rng)))
    for _ in range(int(rng.integers(config.distractors[0], config.distractors[1] + 1))):
        radius, height = rng.uniform(0.12, 0.28), rng.uniform(0.2, 0.6)
        position = _place(config, start, target, radius, placed, rng)
        placed.append(Obstacle(position, radius, height, _paint(rng)))
    return tuple(placed)


def _place(config: ObstacleConfig, start: FloatArray, target: FloatArray, radius: float,
           placed: list[Obstacle], rng: np.random.Generator) -> FloatArray:
    """Find a place that keeps every clearance: near the straight path, or anywhere ahead."""
    path = target[:2] - start[:2]
    length = float(np.linalg.norm(path))
    along, across = path / length, np.array([-path[1], path[0]]) / length
    for _ in range(_TRIES):
        if rng.random() < config.on_path:
            place = start[:2] + along * length * rng.uniform(0.1, 0.95) + across * rng.normal()
        else:
            place = (start[:2] + along * rng.uniform(-1.0, length + 3.0)
                     + across * rng.uniform(-6.0, 6.0))
        clear = (np.linalg.norm(place - start[:2]) > config.start_clearance + radius
                 and np.linalg.norm(place - target[:2]) > config.target_clearance + radius
                 and all(np.linalg.norm(place - other.position)
                         > config.gap + radius + other.radius for other in placed))
        if clear:
            return np.asarray(place, dtype=float)
    raise SimulationError(f'no room for obstacle {len(placed) + 1} after {_TRIES} tries; ask for '
                          'fewer or smaller obstacles, or for a smaller gap')
