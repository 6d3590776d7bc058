# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How every benchmark here measures: candidates take turns, medians, a ratio.

Taking turns spreads what else the machine does over all candidates alike. Throughput is counted
by the processor time of this process, that is per core, and latency by the wall clock.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import json
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    name: str
    values: NDArray[np.float64]     # one a repetition, or one a call
    unit: str
    tail: float | None = None       # a percentile to print beside the median

    @property
    def median(self) -> float:
        """Return the figure that is compared."""
        return float(np.median(self.values))


def parse(description: str | None, argv: Sequence[str] | None) -> argparse.Namespace:
    """
    Read the options that all benchmarks share.

    :param description: docstring of the benchmark, with its example.
    :param argv: None for those of the process.
    """
    parser = argparse.ArgumentParser(description=description,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true',
                        help='a few seconds: does it run? Its figures mean little')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    return parser.parse_args(argv)


def latency(calls: Mapping[str, Callable[[], object]], rounds: int, calls_a_round: int,
            tail: float = 99) -> list[Row]:
    """
    Time single calls by the wall clock.

    :param calls: name -> what is timed.
    :param rounds: how often the candidates take turns.
    :param calls_a_round: of one candidate, after two that are not counted.
    :param tail: percentile printed beside the median.
    :return: rows in microseconds.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            call()
            call()
            for _ in range(calls_a_round):
                begun = perf_counter()
                call()
                times[name].append((perf_counter() - begun) * 1e6)
    return [Row(name, np.array(found), 'us', tail) for name, found in times.items()]


def throughput(works: Mapping[str, Callable[[], float]], rounds: int, unit: str) -> list[Row]:
    """
    Count work done in a second of this process' processor time.

    :param works: name -> a piece of work that returns how much it was; run once uncounted.
    :param rounds: how often the candidates take turns.
    :param unit: of the work, by the second.
    """
    rates: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(rounds + 1):
        for name, work in works.items():
            begun = process_time()
            done = work()
            if turn:
                rates[name].append(done / (process_time() - begun))
    return [Row(name, np.array(found), unit) for name, found in rates.items()]


def show(rows: Sequence[Row], as_json: bool, notes: Sequence[str] = ()) -> None:
    """
    Print a table, or JSON.

    :param rows: of one or several comparisons.
    :param as_json: for scripts.
    :param notes: ratios, bars, peers that were left out and why.
    """
    if as_json:
        print(json.dumps({'rows': [
            {'name': row.name, 'unit': row.unit, 'median': row.median, 'count': len(row.values),
             'quartiles': np.percentile(row.values, [25, 75]).tolist(),
             **({} if row.tail is None else
                {f'p{row.tail:g}': float(np.percentile(row.values, row.tail))})}
            for row in rows], 'notes': list(notes)}, indent=2))
        return
    for row in rows:
        low, high = np.percentile(row.values, [25, 75])
        tail = '' if row.tail is None else \
            f'   p{row.tail:g} {np.percentile(row.values, row.tail):,.1f}'
        print(f'{row.name:<52} median {row.median:>10,.1f} {row.unit:<18} '
              f'quartiles {low:,.1f} to {high:,.1f}{tail}')
    for note in notes:
        print(note)


def compare(name: str, ratio: float, bar: float) -> str:
    """Say how a ratio stands to its bar."""
    return f'{name}: {ratio:.1f} times (bar {bar:g}: {"met" if ratio >= bar else "missed"})'
