# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who connects to whom: neurons in layers from inputs to motor neurons, synapses by polarity."""

from dataclasses import dataclass
from pathlib import Path

from liquid_control.signals import FloatArray
from liquid_control.viz import canvas
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
import numpy as np

WIDTH_PX, HEIGHT_PX = 1280, 760
LEFT_PX, RIGHT_PX = 210, 190            # for the names of inputs and of motor neurons
TOP_PX, BOTTOM_PX = 128, 52
EXCITATORY, INHIBITORY = canvas.SERIES[0], canvas.SERIES[1]
SHADES = ('#d5dde4', '#8796a5')         # of the first layer and of the last before the motor ones
SEGMENTS = 26                           # of a synapse's curve
NAMED = 16                              # inputs up to so many are named one by one


@dataclass(frozen=True)
class WiringPicture:
    """What to draw, in plain numbers; a synapse's number is its polarity, or its strength."""

    layers: tuple[tuple[str, tuple[int, ...]], ...]    # name and neurons, in order
    inputs: tuple[tuple[str, int], ...]                # groups by name and size, in order
    motor: tuple[tuple[int, str], ...]                 # neuron and the axis that it drives
    feeding: FloatArray            # (I, N) from inputs, 0 where there is no synapse
    recurrent: FloatArray          # (N, N), [from, to]; the diagonal is not drawn
    self_connections: FloatArray   # (N,)


def draw_wiring(picture: WiringPicture, title: str, path: Path) -> None:
    """
    Draw a wiring as PNG.

    Each synapse darkens towards the neuron that hears. Where numbers are strengths rather than
    polarities, the stronger a synapse, the wider and darker.

    :param picture: what to draw.
    :param title: above the picture.
    :param path: the file to write; its folder is made.
    """
    figure = canvas.new_figure(WIDTH_PX, HEIGHT_PX)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH_PX)
    axes.set_ylim(HEIGHT_PX, 0)
    axes.set_axis_off()
    places = _places(picture)
    sensors = _sensors(picture)
    _synapses(axes, picture, sensors, places)
    _inputs(axes, picture, sensors)
    _neurons(axes, picture, places)
    _words(axes, picture, title)
    canvas.save(figure, path)


def _places(picture: WiringPicture) -> FloatArray:
    """Lay neurons out: a layer that talks to itself on a ring, another one in a column (N, 2)."""
    places = np.zeros((len(picture.recurrent), 2))
    columns = _columns(picture)
    motor = {neuron for neuron, _ in picture.motor}
    middle, half = (TOP_PX + HEIGHT_PX - BOTTOM_PX) / 2, (HEIGHT_PX - BOTTOM_PX - TOP_PX) / 2
    for (_, neurons), (x, room) in zip(picture.layers, columns):
        count = len(neurons)
        within = np.array(picture.recurrent)[np.ix_(neurons, neurons)] * (1 - np.eye(count))
        if count > 2 and within.any():
            # The motor neurons of a ring face the right, in order from top to bottom.
            order = [n for n in neurons if n in motor] + [n for n in neurons if n not in motor]
            lead = sum(neuron in motor for neuron in neurons) or 1
            angle = 2 * np.pi * (np.arange(count) - (lead - 1) / 2) / count
            tall = half * min(1.0, 0.34 + 0.035 * count)
            places[order] = np.column_stack([x + min(room, tall) * np.cos(angle),
                                             middle + tall * np.sin(angle)])
        else:
            span = half * min(1.0, 0.16 * (count - 1))
            places[list(neurons)] = np.column_stack(
                [np.full(count, x), middle + np.linspace(-span, span, count)])
    return places


def _columns(picture: WiringPicture) -> list[tuple[float, float]]:
    """Return where each layer is, and how wide its ring may be [px]."""
    count = len(picture.layers)
    whole = WIDTH_PX - LEFT_PX - RIGHT_PX
    if count == 1:
        return [(LEFT_PX + 0.58 * whole, 0.42 * whole)]
    pitch = whole / count
    return [(LEFT_PX + pitch * (index + 1), 0.38 * pitch) for index in range(count)]


