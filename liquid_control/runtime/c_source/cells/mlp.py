# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Two hidden layers; one that holds repeats its last answer while the frame is black."""

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit

DARK = 0.02                        # as in nets/baselines/mlp.py, a share of white
BRIGHTNESS = 'frame_brightness'


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/mlp.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :raises BundleError: if it holds by a brightness that it is not given.
    """
    n, prepared = len(core.spec.neurons), emit_prepared(core, unit)
    unit.need('copy', 'silu')
    unit.code(_condition(core) + '{')
    hidden = emit_linear(core, unit, 'layers.0', 'prepared', prepared, 'hidden')
    unit.code('for (int i = 0; i < $n; ++i) {\n    hidden[i] = silu(hidden[i]);\n}',
              {'n': hidden})
    emit_linear(core, unit, 'layers.2', 'hidden', hidden, 'answer')
    unit.code('for (int i = 0; i < $n; ++i) {\n    state[i] = silu(answer[i]);\n}\n}', {'n': n})
    return 'state'


def _condition(core: Core) -> str:
    """Return what in C keeps a cell that holds from computing; nothing for one that does not."""
    if not core.settings['hold_when_dark']:
        return ''
    extra = core.spec.observation.extra
    if BRIGHTNESS not in extra:
        raise BundleError(f'{core.folder}: expected extra input {BRIGHTNESS} of an mlp that holds '
                          f'when dark, found {list(extra)}; export the bundle again')
    place = core.n_inputs - len(extra) + extra.index(BRIGHTNESS)
    return f'if (!(inputs[{place}] < {number(DARK)})) '
