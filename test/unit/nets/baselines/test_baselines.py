# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Baselines keep the contract of a cell, and are what their names say."""

from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.nets.baselines.baseline import Baseline
from liquid_control.nets.baselines.budget import build_to_budget, fit_budget
from liquid_control.nets.baselines.build import BaselineKind, BASELINES, make_baseline
from liquid_control.nets.baselines.gated import GRU, LSTM
from liquid_control.nets.baselines.mlp import MLP
from liquid_control.nets.baselines.tcn import KERNEL, TCN, WINDOW
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.policy import build_head, NetConfig, parameter_count
import pytest
import torch
from torch import nn, Tensor
from torch.nn import functional

INPUTS, NEURONS, STEPS = 6, 9, 40
BATCHES = (1, NEURONS, 5)
CELLS: dict[str, dict[str, int]] = {kind: {'project': 4 * (place % 2)}
                                    for place, kind in enumerate(BASELINES)}
CELLS['mlp that holds'] = {'hold': 1, 'project': 3}


@pytest.fixture(params=list(CELLS))
def cell(request: pytest.FixtureRequest) -> Baseline:
    """Build a baseline in double precision, half of them with projected inputs."""
    made: Baseline = make_baseline(request.param.split()[0], INPUTS, NEURONS, seed=2,
                                   **CELLS[request.param]).double()
    return made


