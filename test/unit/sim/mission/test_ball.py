# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A ball is reached within its distance, wherever it is by then."""

import math

from liquid_control.errors import ConfigError
from liquid_control.sim.mission.ball import Ball, BallConfig, draw_motion, MotionConfig
import numpy as np
import pytest

CENTRE = np.array([4.0, -2.0, 1.2])
FAR = (100.0, 0.0, 0.0)


def moving(path: str, seed: int) -> Ball:
    """Return a ball of 1.5 m and 0.6 m/s."""
    config = MotionConfig(path, (0.6, 0.6), (1.5, 1.5))     # type: ignore[arg-type]
    return Ball(CENTRE, 0.3, (0.9, 0.1, 0.1), 0.7,
                draw_motion(config, np.random.default_rng(seed)))


def test_at_rest() -> None:
    ball = Ball(CENTRE, 0.3, (0.9, 0.1, 0.1), 0.7)
    assert not ball.moves and ball.extent == 0.0
    assert ball.place(0.0) == ball.place(33.0) == tuple(CENTRE)
    for away, reached in ((0.69, True), (0.71, False)):
        assert ball.achieved(5.0, FAR, (4.0, -2.0 + away, 1.2)) is reached
        assert ball.achieved(5.0, FAR, (4.0, -2.0, 1.2 - away)) is reached


@pytest.mark.parametrize('path', ['line', 'circle'])
@pytest.mark.parametrize('seed', range(3))
def test_it_keeps_to_its_path_and_speed(path: str, seed: int) -> None:
    ball = moving(path, seed)
    period = 2 * math.pi * 1.5 / 0.6
    t = np.linspace(0.0, period, 4001)
    places = np.array([ball.place(moment) for moment in t])
    away = np.linalg.norm(places - CENTRE, axis=1)
    speed = np.linalg.norm(np.diff(places, axis=0), axis=1) / np.diff(t)
    np.testing.assert_allclose(places[0], places[-1], atol=1e-9)      # once round, or to and fro
    np.testing.assert_array_equal(places[:, 2], 1.2)                  # level
    assert away.max() == pytest.approx(1.5, abs=1e-3) and ball.extent == pytest.approx(1.5)
    assert speed.max() == pytest.approx(0.6, rel=1e-3)
    if path == 'circle':
        np.testing.assert_allclose(away, 1.5)
        np.testing.assert_allclose(speed, 0.6, rtol=1e-3)
    else:
        assert away.min() < 1e-2 and speed.min() < 1e-2
        assert np.linalg.matrix_rank(places - CENTRE, tol=1e-6) == 1   # straight


def test_it_is_reached_where_it_is_and_not_where_it_was() -> None:
    ball = moving('circle', 1)
    there = ball.place(2.0)
    assert ball.achieved(2.0, FAR, there)
    half = math.pi * 1.5 / 0.6                       # then it is on the other side, 3 m away
    assert not ball.achieved(2.0 + half, FAR, there)


def test_seeds_draw_every_direction_and_both_turns() -> None:
    motions = [moving('circle', seed).motion for seed in range(40)]
    assert {motion.rate > 0 for motion in motions if motion} == {True, False}
    angles = np.array([np.arctan2(motion.sine[1], motion.sine[0]) for motion in motions if motion])
    assert np.histogram(angles, bins=4, range=(-np.pi, np.pi))[0].min() > 2


def test_a_motion_needs_speed() -> None:
    with pytest.raises(ConfigError, match='speed: expected 0 < low <= high'):
        MotionConfig('line', (0.0, 1.0), (1.0, 1.0))
    with pytest.raises(ConfigError, match='radius: expected more than 0 m'):
        BallConfig(0.0, (1, 0, 0), (5.0, 6.0), (0.0, 0.0), (1.0, 1.0))
