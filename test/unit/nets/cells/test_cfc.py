# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""CfC against the published code, and what its time constants mean."""

from collections.abc import Sequence
import math

from hypothesis import given, settings, strategies
from liquid_control.nets.cells.cfc import CfC, Mode, TimeGate
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
from liquid_control.wiring.wiring import Wiring
from ncps.torch import CfC as PublishedCfC
from ncps.torch import CfCCell, WiredCfCCell
from ncps.wirings import Wiring as Layered
import pytest
import torch
from torch import nn

INPUTS, NEURONS = 5, 8


def copy_weights(cell: LayeredCell, linears: Sequence[nn.Linear]) -> None:
    """Give the sums of the published code the weights of ours; theirs read inputs and state."""
    (layer,) = cell.typed_layers
    weights = torch.cat([layer.feeding(), layer.recurrent()]).chunk(len(linears), dim=1)
    with torch.no_grad():
        for linear, weight, bias in zip(linears, weights, layer.bias.chunk(len(linears))):
            linear.weight.copy_(weight.t())
            linear.bias.copy_(bias)


def reference(cell: CfC) -> CfCCell:
    """Give the published cell, without its backbone, the weights of ours."""
    other = CfCCell(INPUTS, NEURONS, mode=cell.mode, backbone_layers=0)
    copy_weights(cell, (other.ff1, other.ff2, other.time_a, other.time_b))
    return other


@pytest.mark.parametrize('span', [None, (0.05, 3.0)])
@pytest.mark.parametrize('mode', ['default', 'no_gate'])
def test_dense_equals_the_published_code(mode: Mode, span: tuple[float, float] | None) -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), mode=mode, seed=4, time_constants=span)
    other = reference(cell)
    state = other_state = torch.zeros(1, NEURONS)
    with torch.no_grad():
        for _ in range(50):
            inputs, dt = torch.randn(1, INPUTS), torch.rand(1, 1) * 0.2
            outputs, state = cell(inputs, state, dt)
            expected, other_state = other(inputs, other_state, dt)
            torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=0)


def published_wired(cell: CfC) -> WiredCfCCell:
    """Give the published wired cell our wiring and, synapse by synapse, our weights."""
    wiring = PublishedWiring(cell.wiring)
    other = WiredCfCCell(INPUTS, wiring)
    with torch.no_grad():
        for layer, theirs in zip(cell.typed_layers, other._layers):
            weights = torch.cat([layer.feeding.values, layer.recurrent.values]).chunk(4, dim=1)
            linears = (theirs.ff1, theirs.ff2, theirs.time_a, theirs.time_b)
            for linear, weight, bias in zip(linears, weights, layer.bias.chunk(4)):
                linear.weight.copy_(weight.t())
                linear.bias.copy_(bias)
    return other


