# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
An LSTM whose neurons are open to change for a part of a rhythm of their own.

Neil, Pfeiffer and Liu, "Phased LSTM", NeurIPS 2016, equations 2 to 11.
"""

from liquid_control.nets.baselines.baseline import SPAN
from liquid_control.nets.baselines.recurrent import Recurrent
from liquid_control.nets.cells.initial import spread_time_constants
import torch
from torch import nn, Tensor

OPEN = 0.05     # share of a period that a gate is open at the start, as published
LEAK = 0.001    # of a closed gate, as published; kept after training, so that there is one cell


class PhasedLSTM(Recurrent):
    """
    Memory and output move by k of the way that an LSTM with peepholes would.

    With phi = ((t - s) mod tau) / tau: k = 2 phi / r in the first half of the open share r,
    2 - 2 phi / r in its second half, and LEAK phi after it. The state holds (t mod tau) / tau of
    every neuron in place of t, which would lose its digits on a long flight.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights; periods are spread over `SPAN`, forget gates begin open.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=4, state_size=3 * neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        self.log_period = nn.Parameter(torch.log(spread_time_constants(neurons, SPAN, generator)))
        self.shift = nn.Parameter(torch.rand(neurons, generator=generator))   # s / tau
        share = torch.full((neurons,), OPEN)
        self.open_logit = nn.Parameter(torch.log(share / (1 - share)))
        self.peepholes = nn.Parameter(torch.zeros(3, neurons))   # input, forget, output
        with torch.no_grad():
            self.feeding.bias[neurons:2 * neurons] = 1.0

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 4 N): input, forget, output, candidate.
        :param state: (B, 3 N): output, cell, share of the period that has passed.
        :param dt: (B, 1) [s].
        :returns: outputs (B, N) and state (B, 3 N).
        """
        output, cell, phase = state.chunk(3, dim=-1)
        # In double: the phase sums this up, so that its last bit must be the same on any runtime.
        frequency = torch.exp(-self.log_period.double()).to(dt.dtype)
        phase = _fraction(phase + dt * frequency)
        share = self._openness(phase)
        enter, forget, show, candidate = (drive + output @ self.recurrent).chunk(4, dim=-1)
        to_enter, to_forget, to_show = self.peepholes.unbind()
        proposed = (torch.sigmoid(forget + to_forget * cell) * cell
                    + torch.sigmoid(enter + to_enter * cell) * torch.tanh(candidate))
        shown = torch.sigmoid(show + to_show * proposed) * torch.tanh(proposed)
        cell = cell + share * (proposed - cell)
        output = output + share * (shown - output)
        return output, torch.cat([output, cell, phase], dim=-1)

    def _openness(self, phase: Tensor) -> Tensor:
        """Return k of every neuron, (B, N)."""
        since = _fraction(phase - self.shift)
        rising = 2 * since / torch.sigmoid(self.open_logit)
        return torch.where(rising < 1, rising, torch.where(rising < 2, 2 - rising, LEAK * since))


def _fraction(number: Tensor) -> Tensor:
    """Return what is left of a number above the integer below it."""
    return number - torch.floor(number)