def _sensors(picture: WiringPicture) -> FloatArray:
    """Lay the inputs out from top to bottom, with a gap between groups (I, 2)."""
    groups = [group for group, (_, size) in enumerate(picture.inputs) for _ in range(size)]
    gap = min(1.0, 0.06 * len(groups))
    heights = np.arange(len(groups)) + gap * np.array(groups)
    inside = HEIGHT_PX - TOP_PX - BOTTOM_PX
    reach = inside * min(1.0, 0.12 * len(groups))
    begin = TOP_PX + (inside - reach) / 2
    down = begin + reach * heights / max(heights[-1], 1.0)
    return np.column_stack([np.full(len(groups), LEFT_PX), down])


def _synapses(axes: Axes, picture: WiringPicture, sensors: FloatArray,
              places: FloatArray) -> None:
    """Draw every synapse as a curve, the weakest first."""
    feeding, recurrent = np.array(picture.feeding), np.array(picture.recurrent)
    np.fill_diagonal(recurrent, 0)
    layer_of = {neuron: index for index, (_, neurons) in enumerate(picture.layers)
                for neuron in neurons}
    centres = [places[list(neurons)].mean(axis=0) for _, neurons in picture.layers]
    curves, strengths = [], []
    for source, target in np.argwhere(feeding):
        curves.append(_across(sensors[source], places[target]))
        strengths.append(feeding[source, target])
    for source, target in np.argwhere(recurrent):
        same = layer_of[source] == layer_of[target]
        curves.append(_inside(places[source], places[target], centres[layer_of[source]]) if same
                      else _across(places[source], places[target]))
        strengths.append(recurrent[source, target])
    signed = np.array(strengths)
    share = np.minimum(1.0, np.abs(signed) / max(np.percentile(np.abs(signed), 95), 1e-12))
    crowd = np.clip(350 / len(signed), 0.36, 1.0)      # the more there are, the fainter each
    fade = np.linspace(0.18, 1.0, SEGMENTS)
    for index in np.argsort(share, kind='stable'):
        points, weight = curves[index], share[index]
        colour = np.tile(to_rgba(EXCITATORY if signed[index] > 0 else INHIBITORY), (SEGMENTS, 1))
        colour[:, 3] = fade * (0.12 + 0.7 * weight) * crowd
        axes.add_collection(LineCollection(
            list(np.stack([points[:-1], points[1:]], axis=1)), colors=colour,
            linewidths=0.5 + 1.3 * weight, zorder=1, capstyle='butt'))


def _across(start: FloatArray, end: FloatArray) -> FloatArray:
    """Lead from one layer to the next, horizontally at both ends."""
    t = np.linspace(0, 1, SEGMENTS + 1)[:, None]
    pull = np.array([0.45 * (end[0] - start[0]), 0.0])
    return _bezier(t, start, start + pull, end - pull, end)


def _inside(start: FloatArray, end: FloatArray, centre: FloatArray) -> FloatArray:
    """Lead across a ring, passing its centre on the right, so that there and back are two ways."""
    t = np.linspace(0, 1, SEGMENTS + 1)[:, None]
    way = end - start
    aside = 0.12 * np.array([-way[1], way[0]])
    inward = (start + end) / 2 + 0.35 * (centre - (start + end) / 2) + aside
    return _bezier(t, start, start + (inward - start) * 2 / 3, end + (inward - end) * 2 / 3, end)


def _bezier(t: FloatArray, *points: FloatArray) -> FloatArray:
    """Return points of a cubic curve."""
    a, b, c, d = points
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t ** 2 * c + t ** 3 * d