class PublishedWiring(Layered):
    """Our wiring in the terms of the published code."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.n_neurons)
        self.layers = wiring.layers
        self.set_output_dim(len(wiring.motor))
        self.build(wiring.n_inputs)
        self.adjacency_matrix = wiring.recurrent_adjacency.astype(int)
        self.sensory_adjacency_matrix = wiring.input_adjacency.astype(int)

    @property
    def num_layers(self) -> int:
        return len(self.layers)

    def get_neurons_of_layer(self, layer_id: int) -> list[int]:
        return list(self.layers[layer_id])


def test_wired_differs_from_the_published_code_in_gate_masks_and_recurrence_alone() -> None:
    """Their gates hear every source, and every neuron of a layer every other one: ours do not."""
    wiring = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
                 motor_fanin=2, seed=1)
    cell = CfC(wiring, seed=4)
    with torch.no_grad():           # theirs are set to numbers that our masks would stop
        for layer in cell.typed_layers:
            for block in (layer.feeding, layer.recurrent):
                block.values[block.mask == 0] = 0.7
    other = published_wired(cell)
    inputs, state, dt = torch.randn(1, INPUTS), torch.rand(1, 9), torch.full((1, 1), 0.1)
    with torch.no_grad():
        ours = cell(inputs, state, dt)[0]
        assert not torch.allclose(ours, other(inputs, state, dt)[1], atol=1e-2)
        for layer in cell.typed_layers:     # with silent weights where our masks are, the same
            for block in (layer.feeding, layer.recurrent):
                block.fill(block.values)
        theirs = published_wired(cell)(inputs, state, dt)[1]
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize('batch', [3, NEURONS])
def test_batched_dt_is_where_the_published_code_fails(batch: int) -> None:
    """It raises, or takes the dt of row n for neuron n; ours gives each row its own."""
    cell = CfC(dense(INPUTS, NEURONS, 2), seed=4)
    other = PublishedCfC(INPUTS, NEURONS, backbone_layers=0)
    other.rnn_cell = reference(cell)
    inputs, dt = torch.randn(batch, 1, INPUTS), torch.rand(batch, 1, 1)
    with torch.no_grad():
        ours, _ = cell.scan(inputs, dt, torch.zeros(batch, NEURONS))
        alone = torch.cat([other(inputs[row:row + 1], timespans=dt[row:row + 1])[0]
                           for row in range(batch)])
        torch.testing.assert_close(ours, alone, atol=1e-5, rtol=0)
        if batch == NEURONS:
            assert not torch.allclose(other(inputs, timespans=dt)[0], alone, atol=1e-2)
        else:
            with pytest.raises(RuntimeError):
                other(inputs, timespans=dt)


def test_the_time_constant_is_that_of_the_share_closed() -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), seed=4)
    other = reference(cell)
    inputs, state, dt = torch.randn(3, INPUTS), torch.rand(3, NEURONS), torch.rand(3, 1)
    joined = torch.cat([inputs, state], dim=1)
    with torch.no_grad():
        share = torch.sigmoid(other.time_a(joined) * dt + other.time_b(joined))
        found = cell.time_constants(inputs, state, dt)
    torch.testing.assert_close(1 - torch.exp(-dt / found), share)


@pytest.mark.parametrize('time_gate', ['linear', 'log'])
@pytest.mark.parametrize('mode', ['default', 'no_gate'])
def test_time_constants_are_spread_at_the_start(mode: Mode, time_gate: TimeGate) -> None:
    span, dt = (0.05, 3.0), torch.full((1, 1), 1 / 30)
    cell = CfC(dense(INPUTS, 40, 2), mode=mode, time_gate=time_gate, seed=4,
               time_constants=span, nominal_dt=1 / 30)
    found = cell.time_constants(torch.zeros(1, INPUTS), cell.initial_state(1), dt).flatten()
    ends = torch.logspace(math.log10(span[0]), math.log10(span[1]), 41)
    middle = (ends[1:] * ends[:-1]).sqrt()
    torch.testing.assert_close(found.sort().values, middle, rtol=1e-3, atol=1e-4)


def kept(cell: CfC) -> torch.Tensor:
    """Return the share of a state of 0.2 that each neuron alone keeps for 10 steps of 1/30 s."""
    state = 0.2 * torch.eye(NEURONS)
    with torch.no_grad():
        for _ in range(10):
            _, state = cell(torch.zeros(NEURONS, INPUTS), state,
                            torch.full((NEURONS, 1), 1 / 30))
    return state.diagonal() / 0.2


@pytest.mark.parametrize('time_gate', ['linear', 'log'])
@pytest.mark.parametrize('mode', ['default', 'no_gate'])
def test_state_is_carried_with_time_constants_and_lost_without(mode: Mode,
                                                               time_gate: TimeGate) -> None:
    wiring = dense(INPUTS, NEURONS, 2)
    plain, slow, fast = (
        kept(CfC(wiring, mode=mode, time_gate=time_gate, seed=4, time_constants=span))
        for span in (None, (3.0, 3.0), (0.05, 0.05)))
    assert plain.abs().median() < (0.1 if mode == 'default' else 0.6)
    assert slow.median() > 0.6
    assert fast.abs().median() < 0.2


@given(seed=strategies.integers(0, 2 ** 31), scale=strategies.sampled_from([0.1, 1.0, 30.0]))
@settings(max_examples=100, deadline=None)
def test_the_log_time_gate_opens_with_time_from_none_to_all(seed: int, scale: float) -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), time_gate='log', seed=4).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in cell.parameters():
            weight.copy_(scale * torch.randn(weight.shape, generator=generator))
        (layer,) = cell.typed_layers
        layer.bias.view(4, NEURONS)[:2] = torch.tensor([[-40.0], [40.0]])   # g and h saturate
        layer.feeding.values[:, :2 * NEURONS] = layer.recurrent.values[:, :2 * NEURONS] = 0.0
    times = torch.logspace(-20, 20, 300, dtype=torch.float64)[:, None]
    inputs = torch.randn(1, INPUTS, generator=generator).double().expand(300, -1)
    state = torch.randn(1, NEURONS, generator=generator).double().expand(300, -1)
    with torch.no_grad():
        share = (cell(inputs, state, times)[0] + 1) / 2
    assert (share.diff(dim=0) >= 0).all()
    steepness = torch.logit(share).diff(dim=0) / times.log().diff(dim=0)
    told = (share > 1e-6) & (share < 1 - 1e-6)
    assert (steepness[told[1:] & told[:-1]] <= 2 + 1e-6).all()


def test_the_log_time_gate_is_shut_at_no_time_and_open_in_the_end() -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), time_gate='log', seed=4, time_constants=(0.05, 3.0))
    inputs, state = torch.randn(1, INPUTS), torch.rand(1, NEURONS)
    (layer,) = cell.typed_layers
    with torch.no_grad():
        g, h = torch.tanh(cell.collect(layer, cell.feed(layer, inputs), state)
                          [:, :2 * NEURONS]).chunk(2, dim=1)
        for dt, expected in ((0.0, g), (1e9, h)):
            found = cell(inputs, state, torch.full((1, 1), dt))[0]
            torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
