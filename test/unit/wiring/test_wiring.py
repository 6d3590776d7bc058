# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a wiring refuses, and that a file of it says all there is."""

from dataclasses import replace

from liquid_control.errors import WiringError
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
from liquid_control.wiring.wiring import Wiring
import numpy as np
import pytest
import yaml


def circuit(seed: int = 0) -> Wiring:
    return ncp(5, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3, motor_fanin=2,
               seed=seed)


@pytest.mark.parametrize('wiring', [circuit(), dense(3, 4, 2)], ids=['ncp', 'dense'])
def test_yaml_round_trip(wiring: Wiring) -> None:
    text = yaml.safe_dump(wiring.to_yaml())
    again = Wiring.from_yaml(yaml.safe_load(text))
    assert again == wiring
    assert again.layers == wiring.layers and again.motor == wiring.motor
    np.testing.assert_array_equal(again.input_adjacency, wiring.input_adjacency)
    np.testing.assert_array_equal(again.recurrent_adjacency, wiring.recurrent_adjacency)
    np.testing.assert_array_equal(again.self_connections, wiring.self_connections)


def test_yaml_is_strict() -> None:
    values = circuit().to_yaml()
    with pytest.raises(WiringError, match="unknown key 'motors'; did you mean 'motor'"):
        Wiring.from_yaml({**values, 'motors': [1]})
    del values['layers']
    with pytest.raises(WiringError, match="missing key 'layers'"):
        Wiring.from_yaml(values)


@pytest.mark.parametrize('key, value, text', [
    ('layers', 3, 'a list in layers, found 3'), ('n_inputs', '5', "int in n_inputs, found '5'"),
    ('n_inputs', True, 'int in n_inputs, found True'), ('motor', [7.0, 8.0], 'int in motor'),
    ('self_connections', ['false'] * 9, "bool in self_connections, found 'false'"),
    ('neuron_names', [1] * 9, 'str in neuron_names, found 1'),
    ('input_adjacency', [[0.5] * 9] * 5, 'int in input_adjacency, found 0.5'),
    ('input_adjacency', [[1] * 9] * 4 + [[1] * 8], 'rows of equal length'),
    ('input_adjacency', [[1000] * 9] * 5, 'polarities -1, 0 and 1')])
def test_nothing_is_converted(key: str, value: object, text: str) -> None:
    with pytest.raises(WiringError, match=text):
        Wiring.from_yaml({**circuit().to_yaml(), key: value})


def test_a_neuron_that_no_input_reaches_is_refused() -> None:
    wiring = dense(3, 4, 2)
    deaf = wiring.input_adjacency.copy()
    deaf[:, 1] = 0
    heard = replace(wiring, input_adjacency=deaf.copy())      # by other neurons
    assert heard.synapses == wiring.synapses - 3
    alone = wiring.recurrent_adjacency.copy()
    alone[:, 1] = 0
    with pytest.raises(WiringError, match='no input reaches: inner_1; connect'):
        replace(wiring, input_adjacency=deaf, recurrent_adjacency=alone)
    # Two that hear each other, and nobody else.
    deaf[:, 2] = 0
    alone[:] = 0
    alone[1, 2] = alone[2, 1] = 1
    with pytest.raises(WiringError, match='no input reaches: inner_1, motor_0'):
        replace(wiring, input_adjacency=deaf, recurrent_adjacency=alone)


def test_a_changed_synapse_is_another_wiring() -> None:
    wiring = dense(3, 4, 2)
    flipped = wiring.input_adjacency.copy()
    flipped[0, 0] *= -1
    assert replace(wiring, input_adjacency=flipped) != wiring


def test_synapses_that_no_layer_would_run_are_refused() -> None:
    wiring = circuit()
    backward = wiring.recurrent_adjacency.copy()
    backward[4, 0] = 1  # command to inter
    with pytest.raises(WiringError, match='from command_0 to inter_0'):
        replace(wiring, recurrent_adjacency=backward)
    skipping = wiring.recurrent_adjacency.copy()
    skipping[0, 8] = 1  # inter to motor
    with pytest.raises(WiringError, match='from inter_0 to motor_1'):
        replace(wiring, recurrent_adjacency=skipping)
    late = wiring.input_adjacency.copy()
    late[0, 5] = 1
    with pytest.raises(WiringError, match='input that feeds a later layer'):
        replace(wiring, input_adjacency=late)


def test_wrong_numbers_are_refused() -> None:
    wiring = circuit()
    with pytest.raises(WiringError, match='zero diagonal'):
        replace(wiring, recurrent_adjacency=np.eye(9, dtype=np.int8))
    with pytest.raises(WiringError, match='polarities'):
        replace(wiring, input_adjacency=2 * wiring.input_adjacency)
    with pytest.raises(WiringError, match=r'of shape \(5, 9\), found \(6, 9\)'):
        replace(wiring, input_adjacency=np.zeros((6, 9), dtype=np.int8))
    with pytest.raises(WiringError, match='number the 9 neurons in order'):
        replace(wiring, layers=((0, 1), (2, 3)))
    with pytest.raises(WiringError, match='motor neurons of the last layer'):
        replace(wiring, motor=(0,))
    with pytest.raises(WiringError, match='a name of its own'):
        replace(wiring, neuron_names=('same',) * 9)


def test_a_wiring_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValueError, match='read-only'):
        circuit().input_adjacency[0, 0] = 1
