# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""CfC against the published code, and what its time constants mean."""

import math

from liquid_control.nets.cells.cfc import CfC
from liquid_control.wiring.dense import dense
from ncps.torch import CfCCell
import pytest
import torch

INPUTS, NEURONS = 5, 8


def reference(cell: CfC) -> CfCCell:
    """Give the published cell, without its backbone, the weights of ours."""
    other = CfCCell(INPUTS, NEURONS, mode='default', backbone_layers=0)
    (layer,) = cell.typed_layers
    weights = torch.cat([layer.feeding(), layer.recurrent()]).chunk(4, dim=1)
    with torch.no_grad():
        for linear, weight, bias in zip((other.ff1, other.ff2, other.time_a, other.time_b),
                                        weights, layer.bias.chunk(4)):
            linear.weight.copy_(weight.t())
            linear.bias.copy_(bias)
    return other


@pytest.mark.parametrize('span', [None, (0.05, 3.0)])
def test_dense_equals_the_published_code(span: tuple[float, float] | None) -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), seed=4, time_constants=span)
    other = reference(cell)
    state = other_state = torch.zeros(1, NEURONS)
    with torch.no_grad():
        for _ in range(50):
            inputs, dt = torch.randn(1, INPUTS), torch.rand(1, 1) * 0.2
            outputs, state = cell(inputs, state, dt)
            expected, other_state = other(inputs, other_state, dt)
            torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=0)


def test_the_time_constant_is_that_of_the_share_closed() -> None:
    cell = CfC(dense(INPUTS, NEURONS, 2), seed=4)
    other = reference(cell)
    inputs, state, dt = torch.randn(3, INPUTS), torch.rand(3, NEURONS), torch.rand(3, 1)
    joined = torch.cat([inputs, state], dim=1)
    with torch.no_grad():
        share = torch.sigmoid(other.time_a(joined) * dt + other.time_b(joined))
        found = cell.time_constants(inputs, state, dt)
    torch.testing.assert_close(1 - torch.exp(-dt / found), share)


def test_time_constants_are_spread_at_the_start() -> None:
    span, dt = (0.05, 3.0), torch.full((1, 1), 1 / 30)
    cell = CfC(dense(INPUTS, 40, 2), seed=4, time_constants=span, nominal_dt=1 / 30)
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


def test_state_is_carried_with_time_constants_and_lost_without() -> None:
    wiring = dense(INPUTS, NEURONS, 2)
    plain = kept(CfC(wiring, seed=4))
    slow = kept(CfC(wiring, seed=4, time_constants=(3.0, 3.0)))
    fast = kept(CfC(wiring, seed=4, time_constants=(0.05, 0.05)))
    assert plain.abs().median() < 0.1
    assert slow.median() > 0.6
    assert fast.abs().median() < 0.2
