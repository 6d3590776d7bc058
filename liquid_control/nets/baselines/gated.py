# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The gated recurrent cells, GRU and LSTM, with the elapsed time as an input."""

from liquid_control.nets.baselines.recurrent import Recurrent
import torch
from torch import nn, Tensor


def gated_update(drive: Tensor, state: Tensor, recurrent: Tensor, bias: Tensor) -> Tensor:
    """
    Take the step of a GRU as cuDNN and torch compute it.

    The reset gate acts after the recurrent product.

    :param drive: (B, 3 N), the part of the inputs: reset, update, candidate.
    :param state: (B, N).
    :param recurrent: (N, 3 N) weights.
    :param bias: (N,), inside the reset gate.
    :returns: (B, N).
    """
    size = 2 * state.shape[-1]
    fed = state @ recurrent
    reset, update = torch.sigmoid(drive[:, :size] + fed[:, :size]).chunk(2, dim=-1)
    candidate = torch.tanh(torch.addcmul(drive[:, size:], reset, fed[:, size:] + bias))
    return torch.lerp(candidate, state, update)


class GRU(Recurrent):
    """A gated recurrent unit (Cho et al., 2014)."""

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
                         nominal_dt=nominal_dt,
                         generator=torch.Generator().manual_seed(seed))
        self.recurrent_bias = nn.Parameter(torch.zeros(neurons))   # inside the reset gate

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 3 N): reset, update, candidate.
        :param state: (B, N).
        :param dt: (B, 1) [s], which the inputs already tell.
        :returns: outputs and state (B, N), the same numbers.
        """
        state = gated_update(drive, state, self.recurrent, self.recurrent_bias)
        return state, state


class LSTM(Recurrent):
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
                         nominal_dt=nominal_dt,
                         generator=torch.Generator().manual_seed(seed))
        with torch.no_grad():
            self.feeding.bias[neurons:2 * neurons] = 1.0

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 4 N): input, forget, output, candidate.
        :param state: (B, 2 N): output and cell.
        :param dt: (B, 1) [s], which the inputs already tell.
        :returns: outputs (B, N) and state (B, 2 N).
        """
        output, cell = state.chunk(2, dim=-1)
        total = drive + output @ self.recurrent
        size = 3 * self.n_neurons
        enter, forget, show = torch.sigmoid(total[:, :size]).chunk(3, dim=-1)
        cell = forget * cell + enter * torch.tanh(total[:, size:])
        output = show * torch.tanh(cell)
        return output, torch.cat([output, cell], dim=-1)
