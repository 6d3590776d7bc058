# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What cells on a wiring share: masked sums, layer by layer, then each neuron for itself."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeAlias

from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.signals import Float32Array
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Layer:
    """Neurons `first` to `first + n` of a cell, and what feeds them."""

    number: int
    first: int
    n: int
    neurons: int       # of the cell
    signal: str        # C expression of a const float *
    sources: int       # how many numbers that is

    @property
    def state(self) -> str:
        """Return the C expression of a float * to the states of its neurons."""
        return f'state + {self.first}'


# Writes what makes the new states of a layer.
LayerWriter: TypeAlias = Callable[[Layer], None]


@dataclass(frozen=True)
class Sums:
    """
    How the sums of a layer are written, so many for a neuron.

    `feed(layer, target)` declares the array with biases and what comes from outside the layer,
    `collect(layer, target)` adds what its neurons tell each other.
    """

    count: int
    feed: Callable[[Layer, str], None]
    collect: Callable[[Layer, str], None]


def emit_layers(core: Core, *writers: LayerWriter) -> str:
    """
    Write the step of every layer.

    :param core: of a wired cell.
    :param writers: one after the other for each layer.
    :returns: the state, which begins with the outputs.
    """
    signal, sources = 'inputs', core.n_inputs
    for number, numbers in enumerate(core.wiring().layers):
        layer = Layer(number, numbers[0], len(numbers), len(core.spec.neurons), signal, sources)
        for write in writers:
            write(layer)
        signal, sources = layer.state, layer.n
    return 'state'


def linear_sums(core: Core, unit: Unit, cell: str, gates: int, tables: str = 'layer') -> Sums:
    """
    Sum what synapses hear, each with a weight for every sum.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    :param gates: weights of a synapse, and sums of a neuron, gate by gate.
    :param tables: what the names of the tables begin with.
    """
    def feed(layer: Layer, target: str) -> None:
        name = f'{tables}_{layer.number}'
        weights, mask = masked(core, f'{cell}.layers.{layer.number}.feeding', layer.sources,
                               gates, layer.n)
        unit.start(target, core.weights.take(f'{cell}.layers.{layer.number}.bias',
                                             gates * layer.n), f'{name}_bias')
        unit.add(f'{name}_feeding', weights, layer.signal, target, gates=gates, mask=mask)

    def collect(layer: Layer, target: str) -> None:
        weights, mask = masked(core, f'{cell}.layers.{layer.number}.recurrent', layer.n, gates,
                               layer.n)
        unit.add(f'{tables}_{layer.number}_recurrent', weights, layer.state, target, gates=gates,
                 mask=mask)

    return Sums(gates, feed, collect)


def pointwise_writer(unit: Unit, sums: Sums, pointwise: str) -> LayerWriter:
    """
    Return what writes a layer whose neurons look at their sums once.

    :param unit: where to.
    :param sums: of its neurons, in `drive`.
    :param pointwise: see `each_neuron`.
    """
    def write(layer: Layer) -> None:
        unit.code('{')
        sums.feed(layer, 'drive')
        sums.collect(layer, 'drive')
        each_neuron(unit, layer, pointwise)
        unit.code('}')

    return write


def each_neuron(unit: Unit, layer: Layer, *texts: str) -> None:
    """
    Write what every neuron of a layer does.

    :param unit: where to.
    :param layer: the layer.
    :param texts: C, for neuron i = $first + j, one of $n, with sums `drive[j]`, `drive[$n + j]`
        and so on; it sets `state[i]` and, where `time_constants` are asked for, theirs [s].
    """
    unit.code('for (int j = 0; j < $n; ++j) {\n    const int i = $first + j;', asdict(layer))
    for text in texts:
        unit.code(text, asdict(layer))
    unit.code('}')


def masked(core: Core, name: str, sources: int, gates: int,
           targets: int) -> tuple[Float32Array, NDArray[np.bool_]]:
    """
    Return the weights of a block, gate by gate, and where there are any.

    :param core: whose `weights` are taken.
    :param name: of the block.
    :param sources: its rows.
    :param gates: numbers of a synapse.
    :param targets: neurons; each has a column a gate.
    """
    values = core.weights.take(f'{name}.values', sources, gates * targets)
    mask = core.weights.take(f'{name}.mask', sources, gates * targets)
    return values * mask, mask[:, :targets] != 0
