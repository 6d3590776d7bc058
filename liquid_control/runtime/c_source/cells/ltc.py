# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid time-constant neurons, stepped exactly with the conductances held over the step."""

from liquid_control.runtime.c_source.cells.layered import emit_layers
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
import numpy as np

GATES = 2     # excitatory, inhibitory

POINTWISE = """
        const float excited = sigmoid(drive[j]), inhibited = sigmoid(drive[$n + j]);
        const float rate = leak[i] + (excited + inhibited) * conductance[i];
        const float target = conductance[i]
            * (excited * reversal[i] + inhibited * reversal[$neurons + i]) / rate;
        state[i] = target + (state[i] - target) * expf(-dt * rate);
        if (time_constants) {
            time_constants[i] = 1.0f / rate;
        }
"""


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/cells/ltc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    neurons = len(core.spec.neurons)
    unit.need('sigmoid')
    unit.table('leak', np.exp(-core.weights.take('cell.log_leak', neurons)))
    unit.table('conductance', np.exp(core.weights.take('cell.log_conductance', neurons)))
    unit.table('reversal', core.weights.take('cell.reversal', 2, neurons))
    return emit_layers(core, unit, GATES, POINTWISE.replace('$neurons', str(neurons)))
