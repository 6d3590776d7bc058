# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Liquid neurons in pure closed form."""

from liquid_control.runtime.c_source.cells.layered import (
    LayerWriter,
    linear_sums,
    pointwise_writer,
)
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
import numpy as np

POINTWISE = """
        const float rate = leak[i] + fabsf(drive[j]);
        state[i] = reversal[i] * (1.0f - expf(-dt * rate) * drive[j]);
        if (time_constants) {
            time_constants[i] = 1.0f / fmaxf(rate, 1e-9f);
        }
"""


def layers(core: Core, unit: Unit, cell: str) -> LayerWriter:
    """
    Return what writes the layers; the equations are those of `nets/cells/cfc_pure.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    """
    neurons = len(core.spec.neurons)
    unit.table('leak', np.abs(core.weights.take(f'{cell}.leak', neurons)))
    unit.table('reversal', core.weights.take(f'{cell}.reversal', neurons))
    return pointwise_writer(unit, linear_sums(core, unit, cell, 1), POINTWISE)
