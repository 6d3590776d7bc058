# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The pure closed form against the published code, the lemma it rests on, and its bound."""

import math

from hypothesis import given, settings, strategies
from liquid_control.nets.cells.cfc_pure import CfCPure
from liquid_control.wiring.dense import dense
from ncps.torch import CfCCell
import pytest
import torch

INPUTS, NEURONS = 5, 8


@pytest.mark.parametrize('span', [None, (0.05, 3.0)])
def test_dense_equals_the_published_code(span: tuple[float, float] | None) -> None:
    cell = CfCPure(dense(INPUTS, NEURONS, 2), seed=4, time_constants=span)
    other = CfCCell(INPUTS, NEURONS, mode='pure', backbone_layers=0)
    (layer,) = cell.typed_layers
    with torch.no_grad():
        cell.reversal.copy_(torch.randn(NEURONS))
        other.ff1.weight.copy_(torch.cat([layer.feeding(), layer.recurrent()]).t())
        other.ff1.bias.copy_(layer.bias)
        other.w_tau.copy_(-cell.leak)       # of either sign: both take its size
        other.A.copy_(cell.reversal)
        state = other_state = torch.zeros(1, NEURONS)
        for _ in range(50):
            inputs, dt = torch.randn(1, INPUTS), torch.rand(1, 1) * 0.2
            outputs, state = cell(inputs, state, dt)
            expected, other_state = other(inputs, other_state, dt)
            torch.testing.assert_close(outputs, expected, atol=1e-5, rtol=0)


def neuron(leak: float, reversal: float) -> CfCPure:
    """Build a neuron that hears its one input alone, so that f is that input."""
    cell = CfCPure(dense(1, 1, 1)).double()
    with torch.no_grad():
        cell.leak.fill_(leak)
        cell.reversal.fill_(reversal)
        cell.typed_layers[0].feeding.values.fill_(1.0)
        cell.typed_layers[0].recurrent.values.zero_()
    return cell


@given(leak=strategies.floats(0, 50), reversal=strategies.floats(-100, 100),
       longest=strategies.floats(1e-4, 3), seed=strategies.integers(0, 2 ** 31))
@settings(max_examples=60, deadline=None)
def test_the_lemma_of_the_closed_form(leak: float, reversal: float, longest: float,
                                      seed: int) -> None:
    """
    Lemma 1: |x - x~| <= |x0 - A| exp(-w t), for inputs that are constant piece by piece.

    x solves dx/dt = -(w + f) (x - A) exactly, x~ is our step from what f is in the end; both
    begin at rest, and f lies in [0, 1]. Each example has 64 rows of 6 pieces.
    """
    generator = torch.Generator().manual_seed(seed)
    f, lengths = torch.rand(2, 64, 6, generator=generator, dtype=torch.float64)
    lengths *= longest
    elapsed = lengths.sum(dim=1, keepdim=True)
    exact = reversal - reversal * torch.exp(-leak * elapsed
                                            - (f * lengths).sum(dim=1, keepdim=True))
    cell = neuron(leak, reversal)
    with torch.no_grad():
        found, _ = cell(f[:, -1:], cell.initial_state(64), elapsed)
    bound = abs(reversal) * torch.exp(-leak * elapsed)
    assert ((found - exact).abs() <= bound * (1 + 1e-9) + 1e-12).all()


@given(seed=strategies.integers(0, 2 ** 31), scale=strategies.floats(0, 1e6),
       dt=strategies.floats(1e-4, 10))
@settings(max_examples=100, deadline=None)
def test_states_are_bounded_for_any_input_and_weight(seed: int, scale: float, dt: float) -> None:
    cell, rows = CfCPure(dense(INPUTS, NEURONS, 2)), 32
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in cell.parameters():
            weight.copy_(10 * torch.randn(weight.shape, generator=generator))
        _, state = cell(scale * torch.randn(rows, INPUTS, generator=generator),
                        torch.randn(rows, NEURONS, generator=generator),
                        torch.full((rows, 1), dt))
    bound = cell.reversal.abs() * (1 + 1 / (math.e * dt))
    assert (state.abs() <= bound * (1 + 1e-5)).all()


def test_time_constants_are_one_over_the_rate() -> None:
    cell = neuron(3.0, 2.0)
    given_f, dt = torch.tensor([[5.0]]).double(), torch.tensor([[0.1]]).double()
    found = cell.time_constants(given_f, cell.initial_state(1), dt)
    assert found.item() == pytest.approx(1 / 8)
    # The way that is left to A, over f, falls by that time constant.
    left = [(1 - cell(given_f, cell.initial_state(1), dt + later)[0] / 2).item()
            for later in (0.0, 1 / 8)]
    assert left[1] / left[0] == pytest.approx(math.exp(-1))
