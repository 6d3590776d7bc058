# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A network without memory, or with that of its last answer alone."""

from liquid_control.nets.baselines.baseline import Baseline, linear
import torch
from torch import nn, Tensor

DARK = 0.02   # brightness below this share of white is darkness


class MLP(Baseline):
    """
    Two hidden layers; its state is what it said last.

    With `hold` it repeats that while the frame is black, instead of computing: the least that
    a memory must beat.
    """

    def __init__(self, n_inputs: int, neurons: int, *, hold: int | None = None, project: int = 0,
                 nominal_dt: float = 1 / 30, seed: int = 0) -> None:
        """
        Draw the weights.

        :param n_inputs: I.
        :param neurons: N, of each hidden layer.
        :param hold: which input is the brightness of the frame; None to compute always.
        :param project: see `Baseline`.
        :param nominal_dt: usual interval [s].
        :param seed: of the weights.
        """
        generator = torch.Generator().manual_seed(seed)
        super().__init__(n_inputs, neurons, neurons, project=project, nominal_dt=nominal_dt,
                         generator=generator)
        # One graph for both, and an input of the state that an exporter does not drop: an input
        # is never below minus infinity.
        self._watched = hold or 0
        self._threshold = DARK if hold is not None else -torch.inf
        self.layers = nn.Sequential(linear(self.n_prepared, neurons, generator), nn.SiLU(),
                                    linear(neurons, neurons, generator), nn.SiLU())

    def _answer(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        outputs = self.layers(self.prepare(inputs, dt))
        outputs = torch.where(self._dark(inputs), state, outputs)
        return outputs, outputs

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Answer a sequence, all steps at once."""
        outputs = self.layers(self.prepare(inputs, dt))
        dark = self._dark(inputs)
        if dark.any():
            own = ~dark
            if reset is not None:
                outputs = outputs.masked_fill(dark & reset.unsqueeze(-1), 0.0)
                own = own | reset.unsqueeze(-1)
            place = torch.arange(1, inputs.shape[1] + 1).unsqueeze(-1) * own
            source = torch.cummax(place, dim=1).values      # 0 is the state before
            together = torch.cat([state.unsqueeze(1), outputs], dim=1)
            outputs = torch.gather(together, 1, source.expand_as(outputs))
        return outputs, outputs[:, -1]

    def _dark(self, inputs: Tensor) -> Tensor:
        """Tell where the last answer is repeated, (..., 1)."""
        return inputs[..., self._watched, None] < self._threshold
