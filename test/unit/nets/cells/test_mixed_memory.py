# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Mixed memory against the published code, and that it remembers what its cell forgets."""

from collections.abc import Callable

from liquid_control.nets.cells.cfc import CfC
from liquid_control.nets.cells.cfc_pure import CfCPure
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
from liquid_control.wiring.wiring import Wiring
from ncps.torch import CfC as PublishedCfC
from ncps.torch import CfCCell
import pytest
import torch
from torch import nn

INPUTS, NEURONS = 5, 8


MODES: dict[str, Callable[[Wiring], LayeredCell]] = {
    'default': lambda wiring: CfC(wiring, seed=4),
    'no_gate': lambda wiring: CfC(wiring, mode='no_gate', seed=4),
    'pure': lambda wiring: CfCPure(wiring, seed=4, time_constants=(0.05, 3.0)),
}


def sums(cell: LayeredCell,
         count: int) -> tuple[list[torch.Tensor], list[torch.Tensor], list[torch.Tensor]]:
    """Return weights of the inputs, of the state, and biases, gate by gate."""
    (layer,) = cell.typed_layers
    return ([*layer.feeding().t().chunk(count)], [*layer.recurrent().t().chunk(count)],
            [*layer.bias.chunk(count)])


@pytest.mark.parametrize('mode', MODES)
def test_dense_equals_the_published_code(mode: str) -> None:
    cell = MixedMemory(MODES[mode](dense(INPUTS, NEURONS, 2)), seed=5)
    other = PublishedCfC(INPUTS, NEURONS, mixed_memory=True, mode=mode, backbone_layers=0)
    published = other.rnn_cell
    assert isinstance(published, CfCCell)
    with torch.no_grad():
        feeding, recurrent, bias = sums(cell, 4)
        cell.typed_layers[0].bias.copy_(0.3 * torch.randn(4 * NEURONS))
        other.lstm.input_map.weight.copy_(torch.cat(feeding))
        other.lstm.input_map.bias.copy_(torch.cat(bias))
        other.lstm.recurrent_map.weight.copy_(torch.cat(recurrent))
        linears: list[nn.Linear] = [published.ff1]
        if isinstance(cell.cell, CfCPure):
            published.w_tau.copy_(cell.cell.leak)
            published.A.copy_(cell.cell.reversal.normal_())
        else:
            linears += [published.ff2, published.time_a, published.time_b]
        for linear, fed, within, offset in zip(linears, *sums(cell.cell, len(linears))):
            linear.weight.copy_(torch.cat([fed, within], dim=1))
            linear.bias.copy_(offset)
        inputs, dt = torch.randn(1, 50, INPUTS), torch.rand(1, 50, 1) * 0.2
        # Theirs is stepped one by one: its sequences squeeze the elapsed times.
        state, memory, expected = torch.zeros(1, NEURONS), torch.zeros(1, NEURONS), []
        for step in range(50):
            output, (state, memory) = other(inputs[:, step:step + 1], (state, memory),
                                            timespans=dt[:, step:step + 1])
            expected.append(output)
        outputs, last = cell.scan(inputs, dt, cell.initial_state(1))
    torch.testing.assert_close(outputs, torch.cat(expected, dim=1), atol=1e-5, rtol=0)
    torch.testing.assert_close(last, torch.cat([state, memory], dim=1), atol=1e-5, rtol=0)


def test_the_memory_is_wired_as_the_neurons_are() -> None:
    """The published LSTM hears every input for each neuron; ours hears whom the neuron hears."""
    wiring = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
                 motor_fanin=2, seed=1)
    cell = MixedMemory(CfC(wiring, seed=4), seed=5)
    for layer, liquid in zip(cell.typed_layers, cell.cell.typed_layers):
        assert torch.equal(layer.feeding.mask, liquid.feeding.mask)
        assert torch.equal(layer.recurrent.mask, liquid.recurrent.mask)

    def motors(inputs: torch.Tensor) -> torch.Tensor:
        outputs, _ = cell(inputs, torch.rand(1, 18, generator=torch.Generator().manual_seed(1)),
                          torch.full((1, 1), 0.1))
        return outputs[0]

    jacobian = torch.autograd.functional.jacobian(motors, torch.randn(1, INPUTS))[:4, 0]
    assert torch.equal(jacobian.t() != 0, torch.tensor(wiring.input_adjacency[:, :4] != 0))


def test_an_open_memory_holds_what_the_cell_forgets() -> None:
    cell = MixedMemory(CfC(dense(INPUTS, NEURONS, 2), seed=4), seed=5)
    with torch.no_grad():
        for layer in cell.typed_layers:
            layer.feeding.values.zero_()
            layer.recurrent.values.zero_()
            layer.bias.view(4, NEURONS)[1] = -30.0    # takes nothing
            layer.bias.view(4, NEURONS)[2] = 30.0     # keeps all
        state = cell.initial_state(1)
        state[:, NEURONS:] = torch.linspace(-0.9, 0.9, NEURONS)
        _, later = cell.scan(torch.zeros(1, 100, INPUTS), torch.rand(1, 100, 1), state)
    torch.testing.assert_close(later[:, NEURONS:], state[:, NEURONS:])
