# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A phased LSTM is what Neil et al. (2016) write, of absolute time."""

from collections.abc import Callable

from liquid_control.nets.baselines.gated import LSTM
from liquid_control.nets.baselines.phased_lstm import LEAK, PhasedLSTM
from liquid_control.nets.baselines.recurrent import Recurrent
import numpy as np
from numpy.typing import NDArray
import pytest
import torch

NEURONS = 6


@pytest.fixture
def cell() -> PhasedLSTM:
    """Build one in double precision, with peepholes, and gates that are open for longer."""
    made: PhasedLSTM = PhasedLSTM(4, NEURONS, seed=1).double()
    with torch.no_grad():
        made.peepholes.normal_()
        made.open_logit.copy_(torch.linspace(-2, 1, NEURONS))
    return made


def sigmoid(number: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-number))


def openness(cell: PhasedLSTM, time: float) -> NDArray[np.float64]:
    """Return k of every neuron at a time [s]."""
    period = np.exp(cell.log_period.detach().numpy())
    share = sigmoid(cell.open_logit.detach().numpy())
    phase = (time - cell.shift.detach().numpy() * period) % period / period
    return np.select([phase < share / 2, phase < share],
                     [2 * phase / share, 2 - 2 * phase / share], 0.001 * phase)


def test_it_follows_the_published_equations(
        cell: PhasedLSTM, steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        run: Callable[[Recurrent], NDArray[np.float64]],
        drives: Callable[[Recurrent], NDArray[np.float64]]) -> None:
    enters, forgets, shows, candidates = np.split(cell.recurrent.detach().numpy(), 4, axis=1)
    to_enter, to_forget, to_show = cell.peepholes.detach().numpy()
    hidden, memory, expected = np.zeros(NEURONS), np.zeros(NEURONS), []
    for (enter, forget, show, candidate), time in zip(drives(cell), np.cumsum(steps[1])):
        entering = sigmoid(enter + hidden @ enters + to_enter * memory)
        kept = sigmoid(forget + hidden @ forgets + to_forget * memory)
        proposed = kept * memory + entering * np.tanh(candidate + hidden @ candidates)
        shown = sigmoid(show + hidden @ shows + to_show * proposed) * np.tanh(proposed)
        share = openness(cell, time)
        memory = share * proposed + (1 - share) * memory
        hidden = share * shown + (1 - share) * hidden
        expected.append(hidden)
    np.testing.assert_allclose(run(cell), expected, atol=1e-9)


def test_a_gate_opens_closes_and_leaks_over_its_period(cell: PhasedLSTM) -> None:
    """Zero, half, one, half open, then closed, at the times that say so."""
    with torch.no_grad():
        cell.log_period.zero_()             # 1 s
        cell.shift.fill_(0.25)
        cell.open_logit.fill_(-np.log(3))   # open for a fourth of it
        times = torch.tensor([0.25, 0.3125, 0.375, 0.4375, 0.75, 0.2]).double()
        found = cell._openness(times.unsqueeze(1).expand(-1, NEURONS))[:, 0]
    expected = torch.tensor([0, 0.5, 1, 0.5, LEAK * 0.5, LEAK * 0.95]).double()
    torch.testing.assert_close(found, expected)


def test_at_its_peak_it_is_an_lstm() -> None:
    cell, lstm = PhasedLSTM(4, NEURONS, seed=1).double(), LSTM(4, NEURONS, seed=1).double()
    with torch.no_grad():
        lstm.feeding.load_state_dict(cell.feeding.state_dict())
        lstm.recurrent.copy_(cell.recurrent)
        state, dt = torch.randn(3, 2 * NEURONS).double(), torch.full((3, 1), 0.125).double()
        # The state holds shares of periods: let that of each be where its gate is widest open.
        peak = cell.shift + torch.sigmoid(cell.open_logit) / 2
        before = (peak - dt * torch.exp(-cell.log_period)) % 1
        inputs = torch.randn(3, 4).double()
        found, after = cell(inputs, torch.cat([state, before], 1), dt)
        expected, expected_state = lstm(inputs, state, dt)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(after[:, :2 * NEURONS], expected_state)


def test_the_rhythm_keeps_its_digits_on_a_long_flight() -> None:
    """What is carried stays a share of a period, from the last number below a whole one on."""
    cell = PhasedLSTM(4, NEURONS, seed=1)
    state = cell.initial_state(1)
    state[:, 2 * NEURONS:] = 1 - 2 ** -24
    with torch.no_grad():
        for _ in range(300):
            _, state = cell(torch.zeros(1, 4), state, torch.full((1, 1), 1 / 30))
            assert ((state[:, 2 * NEURONS:] >= 0) & (state[:, 2 * NEURONS:] < 1)).all()
