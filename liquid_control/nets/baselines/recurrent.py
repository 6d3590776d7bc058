# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the recurrent baselines share: one product with the inputs, for a whole sequence."""

from abc import abstractmethod

from liquid_control.nets.baselines.baseline import Baseline, linear
import torch
from torch import nn, Tensor


class Recurrent(Baseline):
    """Cells that sum a part of the inputs and a part of the state, some times over."""

    def __init__(self, n_inputs: int, neurons: int, *, gates: int, state_size: int,
                 project: int, nominal_dt: float, generator: torch.Generator) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N.
        :param gates: sums of a neuron.
        :param state_size: S.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param generator: of the weights.
        """
        super().__init__(n_inputs, neurons, state_size, project=project, nominal_dt=nominal_dt,
                         generator=generator)
        self.feeding = linear(self.n_prepared, gates * neurons, generator)
        self.recurrent = nn.Parameter(
            torch.randn(neurons, gates * neurons, generator=generator) / neurons ** 0.5)

    @abstractmethod
    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, gates * N), the part of the inputs.
        :param state: (B, S).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N) and state (B, S).
        """

    def _answer(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        return self.advance(self.feeding(self.prepare(inputs, dt)), state, dt)

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Advance over a sequence; the part of the inputs is computed for all steps at once."""
        drives = self.feeding(self.prepare(inputs, dt)).unbind(1)
        keeps = None if reset is None else (~reset).to(state.dtype).unsqueeze(-1).unbind(1)
        elapsed, outputs = dt.unbind(1), []
        for step, drive in enumerate(drives):
            if keeps is not None:
                state = state * keeps[step]
            output, state = self.advance(drive, state, elapsed[step])
            outputs.append(output)
        return torch.stack(outputs, dim=1), state
