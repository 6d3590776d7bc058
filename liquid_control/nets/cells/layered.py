# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the cells on a wiring share: layers evaluated in order within one step."""

from abc import abstractmethod
from typing import cast

from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.cells.packed import pack
from liquid_control.nets.cells.scan import delayed, scan_layers, steps_first
from liquid_control.wiring.wiring import Wiring
import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor
from torch.nn.functional import pad


class Layer(nn.Module):
    """The masked weights of the neurons of one layer."""

    def __init__(self, neurons: slice, feeding: NDArray[np.bool_], recurrent: NDArray[np.bool_],
                 gates: int, biases: int) -> None:
        """
        Start from zeros; the cell draws the values.

        :param neurons: n consecutive ones.
        :param feeding: (from, n), synapses from the inputs or the layer before.
        :param recurrent: (n, n), synapses and self-connections within the layer.
        :param gates: G, numbers that a synapse holds.
        :param biases: numbers that a neuron holds beside its synapses.
        """
        super().__init__()
        self.neurons = neurons
        self.feeding = MaskedWeight(feeding, gates)
        self.recurrent = MaskedWeight(recurrent, gates)
        self.bias = nn.Parameter(torch.zeros(biases * len(recurrent)))

    @property
    def size(self) -> int:
        """Count the neurons, n."""
        return self.neurons.stop - self.neurons.start  # type: ignore[no-any-return]


class LayeredCell(Cell):
    """
    Neurons of a wiring that differ only in what they do with their summed inputs.

    Each neuron sums its masked inputs G times over, once for each of its gates (`feed` what
    comes from outside its layer, `collect` all); `pointwise` makes its new state of these sums,
    its state, and the time elapsed. What a layer is fed with holds over the step.
    """

    def __init__(self, wiring: Wiring, gates: int, biases: int | None = None) -> None:
        """
        Lay out the masked weights.

        :param wiring: who connects to whom.
        :param gates: G, numbers that a synapse holds: one a sum, unless `feed` says otherwise.
        :param biases: numbers that a neuron holds beside its synapses; None: one a gate.
        """
        super().__init__(wiring.n_inputs, wiring.n_neurons, wiring.n_neurons)
        self.wiring = wiring
        connected = (wiring.recurrent_adjacency != 0) | np.diag(wiring.self_connections)
        self.layers = nn.ModuleList()
        below: slice | None = None
        for numbers in wiring.layers:
            here = slice(numbers[0], numbers[-1] + 1)
            feeding = wiring.input_adjacency != 0 if below is None else connected[below]
            self.layers.append(Layer(here, feeding[:, here], connected[here, here], gates,
                                     gates if biases is None else biases))
            below = here

    @property
    def neuron_names(self) -> tuple[str, ...]:
        """Name the neurons as the wiring does."""
        return self.wiring.neuron_names

    @property
    def typed_layers(self) -> list[Layer]:
        """Return the layers in order of evaluation."""
        return [cast(Layer, layer) for layer in self.layers]

    @property
    def is_pointwise(self) -> bool:
        """Tell whether `advance` is no more than one `pointwise` of weighted sums."""
        return True

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

    def feed(self, layer: Layer, signal: Tensor) -> Tensor:
        """
        Sum what reaches the neurons of a layer from outside of it, their biases included.

        :param layer: n neurons.
        :param signal: (B, from), the inputs or the new state of the layer before.
        :returns: (B, G*n).
        """
        return torch.addmm(layer.bias, signal, layer.feeding())

    def feed_sequence(self, layer: Layer, signal: Tensor) -> Tensor:
        """
        Do as `feed` for every step of a sequence.

        :param layer: n neurons.
        :param signal: (T, B, from).
        :returns: (T, B, G*n).
        """
        return self.feed(layer, signal.flatten(0, 1)).unflatten(0, signal.shape[:2])

    def collect(self, layer: Layer, fed: Tensor, state: Tensor) -> Tensor:
        """
        Add what the neurons of a layer tell each other.

        :param layer: n neurons.
        :param fed: (B, G*n), of `feed`.
        :param state: (B, n).
        :returns: (B, G*n), what `pointwise` takes.
        """
        return torch.addmm(fed, state, layer.recurrent())

    def advance(self, layer: Layer, fed: Tensor, drive: Tensor, state: Tensor,
                dt: Tensor) -> Tensor:
        """
        Take the whole step of a layer.

        :param layer: n neurons.
        :param fed: (B, G*n), of `feed`, for cells that collect more than once a step.
        :param drive: (B, G*n), of `collect`, for this state.
        :param state: (B, n) before the step.
        :param dt: (B, 1) [s].
        :returns: (B, n).
        """
        return self.pointwise(drive, state, dt, *self.neuron_parameters(layer.neurons))

    def layer_step(self, index: int, signal: Tensor, state: Tensor, dt: Tensor) -> Tensor:
        """
        Take the step of one layer alone, to look at what its synapses do.

        :param index: of the layer.
        :param signal: (B, from), the inputs or the new outputs of the layer before.
        :param state: (B, S) of the whole cell before the step.
        :param dt: (B, 1) [s].
        :returns: (B, n), the layer's new outputs.
        """
        layer = self.typed_layers[index]
        old = state[:, layer.neurons]
        fed = self.feed(layer, signal)
        return self.advance(layer, fed, self.collect(layer, fed, old), old, dt)

    def _scan(self, inputs: Tensor, dt: Tensor, state: Tensor,
              reset: Tensor | None) -> tuple[Tensor, Tensor]:
        """
        Advance all layers side by side, each a step behind the one before it.

        A layer never feeds one before it, so this equals the loop over steps. dt receives no
        gradient.
        """
        signal, elapsed, keep = steps_first(inputs, dt, reset)
        layers = self.typed_layers
        neurons = [layer.neurons for layer in layers]
        packed = pack([layer.feeding() for layer in layers],
                      [layer.recurrent() for layer in layers], [layer.bias for layer in layers])
        signal = pad(signal, (0, 0, 0, 0, 0, len(layers) - 1))
        drive = torch.addmm(packed.bias, signal.flatten(0, 1), packed.feeding)
        outputs = scan_layers(
            self.pointwise, neurons, drive.unflatten(0, signal.shape[:2]), packed.recurrent, state,
            delayed(elapsed, neurons), delayed(keep, neurons),
            self.neuron_parameters(slice(0, self.n_neurons)))
        return outputs.transpose(0, 1), outputs[-1]

    def _step(self, inputs: Tensor, state: Tensor, dt: Tensor, *,
              with_time_constants: bool) -> tuple[Tensor, Tensor, Tensor]:
        signal, states, times = inputs, [], [state[:, :0]]
        for layer in self.typed_layers:
            old = state[:, layer.neurons]
            fed = self.feed(layer, signal)
            drive = self.collect(layer, fed, old)
            signal = self.advance(layer, fed, drive, old, dt)
            states.append(signal)
            if with_time_constants:
                times.append(self.pointwise_time_constants(
                    drive, dt, *self.neuron_parameters(layer.neurons)))
        outputs = torch.cat(states, dim=-1)
        return outputs, outputs, torch.cat(times, dim=-1)
