# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Corridors are as wide as they say and closed; screens leave the straight line free."""

from liquid_control.sim.scene import draw_scene, Scene
from liquid_control.sim.scenery.corridor import CorridorConfig, draw_corridor, fits
from liquid_control.sim.scenery.fixed import build_fixed, FixedConfig
from liquid_control.sim.scenery.screens import draw_screens, ScreenConfig
from liquid_control.sim.scenery.solids import Box
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

CORRIDOR = CorridorConfig((2.4, 2.4), 2.8)


def rng() -> np.random.Generator:
    """Return numbers that are always the same."""
    return np.random.default_rng(0)


def nearest(boxes: tuple[Box, ...], point: np.ndarray) -> float:
    """Return the distance of the nearest wall."""
    return min(box.distance(point) for box in boxes)


@pytest.mark.parametrize('turn', [-75.0, -40.0, 0.0, 60.0])
def test_walls_keep_half_the_width_along_every_leg(turn: float) -> None:
    heading = np.deg2rad(turn)
    path = np.array([(0.0, 0.0), (4.0, 0.0),
                     (4.0 + 4.0 * np.cos(heading), 4.0 * np.sin(heading))])
    assert fits(CORRIDOR, path)
    boxes = draw_corridor(CORRIDOR, path, rng())
    for start, end in zip(path, path[1:]):
        for share in np.linspace(0.0, 1.0, 21):
            assert nearest(boxes, start + share * (end - start)) == pytest.approx(1.2, abs=0.03)
    assert all(box.size[2] == 2.8 and box.centre[2] == 1.4 for box in boxes)


def test_nobody_gets_out() -> None:
    """From the first leg's middle, every ray ends at a wall."""
    path = np.array([(0.0, 0.0), (4.0, 0.0), (5.5, 3.5), (9.5, 3.5)])
    boxes = draw_corridor(CORRIDOR, path, rng())
    for angle in np.linspace(0, 2 * np.pi, 180, endpoint=False):
        ray = np.outer(np.arange(0.0, 14.0, 0.05), [np.cos(angle), np.sin(angle)])
        assert min(nearest(boxes, point) for point in ray + (2.0, 0.0)) == 0.0


def test_a_corridor_through_itself_does_not_fit() -> None:
    square = np.array([(0, 0), (5, 0), (5, 5), (0, 5), (0, 0.5)], dtype=float)
    assert fits(CORRIDOR, square[:4]) and not fits(CORRIDOR, square)
    hairpin = np.array([(0, 0), (5, 0), (0.5, 0.5)], dtype=float)
    assert not fits(CORRIDOR, hairpin)


def test_screens_stand_across_and_leave_the_line() -> None:
    config = ScreenConfig((3, 3), (1.5, 2.5), (2.4, 3.0), (0.12, 0.4))
    start, end = np.array([1.0, 1.0]), np.array([7.0, 9.0])
    boxes = draw_screens(config, np.array([start, end]), rng())
    along = (end - start) / 10.0
    sides = []
    for box in boxes:
        line = [box.distance(start + share * (end - start)) for share in np.linspace(0, 1, 501)]
        assert 0.12 - 1e-9 <= min(line) <= 0.4 + 0.02
        assert abs(np.cos(box.yaw) * along[0] + np.sin(box.yaw) * along[1]) < 1e-9
        away = box.centre[:2] - start
        sides.append(np.sign(along[0] * away[1] - along[1] * away[0]))
        assert 0.15 < away @ along / 10.0 < 0.9
    assert len(boxes) == 3 and sides[0] == -sides[1] == sides[2]
    assert draw_screens(ScreenConfig((0, 0), (1, 1), (1, 1), (0, 0)), np.array([start, end]),
                        rng()) == ()


def test_fixed_things_stand_where_they_are_said_to() -> None:
    config = FixedConfig(((1.0, 2.0, 0.3, 2.5),), ((0.0, -1.0, 4.0, -1.0, 2.0),))
    pillars, walls = build_fixed(config, rng())
    assert (pillars[0].position.tolist(), pillars[0].radius, pillars[0].height) == (
        [1.0, 2.0], 0.3, 2.5)
    assert walls[0].centre.tolist() == [2.0, -1.0, 1.0] and walls[0].size[0] == 4.0


@pytest.fixture(scope='module')
def scenes() -> dict[str, list[Scene]]:
    """Return scenes of worlds with walls."""
    return {name: [draw_scene(load_world(name), np.random.default_rng(seed))
                   for seed in range(60)] for name in ('gates', 'corridor', 'search')}


def test_what_is_scattered_keeps_away_from_walls_and_gates(
        scenes: dict[str, list[Scene]]) -> None:
    for scene in [*scenes['gates'], *scenes['search']]:
        for x, y, radius, _ in scene.pillars:
            assert nearest(scene.boxes, np.array([x, y])) > 1.0 + radius


def test_in_search_the_target_is_out_of_view_and_in_sight(scenes: dict[str, list[Scene]]) -> None:
    """Nothing stands on the line from the start, and a turn shows the target."""
    for scene in scenes['search']:
        away = scene.target[:2] - scene.start[:2]
        off_nose = (np.arctan2(away[1], away[0]) - scene.start_yaw + np.pi) % (2 * np.pi) - np.pi
        assert abs(off_nose) > np.deg2rad(45.0), 'half the field of view'
        line = scene.start[:2] + np.linspace(0, 1, 201)[:, None] * away
        for x, y, radius, bottom, top in scene.solids:
            assert np.hypot(*(line - (x, y)).T).min() > radius or not bottom < 1.2 < top
    sides = [np.sign(box.yaw) for scene in scenes['search'] for box in scene.walls]
    assert set(sides) == {-1.0, 1.0}


def test_corridors_turn_both_ways_and_hold_the_drone(scenes: dict[str, list[Scene]]) -> None:
    for scene in scenes['corridor']:
        for place in (scene.start, scene.target):
            assert nearest(scene.walls, place[:2]) > 1.0
    assert {len(scene.walls) for scene in scenes['corridor']} == {8, 10, 12}
    assert load_world('corridor').success.max_altitude < 2.8, 'nobody flies over its walls'
