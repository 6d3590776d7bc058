# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A GRU whose memory decays with the time elapsed.

Che et al., "Recurrent neural networks for multivariate time series with missing values",
Scientific Reports 8, 2018, equations 10 to 16.
"""

from liquid_control.nets.baselines.baseline import LEAST_DT, SPAN
from liquid_control.nets.baselines.recurrent import Recurrent
from liquid_control.nets.cells.initial import spread_time_constants
import torch
from torch import nn, Tensor


class GRUD(Recurrent):
    """
    GRU-D for inputs of which none is missing.

    All masks are then 1 and are part of the biases, no input decays to its mean, and the
    intervals of all inputs are dt, so that their weights into a neuron's decay are one number.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights; decays begin spread over `SPAN`.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=3, state_size=neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        tau = spread_time_constants(neurons, SPAN, generator)
        self.decay = nn.Parameter(1 / tau)                  # [1/s]
        self.decay_bias = nn.Parameter(torch.zeros(neurons))

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Let the state decay, then take a step of a GRU; its reset acts before the product.

        :param drive: (B, 3 N): reset, update, candidate.
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs and state (B, N), the same numbers.
        """
        size = 2 * self.n_neurons
        state = state * torch.exp(-self._exponent(dt))
        gates = torch.sigmoid(drive[:, :size] + state @ self.recurrent[:, :size])
        reset, update = gates.chunk(2, dim=-1)
        candidate = torch.tanh(drive[:, size:] + (reset * state) @ self.recurrent[:, size:])
        state = torch.lerp(state, candidate, update)
        return state, state

    def _times(self, dt: Tensor) -> Tensor:
        """Tell the time constants of the decay over this interval; infinite without one."""
        dt = dt.clamp_min(LEAST_DT)
        return dt / self._exponent(dt)

    def _exponent(self, dt: Tensor) -> Tensor:
        """Return what the memory decays by, in e-foldings: (B, N), never negative."""
        return torch.relu(self.decay * dt + self.decay_bias)
