# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One picture of one world: a draw of it from above, and what the camera sees on the way."""

from dataclasses import dataclass, field
from pathlib import Path
import textwrap

from liquid_control.flight import Flight
from liquid_control.signals import FloatArray, ImageArray
from liquid_control.viz import canvas
from liquid_control.viz.flight_map import box_outlines, draw_goals, View
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon, Wedge
import numpy as np

WIDTH_PX, HEIGHT_PX = 1400, 700
LEFT, RIGHT, BOTTOM, TOP = 0.03, 0.985, 0.075, 0.845
MAP_WIDTH = 0.59
ROWS, COLUMNS = 3, 2
GAP = 0.012
SHORTEST = 7.0       # least extent of the map [m]
VIEW_REACH = 1.6     # of the wedge that shows where the camera looks at the start [m]


@dataclass(frozen=True)
class Sheet:
    """A world, one draw of it, and a flight through that."""

    name: str
    description: str
    flight: Flight
    pillar_colors: FloatArray      # (P, 3) RGB
    box_colors: FloatArray         # (B, 3) RGB
    ground_color: FloatArray       # (3,) RGB
    horizontal_fov: float          # of the camera [rad]
    lines: FloatArray = field(default_factory=lambda: np.zeros((0, 0, 2)))   # (L, N, 2) of a lane


def draw_sheet(sheet: Sheet, path: Path) -> None:
    """
    Draw a world as PNG.

    :param sheet: what to draw; its flight has a sample or more.
    :param path: the file to write; its folder is made.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    figure.text(LEFT, 0.945, sheet.name, fontsize=21, fontweight='bold', color=canvas.INK)
    text = textwrap.shorten(sheet.description, 150, placeholder=' \u2026')
    figure.text(LEFT, 0.905, text, fontsize=12, color=canvas.MUTED)
    shown = np.unique(np.linspace(0, len(sheet.flight.frames) - 1,
                                  ROWS * COLUMNS).round().astype(int))
    frames, times = sheet.flight.frames[shown], sheet.flight.frame_times[shown]
    axes = figure.add_axes((LEFT, BOTTOM, MAP_WIDTH, TOP - BOTTOM))
    _map(axes, sheet, times)
    _camera(figure, frames, times)
    canvas.save(figure, path)


def _map(axes: Axes, sheet: Sheet, times: FloatArray) -> None:
    """Draw what stands in its colours, goals, and the flight with the moments of the frames."""
    flight, view = sheet.flight, View.of(sheet.flight)
    outlines, spots = box_outlines(flight, view), view.place(flight.pillars)
    path = view.place(flight.position)
    axes.set_facecolor(to_rgba(tuple(np.clip(sheet.ground_color, 0, 1)), 0.18))
    lines = view.place(sheet.lines)
    for line in lines:
        axes.plot(*line.T, color=canvas.PILLAR_EDGE, linewidth=1.6, zorder=2)
    for outline, color in zip(outlines, sheet.box_colors):
        axes.add_patch(Polygon(outline, facecolor=color, edgecolor=canvas.INK, linewidth=0.7,
                               zorder=2))
    for spot, (_, _, radius, _), color in zip(spots, flight.pillars, sheet.pillar_colors):
        axes.add_patch(Circle(tuple(spot), radius, facecolor=color, edgecolor=canvas.INK,
                              linewidth=0.7, zorder=2))
    looked_at = path[0] + VIEW_REACH * np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])
    _limit(axes, np.vstack([outlines.reshape(-1, 2), lines.reshape(-1, 2), spots, path,
                            view.place(flight.goals),
                            view.place(flight.aim), looked_at]))
    nose = float(np.rad2deg(flight.yaw[0] - view.angle))
    half = float(np.rad2deg(sheet.horizontal_fov / 2))
    axes.add_patch(Wedge(tuple(path[0]), VIEW_REACH, nose - half, nose + half,
                         facecolor=canvas.FLOWN, alpha=0.22, linewidth=0, zorder=3))
    draw_goals(axes, flight, view)
    if len(flight.goals) == 1:
        axes.plot(*view.place(flight.target), '*', color=canvas.TARGET, markersize=19, zorder=8,
                  markeredgecolor='white', markeredgewidth=1.2)
    axes.plot(*path.T, color='white', linewidth=4.6, zorder=4)
    axes.plot(*path.T, color=canvas.FLOWN, linewidth=2.4, zorder=5)
    axes.plot(*path[0], 'o', color=canvas.START, markersize=9, markeredgecolor='white',
              markeredgewidth=1.2, zorder=6)
    for moment in times[1:]:
        spot = [np.interp(moment, flight.t, path[:, axis]) for axis in (0, 1)]
        axes.plot(*spot, 'o', color='white', markersize=5.5, markeredgecolor=canvas.INK,
                  markeredgewidth=1.2, zorder=6)
    canvas.tidy(axes)
    canvas.label(axes, x='[m]', title='From above, as the expert does it in still air: '
                 f'{flight.outcome.replace("_", " ")} in {flight.time_s:.0f} s')


def _limit(axes: Axes, points: FloatArray) -> None:
    """Show all points at one scale on both axes."""
    low, high = points.min(axis=0), points.max(axis=0)
    box = axes.get_window_extent()
    span = np.maximum(high - low, SHORTEST) * 1.06
    metres_per_px = max(span[0] / box.width, span[1] / box.height)
    middle = (low + high) / 2
    half = metres_per_px / 2 * np.array([box.width, box.height])
    axes.set_xlim(middle[0] - half[0], middle[0] + half[0])
    axes.set_ylim(middle[1] - half[1], middle[1] + half[1])


def _camera(figure: Figure, frames: ImageArray, times: FloatArray) -> None:
    """Show camera frames in columns, each with its time."""
    left = LEFT + MAP_WIDTH + 0.03
    figure.text(left, TOP + 0.012, 'What the camera sees, at the dots', fontsize=11,
                fontweight='bold', color=canvas.INK)
    width = (RIGHT - left - GAP) / COLUMNS
    height = (TOP - 0.03 - 2 * GAP * 2) / ROWS
    for number, (frame, moment) in enumerate(zip(frames, times)):
        row, column = divmod(number, COLUMNS)
        axes = figure.add_axes((left + column * (width + GAP),
                                TOP - (row + 1) * height - row * 2 * GAP, width, height),
                               anchor='NW')
        axes.imshow(frame, interpolation='nearest')
        axes.set_axis_off()
        axes.text(0.03, 0.94, f'{moment:.1f} s', transform=axes.transAxes, va='top',
                  fontsize=9.5, fontweight='bold', color='white',
                  bbox={'boxstyle': 'round,pad=0.25', 'facecolor': canvas.INK,
                        'edgecolor': 'none', 'alpha': 0.75})
