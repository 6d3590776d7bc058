# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""From above: boxes lie where they stand, goals are numbered, a moving target leaves its way."""

from collections.abc import Callable
from dataclasses import replace

from liquid_control.flight import Flight
from liquid_control.viz import canvas
from liquid_control.viz.flight_map import box_outlines, draw_goals, draw_ground, View
from matplotlib.axes import Axes
from matplotlib.patches import Polygon
import numpy as np
import pytest

Make = Callable[..., Flight]


@pytest.fixture
def axes() -> Axes:
    """Return axes of a drawing's size."""
    return canvas.new_figure(800, 500).add_axes((0.1, 0.1, 0.8, 0.8))


def test_a_box_is_turned_by_its_yaw_and_by_the_view(make_flight: Make) -> None:
    box = [3.0, 2.0, 1.0, 2.0, 0.2, 2.0, np.pi / 2]
    flight = replace(make_flight(), boxes=np.array([box]))
    plain, turned = View(np.zeros(2), 0.0), View(np.array([3.0, 2.0]), np.pi / 2)
    np.testing.assert_allclose(np.ptp(box_outlines(flight, plain)[0], axis=0), (0.2, 2.0))
    np.testing.assert_allclose(box_outlines(flight, plain)[0].mean(axis=0), (3.0, 2.0))
    np.testing.assert_allclose(np.ptp(box_outlines(flight, turned)[0], axis=0), (2.0, 0.2))
    np.testing.assert_allclose(box_outlines(flight, turned)[0].mean(axis=0), (0.0, 0.0),
                               atol=1e-12)


def test_what_is_flown_under_is_pale(make_flight: Make, axes: Axes) -> None:
    flight = make_flight()              # 1.0 to 1.25 m up
    rows = [[3.0, 0.0, 1.0, 1.0, 0.2, 2.0, 0.0], [5.0, 0.0, 2.0, 1.0, 0.2, 0.2, 0.0],
            [7.0, 0.0, 0.2, 1.0, 0.2, 0.2, 0.0]]
    flight = replace(flight, boxes=np.array(rows))
    draw_ground(axes, flight, View.of(flight))
    alphas = [patch.get_alpha() for patch in axes.patches if isinstance(patch, Polygon)]
    assert alphas == [1.0, 0.28, 0.28]


def test_several_goals_are_numbered_in_order_and_one_is_not(make_flight: Make,
                                                            axes: Axes) -> None:
    flight = make_flight()
    goals = np.array([[2.0, 1.0, 1.0], [5.0, 2.0, 1.0], [*flight.target]])
    draw_goals(axes, replace(flight, goals=goals), View(np.zeros(2), 0.0))
    assert [text.get_text() for text in axes.texts] == ['1', '2', '3']
    assert [text.xy for text in axes.texts][1] == pytest.approx((5.0, 2.0))
    axes.clear()
    draw_goals(axes, replace(flight, goals=goals[:1]), View(np.zeros(2), 0.0))
    assert not axes.texts


def test_the_way_of_a_target_is_drawn_goal_by_goal(make_flight: Make, axes: Axes) -> None:
    flight = make_flight(samples=6)
    aim = np.column_stack([np.arange(6.0), np.zeros(6), np.ones(6)])
    draw_goals(axes, replace(flight, aim=aim, done=np.array([0, 0, 0, 1, 1, 1])),
               View(np.zeros(2), 0.0))
    assert [line.get_xdata().tolist() for line in axes.lines] == [[0, 1, 2], [3, 4, 5]]


def test_the_picture_holds_goals_that_were_not_reached(make_flight: Make, axes: Axes) -> None:
    flight = make_flight(outcome='timeout', bearing=0.0)
    far = np.array([[0.0, 15.0, 1.0], *flight.target[None]])
    draw_ground(axes, replace(flight, goals=far), View(np.zeros(2), 0.0))
    assert axes.get_ylim()[1] > 15.0


def test_to_go_is_by_way_of_the_goals(make_flight: Make) -> None:
    flight = make_flight(samples=3)
    goals = np.array([[3.0, 0.0, 1.0], [3.0, 4.0, 1.0], [0.0, 4.0, 1.0]])
    flight = replace(flight, goals=goals, distance=np.array([3.0, 1.0, 2.0]),
                     done=np.array([0, 1, 2]))
    np.testing.assert_array_equal(flight.to_go, [3 + 4 + 3, 1 + 3, 2])
    assert make_flight().to_go is not None and len(make_flight().to_go) == 240
