# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Gauges of a film: command and wind as bars over scales, with what was flown as marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from liquid_control.flight import Flight
from liquid_control.viz import canvas
from liquid_control.viz.flight_series import flown_command
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text
import numpy as np

SCALES = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0)   # quarters read well too
TRACK = '#eef1f4'
HALF = 0.34             # of a bar's thickness, where rows are 1 apart


@dataclass(frozen=True, slots=True)
class Gauge:
    """One bar: where it lies, what its ends mean, and which way it grows."""

    row: float
    names: tuple[str, str]          # of its left and right end
    sign: float = 1.0               # of what is drawn to the right; 0 grows from the left end


# As seen from behind the drone: what is to the left goes left, though its sign is plus (REP-103).
GAUGES: tuple[Gauge, ...] = (
    Gauge(0.0, ('back', 'forward')), Gauge(1.0, ('left', 'right'), -1.0),
    Gauge(2.0, ('down', 'up')), Gauge(3.95, ('turn left', 'right'), -1.0),
    Gauge(5.9, ('wind', ''), 0.0))
# Gauges that share a scale, its unit, and the least that it ends at.
GROUPS = ((slice(0, 3), 'm/s', 0.5), (slice(3, 4), 'rad/s', 0.5), (slice(4, 5), 'm/s', 1.0))


class Gauges:
    """Bars for the four axes of the command and the wind, over scales for the whole flight."""

    def __init__(self, axes: Axes, flight: Flight) -> None:
        """
        Draw tracks, names and scales.

        :param axes: as wide as the tracks; names and values stand beside it.
        :param flight: of two samples or more.
        """
        wind = np.nan_to_num(np.linalg.norm(flight.wind_velocity, axis=1))
        self._sent = np.column_stack([flight.command[:, :4], wind])
        self._flown = flown_command(flight)
        top = np.abs(self._sent).max(axis=0)
        top[:4] = np.maximum(top[:4], np.abs(self._flown).max(axis=0))
        self.full = np.empty(len(GAUGES))
        axes.set(xlim=(-1, 1), ylim=(7.0, -0.55))
        axes.set_axis_off()
        for group, unit, least in GROUPS:
            self.full[group] = scale_end(max(least, float(top[group].max())))
            _scale(axes, GAUGES[group], float(self.full[group][0]), unit)
        self._bars: list[Rectangle] = []
        self._marks: list[Line2D] = []
        self._values: list[Text] = []
        for gauge in GAUGES:
            self._track(axes, gauge)
        _head(axes)

    def _track(self, axes: Axes, gauge: Gauge) -> None:
        """Draw one track with its names, and what will move on it."""
        row = gauge.row
        beside: dict[str, Any] = {'transform': axes.get_yaxis_transform(), 'va': 'center',
                                  'color': canvas.INK}
        axes.add_patch(Rectangle((-1, row - HALF), 2, 2 * HALF, color=TRACK, linewidth=0))
        axes.text(-0.025, row, gauge.names[0], ha='right', fontsize=10, **beside)
        axes.text(1.025, row, gauge.names[1], ha='left', fontsize=10, **beside)
        self._values.append(axes.text(1.375, row, '', ha='right', fontsize=11, fontweight='bold',
                                      **beside))
        bar = Rectangle((0.0 if gauge.sign else -1.0, row - HALF), 0, 2 * HALF, linewidth=0,
                        color=canvas.COMMANDED if gauge.sign else canvas.WIND)
        axes.add_patch(bar)
        self._bars.append(bar)
        if gauge.sign:
            self._marks.append(axes.plot([0, 0], [row - HALF - 0.1, row + HALF + 0.1],
                                         color=canvas.FLOWN, linewidth=2.8)[0])

    def moving(self) -> Iterator[Artist]:
        """List what `move` changes, in the order in which it is drawn."""
        yield from (*self._bars, *self._values, *self._marks)

    def move(self, index: int) -> None:
        """
        Show one sample.

        :param index: of the flight's samples.
        """
        for gauge, bar, text, value, full in zip(GAUGES, self._bars, self._values,
                                                 self._sent[index], self.full):
            part = value / full
            bar.set_width(gauge.sign * part if gauge.sign else 2 * part)
            text.set_text(f'{abs(value):.1f}')
        for gauge, mark, value, full in zip(GAUGES, self._marks, self._flown[index], self.full):
            mark.set_xdata([gauge.sign * value / full] * 2)


def scale_end(value: float) -> float:
    """
    Return the round number that a scale ends at.

    :param value: the largest to be shown.
    """
    return next((end for end in SCALES if end >= value), 20.0 * np.ceil(value / 20.0))


def _scale(axes: Axes, gauges: tuple[Gauge, ...], full: float, unit: str) -> None:
    """Rule the tracks of a group, and number them below the last; names stand for signs."""
    signed = bool(gauges[0].sign)
    steps = (-1.0, -0.5, 0.0, 0.5, 1.0)
    for place in steps:
        value = full * (abs(place) if signed else (place + 1) / 2)
        style: dict[str, Any] = ({'color': canvas.MUTED, 'linewidth': 1.0}
                                 if signed and not place else
                                 {'color': 'white', 'linewidth': 1.2})
        if abs(place) < 1:
            for gauge in gauges:
                axes.plot([place] * 2, [gauge.row - HALF, gauge.row + HALF], zorder=1.5, **style)
        axes.text(place, gauges[-1].row + HALF + 0.16, f'{value:g}', ha='center', va='top',
                  fontsize=8.5, color=canvas.MUTED)
    axes.text(1.12, gauges[-1].row + HALF + 0.16, unit, va='top', fontsize=8.5,
              color=canvas.MUTED)


def _head(axes: Axes) -> None:
    """Say above the gauges what bar and mark are."""
    axes.text(-0.32, 1.035, 'Command', transform=axes.transAxes, fontsize=11, fontweight='bold',
              color=canvas.INK)
    for x, name, colour in ((0.035, '\u25ac sent', canvas.COMMANDED),
                            (0.29, '|  flown', canvas.FLOWN)):
        axes.text(x, 1.035, name, transform=axes.transAxes, fontsize=10,
                  color=colour, fontweight='bold')
