# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A long short-term memory with a forget gate."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/gated.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    unit.add('recurrent', core.weights.take('cell.recurrent', n, 4 * n), 'state', 'feeding')
    unit.need('sigmoid')
    unit.code("""
        for (int i = 0; i < $n; ++i) {
            const float enter = sigmoid(feeding[i]), forget = sigmoid(feeding[$n + i]);
            const float show = sigmoid(feeding[2 * $n + i]);
            state[$n + i] = forget * state[$n + i] + enter * tanhf(feeding[3 * $n + i]);
            state[i] = show * tanhf(state[$n + i]);
        }
    """, {'n': n})
    return 'state'
