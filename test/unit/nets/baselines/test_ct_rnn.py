# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A CT-RNN is a leak towards its input."""

from liquid_control.nets.baselines.ct_rnn import CTRNN
from liquid_control.nets.baselines.ode import integrate
import pytest
import torch

NEURONS = 7


@pytest.fixture
def cell() -> CTRNN:
    """Build one in double precision that is not told dt besides."""
    made: CTRNN = CTRNN(3, NEURONS, seed=1).double()
    with torch.no_grad():
        made.feeding.weight[:, -1] = 0
    return made


@pytest.mark.parametrize('elapsed', [1e-4, 0.05, 1.0, 10.0])
def test_without_synapses_it_decays_in_closed_form(cell: CTRNN, elapsed: float) -> None:
    """The solution of tau x' = -x + a is a + (x0 - a) exp(-t / tau), however long the step."""
    with torch.no_grad():
        cell.recurrent.zero_()
        inputs, state = torch.randn(4, 3).double(), torch.randn(4, NEURONS).double()
        found, _ = cell(inputs, state, torch.full((4, 1), elapsed).double())
        towards = torch.tanh(inputs @ cell.feeding.weight[:, :3].t() + cell.feeding.bias)
        tau = cell.time_constants(inputs, state, torch.ones(4, 1))
    torch.testing.assert_close(found, towards + (state - towards) * torch.exp(-elapsed / tau))


def test_it_approaches_the_differential_equation(cell: CTRNN) -> None:
    """Half the interval, a fourth of the error of one step: a method of first order."""
    inputs, state = torch.randn(1, 3).double(), torch.randn(1, NEURONS).double()
    errors = []
    with torch.no_grad():
        drive = inputs @ cell.feeding.weight[:, :3].t() + cell.feeding.bias
        tau = torch.exp(cell.log_tau)
        for elapsed in torch.tensor([[[0.04]], [[0.02]], [[0.01]]]).double():
            exact = integrate(lambda x: (torch.tanh(drive + x @ cell.recurrent) - x) / tau,
                              state, elapsed, 200)
            found, _ = cell(inputs, state, elapsed)
            errors.append((found - exact).abs().max().item())
    assert errors[0] < 0.01
    assert 3 < errors[0] / errors[1] < 5 and 3 < errors[1] / errors[2] < 5


def test_states_are_bounded_for_any_input_and_interval(cell: CTRNN) -> None:
    state = torch.rand(500, NEURONS).double() * 2 - 1
    dt = torch.logspace(-4, 1, 500).double().unsqueeze(1)
    with torch.no_grad():
        found, _ = cell(1e6 * torch.randn(500, 3).double(), state, dt)
    assert (found.abs() <= 1).all()


def test_time_constants_begin_spread(cell: CTRNN) -> None:
    given = (torch.zeros(2, size, dtype=torch.float64) for size in (3, NEURONS, 1))
    tau = cell.time_constants(*given)[0]
    assert 0.05 <= tau.min() < 0.1 and 1.5 < tau.max() <= 3.0
