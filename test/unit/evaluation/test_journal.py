# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The journal survives crashes: what does not read is flown again, what follows is kept."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.evaluation.journal import FlightRecord, Journal, read_journal, record
from liquid_control.flight import Flight
import numpy as np
import pytest

Make = Callable[..., FlightRecord]


def write(path: Path, *entries: FlightRecord) -> None:
    with Journal(path) as journal:
        for entry in entries:
            journal.add(entry)


def test_records_come_back_as_they_were(tmp_path: Path, make_record: Make) -> None:
    path = tmp_path / 'sub' / 'flights.jsonl'
    entries = [make_record(600_000), make_record(600_001, outcome='collision')]
    write(path, entries[0])
    write(path, entries[1])
    known, damaged = read_journal(path)
    assert list(known.values()) == entries
    assert list(known) == [entry.key for entry in entries]
    assert damaged == 0


def test_a_missing_journal_is_empty(tmp_path: Path) -> None:
    assert read_journal(tmp_path / 'none.jsonl') == ({}, 0)


def test_a_line_cut_off_anywhere_is_passed_over_and_does_not_spoil_the_next(
        tmp_path: Path, make_record: Make) -> None:
    whole, cut, later = (make_record(600_000 + index) for index in range(3))
    path = tmp_path / 'flights.jsonl'
    write(path, whole)
    first = path.read_bytes()
    write(path, cut)
    second = path.read_bytes()[len(first):]
    for length in range(1, len(second) - 1, 7):
        path.write_bytes(first + second[:length])
        write(path, later)
        known, damaged = read_journal(path)
        assert list(known.values()) == [whole, later]
        assert damaged == 1


@pytest.mark.parametrize('line', [b'\xff\xfe', b'[1, 2]', b'7', b'{}', b'null', b'{"key": 3}',
                                  b'\x00\x00\x00'])
def test_a_foreign_line_is_passed_over(tmp_path: Path, make_record: Make, line: bytes) -> None:
    path = tmp_path / 'flights.jsonl'
    path.write_bytes(line + b'\n')
    write(path, make_record())
    known, damaged = read_journal(path)
    assert list(known.values()) == [make_record()]
    assert damaged == 1


def test_the_last_record_of_a_flight_counts(tmp_path: Path, make_record: Make) -> None:
    path = tmp_path / 'flights.jsonl'
    write(path, make_record(time_s=5.0), make_record(time_s=6.0))
    assert [entry.time_s for entry in read_journal(path)[0].values()] == [6.0]


def test_one_evaluation_at_a_time_has_a_journal(tmp_path: Path, make_record: Make) -> None:
    path = tmp_path / 'flights.jsonl'
    with Journal(path) as journal:
        with pytest.raises(ConfigError, match='expected a journal of one evaluation at a time'):
            Journal(path)
        journal.add(make_record())
    with Journal(path) as journal:
        assert list(journal.records.values()) == [make_record()]


def test_a_journal_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    for path in (tmp_path, tmp_path / 'file' / 'flights.jsonl'):
        with pytest.raises(ConfigError, match='expected a file that can be written, found'):
            Journal(path)


def test_a_flight_without_a_camera_frame_is_a_record_too(tmp_path: Path,
                                                         make_record: Make) -> None:
    """A camera that loses nearly all is in a suite on purpose: no flight may end the suite."""
    none = np.empty((0, 3))
    flight = Flight('forest', 'W2', 1, 'liquid', 'timeout', 30.0, np.empty(0), none, np.empty(0),
                    none, np.empty((0, 4)), (), none, np.empty(0), np.zeros(3), np.empty((0, 4)),
                    np.empty((0, 8, 8, 3), np.uint8), np.empty(0), aim=none)
    entry = record(make_record().key, flight)
    assert (entry.nearest_m, entry.wind_mean_mps, entry.outcome) == (None, None, 'timeout')
    write(tmp_path / 'flights.jsonl', entry)
    assert list(read_journal(tmp_path / 'flights.jsonl')[0].values()) == [entry]
