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
from liquid_control.nets.cells.synaptic_scan import scan_synapses, sum_synapses
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
    def effects(self, rest: tuple[Tensor, ...],
                mask: Tensor) -> tuple[tuple[Tensor, ...], Tensor | None]:
        """
        Tell how synapses weigh their activation in each of the neuron's sums.

        :param rest: (from, n) each, what a synapse holds besides slope and centre, masked.
        :param mask: (from, n), 1 where there is a synapse.
        :returns: weights (from, n) of one sum after the other; and those of a last sum, over what
            the synapses hear instead of their activation, or None.
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

    def feed_sequence(self, layer: Layer, signal: Tensor) -> Tensor:
        """
        Sum what reaches the neurons of a layer from outside of it in every step.

        :param layer: n neurons.
        :param signal: (T, B, from).
        :returns: (T, B, sums * n).
        """
        slope, centre, weights, linear = self._parts(layer.feeding)
        sums = sum_synapses(signal, slope, centre, torch.stack(weights)).flatten(2)
        if linear is not None:
            sums = torch.cat([sums, signal @ linear], dim=-1)
        return self.offset(layer) + sums

    def scan_layer(self, layer: Layer, fed: Tensor, state: Tensor, dt: Tensor,
                   keep: Tensor) -> Tensor:
        """
        Advance one layer over a sequence.

        :param layer: n neurons.
        :param fed: (T, B, sums * n), of `feed`.
        :param state: (B, n) before the first step.
        :param dt: (T, B, 1) [s].
        :param keep: (T, B, 1), 0 where the state is reset before the step, else 1.
        :returns: (T, B, n).
        """
        if self._solve is None or not layer.recurrent.count:
            return super().scan_layer(layer, fed, state, dt, keep)
        slope, centre, weights, linear = self._parts(layer.recurrent)
        return scan_synapses(self.pointwise, self.substeps, fed,
                             (slope, centre, torch.stack(weights)), linear, state, dt, keep,
                             self.neuron_parameters(layer.neurons))

    def _parts(self, block: MaskedWeight) -> tuple[
            Tensor, Tensor, tuple[Tensor, ...], Tensor | None]:
        """Return slope, centre, and what `effects` does."""
        slope, centre, *rest = block().chunk(block.gates, dim=-1)
        return slope, centre, *self.effects(tuple(rest), block.mask.chunk(block.gates, -1)[0])

    def _sum(self, block: MaskedWeight, signal: Tensor) -> Tensor:
        slope, centre, weights, linear = self._parts(block)
        activation = torch.sigmoid(slope * (signal.unsqueeze(-1) - centre))
        sums = [(activation * weight).sum(dim=-2) for weight in weights]
        return torch.cat(sums if linear is None else [*sums, signal @ linear], dim=-1)

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
