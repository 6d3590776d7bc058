# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights as rows of a Parquet file, for those who ask their own questions (needs pyarrow)."""

from collections.abc import Sequence
import dataclasses
import importlib.util
from pathlib import Path
from typing import Any

from liquid_control.errors import DependencyError
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import Titles


def require_pyarrow() -> None:
    """
    See that Parquet can be written, before hours of flights are flown for it.

    :raises DependencyError: if pyarrow is not installed.
    """
    if importlib.util.find_spec('pyarrow') is None:
        raise DependencyError('Parquet needs pyarrow, which is not installed; run '
                              '"pip install pyarrow", or leave --parquet out: the same flights '
                              'are in flights.jsonl')


def write_parquet(records: Sequence[FlightRecord], path: Path,
                  titles: Titles | None = None) -> None:
    """
    Write one row a flight; the file is replaced as a whole.

    :param records: of any number of cells, one at least.
    :param path: the file; its folder is made.
    :param titles: what to call policies and cells; as in the records if absent.
    :raises DependencyError: if pyarrow is not installed.
    """
    require_pyarrow()
    import pyarrow
    from pyarrow import parquet

    rows = [_row(entry, titles or Titles()) for entry in records]
    types = {'suite': pyarrow.string(), 'tick_us': pyarrow.list_(pyarrow.int32())}
    columns = {name: pyarrow.array([row[name] for row in rows], types.get(name))
               for name in rows[0]}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    parquet.write_table(pyarrow.table(columns), part, compression='zstd')
    part.replace(path)


def _row(entry: FlightRecord, titles: Titles) -> dict[str, Any]:
    """Flatten a record: titles, what determined the flight, what came of it."""
    key, result = dataclasses.asdict(entry.key), dataclasses.asdict(entry)
    del result['key']
    named = {'policy': titles.policy(entry.key.policy_sha256, entry.policy),
             'suite': titles.suite, 'cell': titles.cell(entry.key.place)}
    return named | key | {'reached': entry.reached} | {
        name: value for name, value in result.items() if name != 'policy'}
