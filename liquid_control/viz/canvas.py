# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Paper and ink of every picture: one palette, one look, no window and no pyplot state."""

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

INK = '#1f2d3a'
MUTED = '#67788a'
GRID = '#e3e8ed'
PILLAR = '#b9a58f'
PILLAR_EDGE = '#8a745c'
FLOWN = '#1f6fb4'
COMMANDED = '#e8862e'
WIND = '#12908e'
START = '#1f2d3a'
TARGET = '#d2323c'
GOOD = '#1d8348'
BAD = '#c0392b'
DISTANCE = '#6c4ba3'

# For curves beside each other; the first seven are told apart by people who see colours
# differently (Okabe, Ito).
SERIES = ('#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#5b5b5b',
          '#6a3d9a', '#8c510a', '#9aa800')

DPI = 100


def new_figure(width_px: int, height_px: int) -> Figure:
    """
    Make an empty white figure that draws to memory.

    :param width_px: width of the saved picture [px].
    :param height_px: height of the saved picture [px].
    """
    figure = Figure(figsize=(width_px / DPI, height_px / DPI), dpi=DPI, facecolor='white')
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes, *, grid: bool = True) -> None:
    """
    Give axes the look of this package: thin lines, muted ticks, a light grid.

    :param axes: the axes.
    :param grid: whether to draw the grid.
    """
    axes.spines[['top', 'right']].set_visible(False)
    axes.spines[['left', 'bottom']].set_color(MUTED)
    axes.tick_params(colors=MUTED, labelsize=9, length=3, width=0.8)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(color=GRID, linewidth=0.8)


def label(axes: Axes, *, x: str = '', y: str = '', title: str = '') -> None:
    """
    Write the labels of axes, and their title above at the left.

    :param axes: the axes.
    :param x: label below, with its unit.
    :param y: label at the left, with its unit.
    :param title: what the axes show.
    """
    style: dict[str, Any] = {'color': MUTED, 'fontsize': 9.5}
    if x:
        axes.set_xlabel(x, **style)
    if y:
        axes.set_ylabel(y, **style)
    if title:
        axes.set_title(title, loc='left', fontsize=11, fontweight='bold', color=INK, pad=6)


def save(figure: Figure, path: Path) -> None:
    """
    Write a figure as PNG, whole or not at all: a reader never sees half a picture.

    :param path: the file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    figure.savefig(part, format='png', dpi=DPI)
    part.replace(path)
