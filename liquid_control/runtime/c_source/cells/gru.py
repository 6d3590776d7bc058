# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A gated recurrent unit whose reset gate acts after the recurrent product."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
import numpy as np


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/gated.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    emit_gated_update(core, unit)
    return 'state'


def emit_gated_update(core: Core, unit: Unit) -> None:
    """
    Write the new state, of `feeding` and the old one.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    candidate = core.weights.take('cell.recurrent_bias', n)
    unit.start('fed', np.concatenate([np.zeros(2 * n, np.float32), candidate]))
    unit.add('recurrent', core.weights.take('cell.recurrent', n, 3 * n), 'state', 'fed')
    unit.need('sigmoid')
    unit.code("""
        for (int i = 0; i < $n; ++i) {
            const float reset = sigmoid(feeding[i] + fed[i]);
            const float update = sigmoid(feeding[$n + i] + fed[$n + i]);
            const float candidate = tanhf(feeding[2 * $n + i] + reset * fed[2 * $n + i]);
            state[i] = candidate + (state[i] - candidate) * update;
        }
    """, {'n': n})
