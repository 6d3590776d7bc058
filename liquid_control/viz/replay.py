# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight's commands beside those of a policy that was given the same inputs."""

from collections.abc import Mapping
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
import numpy as np

WIDTH_PX, PANEL_PX, MARGIN_PX = 1200, 190, 130


def draw_replay(t: FloatArray, recorded: FloatArray, replayed: FloatArray,
                rms: Mapping[str, float], title: str, path: Path) -> None:
    """
    Draw both, one panel an axis.

    :param t: (N,) [s].
    :param recorded: (N, A) [m/s, rad/s].
    :param replayed: (N, A).
    :param rms: of the difference, by the axis' name [m/s, rad/s].
    :param title: above the picture.
    :param path: the PNG to write; its folder is made.
    """
    height = MARGIN_PX + PANEL_PX * len(rms)
    figure = canvas.new_figure(WIDTH_PX, height)
    panels = np.atleast_1d(figure.subplots(len(rms), 1, sharex=True))
    figure.subplots_adjust(left=0.08, right=0.97, bottom=55 / height, top=1 - 75 / height,
                           hspace=0.32)
    for axis, (axes, name) in enumerate(zip(panels, rms)):
        axes.axhline(0.0, color=canvas.MUTED, linewidth=0.6)
        axes.step(t, recorded[:, axis], where='post', color=canvas.FLOWN, linewidth=1.8,
                  label='recorded')
        axes.step(t, replayed[:, axis], where='post', color=canvas.COMMANDED, linewidth=1.2,
                  label='replayed')
        canvas.tidy(axes)
        unit = 'm/s' if name.startswith('v') else 'rad/s'
        canvas.label(axes, y=f'{name} [{unit}]',
                     title=f'{name}: RMS difference {rms[name]:.3g} {unit}')
    canvas.label(panels[-1], x='time [s]')
    panels[0].legend(loc='lower right', bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=10,
                     labelcolor=canvas.INK, ncols=2)
    figure.text(0.02, 1 - 38 / height, title, fontsize=15, fontweight='bold', color=canvas.INK)
    canvas.save(figure, path)
