# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Only the next goal shows: a ball appears when it is its turn, a gate turns orange, both move."""

from collections.abc import Callable, Iterator

from liquid_control.sim.bodies import build_scene, GoalBodies
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.mission.goal import Goal
from liquid_control.sim.renderer import Renderer
from liquid_control.sim.scene import Scene
from liquid_control.sim.scenery.solids import wall
from liquid_control.sim.sensor_config import CameraConfig
import numpy as np
import pytest

EYE, LEVEL = np.array([0.0, 0.0, 1.5]), np.array([0.0, 0.0, 0.0, 1.0])
RED, ORANGE = (0.9, 0.05, 0.05), (0.95, 0.45, 0.05)
Make = Callable[..., tuple[GoalBodies, Renderer, Bullet]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Return a maker of worlds with goals, each seen from the origin."""
    bullets = []

    def build(*goals: Goal, **things: object) -> tuple[GoalBodies, Renderer, Bullet]:
        bullet = Bullet()
        bullets.append(bullet)
        scene = Scene(start=EYE, start_yaw=0.0, goals=goals, obstacles=(),
                      ground_color=np.array([0.3, 0.5, 0.2]), sky_color=np.full((2, 3), 0.8),
                      light=np.array([0.0, 0.0, 1.0]), **things)    # type: ignore[arg-type]
        bodies = build_scene(bullet, scene)
        return bodies, Renderer(bullet, CameraConfig(160, 120, 90.0), scene), bullet
    yield build
    for bullet in bullets:
        bullet.disconnect()


def warm(renderer: Renderer) -> tuple[int, float]:
    """Return number and mean column of the pixels that are red or orange."""
    image = renderer.render(EYE, LEVEL).astype(int)
    rows, columns = np.nonzero(image[..., 0] > 2 * image[..., 2] + 40)
    return len(rows), float(columns.mean()) if len(rows) else np.nan


def ball(y: float) -> Ball:
    """Return a ball 5 m ahead."""
    return Ball(np.array([5.0, y, 1.5]), 0.4, RED, 0.7)


def test_one_ball_at_a_time(make: Make) -> None:
    bodies, renderer, _ = make(ball(2.0), ball(-2.0))
    first, left = warm(renderer)
    bodies.show(1, 0.0)
    second, right = warm(renderer)
    bodies.show(2, 0.0)
    assert first == pytest.approx(second, abs=12) and first > 60
    assert left == pytest.approx(79.5 - 80 * 2 / 5, abs=1.5)
    assert right == pytest.approx(79.5 + 80 * 2 / 5, abs=1.5)
    assert warm(renderer)[0] == 0, 'all are done'


def test_a_ball_moves(make: Make) -> None:
    bodies, renderer, _ = make(ball(0.0))
    bodies.move((5.0, -1.0, 1.5))
    assert warm(renderer)[1] == pytest.approx(79.5 + 80 / 5, abs=1.5)


def test_the_next_gate_has_its_colour_and_the_others_are_grey(make: Make) -> None:
    gates = [Gate(np.array([5.0, y, 1.5]), 0.0, 1.4, 0.2, ORANGE) for y in (1.5, -1.5)]
    bodies, renderer, _ = make(*gates)
    assert warm(renderer)[1] < 79.5
    bodies.show(1, 0.0)
    assert warm(renderer)[1] > 79.5
    bodies.show(2, 0.0)
    assert warm(renderer)[0] == 0


def test_a_gate_then_a_ball(make: Make) -> None:
    bodies, renderer, _ = make(Gate(np.array([5.0, 1.5, 1.5]), 0.0, 1.4, 0.2, ORANGE), ball(-2.0))
    assert warm(renderer)[1] < 79.5
    bodies.show(1, 0.0)
    assert warm(renderer)[1] == pytest.approx(79.5 + 80 * 2 / 5, abs=1.5)


def test_walls_and_frames_stop_what_flies_and_balls_do_not(make: Make) -> None:
    gate = Gate(np.array([5.0, 0.0, 1.5]), 0.0, 1.4, 0.2, ORANGE)
    screen = wall(np.array([3.0, 1.0]), np.array([3.0, 3.0]), 2.0, 0.15, np.full(3, 0.5))
    _, _, bullet = make(gate, ball(0.0), walls=(screen,))

    def hits(y: float, z: float) -> float:
        """Return how far a ray along x goes."""
        return float(bullet.rayTest([0.0, y, z], [10.0, y, z])[0][2]) * 10.0
    assert hits(2.0, 1.0) == pytest.approx(2.925, abs=0.01)
    assert hits(0.8, 1.0) == pytest.approx(4.9, abs=0.01)       # the left post
    assert hits(0.0, 2.3) == pytest.approx(4.9, abs=0.01)       # the beam above
    assert hits(0.0, 1.5) == 10.0 and hits(2.0, 2.1) == 10.0
