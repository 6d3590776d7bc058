# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The cells that can be written in C, one file each."""

from liquid_control.runtime.c_source.cells import cfc, gru, lstm, ltc, mlp, tcn
from liquid_control.runtime.c_source.core import Kind

KINDS = {
    'ltc': Kind(ltc.emit, {'solver': (None, 'exponential'), 'substeps': (None, 1),
                           'mixed_memory': (False,)}),
    'cfc': Kind(cfc.emit, {'time_gate': ('linear',), 'mixed_memory': (False,)}),
    'gru': Kind(gru.emit),
    'lstm': Kind(lstm.emit),
    'mlp': Kind(mlp.emit, {'hold_when_dark': (False, True)}),
    'tcn': Kind(tcn.emit),
}
