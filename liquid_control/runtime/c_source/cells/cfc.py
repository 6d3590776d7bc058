# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Closed-form continuous-time neurons, the default variant."""

from liquid_control.runtime.c_source.cells.layered import emit_layers
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit

GATES = 4     # g, h, a, b

POINTWISE = """
        const float g = tanhf(drive[j]), h = tanhf(drive[$n + j]);
        const float gate = drive[3 * $n + j] + drive[2 * $n + j] * dt;
        state[i] = g + (h - g) * sigmoid(gate);
        if (time_constants) {
            time_constants[i] = dt / fmaxf(softplus(gate), 1e-9f);
        }
"""


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/cells/cfc.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    unit.need('sigmoid', 'softplus')
    return emit_layers(core, unit, GATES, POINTWISE)
