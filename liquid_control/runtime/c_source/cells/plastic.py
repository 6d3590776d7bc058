# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Neurons with adaptive time constants, and synapses that go on learning in the state."""

from itertools import accumulate

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.cells.layered import (
    each_neuron,
    emit_layers,
    Layer,
    masked,
)
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit
import numpy as np

GATES = 2     # of a synapse: to the neuron's target, to its time constant

POINTWISE = """
        const float tau = $shortest + $span * sigmoid(drive[$n + j]);
        state[i] = lerp(tanhf(drive[j]), state[i], expf(-dt / tau));
        if (time_constants) {
            time_constants[i] = tau;
        }
"""


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/cells/plastic.py`.

    A synapse learns where it is summed: from the states before the step, which stand until then.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :raises BundleError: if its settings hold no span of time constants.
    """
    neurons = len(core.spec.neurons)
    shortest, longest = _time_constants(core)
    unit.need('sigmoid', 'lerp')
    unit.table('learning_rate', np.exp(core.weights.take('cell.log_rate', neurons)))
    pointwise = POINTWISE.replace('$shortest', number(shortest)).replace(
        '$span', number(longest - shortest))
    sizes = [len(numbers) for numbers in core.wiring().layers]
    # What is learned stands behind the neurons: recurrent of the first layer, then feeding and
    # recurrent of each other.
    learned = list(accumulate([neurons, sizes[0] ** 2, *(
        size for before, n in zip(sizes, sizes[1:]) for size in (before * n, n * n))]))

    def add(layer: Layer, block: str, index: int, source: str, sources: int) -> None:
        name = f'layer_{layer.number}_{block}'
        weights, mask = masked(core, f'cell.layers.{layer.number}.{block}', sources, GATES,
                               layer.n)
        reach, _ = masked(core, f'cell.reach.{index}', sources, 1, layer.n)
        unit.add_synapses(
            'plastic', name, np.hstack([weights, reach]), source,
            f'{layer.state}, learning_rate + {layer.first}, dt, state + {learned[index]}, drive',
            mask)

    def write(layer: Layer) -> None:
        unit.code('{')
        unit.start('drive', core.weights.take(f'cell.layers.{layer.number}.bias',
                                              GATES * layer.n), f'layer_{layer.number}_bias')
        if layer.number:
            add(layer, 'feeding', 2 * layer.number - 1, layer.signal, layer.sources)
        else:
            _add_inputs(core, unit, layer)
        add(layer, 'recurrent', 2 * layer.number, layer.state, layer.n)
        each_neuron(unit, layer, pointwise)
        unit.code('}')

    return emit_layers(core, write)


def _add_inputs(core: Core, unit: Unit, layer: Layer) -> None:
    """Write the sums over the inputs, whose synapses do not learn."""
    weights, mask = masked(core, 'cell.layers.0.feeding', layer.sources, GATES, layer.n)
    heard = GATES if core.settings['senses'] == 'state_and_inputs' else 1
    unit.add('layer_0_feeding', weights[:, :heard * layer.n], layer.signal, 'drive', gates=heard,
             mask=mask)


def _time_constants(core: Core) -> tuple[float, float]:
    """Return the shortest and the longest [s] that a neuron may have."""
    match core.settings.get('time_constants'):
        case [float() | int() as shortest, float() | int() as longest] if 0 < shortest < longest:
            return float(shortest), float(longest)
        case found:
            raise BundleError(f'{core.folder}: C export: expected time_constants (shortest, '
                              f'longest) [s] of a plastic cell, found {found!r}; export the '
                              'bundle again')
