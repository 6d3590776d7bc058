# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of a recurrent cell: elapsed time is an input, state is explicit."""

from abc import ABC, abstractmethod

from liquid_control.nets.cells.given import check_given
import torch
from torch import nn, Tensor


class Cell(nn.Module, ABC):
    """
    Neurons whose state follows from inputs, the state before, and the time elapsed.

    `dt` is in seconds, of shape (batch, 1), and is never left out, never squeezed; 0 is a time
    too. A subclass is final. What is asked of a cell is checked here, once for a step or a whole
    sequence, and done by `_step` and `_scan`; a subclass writes the one, and the other where it
    has something faster to offer than a loop.
    """

    def __init__(self, n_inputs: int, n_neurons: int, state_size: int) -> None:
        """
        Remember the sizes.

        :param n_inputs: I, number of inputs.
        :param n_neurons: N, number of outputs.
        :param state_size: S, numbers carried from step to step.
        """
        super().__init__()
        self.n_inputs = n_inputs
        self.n_neurons = n_neurons
        self.state_size = state_size

    @property
    def neuron_names(self) -> tuple[str, ...]:
        """Name the outputs, in order."""
        return tuple(f'unit_{number}' for number in range(self.n_neurons))

    def forward(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Advance by one step.

        :param inputs: (B, I).
        :param state: (B, S), what the step before returned, or `initial_state`.
        :param dt: (B, 1), elapsed since the step before [s].
        :returns: outputs (B, N) and state (B, S).
        :raises NetworkError: for another shape, or a dt that is negative or not finite.
        """
        check_given(self.n_inputs, self.state_size, inputs, state, dt)
        outputs, new_state, _ = self._step(inputs, state, dt, with_time_constants=False)
        return outputs, new_state

    def time_constants(self, inputs: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Tell how fast each neuron moves in this step.

        :param inputs: (B, I).
        :param state: (B, S) before the step.
        :param dt: (B, 1), elapsed since the step before [s].
        :returns: (B, N), time constants of the step [s]; infinite for a cell that has none.
        :raises NetworkError: as `forward` does.
        """
        return self.observe(inputs, state, dt)[2]

    def observe(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """
        Advance by one step and tell the time constants of that step, as the two methods do.

        :param inputs: (B, I).
        :param state: (B, S).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N), state (B, S), time constants (B, N) [s].
        :raises NetworkError: as `forward` does.
        """
        check_given(self.n_inputs, self.state_size, inputs, state, dt)
        return self._step(inputs, state, dt, with_time_constants=True)

    def initial_state(self, batch: int) -> Tensor:
        """
        Return the state of a cell that has seen nothing.

        :param batch: B.
        :returns: (B, S) zeros, where the cell's weights are.
        """
        like = next(self.parameters())
        return torch.zeros(batch, self.state_size, dtype=like.dtype, device=like.device)

    def scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
             reset: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence; equals T steps of `forward`.

        :param inputs: (B, T, I).
        :param dt: (B, T, 1) [s].
        :param state: (B, S) before the first step.
        :param reset: (B, T) bool, where the state is set to zero before the step.
        :returns: outputs (B, T, N) and the state (B, S) after the last step.
        :raises NetworkError: as `forward` does.
        """
        check_given(self.n_inputs, self.state_size, inputs, state, dt, reset, sequence=True)
        return self._scan(inputs, dt, state, reset)

    @abstractmethod
    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Return outputs, state, and time constants (B, N), or (B, 0) where not asked for."""

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """Do what `scan` promises, step by step."""
        outputs = []
        for step in range(inputs.shape[1]):
            if reset is not None:
                state = state.masked_fill(reset[:, step, None], 0.0)
            output, state, _ = self._step(inputs[:, step], state, dt[:, step],
                                          with_time_constants=False)
            outputs.append(output)
        return torch.stack(outputs, dim=1), state
