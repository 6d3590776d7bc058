# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The picture of a wiring shows its synapses, each once, from source to target, by polarity."""

from dataclasses import replace
from pathlib import Path

from liquid_control.viz.wiring import draw_wiring, EXCITATORY, INHIBITORY, WiringPicture
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
import numpy as np
import pytest

# Three inputs; two inter, three command neurons that talk to each other, two motor neurons.
FEEDING = np.zeros((3, 7))
FEEDING[[0, 1, 2], [0, 1, 1]] = 1, -1, 1
RECURRENT = np.zeros((7, 7))
RECURRENT[[0, 1, 2, 3, 2, 4], [2, 3, 3, 2, 5, 6]] = 1, 1, -1, 1, -1, 1
PICTURE = WiringPicture(
    layers=(('inter', (0, 1)), ('command', (2, 3, 4)), ('motor', (5, 6))),
    inputs=(('range', 2), ('speed', 1)), motor=((5, 'vx'), (6, 'yaw rate')), feeding=FEEDING,
    recurrent=RECURRENT, self_connections=np.ones(7, dtype=bool))


def curves(figure: Figure) -> list[LineCollection]:
    return [part for part in figure.axes[0].collections if isinstance(part, LineCollection)]


def words(figure: Figure) -> list[str]:
    legend = figure.axes[0].get_legend()
    assert legend is not None
    return [text.get_text() for text in [*figure.axes[0].texts, *legend.get_texts()]]


def test_every_synapse_is_drawn_once_in_its_colour(drawn: list[Figure], tmp_path: Path) -> None:
    path = tmp_path / 'pictures' / 'wiring.png'
    draw_wiring(PICTURE, 'A circuit', path)
    assert path.read_bytes().startswith(b'\x89PNG')
    colours = [to_hex(np.array(curve.get_edgecolor())[0]) for curve in curves(drawn[0])]
    assert (colours.count(EXCITATORY), colours.count(INHIBITORY)) == (6, 3)
    found = words(drawn[0])
    assert {'A circuit', '7 neurons, 9 synapses, 7 self-connections', 'excitatory (6)',
            'inhibitory (3)', 'self-connection', 'vx', 'yaw rate', 'range 0', 'range 1', 'speed',
            '3 inputs', '2 inter', '3 command', '2 motor'} <= set(found)


def test_a_synapse_leads_from_its_source_to_its_target_and_darkens(drawn: list[Figure],
                                                                   tmp_path: Path) -> None:
    alone = replace(PICTURE, feeding=np.zeros((3, 7)), recurrent=np.zeros((7, 7)))
    alone.feeding[2, 1] = 1
    draw_wiring(alone, '', tmp_path / 'one.png')
    (curve,) = curves(drawn[0])
    points = np.concatenate(curve.get_segments())
    marks = [tuple(line.get_xydata()[0]) for line in drawn[0].axes[0].lines
             if len(line.get_xydata()) == 1]
    sensors = drawn[0].axes[0].lines[0].get_xydata()
    np.testing.assert_allclose(points[0], sensors[2])
    assert any(np.allclose(points[-1], mark) for mark in marks)
    assert points[-1, 0] > points[0, 0]
    alpha = np.array(curve.get_edgecolor())[:, 3]
    assert (np.diff(alpha) > 0).all()


def test_a_stronger_synapse_is_wider_and_polarity_has_one_width(drawn: list[Figure],
                                                                tmp_path: Path) -> None:
    for scale in (np.ones(7), np.linspace(0.1, 2, 7)):
        draw_wiring(replace(PICTURE, recurrent=RECURRENT * scale), '', tmp_path / 'w.png')
    same, several = ({round(float(np.ravel(curve.get_linewidth())[0]), 6)
                      for curve in curves(figure)} for figure in drawn)
    assert len(same) == 1 and len(several) > 3
    assert any('the stronger' in text for text in words(drawn[1]))
    assert not any('the stronger' in text for text in words(drawn[0]))


def test_many_inputs_are_named_by_group(drawn: list[Figure], tmp_path: Path) -> None:
    many = replace(PICTURE, inputs=(('frame features', 32), ('IMU', 6)),
                   feeding=np.ones((38, 7)))
    draw_wiring(many, '', tmp_path / 'many.png')
    assert {'frame features (32)', 'IMU (6)', '38 inputs'} <= set(words(drawn[0]))


@pytest.mark.parametrize('neurons', [3, 32])
def test_one_layer_is_a_ring_with_its_motor_neurons_on_the_right(
        drawn: list[Figure], tmp_path: Path, neurons: int) -> None:
    ring = WiringPicture(
        layers=(('neurons', tuple(range(neurons))),), inputs=(('input', 2),),
        motor=((neurons - 1, 'vx'),), feeding=np.ones((2, neurons)),
        recurrent=np.ones((neurons, neurons)), self_connections=np.zeros(neurons))
    draw_wiring(ring, '', tmp_path / 'ring.png')
    places = np.array([line.get_xydata()[0] for line in drawn[0].axes[0].lines[1:]])
    named = [text.get_position() for text in drawn[0].axes[0].texts if text.get_text() == 'vx']
    assert len({tuple(place.round(3)) for place in places}) == neurons
    assert places[:, 0].max() < named[0][0]
    assert not any('self-connection' in text for text in words(drawn[0]))
