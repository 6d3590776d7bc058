# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture that a film is made of: what stands still is drawn once, what moves each time."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from liquid_control.flight import Flight
from liquid_control.signals import FloatArray, FLYING, ImageArray
from liquid_control.viz import canvas
from liquid_control.viz.film_gauges import Gauges
from liquid_control.viz.flight import VERDICTS
from liquid_control.viz.flight_map import draw_goals, draw_ground, speed_scale, View
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from matplotlib.patheffects import withStroke
import numpy as np

WIDTH_PX, HEIGHT_PX = 1120, 630
LEFT, MIDDLE, RIGHT = 0.025, 0.452, 0.978
HEADS = 0.900           # of the height, over camera and map
NAMES = 0.046           # of the width, for the names of layers
DRONE_PX = 15           # half its length on the map
WIND_PX = 70            # of the strongest wind's arrow
KEY_PX = 64             # of a strip that explains colours


@dataclass(frozen=True, slots=True)
class Footage:
    """A flight and what is filmed of it: all camera frames kept, and the network's state."""

    flight: Flight
    neurons: tuple[str, ...] = ()                # (N,) names; layer_number
    state_times: FloatArray | None = None        # (M,) [s]; None where there is no network
    states: FloatArray | None = None             # (M, S)


class Scene:
    """Draws one moment of a flight after the other."""

    def __init__(self, footage: Footage) -> None:
        """
        Draw what stands still.

        :param footage: of a flight of two samples or more.
        """
        self._flight = flight = footage.flight
        self._figure = figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
        self._moving: list[tuple[Axes | Figure, Artist]] = []
        self._title()
        self._camera(figure.add_axes((LEFT, 0.355, 0.40, 0.533)))
        gauges = figure.add_axes((LEFT + 0.076, 0.018, 0.235, 0.29))
        self._gauges = Gauges(gauges, flight)
        for artist in self._gauges.moving():
            self._add(gauges, artist)
        self._map(figure.add_axes((MIDDLE, 0.40, RIGHT - MIDDLE, 0.488)))
        left = MIDDLE + NAMES
        self._network(figure.add_axes((left, 0.085, RIGHT - left, 0.238)), footage)
        self.span = (float(flight.t[0]), float(flight.t[-1]))
        assert isinstance(figure.canvas, FigureCanvasAgg)
        self._canvas = figure.canvas
        self._canvas.draw()
        self._still = self._canvas.copy_from_bbox(figure.bbox)   # type: ignore[attr-defined]

    def picture(self, moment: float, over: bool = False) -> ImageArray:
        """
        Draw one moment.

        :param moment: within `span` [s].
        :param over: whether to show the verdict.
        :return: (HEIGHT_PX, WIDTH_PX, 3).
        """
        index = max(0, int(np.searchsorted(self._flight.t, moment, side='right')) - 1)
        self._canvas.restore_region(self._still)    # type: ignore[attr-defined]
        self._move(moment, index, over)
        for place, artist in self._moving:
            place.draw_artist(artist)
        return np.array(self._canvas.buffer_rgba())[..., :3]

    def _add(self, place: Axes | Figure, artist: Any) -> Any:
        """Register what moves, in the order in which it is drawn."""
        artist.set_animated(True)
        self._moving.append((place, artist))
        return artist

    def _title(self) -> None:
        flight, figure = self._flight, self._figure
        facts = (f'world {flight.world}', f'wind {flight.wind}', f'seed {flight.seed}')
        figure.text(LEFT, 0.948, flight.policy if len(flight.policy) <= 40
                    else '\u2026' + flight.policy[-39:], fontsize=15, fontweight='bold',
                    color=canvas.INK)
        figure.text(MIDDLE, 0.948, '   \u00b7   '.join(facts), fontsize=11.5, color=canvas.MUTED)
        self._time = self._add(figure, figure.text(RIGHT, 0.948, '', ha='right', fontsize=15,
                                                   fontweight='bold', color=canvas.INK))

    def _camera(self, axes: Axes) -> None:
        self._head(LEFT, HEADS, 'Camera')
        blank = np.full((3, 4, 3), 235, np.uint8)
        frames = self._flight.frames
        self._image = self._add(axes, axes.imshow(frames[0] if len(frames) else blank,
                                                  interpolation='nearest', aspect='auto'))
        axes.set_axis_off()
        verdict = VERDICTS.get(self._flight.outcome, self._flight.outcome + ' after {:.1f} s')
        self._verdict = self._add(axes, axes.text(
            0.5, 0.5, verdict.format(self._flight.time_s), transform=axes.transAxes, ha='center',
            va='center', fontsize=17, fontweight='bold', color='white',
            bbox={'boxstyle': 'round,pad=0.55', 'edgecolor': 'none', 'alpha': 0.92,
                  'facecolor': canvas.GOOD if self._flight.reached else canvas.BAD}))
        self._stop = self._add(axes, axes.text(
            0.03, 0.95, '', transform=axes.transAxes, va='top', fontsize=11, fontweight='bold',
            color='white', bbox={'boxstyle': 'round,pad=0.35', 'edgecolor': 'none',
                                 'facecolor': canvas.BAD}))

    def _map(self, axes: Axes) -> None:
        flight = self._flight
        self._view, self._scale = View.of(flight), speed_scale(flight)
        draw_ground(axes, flight, self._view)
        draw_goals(axes, flight, self._view)
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color(canvas.GRID)
        self._path = self._view.place(flight.position)
        axes.plot(*self._path[0], 'o', color=canvas.START, markersize=6, zorder=3)
        aims = flight.aim if len(flight.aim) else np.tile(flight.target, (len(flight.t), 1))
        self._aims = self._view.place(aims)
        self._star = None
        if np.isfinite(self._aims).all():
            self._star = self._add(axes, axes.plot(
                *self._aims[0], '*', color=canvas.TARGET, markersize=20, zorder=9,
                markeredgecolor='white', markeredgewidth=1.2)[0])
        self._trail = self._add(axes, LineCollection(
            [], cmap=self._scale.cmap, norm=self._scale.norm, linewidth=3.6, capstyle='round'))
        axes.add_collection(self._trail, autolim=False)
        low, high = axes.get_xlim()
        self._metres_per_px = (high - low) / axes.get_window_extent().width
        wind = np.linalg.norm(flight.wind_velocity[:, :2], axis=1)
        strongest = float(np.nan_to_num(wind).max())
        self._arrow = None
        if strongest > 0.05:
            scale = strongest / (WIND_PX * self._metres_per_px)
            self._arrow = self._add(axes, axes.quiver(
                *self._path[0], 0, 0, angles='xy', scale_units='xy', scale=scale, zorder=6,
                color=canvas.WIND, width=0.008, headwidth=3.6, headlength=4, headaxislength=3.7))
        self._drone = self._add(axes, axes.add_patch(Polygon(
            np.zeros((4, 2)), facecolor=canvas.INK, edgecolor='white', linewidth=1.4, zorder=7)))
        self._head(MIDDLE, HEADS, 'From above')
        for x, name, colour in ((0.098, '\u2605 target', canvas.TARGET),
                                (0.170, '\u2192 wind', canvas.WIND)):
            if name.endswith('target') or self._arrow is not None:
                self._figure.text(MIDDLE + x, HEADS, name, fontsize=10, fontweight='bold',
                                  color=colour)
        self._key(RIGHT, HEADS, self._scale.cmap, 'speed  0', f'{self._scale.norm.vmax:.1f} m/s')
        self._ruler(axes)

    def _head(self, x: float, y: float, text: str) -> None:
        """Write what is below."""
        self._figure.text(x, y, text, fontsize=11, fontweight='bold', color=canvas.INK)

    def _key(self, right: float, y: float, colours: str | Colormap, low: str, high: str) -> None:
        """Draw a strip of colours between what its ends mean, up to the right."""
        text: dict[str, Any] = {'fontsize': 9, 'color': canvas.MUTED, 'ha': 'right'}
        end = self._figure.text(right, y, high, **text)
        at = right - (end.get_window_extent().width + 6) / WIDTH_PX
        strip = self._figure.add_axes((at - KEY_PX / WIDTH_PX, y + 0.0015, KEY_PX / WIDTH_PX,
                                       0.0145))
        strip.imshow(np.linspace(0, 1, 64)[None], aspect='auto', cmap=colours)
        strip.set_axis_off()
        self._figure.text(at - (KEY_PX + 6) / WIDTH_PX, y, low, **text)

    def _ruler(self, axes: Axes) -> None:
        """Show how long a metre or some are, at the lower right."""
        shown = np.diff(axes.get_xlim()).item()
        length = next(step for step in (50.0, 20.0, 10.0, 5.0, 2.0, 1.0)
                      if step < 0.25 * shown or step == 1.0)
        right, up = axes.get_xlim()[1] - 0.025 * shown, axes.get_ylim()[0] + 0.03 * shown
        outline = [withStroke(linewidth=4, foreground='white')]
        axes.plot([right - length, right], [up, up], color=canvas.MUTED, linewidth=1.8,
                  solid_capstyle='butt', path_effects=outline, zorder=8)
        axes.text(right - length / 2, up + 0.008 * shown, f'{length:g} m', ha='center',
                  fontsize=9, color=canvas.MUTED, path_effects=outline, zorder=8)

    def _network(self, axes: Axes, footage: Footage) -> None:
        """Paint the state of every neuron over time; a cover hides what is still to come."""
        flight = self._flight
        axes.set_xlim(flight.t[0], flight.t[-1])
        canvas.tidy(axes, grid=False)
        canvas.label(axes, x='time [s]')
        axes.set_yticks([])
        axes.spines['left'].set_visible(False)
        self._cover = self._now = None
        if footage.states is None or footage.state_times is None or not len(footage.states):
            axes.text(0.5, 0.5, 'no network: the expert flies' if flight.policy == 'expert'
                      else 'neurons not recorded', transform=axes.transAxes, ha='center',
                      va='center', fontsize=12, color=canvas.MUTED)
            return
        times, states = footage.state_times, footage.states
        edges = np.append(times, max(times[-1] + 1e-3, flight.t[-1]))
        count = states.shape[1]
        bound = max(0.05, float(np.percentile(np.abs(states), 99)))
        axes.pcolormesh(edges, np.arange(count + 1), states.T, cmap='RdBu_r', vmin=-bound,
                        vmax=bound, rasterized=True)
        axes.set_ylim(count, 0)
        _layers(axes, footage.neurons, count)
        # A state may be more than its neurons: that of an LSTM, or of a net that remembers inputs.
        named = len(footage.neurons) == count
        self._head(MIDDLE, 0.34, f'State of {count} neurons' if named else
                   f'State of the network, {count} numbers')
        self._key(RIGHT, 0.34, 'RdBu_r', f'\u2212{bound:.1f}', f'+{bound:.1f}')
        self._cover = self._add(axes, axes.add_patch(Rectangle(
            (flight.t[0], 0), 1, count, facecolor='#f6f8fa', linewidth=0)))
        self._now = self._add(axes, axes.axvline(flight.t[0], color=canvas.INK, linewidth=1.6))

    def _move(self, moment: float, index: int, over: bool) -> None:
        """Put everything that moves where it is at a moment."""
        flight = self._flight
        self._time.set_text(f'{moment:.1f} s')
        self._verdict.set_visible(over)
        seen = int(np.searchsorted(flight.frame_times, moment, side='right')) - 1
        if len(flight.frames):
            self._image.set_data(flight.frames[max(0, seen)])
        reason = flight.reasons[index] if index < len(flight.reasons) else 'ok'
        self._stop.set_visible(reason not in FLYING and not over)
        self._stop.set_text('safety stop: ' + reason.replace('_', ' '))
        self._gauges.move(index)
        self._fly(moment, index)
        if self._cover is not None and self._now is not None:
            self._cover.set_x(moment)
            self._cover.set_width(max(0.0, flight.t[-1] - moment))
            self._now.set_xdata([moment, moment])

    def _fly(self, moment: float, index: int) -> None:
        """Move the drone on the map: its place between samples, trail, heading and wind."""
        flight = self._flight
        here = np.array([np.interp(moment, flight.t, self._path[:, axis]) for axis in (0, 1)])
        points = np.vstack([self._path[:index + 1], here])
        self._trail.set_segments(list(np.stack([points[:-1], points[1:]], axis=1)))
        self._trail.set_array(np.linalg.norm(flight.velocity[:index + 1], axis=1))
        heading = float(np.interp(moment, flight.t, np.unwrap(flight.yaw))) - self._view.angle
        cos, sin = np.cos(heading), np.sin(heading)
        shape = np.array([(1.0, 0.0), (-0.8, 0.65), (-0.45, 0.0), (-0.8, -0.65)])
        turned = shape @ np.array([[cos, sin], [-sin, cos]])
        self._drone.set_xy(here + DRONE_PX * self._metres_per_px * turned)
        if self._star is not None:
            self._star.set_data(*self._aims[index][:, None])
        if self._arrow is not None:
            self._arrow.set_offsets(here)
            wind = self._view.turn(np.nan_to_num(flight.wind_velocity[index]))
            self._arrow.set_UVC(*wind)


def _layers(axes: Axes, names: tuple[str, ...], count: int) -> None:
    """Part the layers, which the names of neurons begin with, and name them at the left."""
    if len(names) != count:
        return
    row = 0
    for layer, members in groupby(names, key=lambda name: name.rpartition('_')[0] or name):
        size = len(list(members))
        axes.text(-0.008, row + size / 2, layer, transform=axes.get_yaxis_transform(),
                  ha='right', va='center', fontsize=9, color=canvas.MUTED)
        if row:
            axes.axhline(row, color='white', linewidth=1.6)
        row += size
