# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Attention over the last steps; these are the state, embedded, the oldest first."""

from typing import Any

from liquid_control.runtime.c_source.cells.baseline import emit_linear, emit_prepared
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import number, Unit
import numpy as np

# Shares of attention are summed as steps come, each head's largest score so far taken off.
ATTEND = """
    for (int h = 0; h < $heads; ++h) {
        const float *key = keys_and_values + h * $width, *value = key + $attended;
        float score = -forgetting[h] * age, *mine = found + h * $width;
        for (int i = 0; i < $width; ++i) {
            score += query[h * $width + i] * key[i];
        }
        const float top = fmaxf(best[h], score);
        const float before = expf(best[h] - top), share = expf(score - top);
        best[h] = top;
        total[h] = before * total[h] + share;
        for (int i = 0; i < $width; ++i) {
            mine[i] = before * mine[i] + share * value[i];
        }
        found[$attended + h] = before * found[$attended + h] + share * log1pf(age / $nominal);
    }
    age += back ? step[$n] : interval;
"""


def emit(core: Core, unit: Unit) -> str:
    """
    Write the cell; its equations are those of `nets/baselines/transformer.py`.

    :param core: whose `weights` are taken.
    :param unit: where to.
    """
    n = len(core.spec.neurons)
    forgetting = np.exp(core.weights.take('cell.log_rate', -1))      # [1/s]
    heads = len(forgetting)
    width = max(1, n // heads)
    kept = core.spec.state_size // (n + 1)
    names: dict[str, Any] = {
        'n': n, 'heads': heads, 'width': width, 'attended': heads * width, 'kept': kept,
        'row': n + 1, 'found': heads * (width + 1), 'scale': number(np.sqrt(width)),
        'nominal': number(core.nominal_dt)}
    unit.table('forgetting', forgetting)
    unit.need('copy', 'layer_norm', 'silu')
    for name in ('before_attention', 'before_layers', 'last'):
        for part in ('weight', 'bias'):
            unit.table(f'{name}_{part}', core.weights.take(f'cell.{name}.{part}', n))
    emit_linear(core, unit, 'embed', 'prepared', emit_prepared(core, unit))
    unit.code('float normal[$n];', names)
    _normalise(unit, 'embed', 'before_attention', n)
    emit_linear(core, unit, 'query', 'normal', n)
    unit.code('for (int i = 0; i < $attended; ++i) {\n    query[i] /= $scale;\n}', names)
    unit.code("""
        float found[$found], best[$heads], total[$heads], age = 0.0f;
        for (int i = 0; i < $found; ++i) {
            found[i] = 0.0f;
        }
        for (int h = 0; h < $heads; ++h) {
            best[h] = -INFINITY;
            total[h] = 0.0f;
        }
    """, names)
    with unit.loop('back', kept + 1):
        unit.code("""
            const float *step = back ? state + ($kept - back) * $row : embed;
            if (back && !(step[$n] > 0.0f)) {
                continue;      /* an empty place */
            }
        """, names)
        _normalise(unit, 'step', 'before_attention', n)
        emit_linear(core, unit, 'keys_and_values', 'normal', n)
        unit.count(2 * heads * width)
        unit.code(ATTEND, names)
    _emit_answer(core, unit, names)
    unit.code("""
        copy(state + $row, ($kept - 1) * $row, state);
        copy(embed, $n, state + ($kept - 1) * $row);
        state[$kept * $row - 1] = interval;
    """, names)
    return 'normal'


def _emit_answer(core: Core, unit: Unit, names: dict[str, Any]) -> None:
    """Write `normal`, the outputs, of what the heads found and the newest step."""
    n = names['n']
    unit.code("""
        for (int h = 0; h < $heads; ++h) {
            for (int i = 0; i < $width; ++i) {
                found[h * $width + i] /= total[h];
            }
            found[$attended + h] /= total[h];
        }
    """, names)
    emit_linear(core, unit, 'join', 'found', names['found'])
    unit.code('for (int i = 0; i < $n; ++i) {\n    join[i] += embed[i];\n}', names)
    _normalise(unit, 'join', 'before_layers', n)
    hidden = emit_linear(core, unit, 'layers.0', 'normal', n, 'hidden')
    unit.code('for (int i = 0; i < $n; ++i) {\n    hidden[i] = silu(hidden[i]);\n}',
              {'n': hidden})
    emit_linear(core, unit, 'layers.2', 'hidden', hidden, 'answer')
    unit.code('for (int i = 0; i < $n; ++i) {\n    join[i] += answer[i];\n}', names)
    _normalise(unit, 'join', 'last', n)


def _normalise(unit: Unit, source: str, layer: str, n: int) -> None:
    """Write `normal`, a layer norm of n numbers."""
    unit.code(f'layer_norm({source}, {layer}_weight, {layer}_bias, {n}, normal);')
