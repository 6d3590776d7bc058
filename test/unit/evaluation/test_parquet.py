# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights as rows, read back by pyarrow itself."""

from collections.abc import Callable
import importlib.util
from pathlib import Path

from liquid_control.errors import DependencyError
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.parquet import require_pyarrow, write_parquet
from liquid_control.evaluation.plan import Titles
import pytest

Make = Callable[..., FlightRecord]


def test_a_flight_is_a_row(make_record: Make, tmp_path: Path) -> None:
    parquet = pytest.importorskip('pyarrow.parquet')
    entries = [make_record(600_000), make_record(600_001, outcome='timeout', time_s=40.0,
                                                 tick_us=())]
    path = tmp_path / 'new' / 'flights.parquet'
    titles = Titles({'abc': 'mine'}, {entries[0].key.place: 'slow'}, 'rate')
    write_parquet(entries, path, titles)
    first, second = parquet.read_table(path).to_pylist()
    assert first == {
        'policy': 'mine', 'suite': 'rate', 'cell': 'slow', 'policy_sha256': 'abc',
        'world': 'forest', 'world_sha256': '11', 'wind': 'W2', 'wind_sha256': '22',
        'seed': 600_000, 'version': '0.1.0', 'code_sha256': 'c0de', 'stepper': 'onnx',
        'reached': True, 'outcome': 'reached',
        'time_s': 5.0, 'path_length_m': 8.0, 'path_efficiency': 0.9, 'command_rate_mps2': 2.0,
        'nearest_m': 0.4, 'wind_mean_mps': 2.5, 'tick_us': [100, 200]}
    assert (second['reached'], second['outcome'], second['tick_us']) == (False, 'timeout', [])
    assert [entry.name for entry in path.parent.iterdir()] == ['flights.parquet']


def test_columns_have_one_type_whatever_the_flights(make_record: Make, tmp_path: Path) -> None:
    """So that the files of several evaluations can be read as one."""
    parquet = pytest.importorskip('pyarrow.parquet')
    paths = [tmp_path / 'plain.parquet', tmp_path / 'suite.parquet']
    write_parquet([make_record(tick_us=())], paths[0])
    write_parquet([make_record()], paths[1], Titles(suite='wind'))
    assert parquet.read_schema(paths[0]) == parquet.read_schema(paths[1])
    assert parquet.read_table(paths[0]).to_pylist()[0]['policy'] == 'liquid'


def test_without_pyarrow_the_error_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(DependencyError, match='pip install pyarrow'):
        require_pyarrow()
