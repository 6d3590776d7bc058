# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A CT-GRU is what Mozer et al. (2017) write, with the decay before the update."""

from collections.abc import Callable

from liquid_control.nets.baselines.ct_gru import CTGRU
from liquid_control.nets.baselines.recurrent import Recurrent
import numpy as np
from numpy.typing import NDArray
import pytest
import torch

NEURONS = 6
SCALES = np.array([0.05, 0.05 * 10 ** 0.5, 0.5, 0.5 * 10 ** 0.5, 5.0])   # [s]


@pytest.fixture
def cell() -> CTGRU:
    """Build one in double precision."""
    made: CTGRU = CTGRU(4, NEURONS, seed=1).double()
    return made


def weigh(log_time: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weigh time scales, for each neuron: (N,) to (5, N)."""
    closeness = np.exp(-(log_time[None] - np.log(SCALES)[:, None]) ** 2)
    return closeness / closeness.sum(0)


def test_it_follows_the_published_equations(
        cell: CTGRU, steps: tuple[NDArray[np.float64], NDArray[np.float64]],
        run: Callable[[Recurrent], NDArray[np.float64]],
        drives: Callable[[Recurrent], NDArray[np.float64]]) -> None:
    by_read, by_event, by_write = np.split(cell.recurrent.detach().numpy(), 3, axis=1)
    traces, expected = np.zeros((5, NEURONS)), []
    for (read, event, write), dt in zip(drives(cell), steps[1]):
        traces = traces * np.exp(-dt / SCALES)[:, None]
        hidden = traces.sum(0)
        retrieved = (weigh(read + hidden @ by_read) * traces).sum(0)
        detected = np.tanh(event + retrieved @ by_event)
        share = weigh(write + hidden @ by_write)
        traces = (1 - share) * traces + share * detected
        expected.append(traces.sum(0))
    np.testing.assert_allclose(run(cell), expected, atol=1e-6)


def test_an_event_fades_at_the_time_constant_it_was_written_to(cell: CTGRU) -> None:
    """Written to the slowest trace alone and read 2 s later by nothing but the decay."""
    with torch.no_grad():
        cell.recurrent.zero_()
        cell.feeding.weight.zero_()
        cell.feeding.bias.zero_()
        cell.feeding.bias[NEURONS:2 * NEURONS] = 1.0               # event
        cell.feeding.bias[2 * NEURONS:] = 30.0                     # far above every scale
        inputs = torch.zeros(1, 4).double()
        first, state = cell(inputs, cell.initial_state(1), torch.full((1, 1), 0.03).double())
        cell.feeding.bias[2 * NEURONS:] = -30.0                    # now to the fastest alone
        cell.feeding.bias[NEURONS:2 * NEURONS] = 0.0
        later, _ = cell(inputs, state, torch.full((1, 1), 2.0).double())
    torch.testing.assert_close(first, torch.full((1, NEURONS), np.tanh(1.0)).double())
    torch.testing.assert_close(later, first * np.exp(-2.0 / 5.0))


def test_after_very_long_it_is_fresh(cell: CTGRU) -> None:
    inputs, dt = torch.randn(3, 4).double(), torch.full((3, 1), 1e4).double()
    with torch.no_grad():
        old, _ = cell(inputs, torch.randn(3, cell.state_size).double(), dt)
        fresh, _ = cell(inputs, cell.initial_state(3), dt)
    torch.testing.assert_close(old, fresh)
