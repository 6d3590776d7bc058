# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight over time: commanded and flown velocity, distance to the next goal, wind."""

from liquid_control.flight import Flight
from liquid_control.signals import FloatArray, FLYING
from liquid_control.viz import canvas
from matplotlib.axes import Axes
import numpy as np

NAMES = (('$v_x$', 'm/s'), ('$v_y$', 'm/s'), ('$v_z$', 'm/s'), ('yaw rate', 'rad/s'))


def flown_command(flight: Flight) -> FloatArray:
    """
    Return what was flown in the axes of the command.

    :param flight: a flight of T samples, T at least 2.
    :return: (T, 4) vx, vy, vz [m/s; base_stabilized], yaw rate [rad/s].
    """
    cos, sin = np.cos(flight.yaw), np.sin(flight.yaw)
    x, y, z = flight.velocity.T
    yaw_rate = np.gradient(np.unwrap(flight.yaw), flight.t)
    return np.column_stack([cos * x + sin * y, -sin * x + cos * y, z, yaw_rate])


def commanded_axes(flight: Flight) -> list[int]:
    """
    Return the axes that were commanded at all: a ground robot has two of the four.

    :param flight: what to draw; of one that never moved, all axes.
    """
    used = [axis for axis in range(len(NAMES)) if flight.command[:, axis].any()]
    return used or list(range(len(NAMES)))


def draw_series(panels: list[Axes], flight: Flight) -> None:
    """
    Draw velocities, distance and wind over time, one panel each from top to bottom.

    :param panels: one for each of `commanded_axes`, and two, sharing their time axis.
    :param flight: what to draw.
    """
    flown = flown_command(flight)
    for axes, axis in zip(panels, commanded_axes(flight)):
        name, unit = NAMES[axis]
        axes.axhline(0.0, color=canvas.MUTED, linewidth=0.6)
        axes.plot(flight.t, flown[:, axis], color=canvas.FLOWN, linewidth=1.5, label='flown')
        axes.step(flight.t, flight.command[:, axis], where='post', color=canvas.COMMANDED,
                  linewidth=1.3, label='commanded')
        _panel(axes, name, unit)
        _room(axes, np.concatenate([flown[:, axis], flight.command[:, axis]]), 0.3)
    wind = np.linalg.norm(flight.wind_velocity, axis=1)
    for axes, values, name, colour in ((panels[-2], flight.distance, 'to target', canvas.DISTANCE),
                                       (panels[-1], wind, 'wind', canvas.WIND)):
        axes.plot(flight.t, values, color=colour, linewidth=1.6)
        axes.fill_between(flight.t, 0.0, values, color=colour, alpha=0.12, linewidth=0)
        _panel(axes, name, 'm' if name == 'to target' else 'm/s')
        _room(axes, np.append(values, 0.0), 0.8, floor=True)
    for axes in panels[:-1]:
        axes.tick_params(labelbottom=False)
    panels[-1].set_xlim(flight.t[0], flight.t[-1])
    canvas.label(panels[-1], x='time [s]')
    _legend(panels[0], _shade_stops(panels, flight))


def _panel(axes: Axes, name: str, unit: str) -> None:
    """Write a panel's name and unit level, at its left, where they read without turning."""
    canvas.tidy(axes)
    axes.text(-0.105, 0.5, f'{name}\n[{unit}]', transform=axes.transAxes, ha='right',
              va='center', fontsize=9.5, color=canvas.INK, linespacing=1.35)
    axes.locator_params(axis='y', nbins=3)


def _room(axes: Axes, values: FloatArray, least: float, floor: bool = False) -> None:
    """Limit y to the values with some air, and to at least a span: noise is not an event."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, least)
    if not floor:
        low, high = min(low, -least), max(high, least)
    high = max(high, low + least)
    air = 0.12 * (high - low)
    axes.set_ylim(low if floor else low - air, high + air)


def _shade_stops(panels: list[Axes], flight: Flight) -> bool:
    """Shade the times when the safety layer held the vehicle back; tell whether there were any."""
    stopped = np.array([reason not in FLYING for reason in flight.reasons], dtype=bool)
    if not stopped.any():
        return False
    edges = np.flatnonzero(np.diff(np.concatenate([[0], stopped.astype(int), [0]])))
    for first, after in zip(edges[::2], edges[1::2]):
        until = flight.t[min(after, len(flight.t) - 1)]
        for axes in panels:
            axes.axvspan(flight.t[first], until, color=canvas.BAD, alpha=0.13, linewidth=0,
                         zorder=0, label='safety stop' if axes is panels[0]
                         and first == edges[0] else None)
    return True


def _legend(axes: Axes, stops: bool) -> None:
    """Explain the lines above the first panel."""
    handles, names = axes.get_legend_handles_labels()
    if stops and 'safety stop' in names:  # once, last
        index = names.index('safety stop')
        handles.append(handles.pop(index))
        names.append(names.pop(index))
    axes.legend(handles, names, loc='lower right', bbox_to_anchor=(1.01, 0.98), ncols=len(names),
                frameon=False, fontsize=9.5, labelcolor=canvas.INK, handlelength=1.6,
                columnspacing=1.4, borderaxespad=0.1)
    canvas.label(axes, title='Over time')
