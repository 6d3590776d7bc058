# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the cells on a wiring share: layers evaluated in order within one step."""

from abc import abstractmethod

import numpy as np
import torch
from torch import nn, Tensor

from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.cells.scan import scan_layer
from liquid_control.wiring.wiring import Wiring


class LayeredCell(Cell):
    """
    Neurons of a wiring that differ only in what they do with their summed inputs.

    Each neuron sums its masked inputs G times over, once for each of its gates; `pointwise`
    makes its new state of these sums, its state, and the time elapsed.
    """

    def __init__(self, wiring: Wiring, gates: int) -> None:
        """
        Lay out the masked weights.

        :param wiring: who connects to whom.
        :param gates: G, sums that a neuron takes.
        """
        super().__init__(wiring.n_inputs, wiring.n_neurons, wiring.n_neurons)
        self.wiring = wiring
        self.gates = gates
        self.feeding = nn.ModuleList()
        self.recurrent = nn.ModuleList()
        self.biases = nn.ParameterList()
        self.slices: list[slice] = []
        connected = wiring.recurrent_adjacency != 0
        connected = connected | np.diag(wiring.self_connections)
        below: slice | None = None
        for layer in wiring.layers:
            here = slice(layer[0], layer[-1] + 1)
            feed = wiring.input_adjacency[:, here] != 0 if below is None else (
                connected[below, here])
            self.feeding.append(MaskedWeight(feed, gates))
            self.recurrent.append(MaskedWeight(connected[here, here], gates))
            self.biases.append(nn.Parameter(torch.zeros(gates * len(layer))))
            self.slices.append(here)
            below = here

    @abstractmethod
    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Make the new state of n neurons, each from its own numbers alone.

        :param drive: (..., G*n), summed inputs, gate by gate.
        :param state: (..., n) before the step.
        :param dt: (..., 1) [s].
        :param parameters: what `neuron_parameters` returned for these neurons.
        :returns: (..., n).
        """

    @abstractmethod
    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell the time constants [s] of n neurons in a step; arguments as in `pointwise`.

        :param drive: (..., G*n).
        :param dt: (..., 1) [s].
        :param parameters: what `neuron_parameters` returned for these neurons.
        :returns: (..., n).
        """

    def neuron_parameters(self, neurons: slice) -> tuple[Tensor, ...]:
        """
        Return what each neuron has besides weights and biases.

        :param neurons: which.
        :returns: tensors of shape (..., n).
        """
        return ()

    def forward(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor]:
        """
        Advance by one step, layer by layer.

        :param inputs: (B, I).
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N) and state (B, N), which are the same numbers.
        """
        new_state, _ = self._step(inputs, state, dt, with_time_constants=False)
        return new_state, new_state

    def time_constants(self, inputs: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Tell the time constants [s] of one step.

        :param inputs: (B, I).
        :param state: (B, N) before the step.
        :param dt: (B, 1) [s].
        :returns: (B, N).
        """
        return self._step(inputs, state, dt, with_time_constants=True)[1]

    def observe(self, inputs: Tensor, state: Tensor, dt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """
        Advance by one step and tell its time constants, summing inputs once.

        :param inputs: (B, I).
        :param state: (B, N).
        :param dt: (B, 1) [s].
        :returns: outputs (B, N), state (B, N), time constants (B, N) [s].
        """
        new_state, time_constants = self._step(inputs, state, dt, with_time_constants=True)
        return new_state, new_state, time_constants

    def scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
             reset: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence, one layer after the other over all of its steps.

        A layer never feeds one before it, so this equals the loop over `forward`.

        :param inputs: (B, T, I).
        :param dt: (B, T, 1) [s]; it receives no gradient.
        :param state: (B, N) before the first step.
        :param reset: (B, T) bool, where the state is set to zero before the step.
        :returns: outputs (B, T, N) and the state (B, N) after the last step.
        """
        signal = inputs.transpose(0, 1).contiguous()
        elapsed = dt.detach().transpose(0, 1).contiguous()
        keep = torch.ones_like(elapsed)
        if reset is not None:
            keep = (~reset).to(elapsed.dtype).t().unsqueeze(-1).contiguous()
        outputs = []
        for feed, recur, bias, here in zip(
                self.feeding, self.recurrent, self.biases, self.slices):
            drive = torch.addmm(bias, signal.flatten(0, 1), feed()).unflatten(0, signal.shape[:2])
            signal = scan_layer(self.pointwise, drive, recur(), state[:, here], elapsed, keep,
                                self.neuron_parameters(here))
            outputs.append(signal)
        together = torch.cat(outputs, dim=-1)
        return together.transpose(0, 1), together[-1]

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor]:
        signal, states, times = inputs, [], [state[:, :0]]
        for feed, recur, bias, here in zip(
                self.feeding, self.recurrent, self.biases, self.slices):
            old = state[:, here]
            drive = signal @ feed() + old @ recur() + bias
            parameters = self.neuron_parameters(here)
            signal = self.pointwise(drive, old, dt, *parameters)
            states.append(signal)
            if with_time_constants:
                times.append(self.pointwise_time_constants(drive, dt, *parameters))
        return torch.cat(states, dim=-1), torch.cat(times, dim=-1)
