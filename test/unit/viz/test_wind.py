# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of a wind shows what was sampled."""

from pathlib import Path

from liquid_control.viz.wind import draw_wind, WindSurvey
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.quiver import Quiver
import numpy as np
from PIL import Image
import pytest


def survey(series: np.ndarray, field: np.ndarray) -> WindSurvey:
    side, height = np.linspace(-8, 8, 33), np.linspace(0, 6, 7)
    return WindSurvey(
        name='mine', description='a wind ' * 40, seed=3, world='forest',
        place=np.array([0.0, 0.0, 1.0]), t=np.arange(len(series)) / 60, series=series, moment=5.0,
        x=side, y=side, field=np.broadcast_to(field, (33, 33, 3)), height=height,
        profile=np.column_stack([height, np.zeros(7), -height]),
        pillars=np.array([[1.0, 2.0, 0.3, 3.0], [-4.0, 0.0, 0.2, 3.0]]))


def test_what_is_drawn_is_what_was_sampled(tmp_path: Path, drawn: list[Figure]) -> None:
    t = np.arange(6000) / 60
    series = np.column_stack([3 * np.sin(2 * np.pi * 2 * t), np.full_like(t, 1.5), 0 * t])
    path = tmp_path / 'new' / 'mine.png'
    draw_wind(survey(series, np.array([3.0, 4.0, 0.0])), path)
    with Image.open(path) as image:
        assert image.size == (1500, 900)
    over, spectrum, above, _, height = drawn[0].axes
    lines = {line.get_label(): line for line in over.get_lines()}
    shown = np.asarray(lines['x'].get_ydata())
    np.testing.assert_array_equal(shown, series[:len(shown), 0])
    assert 1790 < len(shown) <= 1801                            # 30 s
    # A sine of amplitude 3 has power 9/2 at its frequency; what does not change has none.
    (power,) = spectrum.get_lines()
    frequency, density = (np.asarray(values) for values in power.get_data())
    assert frequency[np.argmax(density)] == pytest.approx(2.0, abs=0.03)
    assert np.sum(density) * (frequency[1] - frequency[0]) == pytest.approx(4.5, rel=0.02)
    assert above.get_images()[0].get_array().max() == pytest.approx(5.0)
    (arrows,) = [child for child in above.get_children() if isinstance(child, Quiver)]
    assert np.all(arrows.U == 3.0) and np.all(arrows.V == 4.0)
    circles = [patch for patch in above.patches if isinstance(patch, Circle)]
    assert [circle.center for circle in circles] == [(1.0, 2.0), (-4.0, 0.0)]
    speed, upward = (np.asarray(line.get_xydata()) for line in height.get_lines())
    np.testing.assert_array_equal(speed, np.column_stack([np.arange(7.0)] * 2))
    np.testing.assert_array_equal(upward, np.column_stack([-np.arange(7.0), np.arange(7.0)]))


def test_still_air_can_be_drawn(tmp_path: Path, drawn: list[Figure]) -> None:
    draw_wind(survey(np.zeros((600, 3)), np.zeros(3)), tmp_path / 'still.png')
    spectrum, above = drawn[0].axes[1:3]
    assert not spectrum.get_lines()
    assert 'does not change' in spectrum.texts[0].get_text()
    assert not [child for child in above.get_children() if isinstance(child, Quiver)]
