# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What synapses do is measured one by one, and only where there are any."""

from collections.abc import Callable

from liquid_control.nets.cells.cfc import CfC
from liquid_control.nets.cells.connectivity import effective_connectivity
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.nets.cells.plastic import Plastic
from liquid_control.wiring.ncp import ncp
import numpy as np
import pytest
import torch

INPUTS, NEURONS = 6, 9
WIRING = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
             motor_fanin=2, seed=1)
CELLS: dict[str, Callable[[], LayeredCell]] = {
    'cfc': lambda: CfC(WIRING, seed=2), 'ltc': lambda: LTC(WIRING, seed=2),
    'cfc, mixed memory': lambda: MixedMemory(CfC(WIRING, seed=2)),
    'plastic': lambda: Plastic(WIRING, seed=2),
}


def given(cell: LayeredCell) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    return torch.randn(7, INPUTS), torch.rand(7, cell.state_size), torch.full((7, 1), 0.1)


@pytest.mark.parametrize('kind', CELLS)
def test_a_strength_is_where_a_synapse_is(kind: str) -> None:
    cell = CELLS[kind]()
    found = effective_connectivity(cell, *given(cell))
    assert np.array_equal(found.inputs != 0, WIRING.input_adjacency != 0)
    connected = WIRING.recurrent_adjacency != 0
    assert np.array_equal((found.recurrent != 0) & ~np.eye(NEURONS, dtype=bool), connected)


def test_a_strength_is_what_a_small_change_does_through_that_synapse_alone() -> None:
    cell = LTC(WIRING, seed=2).double()
    inputs, state, dt = (part.double() for part in given(cell))
    found = effective_connectivity(cell, inputs, state, dt)
    with torch.no_grad():
        before, _ = cell(inputs, state, dt)
        for source in range(INPUTS):                    # to the first layer there is no other way
            moved = inputs.clone()
            moved[:, source] += 1e-6
            change = (cell(moved, state, dt)[0] - before).mean(dim=0) / 1e-6
            np.testing.assert_allclose(found.inputs[source, :4], change[:4], atol=1e-5)
        for source in range(4, 7):                      # command neurons, among themselves
            moved = state.clone()
            moved[:, source] += 1e-6
            change = (cell(inputs, moved, dt)[0] - before).mean(dim=0) / 1e-6
            others = WIRING.recurrent_adjacency[source, 4:7] != 0
            np.testing.assert_allclose(found.recurrent[source, 4:7][others], change[4:7][others],
                                       atol=1e-5)


def test_polarity_at_the_start_is_the_wirings_for_an_ltc() -> None:
    cell = LTC(WIRING, seed=2)
    found = effective_connectivity(cell, 0.1 * torch.randn(7, INPUTS), cell.initial_state(7),
                                   torch.full((7, 1), 0.1))
    assert np.array_equal(np.sign(found.inputs), WIRING.input_adjacency)
    off = found.recurrent * ~np.eye(NEURONS, dtype=bool)
    assert np.array_equal(np.sign(off), WIRING.recurrent_adjacency)


def test_a_synapse_that_training_silenced_has_no_strength() -> None:
    cell = LTC(WIRING, seed=2)
    source, target = np.argwhere(WIRING.input_adjacency)[0]
    with torch.no_grad():
        cell.typed_layers[0].feeding.values.view(INPUTS, 2, 4)[source, :, target] = 0.0
    found = effective_connectivity(cell, *given(cell))
    assert found.inputs[source, target] == 0
    assert np.count_nonzero(found.inputs) == np.count_nonzero(WIRING.input_adjacency) - 1
