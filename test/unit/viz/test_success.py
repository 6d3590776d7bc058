# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of success against wind."""

from pathlib import Path

from liquid_control.viz.success import draw_success, SuccessCurve
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
import numpy as np
from PIL import Image
import pytest


def curve(policy: str, winds: tuple[str, ...], speeds: list[float],
          rates: list[float]) -> SuccessCurve:
    rate = np.array(rates)
    return SuccessCurve(policy, winds, np.array(speeds), rate,
                        np.column_stack([rate - 0.1, np.minimum(1.0, rate + 0.05)]))


def points(figure: Figure) -> list[Line2D]:
    """Return what marks the points of each policy."""
    return [line for line in figure.axes[0].get_lines() if line.get_marker() != 'None']


def test_levels_are_in_order_of_wind_and_rates_where_they_belong(
        tmp_path: Path, drawn: list[Figure]) -> None:
    path = tmp_path / 'success.png'
    draw_success([curve('liquid', ('W5', 'W0', 'W2'), [7.1, 0.0, 2.4], [0.6, 1.0, 0.9]),
                  curve('expert', ('W0', 'W5'), [0.0, 6.9], [1.0, 0.95])], 'Success', path)
    axes = drawn[0].axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        'W0\n0.0 m/s', 'W2\n2.4 m/s', 'W5\n7.0 m/s']
    liquid, expert = (np.asarray(line.get_ydata()) for line in points(drawn[0]))
    assert liquid == pytest.approx([100, 90, 60])
    assert expert == pytest.approx([100, 95])
    with Image.open(path) as image:
        assert image.size == (1200, 600)


@pytest.mark.parametrize('count', [2, 5, 10])
def test_equal_rates_do_not_hide_each_other(tmp_path: Path, drawn: list[Figure],
                                            count: int) -> None:
    winds, speeds = ('W0', 'W1', 'W2', 'W3', 'W4', 'W5', 'W9mps'), [0, 1, 2, 4, 5.5, 7, 9]
    draw_success([curve(f'policy {i}', winds, speeds, [1.0] * 7) for i in range(count)], 'Many',
                 tmp_path / 'success.png')
    figure, axes, marked = drawn[0], drawn[0].axes[0], points(drawn[0])
    x = np.array([line.get_xdata() for line in marked])
    assert np.all(np.abs(x - np.arange(7)) < 0.5), 'a point is outside of its level'
    along = axes.transData.transform(np.column_stack([x[:, 0], np.zeros(count)]))[:, 0]
    wide = figure.dpi / 72 * max(line.get_markersize() for line in marked)
    assert np.all(np.diff(along) > wide)
    assert len({(line.get_color(), line.get_marker()) for line in marked}) == count
    assert len({line.get_color() for line in marked}) == count


def test_the_legend_is_outside_and_within_the_picture(tmp_path: Path, drawn: list[Figure]) -> None:
    names = ['forest_liquid, seed 2', '/home/somebody/runs/of/a/very/long/name/liquid/bundle',
             'mlp that repeats itself in the dark', *(f'policy {i}' for i in range(7))]
    draw_success([curve(name, ('W2',), [2.5], [0.9]) for name in names], 'Many',
                 tmp_path / 'success.png')
    axes = drawn[0].axes[0]
    legend = axes.get_legend()
    assert legend is not None
    box, inner = legend.get_window_extent(), axes.get_window_extent()
    assert box.x0 >= inner.x1 and box.x1 <= 1200 and box.y0 > 0
    shown = [text.get_text().replace('\n', ' ') for text in legend.get_texts()]
    assert shown[0] == names[0] and shown[2:] == names[2:]
    assert shown[1].startswith('\u2026') and shown[1].endswith('liquid/bundle')
    assert axes.get_ylim() == (80, 100)                 # nobody is far below
