# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The journal of an evaluation: one line of JSON a flight, so that it resumes where it stopped.

A line that was cut off by a crash, or does not read, is passed over and its flight flown again.
"""

from collections.abc import Sequence
import dataclasses
from dataclasses import dataclass
import json
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from liquid_control.config import build
from liquid_control.errors import ConfigError
from liquid_control.evaluation.metrics import command_rate, path_efficiency
from liquid_control.evaluation.plan import FlightKey
from liquid_control.flight import Flight
import numpy as np


@dataclass(frozen=True)
class FlightRecord:
    """What is kept of one flight."""

    key: FlightKey
    policy: str                    # as it was called
    outcome: str
    time_s: float
    path_length_m: float
    path_efficiency: float
    command_rate_mps2: float
    nearest_m: float               # least distance to the target, by way of all goals
    wind_mean_mps: float           # at the vehicle
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
    return FlightRecord(
        key=key, policy=flight.policy, outcome=flight.outcome,
        time_s=round(flight.time_s, 6), path_length_m=round(flight.path_length, 4),
        path_efficiency=round(path_efficiency(flight), 4),
        command_rate_mps2=round(command_rate(flight), 4),
        nearest_m=round(float(np.min(flight.to_go)), 4),
        wind_mean_mps=round(float(np.linalg.norm(flight.wind_velocity, axis=1).mean()), 4),
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
    """Appends records, each written out before the next flight is waited for."""

    def __init__(self, path: Path | None) -> None:
        """
        Open, or do without.

        :param path: the file; its folder is made; None keeps nothing.
        """
        self._file: TextIO | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        cut_off = path.exists() and path.read_bytes()[-1:] not in (b'', b'\n')
        self._file = path.open('a', encoding='utf-8')
        if cut_off:
            self._file.write('\n')

    def __enter__(self) -> 'Journal':
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, entry: FlightRecord) -> None:
        """Append one record."""
        if self._file is not None:
            self._file.write(json.dumps(dataclasses.asdict(entry), allow_nan=False,
                                        separators=(',', ':')) + '\n')
            self._file.flush()


def outcomes(records: Sequence[FlightRecord], outcome: str) -> int:
    """Count the flights that ended in one way."""
    return sum(entry.outcome == outcome for entry in records)
