# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Learning curves: a metric of validation over the epochs, of several networks side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter
import numpy as np

WIDTH_PX, HEIGHT_PX = 1200, 600


@dataclass(frozen=True)
class LearningCurve:
    """What one network had learned after each epoch, seed by seed."""

    model: str
    seeds: Sequence[FloatArray]     # (epochs,) each, the metric on validation


def draw_learning(curves: Sequence[LearningCurve], title: str, path: Path, *, label: str,
                  logarithmic: bool, marks: Mapping[str, float]) -> None:
    """
    Draw the mean over seeds as a line, and from the lowest seed to the highest as a band.

    :param curves: one a network.
    :param title: above the picture.
    :param path: the PNG to write; its folder is made.
    :param label: of the metric, with its unit.
    :param logarithmic: whether the metric is laid out so.
    :param marks: horizontal lines with their names, such as what no network is needed for.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    axes = figure.add_axes((0.07, 0.11, 0.70, 0.77))
    for index, curve in enumerate(curves):
        colour = canvas.SERIES[index % len(canvas.SERIES)]
        common = min(map(len, curve.seeds))
        values = np.stack([np.asarray(seed)[:common] for seed in curve.seeds])
        epochs = np.arange(1, common + 1)
        axes.plot(epochs, values.mean(axis=0), color=colour, linewidth=1.8, label=curve.model)
        axes.fill_between(epochs, values.min(axis=0), values.max(axis=0), color=colour,
                          alpha=0.15, linewidth=0)
    for name, value in marks.items():
        axes.axhline(value, color=canvas.MUTED, linewidth=1.0, linestyle=(0, (4, 3)), zorder=1)
        axes.annotate(name, (1.0, value), xycoords=('axes fraction', 'data'), xytext=(-4, 3),
                      textcoords='offset points', ha='right', fontsize=8.5, color=canvas.MUTED)
    if logarithmic:
        axes.set_yscale('log')
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_locator(NullLocator())
    canvas.tidy(axes)
    canvas.label(axes, x='epoch', y=label)
    figure.text(0.02, 0.945, title, fontsize=15, fontweight='bold', color=canvas.INK)
    axes.legend(loc='upper left', bbox_to_anchor=(1.015, 1.01), frameon=False, fontsize=10,
                labelcolor=canvas.INK, labelspacing=0.75, handlelength=1.6, borderaxespad=0.0)
    canvas.save(figure, path)
