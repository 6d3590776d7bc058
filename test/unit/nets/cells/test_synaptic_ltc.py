# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The LTC with a conductance a synapse against the published code, and where it differs."""

from liquid_control.nets.cells.synaptic_ltc import SynapticLTC
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
from liquid_control.wiring.wiring import Wiring
from ncps.torch import LTCCell
from ncps.wirings import FullyConnected
from ncps.wirings import Wiring as Layered
import pytest
import torch

INPUTS, NEURONS = 5, 8


def published() -> LTCCell:
    """Build the published cell with weights of its own."""
    torch.manual_seed(7)
    return LTCCell(FullyConnected(NEURONS), INPUTS, input_mapping=None, output_mapping=None)


def same(other: LTCCell) -> SynapticLTC:
    """Give ours the weights of the published cell."""
    cell = SynapticLTC(dense(INPUTS, NEURONS, 2))
    (layer,) = cell.typed_layers
    given = dict(other.named_parameters())
    with torch.no_grad():
        for block, prefix in ((layer.feeding, 'sensory_'), (layer.recurrent, '')):
            conductance = given[prefix + 'w'] / given['gleak']
            block.fill(torch.cat([
                given[prefix + 'sigma'], given[prefix + 'mu'],
                torch.log(torch.expm1(conductance)), given[prefix + 'erev']], dim=1))
        layer.bias.copy_(given['vleak'])
        cell.log_rate.copy_(torch.log(given['gleak'] / given['cm']))
    return cell


def test_dense_equals_the_published_code() -> None:
    other = published()
    cell = same(other)
    state = other_state = torch.zeros(1, NEURONS)
    with torch.no_grad():
        for _ in range(50):
            inputs, dt = torch.randn(1, INPUTS), 0.01 + torch.rand(1, 1)
            outputs, state = cell(inputs, state, dt)
            expected, other_state = other(inputs, other_state, dt)
            torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize('batch', [3, NEURONS])
def test_batched_dt_is_where_the_published_code_fails(batch: int) -> None:
    """It raises, or takes the dt of row n for neuron n; ours gives each row its own."""
    other = published()
    cell = same(other)
    inputs, dt = torch.randn(batch, INPUTS), 0.01 + torch.rand(batch)
    state = torch.rand(batch, NEURONS)
    with torch.no_grad():
        ours, _ = cell(inputs, state, dt[:, None])
        alone = torch.cat([other(inputs[row:row + 1], state[row:row + 1], dt[row])[0]
                           for row in range(batch)])
        torch.testing.assert_close(ours, alone, atol=1e-5, rtol=0)
        if batch == NEURONS:
            assert not torch.allclose(other(inputs, state, dt)[0], alone, atol=1e-2)
        else:
            with pytest.raises(RuntimeError):
                other(inputs, state, dt)


def test_the_published_code_loses_its_bounds_where_a_call_is_forgotten() -> None:
    """There a weight below zero is used until somebody clips it; here there is none."""
    other = published()
    cell = same(other)
    (layer,) = cell.typed_layers
    with torch.no_grad():       # excitatory ones below zero, inhibitory ones above
        for prefix, block in (('sensory_', layer.feeding), ('', layer.recurrent)):
            weight = -3.0 * getattr(other, prefix + 'erev')
            getattr(other, prefix + 'w').copy_(weight)
            block.values.view(-1, 4, NEURONS)[:, 2] = weight
        inputs, ours = torch.ones(1, INPUTS), torch.zeros(1, NEURONS)
        theirs = ours
        for _ in range(50):
            _, ours = cell(inputs, ours, torch.ones(1, 1))
            _, theirs = other(inputs, theirs, torch.ones(1, 1))
    assert ours.abs().max() <= 1.0
    assert theirs.abs().max() > 1.0


class PublishedWiring(Layered):
    """Our wiring in the terms of the published code, which has the motor neurons first."""

    def __init__(self, wiring: Wiring) -> None:
        super().__init__(wiring.n_neurons)
        self.set_output_dim(len(wiring.motor))
        self.build(wiring.n_inputs)
        self.adjacency_matrix = wiring.recurrent_adjacency.astype(int)
        self.sensory_adjacency_matrix = wiring.input_adjacency.astype(int)


def test_an_input_reaches_the_motor_neurons_within_one_step() -> None:
    """The published code takes a step, or at least a sub-step, a layer; so does its wired LTC."""
    wiring = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
                 motor_fanin=2, seed=1)
    ours = SynapticLTC(wiring, substeps=1)
    theirs = LTCCell(PublishedWiring(wiring), INPUTS, ode_unfolds=1)
    for cell, reached in ((ours, True), (theirs, False)):
        inputs = torch.zeros(1, INPUTS, requires_grad=True)
        motors = cell(inputs, torch.zeros(1, 9), torch.full((1, 1), 0.1))[1][0, -2:]
        (slope,) = torch.autograd.grad(motors.sum(), inputs)
        assert bool(slope.any()) == reached


def test_no_time_is_where_the_published_code_fails() -> None:
    """It divides by the elapsed time."""
    other = published()
    cell, state = same(other), torch.rand(1, NEURONS)
    with torch.no_grad():
        given = torch.randn(1, INPUTS), state, torch.zeros(1, 1)
        assert torch.equal(cell(*given)[0], state)
        assert torch.isnan(other(*given)[0]).all()
