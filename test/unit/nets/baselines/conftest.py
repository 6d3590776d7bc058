# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the tests of single baselines share: irregular steps, and cells in NumPy's hands."""

from collections.abc import Callable
from typing import TypeAlias

from liquid_control.nets.baselines.recurrent import Recurrent
import numpy as np
from numpy.typing import NDArray
import pytest
import torch

Array: TypeAlias = NDArray[np.float64]
Steps: TypeAlias = tuple[Array, Array]


@pytest.fixture
def steps() -> Steps:
    """Draw inputs (T, 4) and intervals (T,) of 1 ms to 1 s."""
    numbers = np.random.default_rng(5)
    return numbers.standard_normal((60, 4)), np.exp(numbers.uniform(-7, 0, 60))


@pytest.fixture
def run(steps: Steps) -> Callable[[Recurrent], Array]:
    """Return what runs a cell in double precision over the steps, one by one: (T, N)."""
    def run_cell(cell: Recurrent) -> Array:
        inputs, dt = (torch.from_numpy(part) for part in steps)
        state, outputs = cell.initial_state(1), []
        with torch.no_grad():
            for step in range(len(dt)):
                output, state = cell(inputs[None, step], state, dt[None, step, None])
                outputs.append(output[0].numpy())
        return np.stack(outputs)
    return run_cell


@pytest.fixture
def drives(steps: Steps) -> Callable[[Recurrent], Array]:
    """Return what sums a cell's inputs and biases, log(dt / nominal) among them: (T, G, N)."""
    def sum_inputs(cell: Recurrent) -> Array:
        inputs, dt = steps
        fed = np.concatenate([inputs, np.log(dt[:, None] * 30)], axis=1)
        weight, bias = (part.detach().numpy() for part in cell.feeding.parameters())
        return (fed @ weight.T + bias).reshape(len(dt), -1, cell.n_neurons)
    return sum_inputs
