# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where the expert heads and looks: along gates' axes, and around walls."""

from types import SimpleNamespace

from liquid_control.sim.guide import Guide, through
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.scene import Scene
from liquid_control.sim.scenery.solids import Box, wall
from liquid_control.sim.shortest_way import ShortestWay
import numpy as np
import pytest

GATE = Gate(np.array([5.0, 0.0, 1.5]), 0.0, 1.4, 0.2, (1.0, 0.5, 0.0))
GREY = np.full(3, 0.5)


def guide(target: tuple[float, float], *walls: Box) -> tuple[Guide, SimpleNamespace]:
    """Return a guide to a ball, and what it looks at as a simulation, at the origin."""
    ball = Ball(np.array([*target, 1.0]), 0.3, (1.0, 0.0, 0.0), 0.7)
    scene = Scene(start=np.array([0.0, 0.0, 1.0]), start_yaw=0.0, goals=(ball,), obstacles=(),
                  ground_color=GREY, sky_color=np.zeros((2, 3)), light=GREY, walls=walls)
    simulation = SimpleNamespace(scene=scene, mission=SimpleNamespace(goal=ball, done=0),
                                 target=ball.centre, position=scene.start)
    return Guide(simulation), simulation     # type: ignore[arg-type]


def test_a_gates_axis_is_joined_before_it_and_left_behind_it() -> None:
    far = through(GATE, np.array([0.0, 3.0, 1.5]))
    np.testing.assert_allclose(far.head_for, [3.8, 0.0, 1.5])
    near = through(GATE, np.array([4.5, 0.0, 1.5]))
    np.testing.assert_allclose(near.head_for, [6.0, 0.0, 1.5])
    askew = through(GATE, np.array([4.5, 0.6, 1.5]))
    assert askew.head_for[0] < near.head_for[0], 'the more askew, the earlier it turns in'
    for aim in (far, near, askew):
        assert aim.look_at[0] > 5.0 and aim.look_at[1] == 0.0


@pytest.mark.parametrize('side', [1.0, -1.0])
def test_a_gate_that_was_missed_is_flown_round(side: float) -> None:
    for past in (-0.1, 1.0):
        aim = through(GATE, np.array([5.0 + past, side * 1.2, 1.5]))
        assert aim.head_for[0] == pytest.approx(3.8)
        assert aim.head_for[1] == pytest.approx(side * 1.5), 'past the post on its own side'


def test_nothing_in_the_way_is_the_straight_way() -> None:
    aim = guide((8.0, 0.0))[0].aim()
    np.testing.assert_array_equal(aim.head_for, [8.0, 0.0, 1.0])
    np.testing.assert_array_equal(aim.look_at, [8.0, 0.0, 1.0])
    beside = wall(np.array([4.0, 1.0]), np.array([4.0, 3.0]), 2.5, 0.15, GREY)
    np.testing.assert_array_equal(guide((8.0, 0.0), beside)[0].aim().head_for, [8.0, 0.0, 1.0])


def test_a_wall_is_flown_round_at_its_nearer_end_and_one_looks_there() -> None:
    across = wall(np.array([4.0, -1.0]), np.array([4.0, 4.0]), 2.5, 0.15, GREY)
    pilot, simulation = guide((8.0, 0.0), across)
    aim = pilot.aim()
    assert aim.head_for[1] < -0.2 and aim.head_for[2] == 1.0
    np.testing.assert_array_equal(aim.look_at, aim.head_for)
    path = [np.zeros(2)]
    for _ in range(60):              # as if it flew exactly where it heads
        simulation.position = np.append(path[-1], 1.0)
        step = pilot.aim().head_for[:2] - path[-1]
        path.append(path[-1] + 0.25 * step / max(1e-9, float(np.linalg.norm(step))))
        if np.linalg.norm(path[-1] - (8.0, 0.0)) < 0.3:
            break
    assert np.linalg.norm(path[-1] - (8.0, 0.0)) < 0.3
    # It points; the expert's steering is what keeps the clearance on the way there.
    assert min(across.distance(point) for point in path) > 0.05
    length = float(np.linalg.norm(np.diff(path, axis=0), axis=1).sum())
    assert length < 1.15 * (np.hypot(4.0, 1.0) * 2)          # by way of the wall's end


def test_one_looks_at_a_goal_that_is_in_sight_though_nobody_fits_through() -> None:
    slit = [wall(np.array([4.0, y]), np.array([4.0, 2.0 * np.sign(y)]), 2.5, 0.15, GREY)
            for y in (0.3, -0.3)]
    aim = guide((8.0, 0.0), *slit)[0].aim()
    np.testing.assert_array_equal(aim.look_at, [8.0, 0.0, 1.0])


def test_the_shortest_way_in_the_open_is_straight() -> None:
    way = ShortestWay(np.array([[20.0, 20.0, 0.1]]), np.array([6.0, 3.0]), np.zeros(2))
    ahead = way.ahead(np.zeros(2), 2.0)
    assert np.linalg.norm(ahead) == pytest.approx(2.0, abs=0.35)
    assert np.arctan2(*ahead[::-1]) == pytest.approx(np.arctan2(3.0, 6.0), abs=0.5)
    np.testing.assert_allclose(way.ahead(np.array([5.9, 3.0]), 2.0), (6.0, 3.0), atol=0.15)


def test_where_there_is_no_way_the_least_bad_one_is_taken() -> None:
    ring = [[2.0 * np.cos(a), 2.0 * np.sin(a), 0.2] for a in np.arange(0, 2 * np.pi, 0.15)]
    way = ShortestWay(np.array(ring), np.array([6.0, 0.0]), np.zeros(2))
    assert way.ahead(np.zeros(2), 20.0)[0] == pytest.approx(6.0, abs=0.2)
