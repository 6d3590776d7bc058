# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Gauges of a film: bars end where their scales say, on the side that their names say."""

from collections.abc import Callable
import dataclasses

from liquid_control.flight import Flight
from liquid_control.viz import canvas
from liquid_control.viz.film_gauges import Gauges, scale_end
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
import numpy as np
import pytest


def drawn(flight: Flight) -> tuple[Axes, Gauges]:
    """Draw the gauges of a flight as a film does."""
    axes = canvas.new_figure(1120, 630).add_axes((0.1, 0.02, 0.235, 0.29))
    return axes, Gauges(axes, flight)


def ends(gauges: Gauges) -> list[float]:
    """Return where the bars end, from -1 at the left end of the tracks to 1."""
    bars = [artist for artist in gauges.moving() if isinstance(artist, Rectangle)]
    return [bar.get_x() + bar.get_width() for bar in bars]


@pytest.fixture
def flight(make_flight: Callable[..., Flight]) -> Flight:
    """Return a flight forward at 1.5, left at 0.5, down at 0.25 [m/s], left turn, wind of 4."""
    flight = make_flight(samples=3)
    return dataclasses.replace(
        flight, command=np.array([[0, 0, 0, 0], [1.5, 0.5, -0.25, 0.75], [0, 0, 0, 0]]),
        velocity=np.zeros((3, 3)), yaw=np.zeros(3),
        wind_velocity=np.array([[0, 0, 0], [0.0, -4.0, 0.0], [0, 0, 6.0]]))


def test_bars_go_to_the_side_that_their_names_say(flight: Flight) -> None:
    axes, gauges = drawn(flight)
    gauges.move(1)
    assert gauges.full == pytest.approx([2, 2, 2, 1, 6])
    # To scale: forward right, left left, down left, left turn left; wind from the left end.
    assert ends(gauges) == pytest.approx([0.75, -0.25, -0.125, -0.75, -1 + 2 * 4 / 6])
    gauges.move(0)
    assert ends(gauges) == pytest.approx([0, 0, 0, 0, -1])
    sides = {text.get_text(): text.get_position()[0] for text in axes.texts}
    for left, right in (('back', 'forward'), ('left', 'right'), ('down', 'up')):
        assert sides[left] < 0.0 and sides[right] > 1.0


def test_marks_stand_where_it_flew(flight: Flight) -> None:
    velocity = np.tile([1.0, 0.5, 0.0], (3, 1))
    _, gauges = drawn(dataclasses.replace(flight, velocity=velocity, yaw=np.array([0, 0.1, 0.2]),
                                          t=np.array([0.0, 0.2, 0.4])))
    gauges.move(0)
    marks = [artist.get_xdata()[0] for artist in gauges.moving() if hasattr(artist, 'get_xdata')]
    assert marks == pytest.approx([0.5, -0.25, 0.0, -0.5])      # it turns left at 0.5 rad/s


def test_every_scale_has_its_numbers_and_unit(flight: Flight) -> None:
    axes, gauges = drawn(flight)
    gauges.move(1)
    texts = [text.get_text().strip() for text in axes.texts]
    for number in ('2', '1', '0.5', '0', '1.5', '3', '4.5', '6'):
        assert number in texts
    assert texts.count('m/s') == 2 and texts.count('rad/s') == 1
    assert {'1.5', '0.5', '0.2', '0.8', '4.0'} <= set(texts)        # the values themselves


def test_a_scale_ends_at_a_round_number_that_holds_its_values() -> None:
    assert [scale_end(value) for value in (0.1, 1.0, 1.01, 6.5, 10.4, 21.0)] == [
        0.5, 1.0, 2.0, 8.0, 12.0, 40.0]
