# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight's commands beside those of a policy that was given the same inputs."""

from collections.abc import Sequence
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
import numpy as np

WIDTH_PX, PANEL_PX, MARGIN_PX = 1200, 190, 130


def draw_replay(t: FloatArray, recorded: FloatArray, replayed: FloatArray, names: Sequence[str],
                title: str, path: Path) -> None:
    """
    Draw both, one panel an axis, with the root mean square of their difference.

    :param t: (N,) [s].
    :param recorded: (N, A) [m/s, rad/s].
    :param replayed: (N, A).
    :param names: (A,) of the axes.
    :param title: above the picture.
    :param path: the PNG to write; its folder is made.
    """
    height = MARGIN_PX + PANEL_PX * len(names)
    figure = canvas.new_figure(WIDTH_PX, height)
    panels = np.atleast_1d(figure.subplots(len(names), 1, sharex=True))
    figure.subplots_adjust(left=0.08, right=0.97, bottom=55 / height, top=1 - 75 / height,
                           hspace=0.32)
    for axis, (axes, name) in enumerate(zip(panels, names)):
        axes.axhline(0.0, color=canvas.MUTED, linewidth=0.6)
        axes.step(t, recorded[:, axis], where='post', color=canvas.FLOWN, linewidth=1.8,
                  label='recorded')
        axes.step(t, replayed[:, axis], where='post', color=canvas.COMMANDED, linewidth=1.2,
                  label='replayed')
        canvas.tidy(axes)
        unit = 'm/s' if name.startswith('v') else 'rad/s'
        rms = float(np.sqrt(((replayed - recorded)[:, axis] ** 2).mean()))
        canvas.label(axes, y=f'{name} [{unit}]', title=f'{name}: RMS difference {rms:.3g} {unit}')
    canvas.label(panels[-1], x='time [s]')
    panels[0].legend(loc='lower right', bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=10,
                     labelcolor=canvas.INK, ncols=2)
    figure.text(0.02, 1 - 38 / height, title, fontsize=15, fontweight='bold', color=canvas.INK)
    canvas.save(figure, path)
