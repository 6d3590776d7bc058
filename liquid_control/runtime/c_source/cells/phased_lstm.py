# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An LSTM whose neurons are open for a part of a rhythm of their own."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit
import numpy as np

LEAK = 0.001      # of a closed gate, as in nets/baselines/phased_lstm.py


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/phased_lstm.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    unit.add('recurrent', core.weights.take('cell.recurrent', n, 4 * n), 'state', 'feeding')
    period = core.weights.take('cell.log_period', n).astype(np.float64)
    unit.table('frequency', np.exp(-period).astype(np.float32))
    unit.table('shift', core.weights.take('cell.shift', n))
    unit.table('open_logit', core.weights.take('cell.open_logit', n))
    unit.table('peephole', core.weights.take('cell.peepholes', 3, n))
    unit.need('sigmoid', 'fraction')
    unit.code("""
        for (int i = 0; i < $n; ++i) {
            float *cell = state + $n + i, *phase = state + 2 * $n + i;
            *phase = fraction(*phase + dt * frequency[i]);
            const float since = fraction(*phase - shift[i]);
            const float rising = 2.0f * since / sigmoid(open_logit[i]);
            const float share = rising < 1.0f ? rising
                : rising < 2.0f ? 2.0f - rising : $leak * since;
            const float enter = sigmoid(feeding[i] + peephole[i] * *cell);
            const float forget = sigmoid(feeding[$n + i] + peephole[$n + i] * *cell);
            const float proposed = forget * *cell + enter * tanhf(feeding[3 * $n + i]);
            const float show = sigmoid(feeding[2 * $n + i] + peephole[2 * $n + i] * proposed);
            *cell += share * (proposed - *cell);
            state[i] += share * (show * tanhf(proposed) - state[i]);
        }
    """, {'n': n, 'leak': number(LEAK)})
    return 'state'
