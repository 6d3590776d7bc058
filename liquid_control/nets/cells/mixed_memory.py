# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A liquid cell behind a memory whose gates do not know the time.

Mixed memory of Hasani et al., "Closed-form continuous-time neural networks", Nature Machine
Intelligence 4 (2022), after the ODE-LSTM of Lechner and Hasani (2020): an LSTM steps first, and
the liquid cell takes its output for the state before the step, so that errors reach far back
through the LSTM's cell whatever the elapsed times. On a dense wiring with a CfC behind it this is
the published code, number by number. On any other wiring the LSTM of the published code is dense
and reads the inputs for every neuron; here each neuron's memory hears whom the neuron hears, so
that the wiring is still what runs.
"""

from liquid_control.nets.cells.initial import fan_in_normal
from liquid_control.nets.cells.layered import Layer, LayeredCell
from liquid_control.nets.cells.memory_scan import scan_memory_layer
from liquid_control.nets.cells.scan import steps_first
import torch
from torch import Tensor

GATES = 4            # candidate, input, forget, output, in this order
FORGET_BIAS = 1.0    # added to the forget gate: it begins open


class MixedMemory(LayeredCell):
    """An LSTM with the wiring of the liquid cell behind it; the state is (h, c) of 2 N numbers."""

    def __init__(self, cell: LayeredCell, *, seed: int = 0) -> None:
        """
        Draw the weights of the LSTM.

        :param cell: what comes behind the LSTM; its own state is no more than its neurons.
        :param seed: of the LSTM's weights.
        """
        super().__init__(cell.wiring, GATES)
        self.state_size = 2 * cell.n_neurons
        self.cell = cell
        generator = torch.Generator().manual_seed(seed)
        for layer in self.typed_layers:
            fan_in_normal([layer.feeding, layer.recurrent], generator)

    def pointwise(self, drive: Tensor, state: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Take the step of n memory cells.

        :param drive: (..., 4 * n).
        :param state: (..., n), c.
        :param dt: (..., 1) [s], which does not matter here.
        :param parameters: none.
        :returns: (..., 2 * n), the output of the memory, and c.
        """
        candidate, take, keep, show = drive.chunk(4, dim=-1)
        memory = (state * torch.sigmoid(keep + FORGET_BIAS)
                  + torch.tanh(candidate) * torch.sigmoid(take))
        return torch.cat([torch.tanh(memory) * torch.sigmoid(show), memory], dim=-1)

    def pointwise_time_constants(self, drive: Tensor, dt: Tensor, *parameters: Tensor) -> Tensor:
        """
        Tell those of the liquid cell.

        :param drive: of the liquid cell.
        :param dt: (..., 1) [s].
        :param parameters: of the liquid cell.
        :returns: (..., n) [s].
        """
        return self.cell.pointwise_time_constants(drive, dt, *parameters)

    def layer_step(self, index: int, signal: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Take the step of one layer alone, memory and liquid cell.

        :param index: of the layer.
        :param signal: (B, from), the inputs or the new outputs of the layer before.
        :param state: (B, 2 * N) of the whole cell before the step.
        :param dt: (B, 1) [s].
        :returns: (B, n), the layer's new outputs.
        """
        memory, liquid = self.typed_layers[index], self.cell.typed_layers[index]
        fed = self.feed(memory, signal), self.cell.feed(liquid, signal)
        return self._through(memory, liquid, fed, *self._parts(state, memory.neurons), dt)[0]

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """
        Advance over a sequence, one layer after the other over all of its steps.

        :param inputs: (B, T, I).
        :param dt: (B, T, 1) [s]; it receives no gradient.
        :param state: (B, 2 * N) before the first step.
        :param reset: (B, T) bool, where the state is set to zero before the step.
        :returns: outputs (B, T, N) and the state (B, 2 * N) after the last step.
        """
        signal, elapsed, keep = steps_first(inputs, dt, reset)
        outputs, last_memory = [], []
        for memory, liquid in zip(self.typed_layers, self.cell.typed_layers):
            fed = self.feed_sequence(memory, signal), self.cell.feed_sequence(liquid, signal)
            scan = self._scan_layer if self.cell.is_pointwise else self._loop_layer
            signal, held = scan(memory, liquid, fed, self._parts(state, memory.neurons), elapsed,
                                keep)
            outputs.append(signal)
            last_memory.append(held)
        together = torch.cat(outputs, dim=-1)
        return together.transpose(0, 1), torch.cat([together[-1], *last_memory], dim=-1)

    def _scan_layer(self, memory: Layer, liquid: Layer, fed: tuple[Tensor, Tensor],
                    state: tuple[Tensor, Tensor], dt: Tensor,
                    keep: Tensor) -> tuple[Tensor, Tensor]:
        """Advance a layer over a sequence: outputs (T, B, n), and the last memory (B, n)."""
        offset = fed[0].new_zeros(GATES, memory.size)
        offset[2] = FORGET_BIAS
        return scan_memory_layer(self.cell.pointwise, fed[0] + offset.flatten(),
                                 memory.recurrent(), fed[1],
                                 liquid.recurrent(), state, dt, keep,
                                 self.cell.neuron_parameters(liquid.neurons))

    def _loop_layer(self, memory: Layer, liquid: Layer, fed: tuple[Tensor, Tensor],
                    state: tuple[Tensor, Tensor], dt: Tensor,
                    keep: Tensor) -> tuple[Tensor, Tensor]:
        """Do as `_scan_layer`, step by step."""
        old, held = state
        steps = []
        for for_memory, for_liquid, time, kept in zip(*fed, dt, keep):
            old, held, _ = self._through(memory, liquid, (for_memory, for_liquid),
                                         old * kept, held * kept, time)
            steps.append(old)
        return torch.stack(steps), held

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        signal, outputs, memories, times = inputs, [], [], [state[:, :0]]
        for memory, liquid in zip(self.typed_layers, self.cell.typed_layers):
            old, held = self._parts(state, memory.neurons)
            fed = self.feed(memory, signal), self.cell.feed(liquid, signal)
            signal, held, drive = self._through(memory, liquid, fed, old, held, dt)
            outputs.append(signal)
            memories.append(held)
            if with_time_constants:
                times.append(self.cell.pointwise_time_constants(
                    drive, dt, *self.cell.neuron_parameters(liquid.neurons)))
        return (torch.cat(outputs, dim=-1), torch.cat([*outputs, *memories], dim=-1),
                torch.cat(times, dim=-1))

    def _parts(self, state: Tensor, neurons: slice) -> tuple[Tensor, Tensor]:
        """Return what some neurons had put out, and their memory."""
        outputs, memory = state.chunk(2, dim=-1)
        return outputs[:, neurons], memory[:, neurons]

    def _through(self, memory: Layer, liquid: Layer, fed: tuple[Tensor, Tensor], old: Tensor,
                 held: Tensor, dt: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Step the memory of a layer, then its neurons: output, memory, and their sums."""
        remembered, held = self.pointwise(
            self.collect(memory, fed[0], old), held, dt).chunk(2, dim=-1)
        drive = self.cell.collect(liquid, fed[1], remembered)
        return self.cell.advance(liquid, fed[1], drive, remembered, dt), held, drive
