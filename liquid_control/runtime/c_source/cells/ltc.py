# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid time-constant neurons with an excitatory and an inhibitory conductance each."""

from liquid_control.runtime.c_source.cells.layered import LayerWriter, linear_sums
from liquid_control.runtime.c_source.cells.ode import ode_writer
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
import numpy as np

GATES = 2     # excitatory, inhibitory

FIELD = """
        const float excited = sigmoid(drive[j]), inhibited = sigmoid(drive[$n + j]);
        const float rate = leak[i] + (excited + inhibited) * conductance[i];
        const float pull = conductance[i]
            * (excited * reversal[i] + inhibited * reversal[$neurons + i]);
"""


def layers(core: Core, unit: Unit, cell: str) -> LayerWriter:
    """
    Return what writes the layers; the equations are those of `nets/cells/ltc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    """
    neurons = len(core.spec.neurons)
    unit.need('sigmoid')
    unit.table('leak', np.exp(-core.weights.take(f'{cell}.log_leak', neurons)))
    unit.table('conductance', np.exp(core.weights.take(f'{cell}.log_conductance', neurons)))
    unit.table('reversal', core.weights.take(f'{cell}.reversal', 2, neurons))
    return ode_writer(core, unit, linear_sums(core, unit, cell, GATES), FIELD, 'exponential', 1)
