# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wind: over time at one point and as spectrum, from above, and over height."""

from dataclasses import dataclass
from pathlib import Path
from textwrap import fill

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.mlab import detrend_mean, psd
from matplotlib.patches import Circle
import numpy as np

WIDTH_PX, HEIGHT_PX = 1500, 900
SHOWN = 30.0            # of the series [s]
SEGMENT = 2048          # samples of a periodogram
STILL = 1e-9            # a spectrum below this is none [m^2/s]
ARROWS = 12             # along each side of the view from above
AXES = ('x', 'y', 'z')  # of the world
SPEEDS = LinearSegmentedColormap.from_list('speeds', ['#f7fafa', canvas.WIND])


@dataclass(frozen=True)
class WindSurvey:
    """One draw of a wind, sampled at a point over time, and over space at a moment."""

    name: str
    description: str
    seed: int
    world: str              # whose pillars stand in it
    place: FloatArray       # (3,) of the series [m]
    t: FloatArray           # (T,) evenly spaced [s]
    series: FloatArray      # (T, 3) world [m/s]
    moment: float           # of field and profile [s]
    x: FloatArray           # (X,) evenly spaced [m]
    y: FloatArray           # (Y,) evenly spaced [m]
    field: FloatArray       # (Y, X, 3) at the height of the place [m/s]
    height: FloatArray      # (Z,) [m]
    profile: FloatArray     # (Z, 3) over the place [m/s]
    pillars: FloatArray     # rows x, y, radius, height: (P, 4) [m]


