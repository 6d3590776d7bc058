# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A box is covered by its cylinders, and knows how far a point is from it."""

from liquid_control.sim.scenery.solids import Box, covers, wall
import numpy as np
import pytest

GREY = np.full(3, 0.5)


@pytest.mark.parametrize('seed', range(5))
def test_cylinders_cover_a_box_and_little_more(seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = Box(rng.uniform(-3, 3, 3), rng.uniform((0.2, 0.05, 0.5), (4.0, 0.3, 3.0)),
              rng.uniform(-4, 4), GREY)
    rows = box.cover()
    along = np.array([np.cos(box.yaw), np.sin(box.yaw)])
    across = np.array([-along[1], along[0]])
    inside = (box.centre[:2] + np.outer(rng.uniform(-0.5, 0.5, 500) * box.size[0], along)
              + np.outer(rng.uniform(-0.5, 0.5, 500) * box.size[1], across))
    away = np.linalg.norm(inside[:, None] - rows[None, :, :2], axis=2) - rows[:, 2]
    assert away.min(axis=1).max() <= 1e-9
    assert all(box.distance(point) == 0 for point in inside)
    rims = rows[:, :2] + rows[:, 2:3] * across
    assert max(box.distance(rim) for rim in rims) < 0.15
    np.testing.assert_allclose(rows[:, 3:], np.tile(
        box.centre[2] + np.array([-0.5, 0.5]) * box.size[2], (len(rows), 1)))


def test_distance_from_sides_and_corners() -> None:
    box = wall(np.array([1.0, 0.0]), np.array([1.0, 4.0]), 2.0, 0.2, GREY)
    assert box.size.tolist() == [4.0, 0.2, 2.0] and box.centre.tolist() == [1.0, 2.0, 1.0]
    assert box.distance(np.array([3.1, 2.0])) == pytest.approx(2.0)
    assert box.distance(np.array([1.0, -1.0])) == pytest.approx(1.0)
    assert box.distance(np.array([1.1 + 3.0, 4.0 + 4.0])) == pytest.approx(5.0)


def test_pillars_stand_on_the_ground() -> None:
    np.testing.assert_array_equal(covers(np.array([[1.0, 2.0, 0.3, 2.5]]), ()),
                                  [[1.0, 2.0, 0.3, 0.0, 2.5]])
    assert covers(np.zeros((0, 4)), ()).shape == (0, 5)
