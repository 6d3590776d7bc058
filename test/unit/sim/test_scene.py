# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Scenes keep to the ranges and clearances of their world, seed by seed."""

from dataclasses import replace

from liquid_control.errors import SimulationError
from liquid_control.sim.scene import draw_scene, Scene
from liquid_control.sim.scenery.fixed import FixedConfig
from liquid_control.sim.scenery.scatter import ObstacleConfig
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

FOREST = load_world('forest')
OBSTACLES = FOREST.obstacles
assert OBSTACLES is not None


@pytest.fixture(scope='module')
def scenes() -> list[Scene]:
    """Return the scenes of 200 seeds."""
    return [draw_scene(FOREST, np.random.default_rng(seed)) for seed in range(200)]


def split(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Return pillars and distractors, (P, 4) each: x, y, radius, height."""
    tall = scene.pillars[:, 3] > 1.0
    return scene.pillars[tall], scene.pillars[~tall]


def test_counts_and_sizes(scenes: list[Scene]) -> None:
    counts = [tuple(map(len, split(scene))) for scene in scenes]
    assert {pillars for pillars, _ in counts} == set(range(8, 16))     # both ends occur
    assert {distractors for _, distractors in counts} == set(range(2, 6))
    for scene in scenes:
        pillars, distractors = split(scene)
        assert np.all((pillars[:, 2] >= 0.12) & (pillars[:, 2] <= 0.3))
        assert np.all((pillars[:, 3] >= 2.5) & (pillars[:, 3] <= 4.0))
        assert np.all(distractors[:, 3] < 0.8)


def test_start_target_and_each_other_stay_clear(scenes: list[Scene]) -> None:
    for scene in scenes:
        centres, radii = scene.pillars[:, :2], scene.pillars[:, 2]
        for place, clearance in ((scene.start, 1.2), (scene.target, 1.0)):
            assert np.min(np.linalg.norm(centres - place[:2], axis=1) - radii) > clearance
        apart = np.linalg.norm(centres[:, None] - centres[None], axis=2)
        gaps = apart - radii[:, None] - radii[None]
        assert np.min(gaps[~np.eye(len(radii), dtype=bool)]) > 1.0


def test_target_is_ahead_at_every_bearing_distance_and_height(scenes: list[Scene]) -> None:
    yaws = np.array([scene.start_yaw for scene in scenes])
    away = np.array([scene.target - scene.start for scene in scenes])
    distance = np.linalg.norm(away[:, :2], axis=1)
    bearing = (np.arctan2(away[:, 1], away[:, 0]) - yaws + np.pi) % (2 * np.pi) - np.pi
    height = np.array([scene.target[2] for scene in scenes])
    for values, low, high in ((distance, 6.0, 12.0), (np.rad2deg(bearing), -60.0, 60.0),
                              (height, 0.8, 1.6), (np.rad2deg(yaws), -180.0, 180.0)):
        assert low <= values.min() and values.max() <= high
        # 200 uniform draws leave no tenth of their range empty.
        assert np.histogram(values, bins=10, range=(low, high))[0].min() > 5


def test_red_is_the_targets_alone(scenes: list[Scene]) -> None:
    def redness(color: np.ndarray) -> float:
        return float(color[0] - max(color[1], color[2]))
    worst = max(redness(np.asarray(obstacle.color))
                for scene in scenes for obstacle in scene.obstacles)
    ground = max(redness(scene.ground_color) for scene in scenes)
    assert FOREST.target is not None and redness(np.array(FOREST.target.color)) > 0.8
    assert worst < 0.25 and ground < 0.15


def test_light_comes_from_above_and_is_a_direction(scenes: list[Scene]) -> None:
    light = np.array([scene.light for scene in scenes])
    np.testing.assert_allclose(np.linalg.norm(light, axis=1), 1.0)
    assert np.all(light[:, 2] > 0.5)


def test_same_seed_same_scene(scenes: list[Scene]) -> None:
    again = draw_scene(FOREST, np.random.default_rng(7))
    np.testing.assert_array_equal(again.pillars, scenes[7].pillars)
    np.testing.assert_array_equal(again.target, scenes[7].target)
    np.testing.assert_array_equal(again.light, scenes[7].light)
    assert not np.array_equal(again.target, scenes[8].target)


def test_empty_world_has_no_obstacles() -> None:
    scene = draw_scene(load_world('empty'), np.random.default_rng(0))
    assert scene.obstacles == () and scene.pillars.shape == (0, 4)


def test_too_full_says_what_to_change() -> None:
    assert isinstance(OBSTACLES, ObstacleConfig)
    packed = replace(FOREST, obstacles=replace(OBSTACLES, pillars=(60, 60), gap=4.0))
    with pytest.raises(SimulationError, match='sim_worlds/forest.yaml: no room for obstacle '
                       '.*fewer or smaller'):
        draw_scene(packed, np.random.default_rng(0))


@pytest.mark.parametrize('fixed', [
    FixedConfig(pillars=((0.2, 0.0, 0.3, 3.0),)),
    FixedConfig(walls=((-1.0, 0.05, 1.0, 0.05, 2.0),))])
def test_nothing_fixed_stands_on_the_start(fixed: FixedConfig) -> None:
    """A flight would end as it begins, and count as a collision of the policy."""
    world = replace(load_world('empty'), fixed=fixed)
    with pytest.raises(SimulationError, match='fixed: expected 0.1 m around the start of a drone'):
        draw_scene(world, np.random.default_rng(0))
    draw_scene(replace(world, start=replace(world.start, position=(0.0, -3.0, 1.0))),
               np.random.default_rng(0))


@pytest.mark.parametrize(('name', 'room'), [('yard', 0.25), ('road', 0.6)])
def test_nor_where_a_vehicle_on_wheels_reaches(name: str, room: float) -> None:
    """Settling on its wheels it would be pushed aside, or touch the wall."""
    world = load_world(name)
    for distance, fits in ((room - 0.05, False), (room + 0.1, True)):
        wall = FixedConfig(walls=((distance + 0.1, -0.5, distance + 0.1, 0.5, 1.0),))
        placed = replace(world, fixed=wall, obstacles=None)
        if fits:
            draw_scene(placed, np.random.default_rng(0))
        else:
            with pytest.raises(SimulationError, match=f'fixed: expected {room} m around'):
                draw_scene(placed, np.random.default_rng(0))


def test_the_start_of_a_lane_is_free() -> None:
    """The lane itself begins behind it."""
    road = load_world('road')
    assert road.obstacles is not None
    wide = replace(road, obstacles=replace(road.obstacles, start_clearance=2.5,
                                           sight_clearance=0.8))
    start = np.array(road.start.position[:2])
    for seed in range(40):
        pillars = draw_scene(wide, np.random.default_rng(seed)).pillars
        assert np.all(np.linalg.norm(pillars[:, :2] - start, axis=1) - pillars[:, 2] > 2.5)
