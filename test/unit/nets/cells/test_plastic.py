# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Adaptive time constants and synapses that learn while they run: equations, bounds, use."""

from hypothesis import given, settings, strategies
from liquid_control.errors import ConfigError
from liquid_control.nets.cells.plastic import Plastic, Senses
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
import torch

INPUTS, NEURONS = 5, 8
NCP = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3, motor_fanin=2,
          seed=1)


def run(cell: Plastic, inputs: torch.Tensor, dt: float, steps: int) -> torch.Tensor:
    """Hear the same inputs for some steps; return the state after the last."""
    rows = len(inputs)
    with torch.no_grad():
        _, state = cell.scan(inputs[:, None].expand(-1, steps, -1),
                             torch.full((rows, steps, 1), dt), cell.initial_state(rows))
    return state


def test_small_steps_solve_the_equations() -> None:
    cell = Plastic(dense(2, 3, 1), seed=4, time_constants=(0.1, 2.0)).double()
    (layer,), (reach,) = cell.typed_layers, cell.typed_reach
    feed, within, bias, most = (part.detach().numpy() for part in (
        layer.feeding(), layer.recurrent(), layer.bias, reach()))
    alpha, inputs = np.exp(cell.log_rate.detach().numpy()), np.array([1.5, -0.7])

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        x, p = y[:3], y[3:].reshape(3, 3)
        to_target, to_tau = np.split(inputs @ feed + x @ within + bias, 2)
        tau = 0.1 + 1.9 / (1 + np.exp(-to_tau))
        product = np.outer(x, x)
        learned = alpha * (most * np.sign(product) - p) * np.abs(product)
        return np.concatenate([(np.tanh(to_target + x @ p) - x) / tau, learned.ravel()])

    begin = np.concatenate([[0.5, -0.4, 0.2], np.zeros(9)])
    exact = solve_ivp(slope, (0.0, 1.0), begin, rtol=1e-10, atol=1e-12).y[:, -1]
    errors = []
    for steps in (200, 400):
        with torch.no_grad():
            _, state = cell.scan(torch.from_numpy(inputs).expand(1, steps, 2),
                                 torch.full((1, steps, 1), 1 / steps).double(),
                                 torch.from_numpy(begin)[None])
        errors.append(np.abs(state[0].numpy() - exact).max())
    assert errors[1] < 1e-3
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.15)      # first order


@given(seed=strategies.integers(0, 2 ** 31), spread=strategies.sampled_from([0.1, 1, 30, 3000]),
       size=strategies.floats(0, 1e6), dt=strategies.floats(1e-4, 10))
@settings(max_examples=60, deadline=None)
def test_everything_is_bounded_for_any_weights(seed: int, spread: float, size: float,
                                               dt: float) -> None:
    cell = Plastic(NCP, time_constants=(0.05, 3.0))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            drawn = spread * torch.randn(weight.shape, generator=generator)
            weight.copy_(drawn.clamp(-50, 50) if name == 'log_rate' else drawn)
        state = cell.initial_state(32)
        for _ in range(3):
            inputs = size * torch.randn(32, INPUTS, generator=generator)
            outputs, state, found = cell.observe(inputs, state, torch.full((32, 1), dt))
            assert (outputs.abs() <= 1 + 1e-6).all()
            assert ((0.05 - 1e-6 <= found) & (found <= 3.0 + 1e-6)).all()
            for learned, reach in zip(cell.plasticity(state), cell.typed_reach):
                assert (learned.abs() <= reach().abs() * (1 + 1e-5)).all()


def test_weights_stay_bounded_over_a_million_steps() -> None:
    """Of 500 rows, each with inputs, rhythm and sign changes of its own."""
    cell, rows, steps = Plastic(dense(2, 3, 1), seed=4, time_constants=(0.05, 1.0)), 500, 2000
    generator = torch.Generator().manual_seed(0)
    state, most = cell.initial_state(rows), cell.typed_reach[0]().abs()
    with torch.no_grad():
        cell.log_rate.fill_(3.0)
        for _ in range(steps):
            dt = 0.5 * torch.rand(rows, 1, generator=generator)
            _, state = cell(5 * torch.randn(rows, 2, generator=generator), state, dt)
        (learned,) = cell.plasticity(state)
    assert (learned.abs() <= most * (1 + 1e-5)).all()
    assert (learned.abs() > 0.1 * most).float().mean() > 0.5       # and they did move


def test_experience_changes_the_answer_and_the_opposite_undoes_it() -> None:
    cell = Plastic(dense(INPUTS, NEURONS, 2), seed=4)
    probe, taught = torch.zeros(1, INPUTS), 3 * torch.randn(1, INPUTS)
    begin = cell.initial_state(1)
    begin[:, :NEURONS] = 0.5
    after = begin.clone()
    after[:, NEURONS:] = run(cell, taught, 0.1, 300)[:, NEURONS:]
    dt = torch.full((1, 1), 0.1)
    with torch.no_grad():
        assert not torch.allclose(cell(probe, begin, dt)[0], cell(probe, after, dt)[0], atol=1e-3)
    # Neurons that agreed and then disagree for as long end on the other side.
    pair = Plastic(dense(1, 2, 1), seed=1)
    with torch.no_grad():
        pair.log_rate.fill_(2.0)
        pair.typed_reach[0].fill(torch.full((2, 2), 0.3))
        state = torch.tensor([[0.9, 0.9, 0.0, 0.0, 0.0, 0.0]])
        signs = []
        for partner in (0.9, -0.9):
            for _ in range(40):
                state[:, :2] = torch.tensor([0.9, partner])
                _, state = pair(torch.zeros(1, 1), state, torch.full((1, 1), 0.05))
            signs.append(torch.sign(pair.plasticity(state)[0][0, 0, 1]).item())
    assert signs == [1.0, -1.0]


def test_silence_holds_what_was_learned() -> None:
    cell = Plastic(dense(INPUTS, NEURONS, 2), seed=4)
    state = run(cell, torch.randn(1, INPUTS), 0.1, 50)
    state[:, :NEURONS] = 0.0
    with torch.no_grad():
        _, later = cell(torch.randn(1, INPUTS), state, torch.full((1, 1), 10.0))
    assert torch.equal(later[:, NEURONS:], state[:, NEURONS:])


@pytest.mark.parametrize('senses', ['state', 'state_and_inputs'])
def test_what_time_constants_depend_on(senses: Senses) -> None:
    cell = Plastic(NCP, senses=senses, seed=4)
    state, dt = torch.rand(1, cell.state_size), torch.full((1, 1), 0.1)

    def first_layer(given_inputs: torch.Tensor, given_state: torch.Tensor) -> torch.Tensor:
        return cell.time_constants(given_inputs, given_state, dt)[0, :4]

    by_input, by_state = torch.autograd.functional.jacobian(
        first_layer, (torch.rand(1, INPUTS), state))
    assert by_input.any() == (senses == 'state_and_inputs')
    assert by_state.any()


def test_plasticity_is_where_synapses_are() -> None:
    cell = Plastic(NCP, seed=4)
    learned = cell.plasticity(run(cell, torch.randn(1, INPUTS), 0.1, 50))
    assert [tuple(block.shape) for block in learned] == [
        (1, 4, 4), (1, 4, 3), (1, 3, 3), (1, 3, 2), (1, 2, 2)]
    for block, reach in zip(learned, cell.typed_reach):
        assert torch.equal(block[0] != 0, reach.mask != 0)


def test_a_span_that_is_none() -> None:
    with pytest.raises(ConfigError, match='0 < shortest < longest'):
        Plastic(NCP, time_constants=(0.0, 1.0))
