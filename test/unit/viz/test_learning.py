# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of learning curves."""

from pathlib import Path

from liquid_control.viz.learning import draw_learning, LearningCurve
from matplotlib.figure import Figure
import numpy as np
import pytest


def test_mean_line_band_and_marks(tmp_path: Path, drawn: list[Figure]) -> None:
    """Over the epochs that all seeds have."""
    curves = [LearningCurve('cfc', [np.array([4.0, 2.0, 1.0]), np.array([6.0, 4.0])]),
              LearningCurve('gru', [np.array([5.0, 3.0])])]
    draw_learning(curves, 'Learning', tmp_path / 'a' / 'learning.png', label='error',
                  logarithmic=True, marks={'standing still': 7.0})
    axes = drawn[0].axes[0]
    cfc, gru, mark = axes.get_lines()
    assert cfc.get_ydata() == pytest.approx([5, 3])
    assert cfc.get_xdata() == pytest.approx([1, 2])
    assert gru.get_label() == 'gru'
    assert set(mark.get_ydata()) == {7.0}
    edges = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (edges.min(), edges.max()) == (2, 6)
    assert axes.get_yscale() == 'log'
    assert (tmp_path / 'a' / 'learning.png').exists()
