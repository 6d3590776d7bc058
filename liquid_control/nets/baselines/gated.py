# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The gated recurrent cells, GRU and LSTM, with the elapsed time as an input."""

from abc import abstractmethod

from liquid_control.nets.baselines.baseline import Baseline, linear
import torch
from torch import nn, Tensor


class Gated(Baseline):
    """Cells whose gates are sums of a part of the inputs and a part of the output before."""

    def __init__(self, n_inputs: int, neurons: int, *, gates: int, state_size: int,
                 project: int = 0, nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N.
        :param gates: sums of a neuron.
        :param state_size: S.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, state_size, project=project, nominal_dt=nominal_dt,
                         generator=generator)
        self.feeding = linear(self.n_prepared, gates * neurons, generator)
        self.recurrent = nn.Parameter(
            torch.randn(neurons, gates * neurons, generator=generator) / neurons ** 0.5)

    @abstractmethod
    def advance(self, drive: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, gates * N), the part of the inputs.
        :param state: (B, S).
        :returns: outputs (B, N) and state (B, S).
        """

    def forward(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Advance by one step.

        :param inputs: (B, I).
        :param state: (B, S).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N) and state (B, S).
        """
        return self.advance(self.feeding(self.prepare(inputs, dt)), state)

    def scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
             reset: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence; the part of the inputs is computed for all steps at once.

        :param inputs: (B, T, I).
        :param dt: (B, T, 1) [s].
        :param state: (B, S) before the first step.
        :param reset: (B, T) bool, where the state is set to zero before the step.
        :returns: outputs (B, T, N) and the state (B, S) after the last step.
        """
        drives = self.feeding(self.prepare(inputs, dt)).unbind(1)
        keeps = None if reset is None else (~reset).to(state.dtype).unsqueeze(-1).unbind(1)
        outputs = []
        for step, drive in enumerate(drives):
            if keeps is not None:
                state = state * keeps[step]
            output, state = self.advance(drive, state)
            outputs.append(output)
        return torch.stack(outputs, dim=1), state


class GRU(Gated):
    """
    A gated recurrent unit (Cho et al., 2014), as cuDNN and torch compute it.

    The reset gate acts after the recurrent product.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        super().__init__(n_inputs, neurons, gates=3, state_size=neurons, project=project,
                         nominal_dt=nominal_dt, seed=seed)
        self.recurrent_bias = nn.Parameter(torch.zeros(neurons))   # inside the reset gate

    def advance(self, drive: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 3 N): reset, update, candidate.
        :param state: (B, N).
        :returns: outputs and state (B, N), the same numbers.
        """
        size = 2 * self.n_neurons
        fed = state @ self.recurrent
        reset, update = torch.sigmoid(drive[:, :size] + fed[:, :size]).chunk(2, dim=-1)
        candidate = torch.tanh(torch.addcmul(drive[:, size:], reset,
                                             fed[:, size:] + self.recurrent_bias))
        state = torch.lerp(candidate, state, update)
        return state, state


class LSTM(Gated):
    """A long short-term memory (Hochreiter and Schmidhuber, 1997) with a forget gate."""

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights; forget gates begin open.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        super().__init__(n_inputs, neurons, gates=4, state_size=2 * neurons, project=project,
                         nominal_dt=nominal_dt, seed=seed)
        with torch.no_grad():
            self.feeding.bias[neurons:2 * neurons] = 1.0

    def advance(self, drive: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 4 N): input, forget, output, candidate.
        :param state: (B, 2 N): output and cell.
        :returns: outputs (B, N) and state (B, 2 N).
        """
        output, cell = state.chunk(2, dim=-1)
        total = drive + output @ self.recurrent
        size = 3 * self.n_neurons
        enter, forget, show = torch.sigmoid(total[:, :size]).chunk(3, dim=-1)
        cell = forget * cell + enter * torch.tanh(total[:, size:])
        output = show * torch.tanh(cell)
        return output, torch.cat([output, cell], dim=-1)
