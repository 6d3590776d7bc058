# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Lanes against plane geometry: straight ones, circles, and what is drawn."""

from dataclasses import replace

from liquid_control.errors import ConfigError, SimulationError
from liquid_control.sim.mission.lane import AFTER, BEFORE, draw_lane, Lane, LaneConfig, STEP
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

CONFIG = load_world('road').lane
START = np.array([1.0, -2.0, 0.05])


class Stubborn:
    """Random numbers that are always the largest: a lane then goes round in a circle."""

    def uniform(self, low: float, high: float) -> float:
        """Return the end of the range."""
        return high


def circle(radius: float) -> Lane:
    """Return a lane around the origin, to the left, that begins at (radius, 0)."""
    angles = np.arange(0.0, np.pi, STEP / radius)
    points = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return Lane(points, angles + np.pi / 2, 1.0, 5.0, CONFIG)


def test_offsets_and_borders_of_a_circle() -> None:
    lane = circle(3.0)
    for radius, angle in ((2.6, 0.3), (3.0, 1.1), (3.45, 2.5)):
        place = radius * np.array([np.cos(angle), np.sin(angle)])
        assert lane.offset(place) == pytest.approx(3.0 - radius, abs=1e-3)
        assert lane.holds(place)
    assert not lane.holds(np.array([0.0, 3.51])) and not lane.holds(np.array([0.0, 2.49]))
    right, left = lane.lines
    np.testing.assert_allclose(np.linalg.norm(left, axis=1), 2.5)
    np.testing.assert_allclose(np.linalg.norm(right, axis=1), 3.5)
    np.testing.assert_allclose(lane.ahead(np.array([3.2, 0.0]), 1.5),
                               3.0 * np.array([np.cos(0.5), np.sin(0.5)]), atol=1e-9)


@pytest.mark.parametrize('seed', range(5))
def test_a_drawn_lane_is_as_long_and_as_tight_as_it_may_be(seed: int) -> None:
    lane, end = draw_lane(CONFIG, START, 0.7, np.random.default_rng(seed))
    first = round(BEFORE / STEP)
    np.testing.assert_allclose(lane.points[first], START[:2], atol=1e-12)
    assert lane.headings[first] == pytest.approx(0.7)
    steps = np.diff(lane.points, axis=0)
    np.testing.assert_allclose(np.linalg.norm(steps, axis=1), STEP)
    curvature = np.diff(lane.headings) / STEP
    assert np.abs(curvature).max() <= 1 / CONFIG.radius + 1e-9
    assert np.abs(np.diff(curvature)).max() <= 2 / CONFIG.radius / CONFIG.bend[0] * STEP + 1e-9
    seen = STEP * len(steps[first:])
    reached = lane.points[first + round(lane.length / STEP)]
    np.testing.assert_allclose(end.centre[:2], reached)
    assert CONFIG.length[0] <= lane.length <= CONFIG.length[1]
    assert seen == pytest.approx(lane.length + AFTER, abs=STEP)
    assert CONFIG.width[0] <= lane.width <= CONFIG.width[1]


def test_a_lane_keeps_clear_of_itself() -> None:
    lane, _ = draw_lane(replace(CONFIG, length=(25.0, 25.0)), START, 0.0,
                        np.random.default_rng(1))
    away = np.linalg.norm(lane.points[:, None] - lane.points[None], axis=2)
    far = np.triu(np.ones(away.shape, bool), round(np.pi * CONFIG.radius / STEP) + 5)
    assert away[far].min() > lane.width
    with pytest.raises(SimulationError, match='no lane that keeps clear of itself'):
        draw_lane(CONFIG, START, 0.0, Stubborn())     # type: ignore[arg-type]


def test_the_end_is_passed_between_the_lines_and_from_before_it() -> None:
    _, end = draw_lane(CONFIG, START, 0.0, np.random.default_rng(0))
    along = np.array([np.cos(end.heading), np.sin(end.heading), 0.0])
    aside = np.array([-along[1], along[0], 0.0])

    def passed(before: float, after: float, left: float) -> bool:
        return end.achieved(1.0, tuple(end.centre + before * along + left * aside),
                            tuple(end.centre + after * along + left * aside))
    assert passed(-0.01, 0.01, 0.0) and passed(-0.01, 0.001, 0.49 * end.width)
    assert not passed(0.01, -0.01, 0.0) and not passed(0.01, 0.02, 0.0)
    assert not passed(-0.02, -0.01, 0.0) and not passed(-0.01, 0.01, 0.51 * end.width)


@pytest.mark.parametrize(('changes', 'text'), [
    ({'radius': 0.5}, 'radius: expected at least the width, 1.3 m, found 0.5'),
    ({'width': (0.0, 1.0)}, 'width: expected 0 < low <= high'),
    ({'line': 0.0}, 'line: expected more than 0 m'),
    ({'color': (255.0, 255.0, 255.0)}, 'color: expected red, green and blue from 0 to 1')])
def test_what_is_no_lane_is_refused(changes: dict, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        LaneConfig(**{'width': (1.0, 1.3), 'length': (5.0, 6.0), 'radius': 2.0,
                      'bend': (1.0, 2.0)} | changes)
