# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Neurons that follow dx/dt = pull - rate x, stepped by one of several solvers."""

from dataclasses import asdict

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.cells.layered import each_neuron, Layer, LayerWriter, Sums
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit

MOST_SUBSTEPS = 1000      # beyond which a setting is a mistake
RUNGE_KUTTA = 'runge_kutta'
SOLVERS = {
    'exponential': """
        const float target = pull / rate;
        state[i] = target + (state[i] - target) * expf(-$dt * rate);
""",
    'fused': 'state[i] = (state[i] + $dt * pull) / (1.0f + $dt * rate);',
    'euler': 'state[i] += $dt * (pull - rate * state[i]);',
    RUNGE_KUTTA: 'slope[j] = pull - rate * state[i];',
}
TIME_CONSTANTS = """
        if (time_constants$once) {
            time_constants[i] = 1.0f / rate;
        }
"""


def ode_writer(core: Core, unit: Unit, sums: Sums, field: str, solver: str,
               substeps: int) -> LayerWriter:
    """
    Return what writes a layer whose neurons look at their sums in every sub-step.

    The equations are those of `nets/cells/ode.py`.

    :param core: whose settings name solver and sub-steps.
    :param unit: where to.
    :param sums: of its neurons, in `drive`.
    :param field: C that defines `rate` and `pull` of a neuron, as in `each_neuron`.
    :param solver: where the settings name none.
    :param substeps: likewise.
    :raises BundleError: if that is no number of sub-steps.
    """
    solver = core.settings.get('solver') or solver
    asked = core.settings.get('substeps')
    substeps = substeps if asked is None else asked
    if type(substeps) is not int or not 1 <= substeps <= MOST_SUBSTEPS:
        raise BundleError(f'{core.folder}: C export: expected 1 to {MOST_SUBSTEPS} substeps, '
                          f'found {substeps!r}; export the bundle again')
    stages = 4 if solver == RUNGE_KUTTA else 1
    dt = 'dt' if substeps == 1 else f'(dt / {number(substeps)})'
    once = ' && part == 0' * (substeps > 1) + ' && stage == 0' * (stages > 1)
    texts = (field, SOLVERS[solver].replace('$dt', dt), TIME_CONSTANTS.replace('$once', once))
    single = substeps * stages == 1

    def write(layer: Layer) -> None:
        names = asdict(layer) | {'sums': sums.count * layer.n, 'dt': dt}
        unit.code('{')
        sums.feed(layer, 'drive' if single else 'fed')
        with unit.loop('part', substeps):
            if stages > 1:
                unit.code('float origin[$n], slope[$n], total[$n];', names)
            with unit.loop('stage', stages):
                if not single:
                    unit.code('float drive[$sums];\ncopy(fed, $sums, drive);', names)
                sums.collect(layer, 'drive')
                each_neuron(unit, layer, *texts)
                if stages > 1:
                    unit.need('runge_kutta')
                    unit.code('runge_kutta(stage, slope, $n, $dt, origin, total, state + $first);',
                              names)
        unit.code('}')

    return write
