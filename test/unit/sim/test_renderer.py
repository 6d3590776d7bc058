# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What stands where appears where a pinhole camera puts it."""

from collections.abc import Callable, Iterator

from liquid_control.sim.bodies import build_scene
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.renderer import Renderer
from liquid_control.sim.scene import Scene
from liquid_control.sim.scenery.solids import Obstacle
from liquid_control.sim.sensor_config import CameraConfig
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

LEVEL = np.array([0.0, 0.0, 0.0, 1.0])
EYE = np.array([0.0, 0.0, 1.5])
TARGET = load_world('empty').target
MOUNT = np.array(load_world('empty').camera.mount)
WIDTH, HEIGHT = 320, 240
FOCAL = WIDTH / 2         # [pixel] at 90 degrees
MakeRenderer = Callable[..., Renderer]


def scene_of(target: list[float], obstacles: tuple[Obstacle, ...] = ()) -> Scene:
    """Return a scene with a target relative to the camera in a drone at EYE, facing +x."""
    ball = Ball(EYE + MOUNT + np.array(target), TARGET.radius, TARGET.color, 0.7)
    return Scene(start=EYE, start_yaw=0.0, goals=(ball,),
                 obstacles=obstacles, ground_color=np.array([0.3, 0.5, 0.2]),
                 sky_color=np.array([[0.8, 0.9, 1.0], [0.2, 0.5, 0.9]]),
                 light=np.array([0.0, 0.0, 1.0]))


@pytest.fixture
def make_renderer() -> Iterator[MakeRenderer]:
    """Return a maker of renderers, each in a Bullet world of its own."""
    clients = []

    def make(scene: Scene, pitch_deg: float = 0.0) -> Renderer:
        bullet = Bullet()
        clients.append(bullet)
        build_scene(bullet, scene)
        return Renderer(bullet, CameraConfig(WIDTH, HEIGHT, 90.0, pitch_deg), scene)
    yield make
    for client in clients:
        client.disconnect()


def red(image: np.ndarray) -> tuple[float, float, int]:
    """Return column, row and area of what is red [pixel]."""
    colors = image.astype(int)
    rows, columns = np.nonzero((colors[..., 0] > 60)
                               & (colors[..., 0] > 3 * colors[..., 1:].max(axis=2)))
    return float(np.mean(columns)), float(np.mean(rows)), len(rows)


@pytest.mark.parametrize('place', [
    [5.0, 0.0, 0.0], [5.0, 2.0, 0.0], [6.0, -3.0, 0.5], [4.0, 1.0, -0.5], [12.0, -2.0, 1.0]])
def test_target_appears_at_its_pixel_and_size(make_renderer: MakeRenderer,
                                              place: list[float]) -> None:
    x, y, z = place
    column, row, area = red(make_renderer(scene_of(place)).render(EYE, LEVEL))
    assert column == pytest.approx(WIDTH / 2 - 0.5 - FOCAL * y / x, abs=1.5)    # left is left
    assert row == pytest.approx(HEIGHT / 2 - 0.5 - FOCAL * z / x, abs=1.5)      # up is up
    # An off-axis ball is drawn out by x/|p| to the power -3; 10 sides cover a little less.
    stretch = (np.linalg.norm(place) / x) ** 3
    expected = np.pi * (FOCAL * TARGET.radius / np.linalg.norm(place)) ** 2 * stretch
    assert 0.8 * expected < area < 1.1 * expected


def test_turning_left_moves_the_target_right(make_renderer: MakeRenderer) -> None:
    renderer = make_renderer(scene_of([5.0, 0.0, 0.0]))
    angle = 0.3
    turned = np.array([0.0, 0.0, np.sin(angle / 2), np.cos(angle / 2)])
    column, _, _ = red(renderer.render(EYE, turned))
    # Turned by 0.3 rad about the drone's centre; the mount turns along.
    relative = np.array([5.03 * np.cos(angle) - 0.03, -5.03 * np.sin(angle)])
    assert column == pytest.approx(WIDTH / 2 - 0.5 - FOCAL * relative[1] / relative[0], abs=1.5)


def test_nose_down_and_camera_pitch_look_down(make_renderer: MakeRenderer) -> None:
    scene = scene_of([6.0, 0.0, 0.0])
    pitched = make_renderer(scene, pitch_deg=10.0).render(EYE, LEVEL)
    expected = HEIGHT / 2 - 0.5 - FOCAL * np.tan(np.deg2rad(10.0))
    assert red(pitched)[1] == pytest.approx(expected, abs=1.5)
    half = np.deg2rad(10.0) / 2
    nose_down = make_renderer(scene).render(EYE, np.array([0.0, np.sin(half), 0.0, np.cos(half)]))
    assert red(nose_down)[1] == pytest.approx(expected, abs=2.0)


@pytest.mark.parametrize('distance', [1.0, 3.0, 8.0])
def test_depth_of_a_pillar(make_renderer: MakeRenderer, distance: float) -> None:
    pillar = Obstacle(np.array([distance, 0.0]), 0.2, 3.0, np.array([0.4, 0.3, 0.2]))
    renderer = make_renderer(scene_of([20.0, 5.0, 0.0], (pillar,)))
    renderer.render(EYE, LEVEL)
    # One edge of the prism faces the camera: it lies on the circle of its radius.
    surface = distance - 0.2 - MOUNT[0]
    assert renderer.depth[HEIGHT // 2, WIDTH // 2] == pytest.approx(surface, abs=0.02)
    half_width = FOCAL * 0.2 / (distance - MOUNT[0])
    seen = np.count_nonzero(renderer.depth[HEIGHT // 2] < distance)
    assert seen == pytest.approx(2 * half_width, rel=0.1, abs=2)


def test_sky_above_ground_below(make_renderer: MakeRenderer) -> None:
    renderer = make_renderer(scene_of([5.0, 3.0, 0.0]))
    image = renderer.render(EYE, LEVEL)
    zenith = np.array([0.2, 0.5, 0.9]) * 255
    np.testing.assert_allclose(image[0], np.tile(zenith, (WIDTH, 1)), atol=2)
    assert np.all(renderer.depth[:HEIGHT // 2 - 2, 200:] > 50)
    ground = image[-1].astype(float).mean(axis=0)
    assert ground[1] > ground[0] > ground[2]                       # the green of this ground
    # The lowest row looks down at 3/4: the ground is 1.51 m below the camera.
    expected = 1.51 * FOCAL / (HEIGHT / 2 - 0.5)
    assert renderer.depth[-1, WIDTH // 2] == pytest.approx(expected, abs=0.02)


def test_a_camera_is_where_it_is_mounted(make_renderer: MakeRenderer) -> None:
    scene = scene_of([4.0, 0.5, 0.0])
    moved = np.array([0.3, -0.1, 0.4])
    bullet = Bullet()
    build_scene(bullet, scene)
    config = CameraConfig(WIDTH, HEIGHT, 90.0, mount=tuple((MOUNT + moved).tolist()))
    there = Renderer(bullet, config, scene).render(EYE, LEVEL)
    bullet.disconnect()
    np.testing.assert_array_equal(there, make_renderer(scene).render(EYE + moved, LEVEL))
