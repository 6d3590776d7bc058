# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What cells on a wiring share: masked sums, layer by layer, then each neuron for itself."""

from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.signals import Float32Array
import numpy as np
from numpy.typing import NDArray


def emit_layers(core: Core, unit: Unit, gates: int, pointwise: str) -> str:
    """
    Write the step of every layer.

    :param core: of a wired cell.
    :param unit: where to.
    :param gates: G, sums of a neuron, in `drive` gate by gate.
    :param pointwise: C that sets `state[i]` and `*tau` [s] of neuron i = $first + j, one of $n, by
        `drive[j]`, `drive[$n + j]` and so on.
    :returns: the state, which is the output too.
    """
    signal, before = 'inputs', core.n_inputs
    for number, neurons in enumerate(core.wiring().layers):
        name, first, n = f'layer_{number}', neurons[0], len(neurons)
        unit.code('{')
        feeding, connected = _masked(core, number, 'feeding', before, gates, n)
        recurrent, within = _masked(core, number, 'recurrent', n, gates, n)
        unit.start('drive', core.weights.take(f'cell.layers.{number}.bias', gates * n),
                   f'{name}_bias')
        unit.add(f'{name}_feeding', feeding, signal, 'drive', gates=gates, mask=connected)
        signal, before = f'state + {first}', n
        unit.add(f'{name}_recurrent', recurrent, signal, 'drive', gates=gates, mask=within)
        unit.code('for (int j = 0; j < $n; ++j) {\n    const int i = $first + j;',
                  {'n': n, 'first': first})
        unit.code(pointwise, {'n': n, 'first': first})
        unit.code('    }\n}')
    return 'state'


def _masked(core: Core, layer: int, block: str, sources: int, gates: int,
            targets: int) -> tuple[Float32Array, NDArray[np.bool_]]:
    """Return the weights of a block, gate by gate, and where there are any."""
    name, shape = f'cell.layers.{layer}.{block}', (sources, gates * targets)
    values = core.weights.take(f'{name}.values', *shape)
    mask = core.weights.take(f'{name}.mask', *shape) != 0
    return values, mask[:, :targets]
