# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Legs follow each other by distance and bearing; a mission is done in order."""

from liquid_control.errors import ConfigError
from liquid_control.sim.mission.ball import Ball, BallConfig
from liquid_control.sim.mission.course import CornerConfig, draw_course, LegConfig
from liquid_control.sim.mission.gate import Gate, GateConfig
from liquid_control.sim.mission.mission import Mission
import numpy as np
import pytest

START = np.array([1.0, 2.0, 1.0])
RED = (0.9, 0.1, 0.1)


def ball(distance: float, bearing: float) -> LegConfig:
    """Return a leg without choice."""
    return LegConfig(ball=BallConfig(0.3, RED, (distance,) * 2, (bearing,) * 2, (1.0, 1.0)))


def rngs(seed: int) -> list[np.random.Generator]:
    """Return the two streams."""
    return np.random.default_rng(seed).spawn(2)


def test_a_square_comes_back_to_its_start() -> None:
    legs = (ball(4.0, 0.0), *[ball(4.0, 90.0)] * 3)
    course = draw_course(legs, START, np.pi / 2, 0.7, *rngs(0))
    np.testing.assert_allclose(course.points, [(1, 2), (1, 6), (-3, 6), (-3, 2), (1, 2)],
                               atol=1e-12)
    assert [goal.centre.tolist() for goal in course.goals][0] == pytest.approx([1.0, 6.0, 1.0])
    assert len(course.goals) == 4 and all(isinstance(goal, Ball) for goal in course.goals)


def test_a_corner_turns_the_way_and_is_no_goal() -> None:
    corner = LegConfig(corner=CornerConfig((3.0, 3.0), (0.0, 0.0)))
    course = draw_course((corner, ball(2.0, -90.0)), START, 0.0, 0.7, *rngs(0))
    np.testing.assert_allclose(course.points, [(1, 2), (4, 2), (4, 0)], atol=1e-12)
    assert len(course.goals) == 1


def test_the_way_goes_on_as_a_gate_turns_it() -> None:
    gate = LegConfig(gate=GateConfig((4.0, 4.0), (0.0, 0.0), (1.5, 1.5), (1.4, 1.4),
                                     (30.0, 30.0)))
    course = draw_course((gate, ball(2.0, 60.0)), START, 0.0, 0.7, *rngs(0))
    first, second = course.goals
    assert isinstance(first, Gate) and first.heading == pytest.approx(np.pi / 6)
    np.testing.assert_allclose(second.centre[:2], (5.0, 4.0), atol=1e-12)


def test_times_draws_both_ends() -> None:
    leg = LegConfig(ball=ball(4.0, 0.0).ball, times=(2, 4))
    counts = {len(draw_course((leg,), START, 0.0, 0.7, *rngs(seed)).goals) for seed in range(40)}
    assert counts == {2, 3, 4}


def test_a_leg_is_one_thing() -> None:
    with pytest.raises(ConfigError, match='leg: expected one of ball, gate and corner'):
        LegConfig()
    with pytest.raises(ConfigError, match=r"found \['ball', 'corner'\]"):
        LegConfig(ball=ball(1.0, 0.0).ball, corner=CornerConfig((3.0, 3.0), (0.0, 0.0)))
    with pytest.raises(ConfigError, match='times: expected 1 <= low <= high'):
        LegConfig(ball=ball(1.0, 0.0).ball, times=(0, 2))


def test_goals_are_done_in_order_one_at_a_time() -> None:
    goals = draw_course((ball(3.0, 0.0), ball(4.0, 90.0)), START, 0.0, 0.7, *rngs(0)).goals
    mission = Mission(goals)
    first, second = (goal.place(0.0) for goal in goals)
    assert not mission.advance(0.1, second, second), 'the second is not the next'
    assert mission.beyond == pytest.approx(4.0)
    assert mission.advance(0.2, first, first) and not mission.complete and mission.done == 1
    assert mission.goal is goals[1] and mission.beyond == 0.0
    assert not mission.advance(0.3, first, first)
    assert mission.advance(0.4, second, second) and mission.complete
    assert not mission.advance(0.5, second, second) and mission.done == 2
    assert mission.goal is goals[1]
