# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Neurons with adaptive time constants, and synapses that go on learning while they run.

A neuron follows tau_i dx_i/dt = tanh(sum) - x_i with one of two adaptive time constants,
tau_i = shortest + (longest - shortest) sigmoid(v_i . x + b_i), from the states of the neurons that
it hears, or tau_i = shortest + (longest - shortest) sigmoid(w_i . [x, I] + b_i), from inputs too
(with shortest near 0 and longest 1 s: tau_i = sigmoid(W [x, I] + b)).

A synapse between two neurons (self-connections too, synapses from inputs not) has the weight
w0_ij + p_ij, where w0 is trained and p is part of the state, and
dp_ij/dt = alpha_j (A_ij - p_ij) |x_i x_j| with the trained reach r_ij as A_ij where the two
neurons agree in sign, and -r_ij where they do not. It moves while both are active, holds while
either is silent, and is undone by the opposite experience, so that it never ends adapting.

Both are stepped exactly with what they depend on held over the step. By construction, for any
inputs, dt and weights: |x| <= 1, shortest <= tau <= longest, |p_ij| <= |r_ij|.
"""

from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.initial import fan_in_normal, Span, spread_time_constants
from liquid_control.nets.cells.layered import Layer, LayeredCell
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.cells.plastic_scan import learn, scan_plastic_layer
from liquid_control.nets.cells.scan import steps_first
from liquid_control.wiring.wiring import Wiring
import numpy as np
import torch
from torch import nn, Tensor

Senses: TypeAlias = Literal['state', 'state_and_inputs']

GATES = 2              # of a synapse: to the neuron's target, to its time constant
TAU_SCALE = 0.1        # of the weights to the time constant at the start, beside the others
REACH_SCALE = 0.5      # of the reach at the start, beside the weights
LEARNING_RATE = 0.2    # alpha at the start [1/s]


class Plastic(LayeredCell):
    """A cell on a wiring; the state is (x, p), p block by block with zeros where no synapse is."""

    def __init__(self, wiring: Wiring, *, senses: Senses = 'state_and_inputs', seed: int = 0,
                 time_constants: Span = (0.05, 3.0)) -> None:
        """
        Draw the weights.

        :param wiring: who connects to whom.
        :param senses: what the time constants depend on.
        :param seed: of the weights.
        :param time_constants: (shortest, longest) [s] that a neuron may have, ever; they begin
            spread over the inner half of this span.
        :raises ConfigError: if the span is empty or not positive.
        """
        super().__init__(wiring, GATES)
        self.shortest, self.longest = time_constants
        if not 0 < self.shortest < self.longest:
            raise ConfigError('plastic cell: expected 0 < shortest < longest time constant [s], '
                              f'found {self.shortest} and {self.longest}')
        generator = torch.Generator().manual_seed(seed)
        self.reach = nn.ModuleList()
        for index, layer in enumerate(self.typed_layers):
            fan_in_normal([layer.feeding, layer.recurrent], generator)
            plastic = [layer.feeding, layer.recurrent] if index else [layer.recurrent]
            for block in plastic:
                reach = MaskedWeight(block.mask[:, :layer.size].numpy().astype(np.bool_), 1)
                reach.fill(REACH_SCALE * block.values.detach()[:, :layer.size])
                self.reach.append(reach)
            self._slow(layer, index == 0 and senses == 'state', generator)
        self.log_rate = nn.Parameter(
            torch.full((wiring.n_neurons,), LEARNING_RATE).log())      # of alpha [1/s]
        self.state_size = wiring.n_neurons + sum(
            block.values.numel() for block in self.typed_reach)

    @property
    def typed_reach(self) -> list[MaskedWeight]:
        """Return the reaches: of each layer's feeding synapses (not the first's) and recurrent."""
        return [block for block in self.reach if isinstance(block, MaskedWeight)]

    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Take the step of n neurons.

        :param drive: (..., 2 * n).
        :param state: (..., n).
        :param dt: (..., 1) [s].
        :param parameters: none.
        :returns: (..., n).
        """
        tau = self.pointwise_time_constants(drive, dt)
        return torch.lerp(torch.tanh(drive.chunk(2, dim=-1)[0]), state, torch.exp(-dt / tau))

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell the adaptive time constants.

        :param drive: (..., 2 * n).
        :param dt: (..., 1) [s], which does not matter here.
        :param parameters: none.
        :returns: (..., n) [s].
        """
        share = torch.sigmoid(drive.chunk(2, dim=-1)[1])
        return self.shortest + (self.longest - self.shortest) * share

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence, one layer after the other over all of its steps.

        :param inputs: (B, T, I).
        :param dt: (B, T, 1) [s]; it receives no gradient.
        :param state: (B, S) before the first step.
        :param reset: (B, T) bool, where state and plasticity are set to zero before the step.
        :returns: outputs (B, T, N) and the state (B, S) after the last step.
        """
        signal, elapsed, keep = steps_first(inputs, dt, reset)
        learned, outputs, changed = self.plasticity(state), [], []
        for index, layer in enumerate(self.typed_layers):
            blocks = slice(max(0, 2 * index - 1), 2 * index + 1)      # feeding, recurrent
            reach = [block() for block in self.typed_reach[blocks]]
            signal, last = scan_plastic_layer(
                self.pointwise, self.feed_sequence(layer, signal),
                signal if index else signal[..., :0], layer.recurrent(), torch.cat(reach),
                torch.exp(self.log_rate[layer.neurons]),
                (state[:, layer.neurons], torch.cat(learned[blocks], dim=1)), elapsed, keep)
            outputs.append(signal)
            changed += [part.flatten(1) for part in last.split([len(one) for one in reach], dim=1)]
        together = torch.cat(outputs, dim=-1)
        return together.transpose(0, 1), torch.cat([together[-1], *changed], dim=-1)

    def plasticity(self, state: Tensor) -> list[Tensor]:
        """
        Take what synapses have learned out of a state.

        :param state: (B, S).
        :returns: p (B, from, n) of each block of `typed_reach`.
        """
        sizes = [block.values.numel() for block in self.typed_reach]
        parts = state[:, self.n_neurons:].split(sizes, dim=-1)
        return [part.unflatten(-1, block.values.shape) * block.mask
                for part, block in zip(parts, self.typed_reach)]

    def layer_step(self, index: int, signal: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Take the step of one layer alone, with what its synapses have learned.

        :param index: of the layer.
        :param signal: (B, from), the inputs or the new outputs of the layer before.
        :param state: (B, S) of the whole cell before the step.
        :param dt: (B, 1) [s].
        :returns: (B, n), the layer's new outputs.
        """
        old = state[:, self.typed_layers[index].neurons]
        learned = self.plasticity(state)[max(0, 2 * index - 1):2 * index + 1]
        return self.pointwise(self._drive(index, signal, old, learned), old, dt)

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        learned, signal = self.plasticity(state), inputs
        outputs, changed, times = [], [], [state[:, :0]]
        for index, layer in enumerate(self.typed_layers):
            blocks = slice(max(0, 2 * index - 1), 2 * index + 1)      # feeding, recurrent
            old = state[:, layer.neurons]
            drive = self._drive(index, signal, old, learned[blocks])
            rate = torch.exp(self.log_rate[layer.neurons])
            heard = [signal, old][-len(learned[blocks]):]
            changed += [learn(block, reach(), source, old, rate, dt).flatten(1) for
                        block, reach, source in zip(learned[blocks], self.typed_reach[blocks],
                                                    heard)]
            if with_time_constants:
                times.append(self.pointwise_time_constants(drive, dt))
            signal = self.pointwise(drive, old, dt)
            outputs.append(signal)
        together = torch.cat(outputs, dim=-1)
        return together, torch.cat([together, *changed], dim=-1), torch.cat(times, dim=-1)

    def _drive(self, index: int, signal: Tensor, old: Tensor, learned: list[Tensor]) -> Tensor:
        """Sum over synapses as they were trained, and over what they have learned since."""
        layer = self.typed_layers[index]
        extra = (old.unsqueeze(1) @ learned[-1]).squeeze(1)
        if index:
            extra = extra + (signal.unsqueeze(1) @ learned[0]).squeeze(1)
        drive = self.collect(layer, self.feed(layer, signal), old)
        return drive + torch.cat([extra, torch.zeros_like(extra)], dim=-1)

    def _slow(self, layer: Layer, deaf: bool, generator: torch.Generator) -> None:
        """Spread time constants, and let them depend on little; on no input where deaf."""
        scale = torch.tensor([1.0, TAU_SCALE]).repeat_interleave(layer.size)
        for block in (layer.feeding, layer.recurrent):
            block.fill(block.values.detach() * scale)
        if deaf:
            layer.feeding.mask[:, layer.size:] = 0.0
            layer.feeding.fill(layer.feeding.values.detach())
        ends = self.shortest * (self.longest / self.shortest) ** torch.tensor([0.25, 0.75])
        tau = spread_time_constants(layer.size, (float(ends[0]), float(ends[1])), generator)
        share = (tau - self.shortest) / (self.longest - self.shortest)
        with torch.no_grad():
            layer.bias[layer.size:] = torch.logit(share)
