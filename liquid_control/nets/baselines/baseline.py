# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the networks that liquid ones are compared with share: inputs, and elapsed time."""

from abc import abstractmethod

from liquid_control.nets.cells.base import Cell
import torch
from torch import nn, Tensor

SPAN = (0.05, 3.0)   # of time constants at the start [s], as a liquid cell has them by default
LEAST_DT = 1e-6      # [s]; where no time has passed, its logarithm is that of so much


def linear(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    """
    Draw a layer whose outputs have unit variance for inputs of unit variance.

    :param inputs: its inputs.
    :param outputs: its outputs.
    :param generator: of the weights.
    """
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(outputs, inputs, generator=generator) / inputs ** 0.5)
        layer.bias.zero_()
    return layer


class Baseline(Cell):
    """
    A cell that is told the elapsed time as one more input.

    That input is log(dt / nominal): 0 at the usual interval, and equal steps for equal ratios. A
    cell whose own equation has dt is told besides, so that none knows less than another.
    """

    def __init__(self, n_inputs: int, n_neurons: int, state_size: int, *, project: int,
                 nominal_dt: float, generator: torch.Generator) -> None:
        """
        Draw what maps the inputs to fewer.

        :param n_inputs: I.
        :param n_neurons: N, number of outputs.
        :param state_size: S.
        :param project: numbers that the inputs are mapped to, linearly; 0 for the inputs as
            they are.
        :param nominal_dt: usual interval [s].
        :param generator: of the weights.
        """
        super().__init__(n_inputs, n_neurons, state_size)
        self.nominal_dt = nominal_dt
        self.n_prepared = (project or n_inputs) + 1
        self.project = linear(n_inputs, project, generator) if project else None

    @abstractmethod
    def _answer(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """Advance by one step: outputs (B, N) and state (B, S)."""

    def _times(self, dt: Tensor) -> Tensor:
        """Return time constants (B, N) [s]: infinity, for a cell that has none."""
        return torch.full_like(dt, torch.inf).expand(-1, self.n_neurons)

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        outputs, new_state = self._answer(inputs, state, dt)
        return outputs, new_state, self._times(dt) if with_time_constants else dt[:, :0]

    def prepare(self, inputs: Tensor, dt: Tensor) -> Tensor:
        """
        Put inputs and elapsed time together.

        :param inputs: (..., I).
        :param dt: (..., 1) [s].
        :returns: (..., n_prepared).
        """
        if self.project is not None:
            inputs = self.project(inputs)
        return torch.cat([inputs, torch.log(dt.clamp_min(LEAST_DT) / self.nominal_dt)], dim=-1)
