# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A GRU that remembers on several time scales at once.

Mozer, Kazakov and Lindsey, "Discrete-event continuous-time recurrent nets", 2017, section 3: every
neuron holds a trace for each of some fixed time constants, and chooses by soft attention in the
logarithm of time from which it reads and to which it writes.
"""

from liquid_control.nets.baselines.recurrent import Recurrent
import torch
from torch import Tensor

SHORTEST, TRACES = 0.05, 5   # [s]; each time constant is the one before times sqrt(10), as there


class CTGRU(Recurrent):
    """
    The published cell, but for the moment of the decay.

    There the traces decay at the end of a step until the event that follows, which is not known
    yet; here at its beginning, since the event before. The order of operations is the same.
    """

    log_scales: Tensor

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights; each neuron begins at the middle time scale.

        :param n_inputs: I.
        :param neurons: N.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, gates=3, state_size=TRACES * neurons, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        scales = SHORTEST * 10 ** (torch.arange(TRACES) / 2)
        self.register_buffer('log_scales', torch.log(scales).unsqueeze(1), persistent=False)
        with torch.no_grad():
            middle = self.log_scales.mean()
            self.feeding.bias[:neurons] = middle
            self.feeding.bias[2 * neurons:] = middle

    def advance(self, drive: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Take a step.

        :param drive: (B, 3 N): logarithm of the time constant read, event, logarithm of the
            time constant written.
        :param state: (B, TRACES * N).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N), the sum of the traces, and state (B, TRACES * N).
        """
        traces = state.unflatten(1, (TRACES, self.n_neurons))
        traces = traces * torch.exp(-dt.unsqueeze(-1) * torch.exp(-self.log_scales))
        by_read, by_event, by_write = self.recurrent.chunk(3, dim=-1)
        read, event, write = drive.chunk(3, dim=-1)
        hidden = traces.sum(1)
        retrieved = (self._choose(read + hidden @ by_read) * traces).sum(1)
        detected = torch.tanh(event + retrieved @ by_event)
        stored = self._choose(write + hidden @ by_write)
        traces = torch.lerp(traces, detected.unsqueeze(1), stored)
        return traces.sum(1), traces.flatten(1)

    def _choose(self, log_time: Tensor) -> Tensor:
        """Weigh the traces by their distance from a time constant: (B, N) to (B, TRACES, N)."""
        return torch.softmax(-(log_time.unsqueeze(1) - self.log_scales) ** 2, dim=1)
