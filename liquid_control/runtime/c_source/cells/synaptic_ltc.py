# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid time-constant neurons with a conductance a synapse."""

from liquid_control.runtime.c_source.cells.layered import LayerWriter
from liquid_control.runtime.c_source.cells.ode import ode_writer
from liquid_control.runtime.c_source.cells.synaptic import synaptic_sums
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.signals import Float32Array
import numpy as np

NUMBERS = 4     # of a synapse: slope, centre, weight before softplus, reversal potential

FIELD = """
        const float rate = leak[i] * (1.0f + drive[j]);
        const float pull = leak[i] * drive[$n + j];
"""


def layers(core: Core, unit: Unit, cell: str) -> LayerWriter:
    """
    Return what writes the layers; the equations are those of `nets/cells/synaptic_ltc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    """
    unit.table('leak', np.exp(core.weights.take(f'{cell}.log_rate', len(core.spec.neurons))))
    sums = synaptic_sums(core, unit, cell, NUMBERS, _weigh, _offset)
    return ode_writer(core, unit, sums, FIELD, 'fused', 6)


def _weigh(slope: Float32Array, centre: Float32Array, weight: Float32Array,
           reversal: Float32Array) -> tuple[Float32Array, ...]:
    """Weigh an activation for conductance and pull."""
    conductance = np.logaddexp(np.float32(0), weight)
    return slope, centre, conductance, conductance * reversal


def _offset(bias: Float32Array, n: int) -> Float32Array:
    """Return no conductance, and E_l."""
    return np.concatenate([np.zeros(n, np.float32), bias])
