# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A gated recurrent unit whose memory decays, and whose reset acts before the product."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit

# E-foldings of neuron i in an interval.
EXPONENT = 'fmaxf(decay[i] * {} + decay_bias[i], 0.0f)'


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/gru_d.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    for name in ('decay', 'decay_bias'):
        unit.table(name, core.weights.take(f'cell.{name}', n))
    unit.need('sigmoid', 'lerp')
    size = emit_prepared(core, unit, f'interval / {EXPONENT.format("interval")}')
    emit_linear(core, unit, 'feeding', 'prepared', size)
    recurrent = core.weights.take('cell.recurrent', n, 3 * n)
    unit.code('for (int i = 0; i < $n; ++i) {\n    state[i] *= expf(-$exponent);\n}',
              {'n': n, 'exponent': EXPONENT.format('dt')})
    unit.add('recurrent', recurrent[:, :2 * n], 'state', 'feeding')
    unit.code("""
        float kept[$n];
        for (int i = 0; i < $n; ++i) {
            kept[i] = sigmoid(feeding[i]) * state[i];
        }
    """, {'n': n})
    unit.add('recurrent_candidate', recurrent[:, 2 * n:], 'kept', f'feeding + {2 * n}')
    unit.code("""
        for (int i = 0; i < $n; ++i) {
            state[i] = lerp(state[i], tanhf(feeding[2 * $n + i]), sigmoid(feeding[$n + i]));
        }
    """, {'n': n})
    return 'state'
