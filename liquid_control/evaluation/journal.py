# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The journal of an evaluation: one line of JSON a flight, so that it resumes where it stopped.

A line that was cut off by a crash, or does not read, is passed over and its flight flown again.
One evaluation at a time has a journal.
"""

from collections.abc import Sequence
import dataclasses
from dataclasses import dataclass
import fcntl
import json
from os import SEEK_END
from pathlib import Path
from types import TracebackType
from typing import Any

from liquid_control.config import build
from liquid_control.errors import ConfigError
from liquid_control.evaluation.metrics import command_rate, path_efficiency
from liquid_control.evaluation.plan import FlightKey
from liquid_control.flight import Flight
import numpy as np


@dataclass(frozen=True)
class FlightRecord:
    """What is kept of one flight; None where no camera frame came that could tell."""

    key: FlightKey
    policy: str                    # as it was called
    outcome: str
    time_s: float
    path_length_m: float
    path_efficiency: float
    command_rate_mps2: float
    nearest_m: float | None        # least distance to the target, by way of all goals
    wind_mean_mps: float | None    # at the vehicle
    tick_us: tuple[int, ...]       # duration of every tick, rounded [us]

    @property
    def reached(self) -> bool:
        """Whether the flight ended at its target."""
        return self.outcome == 'reached'


def record(key: FlightKey, flight: Flight) -> FlightRecord:
    """
    Reduce a flight to its record.

    :param key: what determined it.
    :param flight: as flown.
    """
    wind = np.linalg.norm(flight.wind_velocity, axis=1)
    return FlightRecord(
        key=key, policy=flight.policy, outcome=flight.outcome,
        time_s=round(flight.time_s, 6), path_length_m=round(flight.path_length, 4),
        path_efficiency=round(path_efficiency(flight), 4),
        command_rate_mps2=round(command_rate(flight), 4),
        nearest_m=round(float(np.min(flight.to_go)), 4) if len(flight.t) else None,
        wind_mean_mps=round(float(wind.mean()), 4) if len(flight.t) else None,
        tick_us=tuple(int(us) for us in np.rint(flight.step_ms * 1e3)))


def read_journal(path: Path) -> tuple[dict[FlightKey, FlightRecord], int]:
    """
    Read a journal.

    :param path: the file; one that does not exist is empty.
    :return: the records, and the number of lines that could not be read.
    """
    records: dict[FlightKey, FlightRecord] = {}
    damaged = 0
    if not path.exists():
        return records, damaged
    for line in path.read_bytes().split(b'\n'):
        if not line.strip():
            continue
        try:
            values: Any = json.loads(line)
            entry = build(FlightRecord, dict(values), str(path))
        except (ValueError, TypeError, ConfigError):  # not UTF-8, not JSON, not a record
            damaged += 1
            continue
        records[entry.key] = entry
    return records, damaged


class Journal:
    """The records that a file holds, and what is added: each is written before the next flight."""

    def __init__(self, path: Path) -> None:
        """
        Open, read and lock; the system unlocks it when this process ends, however it does.

        :param path: the file; its folder is made.
        :raises ConfigError: if it cannot be written, or another evaluation writes it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open('ab+')
        except OSError as error:
            raise ConfigError(f'{path}: expected a file that can be written, found '
                              f'{error.strerror}; give another folder') from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise ConfigError(f'{path}: expected a journal of one evaluation at a time, found '
                              'another that writes it; wait for that, or give another '
                              'folder') from error
        except OSError as error:
            self._file.close()
            raise ConfigError(f'{path}: expected a file system with locks, found '
                              f'{error.strerror}; give a folder of another') from error
        self.records, self.damaged = read_journal(path)   # by key; lines that do not read
        if self._file.tell():
            self._file.seek(-1, SEEK_END)
            if self._file.read(1) != b'\n':     # the last line was cut off
                self._file.write(b'\n')

    def __enter__(self) -> 'Journal':
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Close the file."""
        self._file.close()

    def add(self, entry: FlightRecord) -> None:
        """Append one record."""
        line = json.dumps(dataclasses.asdict(entry), allow_nan=False, separators=(',', ':'))
        self._file.write(line.encode() + b'\n')
        self._file.flush()
        self.records[entry.key] = entry


def outcomes(records: Sequence[FlightRecord], outcome: str) -> int:
    """Count the flights that ended in one way."""
    return sum(entry.outcome == outcome for entry in records)
