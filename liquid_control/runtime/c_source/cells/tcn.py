# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Two causal convolutions over the last inputs, which are the state, the oldest first."""

from liquid_control.runtime.c_source.cells.baseline import emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/tcn.py`.

    The last of the near convolutions is taken once the newest input stands in the window.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n, prepared = len(core.spec.neurons), emit_prepared(core, unit)
    far = core.weights.take('cell.far.weight', n, -1)
    kernel = far.shape[1] // n
    near = core.weights.take('cell.near.weight', n, kernel * prepared)
    kept = (kernel * kernel - 1) * prepared
    unit.need('copy', 'silu')
    unit.table('near_bias', core.weights.take('cell.near.bias', n))
    names = {'kernel': kernel, 'n': n, 'size': prepared, 'kept': kept}
    unit.code('float near_sum[$kernel * $n];', names)
    with unit.loop('k', kernel):
        unit.code("""
            float *place = near_sum + k * $n;
            const float *window = state + k * $kernel * $size;
            if (k == $kernel - 1) {
                copy(state + $size, $kept - $size, state);
                copy(prepared, $size, state + $kept - $size);
                window = state + $kept - $kernel * $size;
            }
            copy(near_bias, $n, place);
        """, names)
        unit.add('near_weight', near.T, 'window', 'place')
        unit.code('for (int i = 0; i < $n; ++i) {\n    place[i] = silu(place[i]);\n}', names)
    unit.start('far_sum', core.weights.take('cell.far.bias', n))
    unit.add('far_weight', far.T, 'near_sum', 'far_sum')
    unit.code('for (int i = 0; i < $n; ++i) {\n    far_sum[i] = silu(far_sum[i]);\n}', {'n': n})
    return 'far_sum'
