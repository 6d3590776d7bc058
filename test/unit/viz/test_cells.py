# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of success by cell."""

from pathlib import Path

from liquid_control.viz.cells import CellBars, draw_cells
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
import numpy as np
from PIL import Image
import pytest


def bars(policy: str, cells: tuple[str, ...], rates: list[float]) -> CellBars:
    rate = np.array(rates)
    return CellBars(policy, cells, rate, np.column_stack([rate - 0.1, (rate + 1) / 2]))


def test_bars_and_intervals_are_where_they_belong(tmp_path: Path,
                                                  drawn: list[Figure]) -> None:
    path = tmp_path / 'cells.png'
    draw_cells([bars('liquid', ('10 Hz', '60 Hz', '50 % stale'), [0.9, 1.0, 0.7]),
                bars('expert', ('10 Hz', '50 % stale'), [1.0, 0.8])], 'Success', path)
    axes = drawn[0].axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ['10 Hz', '60 Hz', '50 % stale']
    liquid, expert = axes.containers
    assert [bar.get_width() for bar in liquid] == pytest.approx([90, 100, 70])
    assert [round(bar.get_y() + bar.get_height() / 2) for bar in expert] == [0, 2]
    lines = [one for one in axes.collections if isinstance(one, LineCollection)]
    assert lines[0].get_segments()[2][:, 0] == pytest.approx([60, 85])
    low, high = axes.get_ylim()
    assert low > high                                    # the first cell is at the top
    with Image.open(path) as image:
        assert image.width == 1000


def test_one_cell_and_many_policies_are_drawn(tmp_path: Path) -> None:
    draw_cells([bars(f'policy {i}', ('a label of some length',), [0.9]) for i in range(9)], 'Many',
               tmp_path / 'a.png')
    assert (tmp_path / 'a.png').stat().st_size > 5_000


def test_more_policies_than_colours_are_told_apart(tmp_path: Path, drawn: list[Figure]) -> None:
    draw_cells([bars(f'policy {i}', ('calm',), [0.5]) for i in range(15)], 'Many',
               tmp_path / 'a.png')
    figure = drawn[0]
    looks = {(bar[0].get_facecolor(), bar[0].get_hatch()) for bar in figure.axes[0].containers}
    assert len(looks) == 15
    legend, = figure.legends
    assert legend.get_window_extent().y0 > figure.axes[0].get_window_extent().y1
