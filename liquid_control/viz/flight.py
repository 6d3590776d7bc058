# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One picture of one flight: where it went, how it was commanded, what it saw, how it ended."""

from pathlib import Path

from liquid_control.flight import Flight
from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from liquid_control.viz.flight_map import draw_side, draw_top, speed_scale, View
from liquid_control.viz.flight_series import commanded_axes, draw_series
from matplotlib.figure import Figure
import numpy as np

WIDTH_PX, HEIGHT_PX = 1600, 1000
STRIP_FRAMES = 8
NAME_LENGTH = 30    # of a policy, where it is a path
LEFT, RIGHT = 0.042, 0.985

VERDICTS = {
    'reached': 'Target reached in {:.1f} s',
    'collision': 'Collision after {:.1f} s',
    'timeout': 'Target not reached within {:.1f} s',
    'out_of_bounds': 'Left the world after {:.1f} s',
    'off_lane': 'Left the lane after {:.1f} s',
    'interrupted': 'Interrupted after {:.1f} s',
}


def draw_flight(flight: Flight, path: Path) -> None:
    """
    Draw a flight as PNG: views from above and the side, commands, wind, camera, verdict.

    :param flight: what to draw; a flight of less than two samples gives its verdict alone.
    :param path: the file to write; its folder is made.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    _title(figure, flight)
    if len(flight.t) < 2:
        figure.text(0.5, 0.5, 'nothing was recorded: no camera frame arrived', ha='center',
                    fontsize=16, color=canvas.MUTED)
        canvas.save(figure, path)
        return
    shown = _pick(flight)
    bottom = 0.27 if len(shown) else 0.075
    _maps(figure, flight, bottom, flight.frame_times[shown])
    _series(figure, flight, bottom)
    _strip(figure, flight, shown)
    canvas.save(figure, path)


def _title(figure: Figure, flight: Flight) -> None:
    """Write the verdict, and under it what was flown."""
    verdict = VERDICTS.get(flight.outcome, flight.outcome + ' after {:.1f} s')
    figure.text(LEFT - 0.02, 0.957, verdict.format(flight.time_s), fontsize=21,
                fontweight='bold', color=canvas.GOOD if flight.reached else canvas.BAD)
    facts = [f'world {flight.world}', f'wind {flight.wind}', f'seed {flight.seed}',
             f'policy {_shorten(flight.policy)}']
    figure.text(LEFT - 0.02, 0.928, '   ·   '.join(facts), fontsize=12, color=canvas.INK)
    if len(flight.t) < 2:
        return
    speed = np.linalg.norm(flight.velocity, axis=1)
    wind = np.linalg.norm(flight.wind_velocity, axis=1)
    numbers = [('path', f'{flight.path_length:.1f} m'),
               ('mean speed', f'{speed.mean():.2f} m/s'), ('top speed', f'{speed.max():.2f} m/s')]
    if len(flight.goals) > 1 and not flight.reached:
        numbers.append(('goals done', f'{flight.done[-1]:.0f} of {len(flight.goals)}'))
    elif np.isfinite(flight.distance).all() and not flight.reached:
        # Sampled once a frame: of a flight that reached, the last frame is short of the target.
        numbers.append(('nearest to target', f'{flight.distance.min():.2f} m'))
    if np.isfinite(wind).all():
        numbers += [('mean wind', f'{wind.mean():.1f} m/s'),
                    ('peak wind', f'{wind.max():.1f} m/s')]
    for index, (name, value) in enumerate(reversed(numbers)):
        x = RIGHT - 0.078 * index
        figure.text(x, 0.962, value, ha='right', fontsize=13, fontweight='bold', color=canvas.INK)
        figure.text(x, 0.938, name, ha='right', fontsize=9.5, color=canvas.MUTED)


def _shorten(name: str) -> str:
    """Cut a long path at its front, so that it does not run into the figures."""
    return name if len(name) <= NAME_LENGTH else '\u2026' + name[1 - NAME_LENGTH:]


def _maps(figure: Figure, flight: Flight, bottom: float, frame_times: FloatArray) -> None:
    """Lay the two views over each other at the left, and the scale of speed beside them."""
    view, scale = View.of(flight), speed_scale(flight)
    side_height = 0.15
    top_from = bottom + side_height + 0.05
    top = figure.add_axes((LEFT, top_from, 0.525, 0.885 - top_from))
    side = figure.add_axes((LEFT, bottom, 0.525, side_height), sharex=top)
    draw_top(top, flight, view, scale, frame_times)
    draw_side(side, flight, view, scale, top.get_ylim())
    top.tick_params(labelbottom=False)
    bar_axes = figure.add_axes((LEFT + 0.345, 0.895, 0.13, 0.010))
    bar = figure.colorbar(scale, cax=bar_axes, orientation='horizontal')
    bar.outline.set_visible(False)  # type: ignore[operator]
    bar.set_ticks([])
    figure.text(LEFT + 0.341, 0.9, '0', ha='right', va='center', fontsize=9, color=canvas.MUTED)
    figure.text(LEFT + 0.479, 0.9, f'{scale.norm.vmax:.1f} m/s', va='center', fontsize=9,
                color=canvas.MUTED)
    figure.text(LEFT + 0.33, 0.9, 'speed', ha='right', va='center', fontsize=9,
                color=canvas.MUTED)


def _series(figure: Figure, flight: Flight, bottom: float) -> None:
    """Stack the panels over time at the right."""
    rows = len(commanded_axes(flight)) + 2
    grid = figure.add_gridspec(rows, 1, left=0.655, right=RIGHT, bottom=bottom, top=0.885,
                               hspace=0.16)
    first = figure.add_subplot(grid[0])
    draw_series([first, *(figure.add_subplot(grid[row], sharex=first) for row in range(1, rows))],
                flight)


def _pick(flight: Flight) -> list[int]:
    """Choose up to eight camera frames, evenly."""
    count = min(STRIP_FRAMES, len(flight.frames))
    return [round(index) for index in np.linspace(0, len(flight.frames) - 1, count)]


def _strip(figure: Figure, flight: Flight, shown: list[int]) -> None:
    """Show camera frames in a row, each with its time."""
    if not shown:
        return
    left, gap, top = LEFT - 0.02, 0.008, 0.186
    width = (RIGHT - left - gap * (STRIP_FRAMES - 1)) / STRIP_FRAMES
    figure.text(left, top + 0.012, 'What the camera saw', fontsize=11, fontweight='bold',
                color=canvas.INK)
    figure.text(left + 0.118, top + 0.012, 'at the dots on the path', fontsize=9.5,
                color=canvas.MUTED)
    for column, pick in enumerate(shown):
        axes = figure.add_axes((left + column * (width + gap), 0.012, width, top - 0.012),
                               anchor='N')
        axes.imshow(flight.frames[pick], interpolation='nearest')
        axes.set_axis_off()
        axes.text(0.03, 0.94, f'{flight.frame_times[pick]:.1f} s', transform=axes.transAxes,
                  va='top', fontsize=9.5, fontweight='bold', color='white',
                  bbox={'boxstyle': 'round,pad=0.25', 'facecolor': canvas.INK,
                        'edgecolor': 'none', 'alpha': 0.75})
