# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The four steps of the paper, counted."""

from hypothesis import given, settings, strategies
from liquid_control.errors import WiringError
from liquid_control.wiring.ncp import ncp, ncp_of_size
from liquid_control.wiring.wiring import Wiring
import numpy as np
import pytest


def paper(seed: int = 0) -> Wiring:
    return ncp(32, 12, 6, 1, sensory_fanout=6, inter_fanout=4, recurrent_command=7,
               motor_fanin=6, seed=seed)


@pytest.mark.parametrize('seed', range(5))
def test_the_papers_circuit_has_19_neurons_and_253_synapses(seed: int) -> None:
    wiring = paper(seed)
    assert wiring.n_neurons == 19
    assert wiring.synapses == 253
    assert wiring.motor == (18,)


def test_fan_outs_are_met() -> None:
    wiring = paper()
    inter, command, motor = (list(layer) for layer in wiring.layers)
    recurrent = wiring.recurrent_adjacency != 0
    assert ((wiring.input_adjacency[:, inter] != 0).sum(axis=1) == 6).all()
    assert (recurrent[np.ix_(inter, command)].sum(axis=1) == 4).all()
    assert (recurrent[np.ix_(command, motor)].sum(axis=0) == 6).all()
    among = recurrent[np.ix_(command, command)]
    assert among.sum() == 7
    assert sorted(among.sum(axis=1)) == [1, 1, 1, 1, 1, 2]  # 7 over 6 neurons, evenly
    assert wiring.self_connections.all()


def test_both_polarities_are_drawn() -> None:
    polarity = paper().input_adjacency
    share = (polarity == 1).sum() / (polarity != 0).sum()
    assert 0.35 < share < 0.65  # of 192 fair draws: beyond four standard deviations


def test_the_seed_decides_everything() -> None:
    assert paper(1) == paper(1)
    assert paper(1) != paper(2)


def test_a_neuron_that_nobody_chose_is_reached() -> None:
    # One sensor with one target leaves 7 of 8 inter neurons, and they 7 of 8 command neurons.
    wiring = ncp(1, 8, 8, 1, sensory_fanout=1, inter_fanout=1, recurrent_command=0,
                 motor_fanin=1, seed=0)
    assert (wiring.input_adjacency[:, :8] != 0).any(axis=0).all()
    assert (wiring.recurrent_adjacency[:8, 8:16] != 0).any(axis=0).all()


@given(seed=strategies.integers(0, 10_000), inter=strategies.integers(1, 9),
       command=strategies.integers(1, 6), motor=strategies.integers(1, 4),
       data=strategies.data())
@settings(max_examples=30, deadline=None)
def test_every_neuron_is_reached(seed: int, inter: int, command: int, motor: int,
                                 data: strategies.DataObject) -> None:
    def draw(low: int, high: int) -> int:
        return data.draw(strategies.integers(low, high))

    wiring = ncp(draw(1, 5), inter, command, motor, sensory_fanout=draw(1, inter),
                 inter_fanout=draw(1, command), motor_fanin=draw(1, command),
                 recurrent_command=draw(0, command * (command - 1)), seed=seed)
    into = (wiring.input_adjacency != 0).sum(axis=0)
    first = inter + command
    layered = wiring.recurrent_adjacency.copy()
    layered[inter:first, inter:first] = 0  # recurrence alone reaches nobody
    assert ((into + (layered != 0).sum(axis=0)) > 0).all()


@pytest.mark.parametrize('name, value, text', [
    ('sensory_fanout', 13, '1 to 12'), ('inter_fanout', 0, '1 to 6'),
    ('recurrent_command', 31, '0 to 30'), ('motor_fanin', 7, '1 to 6')])
def test_numbers_that_the_layers_cannot_meet(name: str, value: int, text: str) -> None:
    numbers = {'sensory_fanout': 6, 'inter_fanout': 4, 'recurrent_command': 7, 'motor_fanin': 6,
               'seed': 0, name: value}
    with pytest.raises(WiringError, match=f'{name} of {text}, found {value}'):
        ncp(32, 12, 6, 1, **numbers)  # type: ignore[arg-type]


@pytest.mark.parametrize('neurons, motor, sparsity', [(34, 4, 0.5), (19, 1, 0.3), (64, 8, 0.75),
                                                      (8, 1, 0.9)])
def test_an_ncp_of_a_size_has_the_layers_and_fan_outs_of_the_published_code(
        neurons: int, motor: int, sparsity: float) -> None:
    wirings = pytest.importorskip('ncps.wirings', reason='the published code')
    wiring = ncp_of_size(38, neurons, motor, sparsity=sparsity, seed=0)
    published = wirings.AutoNCP(neurons, motor, sparsity_level=sparsity)
    published.build(38)
    assert [len(layer) for layer in wiring.layers] == [
        len(published.get_neurons_of_layer(layer)) for layer in range(3)]
    inter, command, motors = (list(layer) for layer in wiring.layers)
    recurrent = wiring.recurrent_adjacency != 0
    assert (wiring.input_adjacency != 0).sum(axis=1).tolist() == [published._sensory_fanout] * 38
    assert (recurrent[np.ix_(command, motors)].sum(axis=0) == published._motor_fanin).all()
    assert (recurrent[np.ix_(inter, command)].sum(axis=1) == published._inter_fanout).all()
    # Theirs draws the recurrence with replacement: some synapses are drawn twice there.
    assert recurrent[np.ix_(command, command)].sum() == min(
        published._recurrent_command_synapses, len(command) * (len(command) - 1))


@pytest.mark.parametrize('neurons, motor, sparsity, text', [
    (6, 4, 0.5, 'three more, found 4 motor of 6'), (34, 0, 0.5, 'at least one motor'),
    (34, 4, 0.95, '0.1 to 0.9, found 0.95'), (34, 4, float('nan'), '0.1 to 0.9')])
def test_sizes_that_make_no_ncp(neurons: int, motor: int, sparsity: float, text: str) -> None:
    with pytest.raises(WiringError, match=text):
        ncp_of_size(38, neurons, motor, sparsity=sparsity, seed=0)