def sequence(cell: Baseline, batch: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw inputs (B, T, I), uneven dt (B, T, 1), and a state (B, S) that the cell was left in."""
    generator = torch.Generator().manual_seed(batch)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    with torch.no_grad():
        _, state = cell.scan(draw(batch, 7, INPUTS), draw(batch, 7, 1).exp() * 0.03,
                             cell.initial_state(batch))
    return draw(batch, STEPS, INPUTS), draw(batch, STEPS, 1).exp() * 0.03, state


@pytest.mark.parametrize('batch', BATCHES)
def test_scan_equals_steps_with_all_gradients(cell: Baseline, batch: int) -> None:
    inputs, dt, state = sequence(cell, batch)
    inputs.requires_grad_()
    state.requires_grad_()
    reset = torch.zeros(batch, STEPS, dtype=torch.bool)
    reset[0, 20] = reset[0, 23] = reset[-1, 0] = True
    weights = torch.randn(batch, STEPS, NEURONS, dtype=torch.float64)
    results = []
    for scan in (cell.scan, lambda *given: Cell._scan(cell, *given)):
        outputs, last = scan(inputs, dt, state, reset)
        gradients = torch.autograd.grad((outputs * weights).sum() + last.sum(),
                                        [inputs, *cell.parameters()])
        results.append((outputs, last, *gradients))
    for fast, plain in zip(*results):
        torch.testing.assert_close(fast, plain)


def test_a_reset_equals_fresh_and_leaves_others_alone(cell: Baseline) -> None:
    inputs, dt, state = sequence(cell, 5)
    reset = torch.zeros(5, STEPS, dtype=torch.bool)
    reset[0, 4] = True
    with torch.no_grad():
        plain, _ = cell.scan(inputs, dt, state)
        outputs, _ = cell.scan(inputs, dt, state, reset)
        fresh, _ = cell.scan(inputs[:1, 4:], dt[:1, 4:], cell.initial_state(1))
    torch.testing.assert_close(outputs[:1, 4:], fresh)
    assert torch.equal(outputs[0, :4], plain[0, :4])
    assert torch.equal(outputs[1:], plain[1:])


@pytest.mark.parametrize('batch', BATCHES)
def test_batched_dt_equals_a_loop_over_the_batch(cell: Baseline, batch: int) -> None:
    inputs, dt, state = sequence(cell, batch)
    outputs, new_state, times = cell.observe(inputs[:, 0], state, dt[:, 0])
    assert outputs.shape == times.shape == (batch, NEURONS)
    for row in range(batch):
        one = slice(row, row + 1)
        alone = cell.observe(inputs[one, 0], state[one], dt[one, 0])
        torch.testing.assert_close(alone, (outputs[one], new_state[one], times[one]))


def test_elapsed_time_is_an_input_of_its_row_alone(cell: Baseline) -> None:
    inputs, dt, state = sequence(cell, NEURONS)
    inputs[:, :, 1] = 1.0                                # never dark
    longer = dt[:, 0].clone()
    longer[2] *= 5
    changed = (cell(inputs[:, 0], state, dt[:, 0])[0]
               != cell(inputs[:, 0], state, longer)[0]).any(dim=1)
    assert changed.tolist() == [row == 2 for row in range(NEURONS)]
    assert (cell.time_constants(inputs[:, 0], state, longer) > 0).all()
    assert len(set(cell.neuron_names)) == NEURONS


def test_gru_is_torch_s() -> None:
    cell, peer = GRU(INPUTS, NEURONS, seed=1), nn.GRUCell(INPUTS + 1, NEURONS)
    with torch.no_grad():
        cell.recurrent_bias.normal_()
        peer.weight_ih.copy_(cell.feeding.weight)
        peer.bias_ih.copy_(cell.feeding.bias.normal_())
        peer.weight_hh.copy_(cell.recurrent.t())
        peer.bias_hh.zero_()[2 * NEURONS:] = cell.recurrent_bias
    inputs, state, dt = torch.randn(5, INPUTS), torch.randn(5, NEURONS), torch.rand(5, 1)
    expected = peer(torch.cat([inputs, torch.log(dt * 30)], 1), state)
    torch.testing.assert_close(cell(inputs, state, dt)[0], expected)


def test_lstm_is_torch_s() -> None:
    cell, peer = LSTM(INPUTS, NEURONS, seed=1), nn.LSTMCell(INPUTS + 1, NEURONS)
    order = torch.cat([torch.arange(NEURONS) + gate * NEURONS for gate in (0, 1, 3, 2)])
    with torch.no_grad():
        peer.weight_ih.copy_(cell.feeding.weight[order])
        peer.bias_ih.copy_(cell.feeding.bias[order])
        peer.weight_hh.copy_(cell.recurrent.t()[order])
        peer.bias_hh.zero_()
    inputs, state, dt = torch.randn(5, INPUTS), torch.randn(5, 2 * NEURONS), torch.rand(5, 1)
    output, memory = peer(torch.cat([inputs, torch.log(dt * 30)], 1), state.chunk(2, 1))
    found, new_state = cell(inputs, state, dt)
    torch.testing.assert_close(found, output)
    torch.testing.assert_close(new_state, torch.cat([output, memory], 1))


def test_mlp_repeats_itself_in_the_dark_alone() -> None:
    plain, holding = MLP(INPUTS, NEURONS, seed=1), MLP(INPUTS, NEURONS, hold=1, seed=1)
    inputs, dt = torch.randn(2, STEPS, INPUTS), torch.full((2, STEPS, 1), 0.03)
    inputs[:, :, 1] = 0.4
    inputs[:, 10:15, 1] = 0.0
    state = torch.zeros(2, NEURONS)
    outputs, free = holding.scan(inputs, dt, state)[0], plain.scan(inputs, dt, state)[0]
    lit = [step for step in range(STEPS) if not 10 <= step < 15]
    torch.testing.assert_close(outputs[:, lit], free[:, lit])
    torch.testing.assert_close(outputs[:, 10:15], outputs[:, 9:10].expand(-1, 5, -1))
    # Without the hold it has no memory at all: any state gives the same answer.
    assert torch.equal(plain(inputs[:, 0], state, dt[:, 0])[0],
                       plain(inputs[:, 0], state + 1, dt[:, 0])[0])


def test_tcn_is_two_dilated_causal_convolutions() -> None:
    cell = TCN(INPUTS, NEURONS, seed=1).double()
    inputs, dt, _ = sequence(cell, 3)
    line = torch.cat([inputs, torch.log(dt * 30)], 2).transpose(1, 2)

    def kernel(layer: nn.Linear, channels: int) -> Tensor:
        return layer.weight.view(NEURONS, KERNEL, channels).transpose(1, 2)
    # No padding by the convolutions: only places whose whole window is there are compared.
    near = functional.silu(functional.conv1d(line, kernel(cell.near, INPUTS + 1), cell.near.bias))
    far = functional.silu(functional.conv1d(near, kernel(cell.far, NEURONS), cell.far.bias,
                                            dilation=KERNEL))
    outputs, _ = cell.scan(inputs, dt, cell.initial_state(3))
    torch.testing.assert_close(outputs[:, WINDOW - 1:], far.transpose(1, 2))


@pytest.mark.parametrize('kind', BASELINES)
@pytest.mark.parametrize('parameters', [2084, 4804])
def test_budgets_are_met_within_two_per_cent(kind: BaselineKind, parameters: int) -> None:
    sized = fit_budget(NetConfig(cell=kind), parameters)
    assert abs(parameter_count(build_head(sized)) / parameters - 1) <= 0.02


@pytest.mark.parametrize('kind', BASELINES)
@pytest.mark.parametrize(('inputs', 'parameters', 'outputs'), [(1, 3000, 1), (17, 9000, 17)])
def test_one_function_builds_any_to_a_budget(kind: BaselineKind, inputs: int, parameters: int,
                                             outputs: int) -> None:
    cell = build_to_budget(kind, inputs, parameters, outputs=outputs)
    whole = nn.Sequential(cell, nn.Linear(cell.n_neurons, outputs))
    assert abs(sum(part.numel() for part in whole.parameters()) / parameters - 1) <= 0.02
    answer, _ = cell(torch.zeros(2, inputs), cell.initial_state(2), torch.full((2, 1), 0.03))
    assert answer.shape == (2, cell.n_neurons)


def test_budgets_that_cannot_be_met_are_refused() -> None:
    with pytest.raises(ConfigError, match='ask for more'):
        fit_budget(NetConfig(cell='lstm'), 20)
    with pytest.raises(ConfigError, match='expected a baseline'):
        fit_budget(NetConfig(), 4000)
    with pytest.raises(ConfigError, match="found 'ode-rnn'; did you mean 'ode_rnn'"):
        build_to_budget('ode-rnn', 3, 4000)


@pytest.mark.parametrize(('kind', 'values', 'words'), [
    ('grud', {}, "expected one of ct_gru, .*found 'grud'; did you mean 'gru_d'"),
    ('gru', {'n_inputs': 0}, '1 input and neuron or more'),
    ('gru', {'neurons': 0}, '1 input and neuron or more'),
    ('gru', {'project': -1}, 'project 0 or more'),
    ('gru', {'nominal_dt': float('nan')}, 'positive nominal_dt'),
    ('gru', {'hold': 1}, 'found 1 of gru'),
    ('mlp', {'hold': 6}, 'one of its 6 inputs; found 6')])
def test_what_cannot_be_built_is_refused(kind: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        make_baseline(kind, **{'n_inputs': INPUTS, 'neurons': NEURONS} | values)


@pytest.mark.parametrize(('values', 'words'), [
    ({'cell': 'mlp', 'hold_when_dark': True}, 'extra input frame_brightness'),
    ({'cell': 'gru', 'hold_when_dark': True, 'extra': ('frame_brightness',)}, 'needs cell mlp'),
    ({'cell': 'ltc', 'project': 8}, 'belong to baselines'),
    ({'cell': 'gru', 'readout': 'motor'}, 'no motor neurons'),
    ({'neurons': 0}, '1 neuron or more')])
def test_settings_that_contradict_each_other_are_refused(
        values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        NetConfig(**values)                                     # type: ignore[arg-type]
