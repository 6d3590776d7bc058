# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A GRU whose neurons hold a trace for each of some time constants."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
import numpy as np

SHORTEST = 0.05      # [s], as in nets/baselines/ct_gru.py; the next is sqrt(10) times as long

# Shares of the traces of neuron i, by their distance from a time constant.
CHOOSE = """
    float share[$traces];
    for (int k = 0; k < $traces; ++k) {
        const float distance = feeding[$first + i] - log_scale[k];
        share[k] = -distance * distance;
    }
    softmax(share, $traces);
"""


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/ct_gru.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    traces = core.spec.state_size // n
    log_scales = np.log(SHORTEST * 10 ** (np.arange(traces) / 2)).astype(np.float32)
    unit.table('log_scale', log_scales)
    unit.table('decay', np.exp(-log_scales))
    unit.need('softmax', 'lerp')
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    read, event, write = np.split(core.weights.take('cell.recurrent', n, 3 * n), 3, axis=1)
    names = {'n': n, 'traces': traces}
    unit.code("""
        float hidden[$n];
        for (int i = 0; i < $n; ++i) {
            hidden[i] = 0.0f;
            for (int k = 0; k < $traces; ++k) {
                state[k * $n + i] *= expf(-dt * decay[k]);
                hidden[i] += state[k * $n + i];
            }
        }
    """, names)
    unit.add('recurrent_read', read, 'hidden', 'feeding')
    unit.add('recurrent_write', write, 'hidden', f'feeding + {2 * n}')
    unit.code('float retrieved[$n];\nfor (int i = 0; i < $n; ++i) {' + CHOOSE + """
            retrieved[i] = 0.0f;
            for (int k = 0; k < $traces; ++k) {
                retrieved[i] += share[k] * state[k * $n + i];
            }
        }
    """, names | {'first': 0})
    unit.add('recurrent_event', event, 'retrieved', f'feeding + {n}')
    unit.code('for (int i = 0; i < $n; ++i) {' + CHOOSE + """
            const float detected = tanhf(feeding[$n + i]);
            hidden[i] = 0.0f;
            for (int k = 0; k < $traces; ++k) {
                state[k * $n + i] = lerp(state[k * $n + i], detected, share[k]);
                hidden[i] += state[k * $n + i];
            }
        }
    """, names | {'first': 2 * n})
    return 'hidden'
