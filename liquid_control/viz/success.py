# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Success rate against wind for several policies, each with its Wilson 95 % band."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
import numpy as np

WIDTH_PX, HEIGHT_PX = 1000, 600
MARKERS = 'osD^vPX'


@dataclass(frozen=True)
class SuccessCurve:
    """One policy's success over wind levels (L of them)."""

    policy: str
    winds: tuple[str, ...]         # (L,) names of the levels
    wind_mps: FloatArray           # (L,) mean wind as flown [m/s]
    rate: FloatArray               # (L,) from 0 to 1
    interval: FloatArray           # (L, 2) of 95 %, from 0 to 1


def draw_success(curves: Sequence[SuccessCurve], title: str, path: Path) -> None:
    """
    Draw success against wind as PNG.

    :param curves: one a policy; levels are laid out in the order of their mean wind.
    :param title: above the picture.
    :param path: the file to write; its folder is made.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    axes = figure.add_axes((0.085, 0.14, 0.885, 0.70))
    levels = _levels(curves)
    places = {name: index for index, name in enumerate(levels)}
    dodge = 0.05 * (np.arange(len(curves)) - (len(curves) - 1) / 2)  # bars stand side by side
    for index, curve in enumerate(curves):
        x = np.array([places[name] for name in curve.winds]) + dodge[index]
        order = np.argsort(x)
        x, rate, band = x[order], 100 * curve.rate[order], 100 * curve.interval[order]
        colour = canvas.SERIES[index % len(canvas.SERIES)]
        axes.fill_between(x, band[:, 0], band[:, 1], color=colour, alpha=0.13, linewidth=0)
        axes.vlines(x, band[:, 0], band[:, 1], color=colour, linewidth=1.4, alpha=0.7)
        axes.plot(x, rate, color=colour, linewidth=2.0, markersize=7.5, markeredgecolor='white',
                  marker=MARKERS[index % len(MARKERS)], label=curve.policy, clip_on=False,
                  zorder=3 + index)
    axes.set_xlim(-0.35, len(levels) - 0.65)
    axes.set_ylim(0, 100)
    axes.set_xticks(range(len(levels)), [f'{name}\n{speed:.1f} m/s'
                                         for name, speed in levels.items()])
    canvas.tidy(axes)
    axes.grid(visible=False, axis='x')
    canvas.label(axes, x='wind level, and its mean as flown', y='target reached [%]')
    figure.text(0.03, 0.945, title, fontsize=15, fontweight='bold', color=canvas.INK)
    figure.text(0.03, 0.905, 'bands: Wilson 95 % interval', fontsize=10, color=canvas.MUTED)
    axes.legend(loc='lower left', frameon=True, facecolor='white', edgecolor='none',
                framealpha=0.85, fontsize=11, labelcolor=canvas.INK)
    canvas.save(figure, path)


def _levels(curves: Sequence[SuccessCurve]) -> dict[str, float]:
    """Return the levels, calm first, each with its mean wind over all policies [m/s]."""
    speeds: dict[str, list[float]] = {}
    for curve in curves:
        for name, speed in zip(curve.winds, curve.wind_mps):
            speeds.setdefault(name, []).append(float(speed))
    means = {name: float(np.mean(values)) for name, values in speeds.items()}
    return dict(sorted(means.items(), key=lambda item: item[1]))
