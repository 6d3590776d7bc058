# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Leaky neurons with fixed time constants."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit
import numpy as np

SUBSTEPS = 6      # as in nets/baselines/ct_rnn.py


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/ct_rnn.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    unit.table('tau', np.exp(core.weights.take('cell.log_tau', n)))
    size = emit_prepared(core, unit, 'tau[i]')
    emit_linear(core, unit, 'feeding', 'prepared', size)
    names = {'n': n, 'parts': number(SUBSTEPS)}
    unit.need('copy', 'lerp')
    unit.code("""
        float left[$n];
        for (int i = 0; i < $n; ++i) {
            left[i] = expf(-dt / $parts / tau[i]);
        }
    """, names)
    with unit.loop('part', SUBSTEPS):
        unit.code('float drive[$n];\ncopy(feeding, $n, drive);', names)
        unit.add('recurrent', core.weights.take('cell.recurrent', n, n), 'state', 'drive')
        unit.code("""
            for (int i = 0; i < $n; ++i) {
                state[i] = lerp(tanhf(drive[i]), state[i], left[i]);
            }
        """, names)
    return 'state'
