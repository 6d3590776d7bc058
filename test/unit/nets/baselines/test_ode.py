# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Networks in a differential equation solve it."""

from liquid_control.nets.baselines.gated import GRU
from liquid_control.nets.baselines.ode import integrate, NeuralODE, ODERNN, TIME_UNIT
import pytest
import torch
from torch import nn, Tensor

START = torch.tensor([[0.3, -1.2, 2.0]]).double()


def solution(state: Tensor, time: float | Tensor) -> Tensor:
    """Solve x' = -tanh x: sinh x decays as exp(-t)."""
    return torch.asinh(torch.sinh(state) * torch.exp(-torch.as_tensor(time).double()))


def plain(cell: NeuralODE | ODERNN, inner: nn.Parameter, outer: nn.Linear) -> None:
    """Make a cell's field -tanh x, whatever its inputs."""
    with torch.no_grad():
        cell.feeding.weight.zero_()
        cell.feeding.bias.zero_()
        inner.copy_(torch.eye(3))
        outer.weight.copy_(-torch.eye(3))
        outer.bias.zero_()


def test_integrate_is_of_fourth_order() -> None:
    """Half the sub-step, a sixteenth of the error."""
    errors = [(integrate(lambda x: -torch.tanh(x), START, torch.tensor(2.0), parts)
               - solution(START, 2.0)).abs().max().item() for parts in (4, 8, 16)]
    assert errors[0] < 1e-3
    assert 12 < errors[0] / errors[1] < 20 and 12 < errors[1] / errors[2] < 20


@pytest.mark.parametrize('elapsed', [1e-4, 0.03, 0.4])
def test_a_neural_ode_solves_its_equation(elapsed: float) -> None:
    cell = NeuralODE(2, 3, seed=1).double()
    plain(cell, cell.recurrent, cell.outer)
    with torch.no_grad():
        found, _ = cell(torch.randn(1, 2).double(), START, torch.full((1, 1), elapsed).double())
    torch.testing.assert_close(found, solution(START, elapsed / TIME_UNIT), atol=1e-3, rtol=0)
    if elapsed < 0.1:
        torch.testing.assert_close(found, solution(START, elapsed / TIME_UNIT))


def test_a_neural_ode_integrates_its_inputs() -> None:
    """With W = 0 the field is constant: x moves on by t (V tanh(U I + b) + c)."""
    cell = NeuralODE(2, 3, seed=1).double()
    inputs = torch.randn(1, 2).double()
    with torch.no_grad():
        cell.recurrent.zero_()
        cell.feeding.weight[:, -1] = 0
        speed = cell.outer(torch.tanh(inputs @ cell.feeding.weight[:, :2].t()))
        found, _ = cell(inputs, START, torch.full((1, 1), 0.3).double())
    torch.testing.assert_close(found, START + 0.3 / TIME_UNIT * speed)


def test_a_drawn_neural_ode_does_not_run_away() -> None:
    cell = NeuralODE(4, 20, seed=1)
    with torch.no_grad():
        outputs, _ = cell.scan(torch.randn(2, 400, 4), torch.full((2, 400, 1), 0.1),
                               cell.initial_state(2))
    assert outputs.abs().max() < 10


def test_an_ode_rnn_moves_by_itself_then_takes_its_input() -> None:
    cell, gru = ODERNN(2, 3, seed=1).double(), GRU(2, 3, seed=1).double()
    inner, outer = cell.field[0], cell.field[2]
    assert isinstance(inner, nn.Linear) and isinstance(outer, nn.Linear)
    feeding = {name: value.clone() for name, value in cell.feeding.state_dict().items()}
    plain(cell, inner.weight, outer)
    with torch.no_grad():
        inner.bias.zero_()
        cell.feeding.load_state_dict(feeding)
        gru.feeding.load_state_dict(feeding)
        gru.recurrent.copy_(cell.recurrent)
        gru.recurrent_bias.copy_(cell.recurrent_bias.normal_())
        inputs, dt = torch.randn(1, 2).double(), torch.full((1, 1), 0.02).double()
        expected, _ = gru(inputs, solution(START, 0.02 / TIME_UNIT), dt)
        found, _ = cell(inputs, START, dt)
    torch.testing.assert_close(found, expected)
