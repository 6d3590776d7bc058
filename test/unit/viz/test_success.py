# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of success against wind."""

from pathlib import Path

from liquid_control.viz.success import draw_success, SuccessCurve
from matplotlib.figure import Figure
import numpy as np
from PIL import Image
import pytest


def curve(policy: str, winds: tuple[str, ...], speeds: list[float],
          rates: list[float]) -> SuccessCurve:
    rate = np.array(rates)
    return SuccessCurve(policy, winds, np.array(speeds), rate,
                        np.column_stack([rate - 0.1, np.minimum(1.0, rate + 0.05)]))


def test_levels_are_in_order_of_wind_and_rates_where_they_belong(
        tmp_path: Path, drawn: list[Figure]) -> None:
    path = tmp_path / 'success.png'
    draw_success([curve('liquid', ('W5', 'W0', 'W2'), [7.1, 0.0, 2.4], [0.6, 1.0, 0.9]),
                  curve('expert', ('W0', 'W5'), [0.0, 6.9], [1.0, 0.95])], 'Success', path)
    axes = drawn[0].axes[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == [
        'W0\n0.0 m/s', 'W2\n2.4 m/s', 'W5\n7.0 m/s']
    liquid, expert = (np.asarray(line.get_ydata()) for line in axes.get_lines())
    assert liquid == pytest.approx([100, 90, 60])
    assert expert == pytest.approx([100, 95])
    with Image.open(path) as image:
        assert image.size == (1000, 600)


def test_one_level_and_many_policies_are_drawn(tmp_path: Path) -> None:
    draw_success([curve(f'policy {i}', ('W2',), [2.5], [0.9]) for i in range(9)], 'Many',
                 tmp_path / 'a.png')
    assert (tmp_path / 'a.png').stat().st_size > 5_000