def draw_wind(survey: WindSurvey, path: Path) -> None:
    """
    Draw a wind as PNG.

    :param survey: what to draw.
    :param path: the file to write; its folder is made.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    speed = np.linalg.norm(survey.series, axis=1)
    figure.text(0.025, 0.952, f'Wind {survey.name}', fontsize=19, fontweight='bold',
                color=canvas.INK)
    figure.text(0.025, 0.937, fill(survey.description, 125), fontsize=11, va='top',
                color=canvas.INK, linespacing=1.35)
    figure.text(0.985, 0.962, f'mean {speed.mean():.1f} m/s, peak {speed.max():.1f} m/s in '
                f'{survey.t[-1]:.0f} s', ha='right', fontsize=11, color=canvas.INK)
    figure.text(0.985, 0.935, f'world {survey.world}, seed {survey.seed}', ha='right', fontsize=11,
                color=canvas.MUTED)
    _series(figure.add_axes((0.05, 0.55, 0.935, 0.29)), survey)
    _spectrum(figure.add_axes((0.05, 0.075, 0.29, 0.37)), survey)
    _from_above(figure, survey)
    _profile(figure.add_axes((0.765, 0.075, 0.22, 0.37)), survey)
    canvas.save(figure, path)


def _at(survey: WindSurvey) -> str:
    """Name the place of the series."""
    x, y, z = survey.place
    return f'({x:g}, {y:g}, {z:g}) m'


def _series(axes: Axes, survey: WindSurvey) -> None:
    """Draw the components over the first seconds."""
    shown = survey.t <= SHOWN
    axes.axhline(0.0, color=canvas.MUTED, linewidth=0.6)
    for name, values, colour in zip(AXES, survey.series[shown].T, canvas.SERIES):
        axes.plot(survey.t[shown], values, color=colour, linewidth=1.4, label=name)
    low, high = min(-1.0, survey.series[shown].min()), max(1.0, survey.series[shown].max())
    axes.set_ylim(low - 0.06 * (high - low), high + 0.06 * (high - low))
    axes.set_xlim(0.0, min(SHOWN, float(survey.t[-1])))
    axes.axvline(survey.moment, color=canvas.MUTED, linewidth=0.9, linestyle=':')
    canvas.tidy(axes)
    canvas.label(axes, x='time [s]', y='velocity [m/s]', title=f'Over time at {_at(survey)}')
    axes.legend(loc='lower right', bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False,
                fontsize=10, labelcolor=canvas.INK, borderaxespad=0.1)


def _spectrum(axes: Axes, survey: WindSurvey) -> None:
    """Draw the one-sided spectra of the components, where there is anything to see."""
    rate = 1.0 / (survey.t[1] - survey.t[0])
    segment = min(SEGMENT, len(survey.t))
    highest = 0.0
    for name, values, colour in zip(AXES, survey.series.T, canvas.SERIES):
        power, frequency = (np.asarray(found, dtype=float) for found in psd(
            values, NFFT=segment, Fs=rate, detrend=detrend_mean, noverlap=segment // 2))
        if power.max() > STILL:
            axes.loglog(frequency[1:], power[1:], color=colour, linewidth=1.2, label=name)
            highest = max(highest, float(power.max()))
    canvas.tidy(axes)
    canvas.label(axes, x='frequency [Hz]', y='power density [m$^2$/s]',
                 title=f'Spectrum over {survey.t[-1]:.0f} s')
    if highest:
        axes.set_ylim(1e-6 * highest, 3.0 * highest)
    else:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(0.5, 0.5, 'it does not change with time', transform=axes.transAxes,
                  ha='center', color=canvas.MUTED, fontsize=11)


def _from_above(figure: Figure, survey: WindSurvey) -> None:
    """Draw speed and direction over the ground, and what stands there."""
    axes = figure.add_axes((0.395, 0.075, 0.26, 0.37))
    speed = np.linalg.norm(survey.field, axis=2)
    half = (survey.x[1] - survey.x[0]) / 2
    extent = (survey.x[0] - half, survey.x[-1] + half, survey.y[0] - half, survey.y[-1] + half)
    image = axes.imshow(speed, origin='lower', extent=extent, cmap=SPEEDS, vmin=0.0,
                        vmax=max(1.0, float(speed.max())), interpolation='bilinear')
    for x, y, radius, _ in survey.pillars:
        axes.add_patch(Circle((x, y), radius, facecolor=canvas.PILLAR,
                              edgecolor=canvas.PILLAR_EDGE, linewidth=0.8, zorder=3))
    step = max(1, len(survey.x) // ARROWS)
    across, along = np.meshgrid(survey.x, survey.y)
    picks = np.zeros_like(speed, dtype=bool)
    picks[step // 2::step, step // 2::step] = True
    picks &= speed > max(STILL, 0.03 * float(speed.max()))       # an arrow, not a dot
    if picks.any():
        axes.quiver(across[picks], along[picks], *survey.field[picks].T[:2], color=canvas.INK,
                    alpha=0.75, width=0.004, pivot='mid',
                    scale=float(speed.max()) * ARROWS * 1.3, zorder=4)
    axes.plot(*survey.place[:2], 'o', color='white', markersize=6, zorder=5,
              markeredgecolor=canvas.INK, markeredgewidth=1.3)
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    axes.locator_params(nbins=6, integer=True)
    canvas.tidy(axes, grid=False)
    canvas.label(axes, x='x [m]', y='y [m]',
                 title=f'From above, {survey.place[2]:g} m up, at {survey.moment:g} s')
    bar = figure.colorbar(image, cax=figure.add_axes((0.662, 0.075, 0.008, 0.37)))
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.ax.tick_params(colors=canvas.MUTED, labelsize=9, length=0)
    bar.ax.set_title('m/s', fontsize=9, color=canvas.MUTED, loc='left')


def _profile(axes: Axes, survey: WindSurvey) -> None:
    """Draw speed over height."""
    axes.plot(np.linalg.norm(survey.profile[:, :2], axis=1), survey.height, color=canvas.WIND,
              linewidth=2.0, label='horizontal')
    axes.plot(survey.profile[:, 2], survey.height, color=canvas.SERIES[2], linewidth=1.4,
              linestyle='--', label='upward')
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.5), max(high, 1.0))
    axes.set_ylim(survey.height[0], survey.height[-1])
    canvas.tidy(axes)
    canvas.label(axes, x='speed [m/s]', y='height [m]', title=f'Over height, {survey.moment:g} s')
    axes.legend(loc='upper left', fontsize=9.5, labelcolor=canvas.INK, facecolor='white',
                framealpha=0.9, edgecolor='none')
