# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The cells in C, one file each."""

from liquid_control.runtime.c_source.cells import (
    cfc,
    cfc_pure,
    ct_gru,
    ct_rnn,
    gru,
    gru_d,
    lrc,
    lstm,
    ltc,
    mlp,
    neural_ode,
    phased_lstm,
    plastic,
    synaptic_ltc,
    tcn,
    transformer,
)
from liquid_control.runtime.c_source.cells.mixed_memory import SETTING, with_memory
from liquid_control.runtime.c_source.cells.ode import SOLVERS
from liquid_control.runtime.c_source.core import Kind

_MEMORY = {SETTING: (False, True)}
_EQUATION = _MEMORY | {'solver': (None, *SOLVERS)}
_TIME_GATE = _MEMORY | {'time_gate': tuple(cfc.TIME_GATES)}

KINDS = {
    'ltc': Kind(with_memory(ltc.layers), _EQUATION),
    'synaptic_ltc': Kind(with_memory(synaptic_ltc.layers), _EQUATION),
    'lrc': Kind(with_memory(lrc.layers), _EQUATION | {'elastance': tuple(lrc.ELASTANCES)}),
    'cfc': Kind(with_memory(cfc.layers), _TIME_GATE),
    'cfc_no_gate': Kind(with_memory(cfc.layers), _TIME_GATE),
    'cfc_pure': Kind(with_memory(cfc_pure.layers), _MEMORY),
    'plastic': Kind(plastic.emit, {SETTING: (False,), 'senses': ('state', 'state_and_inputs')}),
    'ct_gru': Kind(ct_gru.emit),
    'ct_rnn': Kind(ct_rnn.emit),
    'gru': Kind(gru.emit),
    'gru_d': Kind(gru_d.emit),
    'lstm': Kind(lstm.emit),
    'mlp': Kind(mlp.emit, {'hold_when_dark': (False, True)}),
    'neural_ode': Kind(neural_ode.emit),
    'ode_rnn': Kind(neural_ode.emit_ode_rnn),
    'phased_lstm': Kind(phased_lstm.emit),
    'tcn': Kind(tcn.emit),
    'transformer': Kind(transformer.emit),
}