def _inputs(axes: Axes, picture: WiringPicture, sensors: FloatArray) -> None:
    """Draw the inputs, and name them: one by one if they are few, else by group."""
    axes.plot(*sensors.T, 'o', color=canvas.MUTED, markersize=5, markeredgewidth=0, zorder=3)
    first = 0
    for name, size in picture.inputs:
        ys = sensors[first:first + size, 1]
        if len(sensors) <= NAMED:
            for index, y in enumerate(ys):
                text = name if size == 1 else f'{name} {index}'
                axes.text(LEFT_PX - 14, y, text, ha='right', va='center', fontsize=10,
                          color=canvas.INK)
        else:
            edge = LEFT_PX - 16
            axes.plot([edge, edge], [ys[0] - 4, ys[-1] + 4], color=canvas.MUTED, linewidth=1.2)
            axes.text(edge - 9, ys.mean(), f'{name} ({size})' if size > 1 else name, ha='right',
                      va='center', fontsize=10.5, color=canvas.INK)
        first += size


def _neurons(axes: Axes, picture: WiringPicture, places: FloatArray) -> None:
    """Draw neurons shaded by layer, motor neurons dark and named; a ring is a self-connection."""
    motor = dict(picture.motor)
    hollow = np.array([to_rgba(shade) for shade in SHADES])
    last = max(1, len(picture.layers) - 2)
    for index, (_, neurons) in enumerate(picture.layers):
        shade = hollow[0] + (hollow[1] - hollow[0]) * min(1.0, index / last)
        for neuron in neurons:
            x, y = places[neuron]
            drives = neuron in motor
            size = 13 if drives else 10
            if picture.self_connections[neuron]:
                axes.plot(x, y, 'o', markersize=size + 6, markerfacecolor='none',
                          markeredgecolor=canvas.MUTED, markeredgewidth=0.9, zorder=3)
            axes.plot(x, y, 'o', markersize=size, zorder=4, markeredgewidth=1.2,
                      markerfacecolor=canvas.INK if drives else shade,
                      markeredgecolor='white' if drives else canvas.INK)
            if drives:
                axes.text(x + 19, y, motor[neuron], va='center', fontsize=12, fontweight='bold',
                          color=canvas.INK, zorder=5,
                          bbox={'facecolor': 'white', 'edgecolor': 'none', 'alpha': 0.75,
                                'pad': 1.5})


def _words(axes: Axes, picture: WiringPicture, title: str) -> None:
    """Write the title, the counts, the names of layers and what the colours mean."""
    feeding, recurrent = np.array(picture.feeding), np.array(picture.recurrent)
    np.fill_diagonal(recurrent, 0)
    signed = np.concatenate([feeding[feeding != 0], recurrent[recurrent != 0]])
    loops = np.count_nonzero(picture.self_connections)
    axes.text(28, 34, title, fontsize=15, fontweight='bold', color=canvas.INK, va='center')
    counts = f'{len(recurrent)} neurons, {len(signed)} synapses'
    axes.text(28, 60, counts + (f', {loops} self-connections' if loops else ''), fontsize=10.5,
              color=canvas.MUTED, va='center')
    axes.text(LEFT_PX, TOP_PX - 34, f'{len(feeding)} inputs', ha='center', fontsize=11,
              color=canvas.MUTED)
    for (name, neurons), (x, _) in zip(picture.layers, _columns(picture)):
        axes.text(x, TOP_PX - 34, f'{len(neurons)} {name}', ha='center', fontsize=11,
                  color=canvas.MUTED)
    handles = [Line2D([], [], color=EXCITATORY, linewidth=2.2,
                      label=f'excitatory ({np.count_nonzero(signed > 0)})'),
               Line2D([], [], color=INHIBITORY, linewidth=2.2,
                      label=f'inhibitory ({np.count_nonzero(signed < 0)})')]
    if loops:
        handles.append(Line2D([], [], linestyle='', marker='o', markersize=12,
                              markerfacecolor='none', markeredgecolor=canvas.MUTED,
                              label='self-connection'))
    axes.legend(handles=handles, loc='upper right', frameon=False, ncols=3, fontsize=10.5,
                labelcolor=canvas.INK, bbox_to_anchor=(0.985, 0.98))
    note = 'a synapse darkens towards the neuron that hears'
    if len(np.unique(np.abs(signed))) > 1:
        note += '; the wider, the stronger'
    axes.text(28, HEIGHT_PX - 22, note, fontsize=9.5, color=canvas.MUTED, va='center')
