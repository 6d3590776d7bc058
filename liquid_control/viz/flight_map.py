# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A flight over its obstacles, from above and from the side.

Both views share their horizontal axis, the line from start to target, so that the eye drops
straight from one to the other; a small compass shows how `odom` lies in the view from above.
"""

from dataclasses import dataclass
from typing import Any

from liquid_control.flight import Flight
from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
import matplotlib
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.patches import Circle, Polygon, Rectangle
import numpy as np

MARGIN = 0.9        # kept free around what must be seen [m]
WALLED = 1.7        # the same where there are walls and gates [m]
MIN_SPAN = 6.0      # least length shown, so that a hover is not blown up [m]
WIND_ARROWS = 14    # along the path, about
WIND_LENGTH = 0.08  # of the strongest arrow, as a part of the width


@dataclass(frozen=True)
class View:
    """The horizontal frame of the pictures: along the line from start to target, and left."""

    origin: FloatArray             # (2,) in odom [m]
    angle: float                   # of the line in odom [rad]

    @classmethod
    def of(cls, flight: Flight) -> 'View':
        """Lay the view along start to target, or along odom's x where there is no target."""
        start = flight.position[0, :2]
        line = flight.target[:2] - start
        if not np.all(np.isfinite(line)) or np.hypot(*line) < 0.1:
            return cls(start, 0.0)
        return cls(start, float(np.arctan2(line[1], line[0])))

    def turn(self, vectors: FloatArray) -> FloatArray:
        """Turn horizontal vectors (..., 2) from odom into the view."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return np.asarray(vectors[..., :2] @ np.array([[cos, -sin], [sin, cos]]))

    def place(self, points: FloatArray) -> FloatArray:
        """Move points (..., 2 or 3) [m] from odom into the view (..., 2) [m]."""
        return self.turn(points[..., :2] - self.origin)


def speed_scale(flight: Flight) -> ScalarMappable:
    """Return how speed [m/s] becomes colour; the pale end of the map is left out."""
    colours = matplotlib.colormaps['plasma'](np.linspace(0.0, 0.88, 256))
    top = max(0.5, float(np.linalg.norm(flight.velocity, axis=1).max()))
    return ScalarMappable(Normalize(0.0, top), ListedColormap(colours))


def draw_top(axes: Axes, flight: Flight, view: View, scale: ScalarMappable,
             frame_times: FloatArray) -> None:
    """
    Draw a flight from above: what stands, start, goals, path by speed, wind along it.

    :param axes: square to the metre after this; already of its final size.
    :param flight: what to draw.
    :param view: the horizontal frame.
    :param scale: colour of a speed.
    :param frame_times: (K,) times that are marked on the path [s].
    """
    path = view.place(flight.position)
    draw_ground(axes, flight, view)
    _path(axes, path, flight, scale)
    _wind(axes, path, flight, view)
    for moment in frame_times:
        spot = [np.interp(moment, flight.t, path[:, axis]) for axis in (0, 1)]
        axes.plot(*spot, 'o', color='white', markersize=5.5, markeredgecolor=canvas.INK,
                  markeredgewidth=1.2, zorder=7)
    draw_goals(axes, flight, view)
    _ends(axes, path, view.place(flight.target), flight)
    _compass(axes, view)
    canvas.tidy(axes)
    canvas.label(axes, y='to the left [m]', title='From above')


def draw_ground(axes: Axes, flight: Flight, view: View) -> None:
    """
    Draw what a flight is over, from above: limits that show it whole, pillars and boxes.

    :param axes: square to the metre after this; already of its final size.
    :param flight: what is flown.
    :param view: the horizontal frame.
    """
    _limit_top(axes, flight, view, view.place(flight.position))
    axes.set_facecolor('#fbfcfd')
    lowest = float(flight.position[:, 2].min())
    for (x, y), (_, _, radius, tall) in zip(view.place(flight.pillars), flight.pillars):
        # What is flown over is pale: a path across it is no collision.
        axes.add_patch(Circle((x, y), radius, facecolor=canvas.PILLAR,
                              edgecolor=canvas.PILLAR_EDGE, linewidth=1.0, zorder=2,
                              alpha=1.0 if tall > lowest else 0.28))
    highest = float(flight.position[:, 2].max())
    for outline, (_, _, z, _, _, tall, _) in zip(box_outlines(flight, view), flight.boxes):
        level = z - tall / 2 < highest and z + tall / 2 > lowest
        axes.add_patch(Polygon(outline, facecolor=canvas.PILLAR, edgecolor=canvas.PILLAR_EDGE,
                               linewidth=1.0, zorder=2, alpha=1.0 if level else 0.28))


def box_outlines(flight: Flight, view: View) -> FloatArray:
    """
    Return the corners of every box from above: (B, 4, 2) [m].

    :param flight: whose boxes.
    :param view: the horizontal frame.
    """
    corners = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)]) / 2
    outlines = np.empty((len(flight.boxes), 4, 2))
    for outline, (x, y, _, length, thickness, _, yaw) in zip(outlines, flight.boxes):
        cos, sin = np.cos(yaw), np.sin(yaw)
        turned = corners * (length, thickness) @ np.array([[cos, sin], [-sin, cos]])
        outline[:] = view.place(turned + (x, y))
    return outlines


def draw_goals(axes: Axes, flight: Flight, view: View) -> None:
    """
    Draw numbers at goals where there are several, and the way of those that moved.

    :param axes: with the limits of `draw_ground`.
    :param flight: what is flown.
    :param view: the horizontal frame.
    """
    if len(flight.aim):
        way = view.place(flight.aim)
        for goal in np.unique(flight.done):
            axes.plot(*way[flight.done == goal].T, color=canvas.TARGET, linewidth=1.6, alpha=0.45,
                      zorder=3)
    if len(flight.goals) < 2:
        return
    for number, spot in enumerate(view.place(flight.goals), start=1):
        axes.plot(*spot, 'o', color=canvas.TARGET, markersize=15, markeredgecolor='white',
                  markeredgewidth=1.2, zorder=8, clip_on=False)
        axes.annotate(str(number), spot, ha='center', va='center_baseline', fontsize=9.5,
                      fontweight='bold', color='white', zorder=9)


def draw_side(axes: Axes, flight: Flight, view: View, scale: ScalarMappable,
              view_limits: tuple[float, float]) -> None:
    """
    Draw a flight from the side: distance along the line from start to target, and height.

    :param axes: shares its x axis with the view from above.
    :param flight: what to draw.
    :param view: the horizontal frame.
    :param scale: colour of a speed.
    :param view_limits: what the view from above shows across the line [m].
    """
    path = view.place(flight.position)
    height = flight.position[:, 2]
    tops = [float(height.max()), *flight.target[2:][np.isfinite(flight.target[2:])]]
    top = max(1.5, max(tops) + 0.5)
    axes.set_ylim(min(0.0, float(height.min())), top)
    low, high = view_limits
    spots = view.place(flight.pillars)
    for (x, y), (_, _, radius, tall) in zip(spots, flight.pillars):
        if not low - radius < y < high + radius:
            continue  # not in the view from above either
        near = float(np.hypot(*(path - (x, y)).T).min()) - radius < 1.0
        axes.add_patch(Rectangle((x - radius, 0.0), 2 * radius, tall,
                                 facecolor=canvas.PILLAR, edgecolor=canvas.PILLAR_EDGE,
                                 linewidth=0.8, alpha=0.85 if near else 0.28, zorder=2))
    for outline, (_, _, z, _, _, tall, _) in zip(box_outlines(flight, view), flight.boxes):
        ends = outline[:, 0].min(), outline[:, 0].max()
        axes.add_patch(Rectangle((ends[0], z - tall / 2), ends[1] - ends[0], tall,
                                 facecolor=canvas.PILLAR, edgecolor=canvas.PILLAR_EDGE,
                                 linewidth=0.8, alpha=0.28, zorder=2))
    side = np.column_stack([path[:, 0], height])
    _path(axes, side, flight, scale)
    goal = view.place(flight.target)
    _ends(axes, side, np.array([goal[0], flight.target[2]]), flight, names=False)
    canvas.tidy(axes)
    line = 'the line from start to target' if np.isfinite(goal).all() else 'x of odom'
    canvas.label(axes, x=f'along {line} [m]', y='height [m]',
                 title='From the side')
    axes.set_title('faint: pillars over 1 m off the path', loc='right', fontsize=9,
                   color=canvas.MUTED, pad=6)


def _limit_top(axes: Axes, flight: Flight, view: View, path: FloatArray) -> None:
    """Show path and goals whole, at one scale on both axes, filling the box."""
    points = np.vstack([path, view.place(flight.target)[None], view.place(flight.goals)])
    points = points[np.isfinite(points).all(axis=1)]
    margin = WALLED if len(flight.boxes) else MARGIN
    low, high = points.min(axis=0) - margin, points.max(axis=0) + margin
    box = axes.get_window_extent()
    metres_per_px = max((high[0] - low[0]) / box.width, (high[1] - low[1]) / box.height,
                        MIN_SPAN / box.width)
    middle = (low + high) / 2
    for setter, centre, pixels in ((axes.set_xlim, middle[0], box.width),
                                   (axes.set_ylim, middle[1], box.height)):
        half = metres_per_px * pixels / 2
        setter(centre - half, centre + half)


def _path(axes: Axes, points: FloatArray, flight: Flight, scale: ScalarMappable) -> None:
    """Draw a line (T, 2) coloured by speed, on a white casing that parts it from obstacles."""
    axes.plot(points[:, 0], points[:, 1], color='white', linewidth=6.0,
              solid_capstyle='round', zorder=4)
    speed = np.linalg.norm(flight.velocity, axis=1)
    pieces = np.stack([points[:-1], points[1:]], axis=1)
    line = LineCollection(list(pieces), cmap=scale.cmap, norm=scale.norm, linewidth=3.4,
                          capstyle='round', zorder=5)
    line.set_array((speed[:-1] + speed[1:]) / 2)
    axes.add_collection(line, autolim=False)


def _wind(axes: Axes, path: FloatArray, flight: Flight, view: View) -> None:
    """Draw wind arrows evenly spaced along the path, and their scale at the top right."""
    strongest = float(np.linalg.norm(flight.wind_velocity[:, :2], axis=1).max())
    place: dict[str, Any] = {'transform': axes.transAxes, 'color': canvas.WIND, 'fontsize': 9.5,
                             'va': 'center'}
    if not strongest > 0.05:  # NaN, where nobody knows the wind, lands here too
        known = bool(np.isfinite(flight.wind_velocity).all())
        axes.text(0.985, 0.95, 'no wind' if known else 'wind not known', ha='right', **place)
        return
    gone = np.concatenate([[0.0], np.linalg.norm(np.diff(path, axis=0), axis=1).cumsum()])
    picks = np.unique(np.searchsorted(gone, np.linspace(0.0, gone[-1], WIND_ARROWS + 1)))
    picks = picks[picks < len(path)]
    wind = view.turn(flight.wind_velocity[picks])
    reference = max(1.0, float(np.round(strongest)))
    arrows = axes.quiver(path[picks, 0], path[picks, 1], wind[:, 0], wind[:, 1],
                         angles='xy', scale_units='width', scale=strongest / WIND_LENGTH,
                         color=canvas.WIND, alpha=0.9, width=0.0026, headwidth=4.5,
                         headlength=5.5, headaxislength=5.0, zorder=6)
    tail = 0.985 - WIND_LENGTH * reference / strongest     # so that its tip is inside
    axes.quiverkey(arrows, tail, 0.95, reference, f'wind {reference:.0f} m/s', labelpos='W',
                   color=canvas.WIND, labelcolor=canvas.WIND, fontproperties={'size': 9.5})


def _ends(axes: Axes, path: FloatArray, target: FloatArray, flight: Flight,
          names: bool = True) -> None:
    """Mark start, target, and where a flight that failed ended."""
    marks = [(path[0], 'o', canvas.START, 8.0, 'start')]
    if np.isfinite(target).all() and len(flight.goals) < 2:
        marks.append((target, '*', canvas.TARGET, 19.0, 'target'))
    if not flight.reached:
        marks.append((path[-1], 'X', canvas.BAD, 12.0, flight.outcome.replace('_', ' ')))
    for point, marker, colour, size, name in marks:
        axes.plot(*point, marker=marker, color=colour, markersize=size, markeredgecolor='white',
                  markeredgewidth=1.2, zorder=8, clip_on=False)
        if names:
            axes.annotate(name, point, xytext=(0, -17), textcoords='offset points', ha='center',
                          va='center', fontsize=9.5, fontweight='bold', color=colour, zorder=9,
                          bbox={'boxstyle': 'round,pad=0.15', 'facecolor': 'white',
                                'edgecolor': 'none', 'alpha': 0.75})


def _compass(axes: Axes, view: View) -> None:
    """Show odom's x and y at the lower left, in pixels so that it has one size in any world."""
    box = axes.get_window_extent()  # a backdrop, so that it reads over a pillar
    axes.plot(46 / box.width, 46 / box.height, 'o', color='white', markersize=60, alpha=0.8,
              transform=axes.transAxes, zorder=8)
    for name, vector in (('x', (1.0, 0.0)), ('y', (0.0, 1.0))):
        tip = view.turn(np.array(vector)) * 26
        style: dict[str, Any] = {'xycoords': 'axes pixels', 'textcoords': 'axes pixels'}
        axes.annotate('', xy=tuple(46 + tip), xytext=(46, 46), **style,
                      arrowprops={'arrowstyle': '-|>', 'color': canvas.MUTED, 'linewidth': 1.3,
                                  'shrinkA': 0, 'shrinkB': 0}, zorder=9)
        axes.annotate(name, xy=(0, 0), xytext=tuple(46 + tip * 1.38), ha='center', va='center',
                      color=canvas.MUTED, fontsize=9, zorder=9, **style)
