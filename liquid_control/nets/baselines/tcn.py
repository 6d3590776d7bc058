# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A temporal convolution: what it knows of the past is a window of its last inputs."""

from liquid_control.nets.baselines.baseline import Baseline, linear
import torch
from torch import Tensor
from torch.nn import functional

KERNEL = 4
WINDOW = KERNEL ** 2   # steps: two causal convolutions, of dilation 1 and KERNEL


class TCN(Baseline):
    """
    Two causal convolutions over a ring buffer of inputs (Bai et al., 2018, without residuals).

    Only the newest output of the second is ever used, so the first is taken at the few places
    that reach it. A window that has not filled is padded with zeros.
    """

    def __init__(self, n_inputs: int, neurons: int, *, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N, channels of both convolutions.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        prepared = (project or n_inputs) + 1
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, (WINDOW - 1) * prepared, project=project,
                         nominal_dt=nominal_dt, generator=generator)
        self.near = linear(KERNEL * prepared, neurons, generator)
        self.far = linear(KERNEL * neurons, neurons, generator)

    def _answer(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        window = torch.cat([state, self.prepare(inputs, dt)], dim=-1)
        return self._convolve(window), window[:, self.n_prepared:]

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Advance over a sequence, all steps at once."""
        batch, steps, _ = inputs.shape
        before = state.view(batch, WINDOW - 1, self.n_prepared)
        line = torch.cat([before, self.prepare(inputs, dt)], dim=1)
        windows = line.unfold(1, WINDOW, 1).transpose(2, 3)          # (B, T, WINDOW, P)
        if reset is not None:
            # An input counts if no reset lies between it and the step.
            flight = functional.pad(reset.long().cumsum(1), (WINDOW - 1, 0))
            same = flight.unfold(1, WINDOW, 1) == flight[:, WINDOW - 1:, None]
            windows = windows * same.unsqueeze(-1)
        flat = windows.reshape(batch, steps, WINDOW * self.n_prepared)
        return self._convolve(flat), flat[:, -1, self.n_prepared:]

    def _convolve(self, window: Tensor) -> Tensor:
        """Return the newest output (..., N) of a window (..., WINDOW * P)."""
        near = functional.silu(self.near(window.unflatten(-1, (KERNEL, -1))))
        return functional.silu(self.far(near.flatten(-2)))
