# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A network that moves the state, alone or between the steps of a GRU."""

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.cells.gru import emit_gated_update
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit
from liquid_control.signals import Float32Array

SUBSTEPS, TIME_UNIT = 2, 0.4      # as in nets/baselines/ode.py; the unit in s


def emit(core: Core, unit: Unit) -> str:
    """
    Write a Neural ODE; its equations are those of `nets/baselines/ode.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    _emit_integral(core, unit, 'feeding', core.weights.take('cell.recurrent', n, n), 'outer')
    return 'state'


def emit_ode_rnn(core: Core, unit: Unit) -> str:
    """
    Write an ODE-RNN; its equations are those of `nets/baselines/ode.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    emit_linear(core, unit, 'feeding', 'prepared', emit_prepared(core, unit))
    bias = unit.table('inner_bias', core.weights.take('cell.field.0.bias', n))
    _emit_integral(core, unit, bias, core.weights.take('cell.field.0.weight', n, n).T, 'field.2')
    emit_gated_update(core, unit)
    return 'state'


def _emit_integral(core: Core, unit: Unit, offset: str, inner: Float32Array,
                   outer: str) -> None:
    """
    Write what moves the state over a step, by Runge and Kutta's classical method.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param offset: C expression of what the sums inside begin with, n numbers.
    :param inner: (n, n) weights of the state.
    :param outer: name of the layer that makes a slope of their hyperbolic tangents.
    """
    names = {'n': len(inner), 'offset': offset,
             'dt': f'dt / {number(TIME_UNIT)} / {number(SUBSTEPS)}'}
    unit.need('copy', 'runge_kutta')
    with unit.loop('part', SUBSTEPS):
        unit.code('float origin[$n], total[$n];', names)
        with unit.loop('stage', 4):
            unit.code('float hidden[$n];\ncopy($offset, $n, hidden);', names)
            unit.add('inner', inner, 'state', 'hidden')
            unit.code('for (int i = 0; i < $n; ++i) {\n    hidden[i] = tanhf(hidden[i]);\n}',
                      names)
            emit_linear(core, unit, outer, 'hidden', len(inner), 'slope')
            unit.code('runge_kutta(stage, slope, $n, $dt, origin, total, state);', names)
