# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the baselines share: inputs projected, and elapsed time beside them."""

from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit

LEAST_DT = 1e-6      # [s], as in nets/baselines/baseline.py: no logarithm of less is taken


def emit_prepared(core: Core, unit: Unit, time_constant: str = 'INFINITY') -> int:
    """
    Write `prepared`: the inputs, projected where they are, and log(interval / nominal).

    The interval is dt, or `LEAST_DT` where dt is less.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param time_constant: C expression of that of neuron i [s].
    :returns: how many numbers are prepared.
    """
    size, source = core.n_inputs, 'inputs'
    if 'cell.project.weight' in core.weights:
        size, source = emit_linear(core, unit, 'project', 'inputs', size), 'project'
    unit.need('copy')
    unit.code("""
        const float interval = fmaxf(dt, $least);
        float prepared[$size + 1];
        copy($source, $size, prepared);
        prepared[$size] = logf(interval / $nominal);
        if (time_constants) {
            for (int i = 0; i < $neurons; ++i) {
                time_constants[i] = $time_constant;
            }
        }
    """, {'size': size, 'source': source, 'nominal': number(core.nominal_dt),
          'least': number(LEAST_DT), 'neurons': len(core.spec.neurons),
          'time_constant': time_constant})
    return size + 1


def emit_linear(core: Core, unit: Unit, name: str, source: str, size: int,
                target: str | None = None) -> int:
    """
    Write a local array that is a linear map of another.

    :param core: whose weights `cell.name` are taken.
    :param unit: where to.
    :param name: of the weights.
    :param source: C expression of a `const float *`.
    :param size: of the source.
    :param target: name of the array; None for that of the weights.
    :returns: the size of the target.
    """
    weight = core.weights.take(f'cell.{name}.weight', -1, size)
    target = target or name
    unit.start(target, core.weights.take(f'cell.{name}.bias', len(weight)))
    unit.add(f'{target}_weight', weight.T, source, target)
    return len(weight)
