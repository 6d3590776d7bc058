# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A GRU-D is what Che et al. (2018) write, where no input is missing."""

from collections.abc import Callable

from liquid_control.nets.baselines.gru_d import GRUD
from liquid_control.nets.baselines.recurrent import Recurrent
import numpy as np
from numpy.typing import NDArray
import pytest
import torch

NEURONS = 6


@pytest.fixture
def cell() -> GRUD:
    """Build one in double precision; one neuron's decay is below what the rectifier passes."""
    made: GRUD = GRUD(4, NEURONS, seed=1).double()
    with torch.no_grad():
        made.decay_bias.copy_(torch.linspace(0.3, -0.1, NEURONS))
        made.decay[2] = -1.0
    return made


def sigmoid(number: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-number))


def test_it_follows_the_published_equations(
        cell: GRUD, steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        run: Callable[[Recurrent], NDArray[np.float64]],
        drives: Callable[[Recurrent], NDArray[np.float64]]) -> None:
    by_reset, by_update, by_candidate = np.split(cell.recurrent.detach().numpy(), 3, axis=1)
    decay, bias = cell.decay.detach().numpy(), cell.decay_bias.detach().numpy()
    hidden, expected = np.zeros(NEURONS), []
    for (reset, update, candidate), dt in zip(drives(cell), steps[1]):
        decayed = np.exp(-np.maximum(0, decay * dt + bias)) * hidden
        resets = sigmoid(reset + decayed @ by_reset)
        updates = sigmoid(update + decayed @ by_update)
        proposed = np.tanh(candidate + (resets * decayed) @ by_candidate)
        hidden = (1 - updates) * decayed + updates * proposed
        expected.append(hidden)
    np.testing.assert_allclose(run(cell), expected, atol=1e-12)


def test_with_the_update_closed_it_decays_in_closed_form() -> None:
    cell = GRUD(4, NEURONS, seed=1).double()
    with torch.no_grad():
        cell.feeding.bias[NEURONS:2 * NEURONS] = -60.0
        inputs, dt = torch.randn(2, 4).double(), torch.tensor([[0.02], [0.7]]).double()
        state = torch.randn(2, NEURONS).double()
        tau = cell.time_constants(inputs, state, dt)
        found, _ = cell(inputs, state, dt)
    torch.testing.assert_close(found, state * torch.exp(-dt / tau))
    torch.testing.assert_close(tau[0], tau[1])
    assert 0.05 <= tau.min() < 0.1 and 1.5 < tau.max() <= 3.0


def test_a_decay_never_grows(cell: GRUD) -> None:
    """Where the exponent is negative nothing decays, and the time constant is infinite."""
    dt = torch.full((1, 1), 0.5).double()
    times = cell.time_constants(torch.zeros(1, 4), torch.zeros(1, NEURONS), dt)[0]
    assert times.isinf().tolist() == [number == 2 for number in range(NEURONS)]
    assert (times > 0).all()


def test_after_very_long_it_is_fresh() -> None:
    cell = GRUD(4, NEURONS, seed=1).double()
    inputs, dt = torch.randn(3, 4).double(), torch.full((3, 1), 1e3).double()
    with torch.no_grad():
        old, _ = cell(inputs, torch.randn(3, NEURONS).double(), dt)
        fresh, _ = cell(inputs, cell.initial_state(3), dt)
    torch.testing.assert_close(old, fresh)
