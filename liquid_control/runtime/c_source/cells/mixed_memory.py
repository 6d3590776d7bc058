# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A memory before a liquid cell: its output is the state that the cell's layer steps from."""

from collections.abc import Callable
from typing import TypeAlias

from liquid_control.runtime.c_source.cells.layered import (
    emit_layers,
    LayerWriter,
    linear_sums,
    pointwise_writer,
)
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit

# (core, unit, name of the cell's weights) -> what writes its layers
Liquid: TypeAlias = Callable[[Core, Unit, str], LayerWriter]

GATES = 4     # candidate, input, forget, output
SETTING = 'mixed_memory'

POINTWISE = """
        state[$neurons + i] = state[$neurons + i] * sigmoid(drive[2 * $n + j] + 1.0f)
            + tanhf(drive[j]) * sigmoid(drive[$n + j]);
        state[i] = tanhf(state[$neurons + i]) * sigmoid(drive[3 * $n + j]);
"""


def with_memory(liquid: Liquid) -> Callable[[Core, Unit], str]:
    """
    Return what writes a liquid cell, with a memory before each of its layers if it has one.

    :param liquid: the cell; equations are those of `nets/cells/mixed_memory.py`.
    """
    def emit(core: Core, unit: Unit) -> str:
        if not core.settings.get(SETTING):
            return emit_layers(core, liquid(core, unit, 'cell'))
        unit.need('sigmoid')
        memory = pointwise_writer(unit, linear_sums(core, unit, 'cell', GATES, 'memory'),
                                  POINTWISE)
        return emit_layers(core, memory, liquid(core, unit, 'cell.cell'))

    return emit
