# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Continuous-time recurrent neurons (Funahashi and Nakamura, Neural Networks 6, 1993, eq. 1)."""

from liquid_control.nets.baselines.baseline import SPAN
from liquid_control.nets.baselines.recurrent import Recurrent
from liquid_control.nets.cells.initial import spread_time_constants
import torch
from torch import nn, Tensor

SUBSTEPS = 6   # of a step, as the peers of the LTC paper have


class CTRNN(Recurrent):
    """
    Leaky neurons with fixed time constants: tau dx/dt = -x + tanh(W x + U I + b).

    The published equation, dx/dt = -x / tau + f, with f in units of 1 / tau, so that states are
    of one size whatever tau is. In a sub-step the leak is exact and f is held: stable for any dt.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights; time constants are spread over `SPAN`.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=1, state_size=neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        self.log_tau = nn.Parameter(torch.log(spread_time_constants(neurons, SPAN, generator)))

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step, in sub-steps.

        :param drive: (B, N).
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs and state (B, N), the same numbers.
        """
        left = torch.exp(-dt / SUBSTEPS * torch.exp(-self.log_tau))
        for _ in range(SUBSTEPS):
            state = torch.lerp(torch.tanh(drive + state @ self.recurrent), state, left)
        return state, state

    def _times(self, dt: Tensor) -> Tensor:
        """Tell tau, which neither inputs nor state nor dt change."""
        return torch.exp(self.log_tau).expand(dt.shape[0], -1)
