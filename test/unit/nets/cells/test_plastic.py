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
@settings(max_examples=100, deadline=None)
def test_a_step_from_anywhere_within_the_bounds_ends_within_them(
        seed: int, spread: float, size: float, dt: float) -> None:
    """For any weights, the edges included: so every step that follows does, however many."""
    cell = Plastic(NCP, time_constants=(0.05, 3.0))
    generator = torch.Generator().manual_seed(seed)

    def within(shape: tuple[int, ...]) -> torch.Tensor:
        return (1.2 * (2 * torch.rand(32, *shape, generator=generator) - 1)).clamp(-1, 1)

    with torch.no_grad():
        for name, weight in cell.named_parameters():
            drawn = spread * torch.randn(weight.shape, generator=generator)
            weight.copy_(drawn.clamp(-50, 50) if name == 'log_rate' else drawn)
        state = torch.cat([within((9,)), *[(within(reach.values.shape) * reach()).flatten(1)
                                           for reach in cell.typed_reach]], dim=1)
        inputs = size * torch.randn(32, INPUTS, generator=generator)
        outputs, state, found = cell.observe(inputs, state, torch.full((32, 1), dt))
    assert (outputs.abs() <= 1).all()
    assert ((0.05 - 1e-6 <= found) & (found <= 3.0 + 1e-6)).all()
    for learned, reach in zip(cell.plasticity(state), cell.typed_reach):
        assert (learned.abs() <= reach().abs() * (1 + 1e-6)).all()


def step_on(inputs: np.ndarray, dt: np.ndarray, feed: np.ndarray, recur: np.ndarray,
            bias: np.ndarray, reach: np.ndarray, rate: np.ndarray, x: np.ndarray, p: np.ndarray,
            most: np.ndarray) -> None:
    """Step one dense cell of 3 neurons and spans of 0.05 to 1 s in place, number by number."""
    drive, old = np.empty_like(bias), np.empty_like(x)
    for t in range(len(dt)):
        old[:] = x
        for j in range(6):
            drive[j] = bias[j]
            for i in range(2):
                drive[j] += inputs[t, i] * feed[i, j]
            for i in range(3):
                drive[j] += old[i] * (recur[i, j] + (p[i, j] if j < 3 else np.float32(0)))
        for i in range(3):
            for j in range(3):
                product = old[i] * old[j]
                end = np.sign(product) * reach[i, j]
                p[i, j] = end + (p[i, j] - end) * np.exp(-dt[t] * rate[j] * abs(product))
                most[i, j] = max(most[i, j], abs(p[i, j]))
        for j in range(3):
            tau = np.float32(0.05) + np.float32(0.95) / (np.float32(1) + np.exp(-drive[j + 3]))
            goal = np.tanh(drive[j])
            x[j] = goal + (old[j] - goal) * np.exp(-dt[t] / tau)


def test_weights_stay_bounded_over_a_million_steps() -> None:
    """One vehicle, one step after the other; compiled, and for 300 steps held to the cell."""
    numba = pytest.importorskip('numba', reason='a million steps of torch take minutes')
    cell, steps = Plastic(dense(2, 3, 1), seed=4, time_constants=(0.05, 1.0)), 1_000_000
    with torch.no_grad():
        cell.log_rate.fill_(3.0)
    rng = np.random.default_rng(0)
    inputs = (5 * rng.standard_normal((steps, 2))).astype(np.float32)
    dt = rng.uniform(0.0, 0.5, steps).astype(np.float32)
    (layer,), (reach,) = cell.typed_layers, cell.typed_reach
    weights = [part.detach().numpy() for part in (
        layer.feeding(), layer.recurrent(), layer.bias, reach(), cell.log_rate.exp())]
    x, p, most = np.zeros(3, np.float32), np.zeros((3, 3), np.float32), np.zeros((3, 3))
    run_steps = numba.njit(step_on)
    run_steps(inputs[:300], dt[:300], *weights, x, p, most)
    with torch.no_grad():
        _, state = cell.scan(torch.from_numpy(inputs[None, :300]),
                             torch.from_numpy(dt[None, :300, None]), cell.initial_state(1))
    np.testing.assert_allclose(np.concatenate([x, p.ravel()]), state[0].numpy(), atol=1e-4)
    half = p.copy()
    run_steps(inputs[300:], dt[300:], *weights, x, p, most)
    limit = np.abs(weights[3])
    assert (most <= limit * (1 + 1e-6)).all() and np.isfinite(p).all()
    assert (most > 0.5 * limit).all() and (np.abs(p - half) > 0).any()       # they did move


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
