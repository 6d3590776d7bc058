# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Success rate in the cells of a suite, bars side by side, each with its Wilson 95 % interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from matplotlib.axes import Axes
import numpy as np

WIDTH_PX = 1000
MARGINS_PX = (92, 62)       # above and below the bars, for a title and the axis
LEGEND_COLUMNS, LEGEND_PX = 4, 20       # policies in a line of the legend, and its height
HATCHES = ('', '////', '....')          # of the first policies, and where colours begin anew
LANE_PX, GAP_PX = 24, 20    # of one bar, and between two cells
NARROWEST = 0.13            # of the picture, kept for the labels of cells
BAR = 0.78                  # of its lane


@dataclass(frozen=True)
class CellBars:
    """One policy's success in cells (L of them)."""

    policy: str
    cells: tuple[str, ...]         # (L,) labels
    rate: FloatArray               # (L,) from 0 to 1
    interval: FloatArray           # (L, 2) of 95 % or another, from 0 to 1


def draw_cells(bars: Sequence[CellBars], title: str, path: Path,
               lines: str = 'Wilson 95 % interval') -> None:
    """
    Draw success by cell as PNG, the first cell at the top.

    :param bars: one or more policies; a policy may lack a cell.
    :param title: above the picture.
    :param path: the file to write; its folder is made.
    :param lines: what the intervals are.
    """
    labels = list(dict.fromkeys(label for one in bars for label in one.cells))
    pitch = LANE_PX * len(bars) + GAP_PX            # from cell to cell [px]
    above, below = MARGINS_PX
    above += LEGEND_PX * -(-len(bars) // LEGEND_COLUMNS)
    height = above + below + pitch * len(labels)
    figure = canvas.new_figure(WIDTH_PX, height)
    left = max(NARROWEST, 0.05 + 0.0078 * max(map(len, labels)))
    axes = figure.add_axes((left, below / height, 0.93 - left, pitch * len(labels) / height))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlim(0, 100)
    lane = LANE_PX / pitch
    for index, one in enumerate(bars):
        rows = np.array([labels.index(label) for label in one.cells])
        again, colour = divmod(index, len(canvas.SERIES))
        _bars(axes, one, rows + lane * (index - (len(bars) - 1) / 2), BAR * lane,
              canvas.SERIES[colour], HATCHES[again % len(HATCHES)])
    canvas.tidy(axes)
    axes.grid(visible=False, axis='y')
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis='y', length=0, labelsize=11, labelcolor=canvas.INK)
    canvas.label(axes, x='target reached [%]')
    figure.text(0.03, 1 - 34 / height, title, fontsize=15, fontweight='bold', color=canvas.INK)
    figure.text(0.03, 1 - 58 / height, f'lines: {lines}', fontsize=10,
                color=canvas.MUTED)
    figure.legend(loc='upper right', bbox_to_anchor=(0.985, 1 - 62 / height), frameon=False,
                  ncols=min(LEGEND_COLUMNS, len(bars)), fontsize=11, labelcolor=canvas.INK,
                  handlelength=1.0, handleheight=1.0)
    canvas.save(figure, path)


def _bars(axes: Axes, one: CellBars, places: FloatArray, thickness: float, colour: str,
          hatch: str) -> None:
    """Draw one policy's bars, their intervals, and their values beyond the end of the axis."""
    rate, interval = 100 * one.rate, 100 * one.interval
    axes.barh(places, rate, thickness, color=colour, alpha=0.38, linewidth=0, label=one.policy,
              hatch=hatch)
    axes.hlines(places, interval[:, 0], interval[:, 1], color=colour, linewidth=2.2, zorder=3)
    axes.plot(rate, places, 'o', color=colour, markersize=6, markeredgecolor='white',
              markeredgewidth=1.0, zorder=4, clip_on=False)
    for place, value in zip(places, rate):
        axes.annotate(f'{value:.1f}', (100, place), xytext=(9, 0), textcoords='offset points',
                      va='center', fontsize=9.5, color=canvas.INK, annotation_clip=False)
