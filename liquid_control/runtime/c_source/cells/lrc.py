# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid-resistance liquid-capacitance neurons."""

from liquid_control.runtime.c_source.cells.layered import LayerWriter
from liquid_control.runtime.c_source.cells.ode import ode_writer
from liquid_control.runtime.c_source.cells.synaptic import synaptic_sums
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.signals import Float32Array
import numpy as np

NUMBERS = 5     # of a synapse: slope, centre, g, k, o; its sums are f, u, q

ELASTANCES = {
    'asymmetric': 'sigmoid(drive[2 * $n + j])',
    'symmetric': '(sigmoid(drive[2 * $n + j] + width[i]) - sigmoid(drive[2 * $n + j] - width[i]))'}
# Floors as in nets/cells/lrc.py.
FIELD = """
        const float speed = fmaxf(speed_scale[i] * $elastance, 1e-20f);
        const float rate = speed * fmaxf(sigmoid(drive[j]), 1e-6f);
        const float pull = speed * tanhf(drive[$n + j]) * reversal[i];
"""


def layers(core: Core, unit: Unit, cell: str) -> LayerWriter:
    """
    Return what writes the layers; the equations are those of `nets/cells/lrc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    """
    neurons, elastance = len(core.spec.neurons), core.settings['elastance']
    unit.table('speed_scale', np.exp(core.weights.take(f'{cell}.log_rate', neurons)))
    unit.table('reversal', core.weights.take(f'{cell}.reversal', neurons))
    if elastance == 'symmetric':
        unit.table('width', np.exp(core.weights.take(f'{cell}.log_width', neurons)))
    sums = synaptic_sums(core, unit, cell, NUMBERS, _weigh, _offset)
    return ode_writer(core, unit, sums, FIELD.replace('$elastance', ELASTANCES[elastance]),
                      'exponential', 1)


def _weigh(*numbers: Float32Array) -> tuple[Float32Array, ...]:
    """Sum with the numbers as they are."""
    return numbers


def _offset(bias: Float32Array, n: int) -> Float32Array:
    """Return g_l twice, since f and u share it, and v."""
    return np.concatenate([bias[:n], bias])
