# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Closed-form continuous-time neurons with a time gate, with and without what it closes."""

from liquid_control.runtime.c_source.cells.layered import (
    LayerWriter,
    linear_sums,
    pointwise_writer,
)
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit

GATES = 4     # g, h, a, b
LEAST_DT = 1e-30     # [s], as in nets/cells/cfc.py: no logarithm of less is taken

BLENDS = {'cfc': 'g + (h - g) * sigmoid(gate)', 'cfc_no_gate': 'g + h * sigmoid(gate)'}
TIME_GATES = {
    'linear': 'drive[3 * $n + j] + drive[2 * $n + j] * dt',
    'log': 'drive[3 * $n + j] + 2.0f * sigmoid(drive[2 * $n + j]) * late'}
POINTWISE = """
        const float g = tanhf(drive[j]), h = tanhf(drive[$n + j]);
        const float gate = $time_gate;
        state[i] = $blend;
        if (time_constants) {
            time_constants[i] = dt / fmaxf(softplus(gate), 1e-9f);
        }
"""


def layers(core: Core, unit: Unit, cell: str) -> LayerWriter:
    """
    Return what writes the layers; the equations are those of `nets/cells/cfc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    """
    unit.need('sigmoid', 'softplus')
    time_gate = core.settings.get('time_gate', 'linear')
    if time_gate == 'log':
        unit.code('const float late = logf(fmaxf(dt, $least) / $nominal);',
                  {'least': number(LEAST_DT), 'nominal': number(core.nominal_dt)})
    pointwise = POINTWISE.replace('$time_gate', TIME_GATES[time_gate]).replace(
        '$blend', BLENDS[core.settings['cell']])
    return pointwise_writer(unit, linear_sums(core, unit, cell, GATES), pointwise)
