# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Neurons whose every synapse has an activation of its own.

A synapse from j to i is open by sigmoid(s_ji (y_j - m_ji)), after the chemical synapses of Koch
and Segev, "Methods in neuronal modeling" (1998), as the LTC papers have them; a neuron sums what
its synapses let through, weighted in one way for each of its sums.
"""

from abc import abstractmethod

from liquid_control.nets.cells.initial import Span, spread_time_constants
from liquid_control.nets.cells.layered import Layer
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.cells.ode import OdeCell
import torch
from torch import Tensor

SLOPES = (1.0, 3.0)       # begins drawn from these ranges: inputs of about unit variance then
CENTRES = (-0.5, 0.5)     # neither close a synapse nor saturate it


class SynapticCell(OdeCell):
    """A cell whose synapses hold slope s, centre m, and numbers that weigh their activation."""

    @property
    def is_pointwise(self) -> bool:
        """Deny it: what a synapse lets through is no weighted sum."""
        return False

    @abstractmethod
    def weigh(self, activation: Tensor, signal: Tensor, rest: tuple[Tensor, ...],
              mask: Tensor) -> Tensor:
        """
        Sum over the synapses of each neuron.

        :param activation: (B, from, n), how open each synapse is; also where there is none.
        :param signal: (B, from), what the synapses hear.
        :param rest: (from, n) each, what a synapse holds besides slope and centre, masked.
        :param mask: (from, n), 1 where there is a synapse.
        :returns: (B, sums * n).
        """

    @abstractmethod
    def offset(self, layer: Layer) -> Tensor:
        """
        Return the part of the sums that no synapse brings.

        :param layer: n neurons.
        :returns: (sums * n,).
        """

    def feed(self, layer: Layer, signal: Tensor) -> Tensor:
        """
        Sum what reaches the neurons of a layer from outside of it.

        :param layer: n neurons.
        :param signal: (B, from).
        :returns: (B, sums * n).
        """
        return self.offset(layer) + self._sum(layer.feeding, signal)

    def collect(self, layer: Layer, fed: Tensor, state: Tensor) -> Tensor:
        """
        Add what the neurons of a layer tell each other.

        :param layer: n neurons.
        :param fed: (B, sums * n), of `feed`.
        :param state: (B, n).
        :returns: (B, sums * n).
        """
        return fed + self._sum(layer.recurrent, state)

    def scan_layer(self, layer: Layer, fed: Tensor, state: Tensor, dt: Tensor,
                   keep: Tensor) -> Tensor:
        """
        Advance one layer over a sequence, step by step.

        :param layer: n neurons.
        :param fed: (T, B, sums * n), of `feed`.
        :param state: (B, n) before the first step.
        :param dt: (T, B, 1) [s].
        :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
        :returns: (T, B, n).
        """
        return self.loop_layer(layer, fed, state, dt, keep)

    def _sum(self, block: MaskedWeight, signal: Tensor) -> Tensor:
        slope, centre, *rest = block().chunk(block.gates, dim=-1)
        activation = torch.sigmoid(slope * (signal.unsqueeze(-1) - centre))
        return self.weigh(activation, signal, tuple(rest), block.mask.chunk(block.gates, -1)[0])

    def _draw(self, block: MaskedWeight, generator: torch.Generator,
              *rest: Tensor) -> None:
        """Draw slopes and centres of a block, and set the rest."""
        shape = (block.values.shape[0], block.values.shape[1] // block.gates)
        drawn = [low + (high - low) * torch.rand(shape, generator=generator)
                 for low, high in (SLOPES, CENTRES)]
        block.fill(torch.cat([*drawn, *rest], dim=-1))

    def _slow(self, log_rate: torch.nn.Parameter, span: Span, generator: torch.Generator) -> None:
        """Set what scales the rates [1/s]: at rest, time constants are spread over a span."""
        with torch.no_grad():
            signal = log_rate.new_zeros(1, self.n_inputs)
            for layer in self.typed_layers:
                state = log_rate.new_zeros(1, layer.size)
                drive = self.collect(layer, self.feed(layer, signal), state)
                rate, _ = self.field(drive, *self.neuron_parameters(layer.neurons))
                tau = spread_time_constants(layer.size, span, generator)
                log_rate[layer.neurons] -= torch.log(tau * rate[0])
                signal = state
