# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Success rate against wind for several policies, each with its Wilson 95 % band."""

from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path
from textwrap import fill

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from matplotlib.axes import Axes
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 1200, 600
MARKERS = 'osD^vPX<>p'      # as many as there are colours, so that pairs repeat after ten
PLACE = 0.13                # between the points of two policies, where levels are 1 apart ...
SPREAD = 0.80               # ... and of a level's lane, for the points of all
BANDED = 3                  # policies; bands of more would hide each other
NAME_WIDTH = 22             # characters, in the legend
LANE = '#f5f7f9'


@dataclass(frozen=True)
class SuccessCurve:
    """One policy's success over wind levels (L of them)."""

    policy: str
    winds: tuple[str, ...]         # (L,) names of the levels
    wind_mps: FloatArray           # (L,) mean wind as flown, NaN where unknown [m/s]
    rate: FloatArray               # (L,) from 0 to 1
    interval: FloatArray           # (L, 2) of 95 %, from 0 to 1


def draw_success(curves: Sequence[SuccessCurve], title: str, path: Path,
                 bars: str = 'Wilson 95 % interval') -> None:
    """
    Draw success against wind as PNG.

    :param curves: one a policy; levels are laid out in the order of their mean wind.
    :param title: above the picture.
    :param path: the file to write; its folder is made.
    :param bars: what the intervals are.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    axes = figure.add_axes((0.06, 0.14, 0.735, 0.72))
    levels = _levels(curves)
    places = {name: index for index, name in enumerate(levels)}
    # Side by side, so that equal rates, 100 % above all, do not hide each other.
    step = min(PLACE, SPREAD / max(1, len(curves) - 1))
    for index, curve in enumerate(curves):
        x = np.array([places[name] for name in curve.winds], dtype=float)
        order = np.argsort(x)
        x = x[order] + step * (index - (len(curves) - 1) / 2)
        _curve(axes, x, curve, order, index, banded=len(curves) <= BANDED)
    for lane in range(0, len(levels), 2):
        axes.axvspan(lane - 0.5, lane + 0.5, color=LANE, linewidth=0, zorder=0)
    axes.set_xlim(-0.5, len(levels) - 0.5)
    # Down to the lowest interval, but never so close that a few flights look like an abyss.
    lowest = min(float(curve.interval.min()) for curve in curves)
    axes.set_ylim(min(80.0, 10.0 * np.floor(10.0 * lowest)), 100)
    axes.locator_params(axis='y', steps=[1, 2, 5, 10])      # whole numbers
    axes.set_xticks(range(len(levels)), [
        name if math.isnan(speed) else f'{name}\n{speed:.1f} m/s'
        for name, speed in levels.items()])
    canvas.tidy(axes)
    axes.grid(visible=False, axis='x')
    axes.tick_params(axis='x', length=0, labelsize=10, labelcolor=canvas.INK)
    canvas.label(axes, x='wind level, and its mean as flown', y='target reached [%]')
    figure.text(0.02, 0.945, title, fontsize=15, fontweight='bold', color=canvas.INK)
    figure.text(0.02, 0.905, f'bars: {bars}; within a level the policies stand side by side, in '
                'the order of the legend', fontsize=10, color=canvas.MUTED)
    axes.legend(loc='upper left', bbox_to_anchor=(1.015, 1.01), frameon=False, fontsize=10,
                labelcolor=canvas.INK, labelspacing=0.75, handlelength=1.6, borderaxespad=0.0)
    canvas.save(figure, path)


def _curve(axes: Axes, x: FloatArray, curve: SuccessCurve, order: NDArray[np.intp], index: int,
           banded: bool) -> None:
    """Draw one policy: points with their intervals, and a thin line that leads the eye."""
    rate, interval = 100 * curve.rate[order], 100 * curve.interval[order]
    colour = canvas.SERIES[index % len(canvas.SERIES)]
    if banded:
        axes.fill_between(x, interval[:, 0], interval[:, 1], color=colour, alpha=0.10, linewidth=0)
    axes.plot(x, rate, color=colour, linewidth=1.2, alpha=0.35, zorder=2, label='_line')
    axes.vlines(x, interval[:, 0], interval[:, 1], color=colour, linewidth=2.0, zorder=3)
    name = curve.policy if len(curve.policy) <= 2 * NAME_WIDTH else (
        '\u2026' + curve.policy[1 - 2 * NAME_WIDTH:])
    axes.plot(x, rate, color=colour, linestyle='none', markersize=8 if banded else 7,
              markeredgecolor='white', marker=MARKERS[index % len(MARKERS)], clip_on=False,
              zorder=4, label=fill(name, NAME_WIDTH))


def _levels(curves: Sequence[SuccessCurve]) -> dict[str, float]:
    """Return the levels, calm first, each with its mean wind over all policies or NaN [m/s]."""
    speeds: dict[str, list[float]] = {}
    for curve in curves:
        for name, speed in zip(curve.winds, curve.wind_mps):
            known = speeds.setdefault(name, [])
            if not math.isnan(speed):
                known.append(float(speed))
    means = {name: float(np.mean(values)) if values else math.nan
             for name, values in speeds.items()}
    return dict(sorted(means.items(), key=lambda item: (math.isnan(item[1]), item[1])))
