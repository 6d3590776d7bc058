# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the networks that liquid ones are compared with share: inputs, and elapsed time."""

from liquid_control.nets.cells.base import Cell
import torch
from torch import nn, Tensor

SPAN = (0.05, 3.0)   # of time constants at the start [s], as a liquid cell has them by default


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

    def prepare(self, inputs: Tensor, dt: Tensor) -> Tensor:
        """
        Put inputs and elapsed time together.

        :param inputs: (..., I).
        :param dt: (..., 1) [s].
        :returns: (..., n_prepared).
        """
        if self.project is not None:
            inputs = self.project(inputs)
        return torch.cat([inputs, torch.log(dt / self.nominal_dt)], dim=-1)

    def time_constants(self, inputs: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Return infinity, which is for a cell that has none.

        :param inputs: (B, I).
        :param state: (B, S).
        :param dt: (B, 1) [s].
        :returns: (B, N).
        """
        return torch.full_like(dt, torch.inf).expand(-1, self.n_neurons)
