# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A C file in the making: its tables of weights, and the statements of one step."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from string import Template
import textwrap
from typing import Any, Literal, TypeAlias

from liquid_control.errors import BundleError
from liquid_control.runtime.c_source.helpers import HELPERS
from liquid_control.signals import Float32Array
import numpy as np
from numpy.typing import NDArray

Precision: TypeAlias = Literal['float32', 'int8']

LARGEST_INT8 = 127
LARGEST_INDEX = 65535      # of synapses, which uint16_t counts
WIDTH = 97


class Unit:
    """
    Collects what the emitters of cells write.

    While a step runs, C knows `inputs`, `dt`, `state` (which a cell replaces in place) and
    `time_constants`, which may be NULL.
    """

    def __init__(self, precision: Precision) -> None:
        """
        Begin an empty file.

        :param precision: of the weights of synapses; biases and neurons' own numbers are float32.
        """
        self._precision = precision
        self._tables: list[str] = []
        self._statements: list[str] = []
        self._helpers: set[str] = set()
        self._most_sources = 0
        self._repeats = 1         # of what is written now, in one step
        self.macs = 0             # multiply-accumulates of a step, pointwise functions apart
        self.table_bytes = 0      # of all tables

    @property
    def tables(self) -> str:
        """Return the constants, with the type that indices of synapses have."""
        kind = 'uint8_t' if self._most_sources <= 256 else 'uint16_t'
        index = f'typedef {kind} index_type;\n\n' if self._most_sources else ''
        return index + '\n'.join(self._tables)

    @property
    def helpers(self) -> str:
        """Return the functions that are called."""
        return ''.join(text for name, text in HELPERS.items() if name in self._helpers)

    @property
    def statements(self) -> str:
        """Return the body of the step so far, indented as its braces are nested."""
        lines, depth, open_line = [], 1, False
        for line in ''.join(self._statements).splitlines():
            text = line.strip()
            inner = depth - text.startswith('}') + open_line
            lines.append('    ' * inner + text)
            depth += text.count('{') - text.count('}')
            open_line = not text.endswith((';', '{', '}', '*/'))
        return '\n'.join(lines) + '\n'

    def need(self, *helpers: str) -> None:
        """
        Have functions of `HELPERS` written out.

        :param helpers: their names.
        """
        for name in helpers:
            assert name in HELPERS, name
        self._helpers.update(helpers)

    def code(self, text: str, values: Mapping[str, Any] | None = None) -> None:
        """
        Write statements.

        :param text: C, with $names.
        :param values: of the names.
        """
        self._statements.append(Template(text.strip()).substitute(values or {}) + '\n')

    @contextmanager
    def loop(self, index: str, count: int) -> Iterator[None]:
        """
        Have the statements that are written inside run several times.

        :param index: the variable that counts; there is none, and no loop, for a count of one.
        :param count: how often.
        """
        if count == 1:
            yield
            return
        self.code('for (int $index = 0; $index < $count; ++$index) {',
                  {'index': index, 'count': count})
        self._repeats *= count
        yield
        self._repeats //= count
        self.code('}')

    def count(self, macs: int) -> None:
        """
        Count multiply-accumulates that C does where this is written.

        :param macs: of running once.
        """
        self.macs += macs * self._repeats

    def table(self, name: str, values: Float32Array) -> str:
        """
        Write a constant array of floats.

        :param name: in C.
        :param values: any shape; row by row.
        :returns: the name.
        """
        self._write('float', name, [number(value) for value in values.ravel()], 4)
        return name

    def start(self, target: str, bias: Float32Array, name: str = '') -> None:
        """
        Declare a local array that begins as a bias.

        :param target: the array.
        :param bias: (n,).
        :param name: of the table; by default that of the array with an end.
        """
        self.need('copy')
        self.code('float $target[$n];\ncopy($bias, $n, $target);',
                  {'target': target, 'n': len(bias),
                   'bias': self.table(name or f'{target}_bias', bias)})

    def add(self, name: str, weights: Float32Array, source: str, target: str, *, gates: int = 1,
            mask: NDArray[np.bool_] | None = None) -> None:
        """
        Write `target += source weights`; where many weights are masked, only the others exist.

        :param name: of the tables.
        :param weights: (from, gates * to), gate by gate.
        :param source: C expression of a `const float *`.
        :param target: C expression of a `float *`.
        :param gates: weights of a synapse.
        :param mask: (from, to), where there is a synapse; None for everywhere.
        """
        if mask is None:
            mask = np.ones((weights.shape[0], weights.shape[1] // gates), np.bool_)
        synapses = int(mask.sum())
        if not synapses:
            return
        self.count(synapses * gates)
        width = 1 if self._precision == 'int8' else 4
        if synapses * (gates * width + 1) + 2 * mask.shape[1] < mask.size * gates * width:
            self._add_sparse(name, weights, source, target, gates, mask)
            return
        scale = self._weights(name, weights * np.tile(mask, (1, gates)), weights)
        self._call('dense', [source, name, *scale, *weights.shape, target])

    def add_synapses(self, form: str, name: str, numbers: Float32Array, source: str,
                     arguments: str, mask: NDArray[np.bool_]) -> None:
        """
        Write a call of a helper that goes through the synapses one by one.

        :param form: of the helper, `opened` or `plastic`.
        :param name: of the tables.
        :param numbers: (from, G * to) of the synapses, each kind side by side.
        :param source: C expression of a `const float *`.
        :param arguments: C expressions, of what else it takes.
        :param mask: (from, to), where there is a synapse.
        """
        if not mask.any():
            return
        self.count(3 * int(mask.sum()))
        gates = numbers.shape[1] // mask.shape[1]
        tables = self._synapses(name, numbers, gates, mask)
        self._call(form, [source, *tables, mask.shape[1], arguments])

    def _add_sparse(self, name: str, weights: Float32Array, source: str, target: str, gates: int,
                    mask: NDArray[np.bool_]) -> None:
        """Write the synapses alone, target by target."""
        tables = self._synapses(name, weights, gates, mask)
        self._call('sparse', [source, *tables, mask.shape[1], gates, target])

    def _synapses(self, name: str, weights: Float32Array, gates: int,
                  mask: NDArray[np.bool_]) -> list[str]:
        """Write the tables of single synapses, target by target, and return their names."""
        targets, sources = np.nonzero(mask.T)
        if len(targets) > LARGEST_INDEX or len(mask) > LARGEST_INDEX:
            raise BundleError(f'C export: expected at most {LARGEST_INDEX} synapses, found '
                              f'{len(targets)} in {name}; use a smaller wiring')
        self._most_sources = max(self._most_sources, len(mask))
        first = np.concatenate([[0], np.cumsum(mask.sum(axis=0))])
        by_gate = weights.reshape(len(mask), gates, mask.shape[1])
        scale = self._weights(name, by_gate[sources, :, targets],
                              weights * np.tile(mask, (1, gates)),
                              targets[:, None] + mask.shape[1] * np.arange(gates))
        index_bytes = 1 if len(mask) <= 256 else 2
        self._write('index_type', f'{name}_source', [str(n) for n in sources], index_bytes)
        self._write('uint16_t', f'{name}_first', [str(n) for n in first], 2)
        return [name, *scale, f'{name}_source', f'{name}_first']

    def _weights(self, name: str, stored: Float32Array, columns: Float32Array,
                 column: NDArray[np.int64] | None = None) -> list[str]:
        """
        Write weights as they are, or as int8 with a scale for every sum.

        :param stored: as they stand in the table.
        :param columns: (from, sums), from which the scales are taken.
        :param column: which sum each stored weight belongs to; None where they are the same.
        :returns: the name of the scales, if there are any.
        """
        if self._precision == 'float32':
            self.table(name, stored)
            return []
        largest = np.abs(columns).max(axis=0)
        scale = np.where(largest > 0, largest / LARGEST_INT8, 1.0).astype(np.float32)
        rounded = np.rint(stored / (scale if column is None else scale[column]))
        self._write('int8_t', name, [str(int(value)) for value in rounded.ravel()], 1)
        self.table(f'{name}_scale', scale)
        return [f'{name}_scale']

    def _call(self, form: str, arguments: list[Any]) -> None:
        function = f'add_{form}_{"int8" if self._precision == "int8" else "float"}'
        self.need(function)
        self.code(f'{function}({", ".join(str(argument) for argument in arguments)});')

    def _write(self, kind: str, name: str, values: list[str], width: int) -> None:
        self.table_bytes += width * len(values)
        rows = textwrap.fill(', '.join(values), WIDTH, initial_indent='    ',
                             subsequent_indent='    ', break_long_words=False,
                             break_on_hyphens=False)
        self._tables.append(f'static const {kind} {name}[{len(values)}] = {{\n{rows}\n}};\n')


def number(value: float | np.floating[Any]) -> str:
    """
    Write a float32 as a C constant that reads back as the same bits.

    :param value: finite.
    """
    assert np.isfinite(value), value
    text = f'{np.float32(value):.9g}'
    return text + ('f' if set('.e') & set(text) else '.0f')
