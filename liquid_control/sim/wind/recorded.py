# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wind as it was recorded: a series from a CSV file, interpolated, and looped."""

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path
from typing import TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind, wind_axes
from liquid_control.sim.wind.limits import expect_range, MAX_DURATION, MAX_SPEED
import numpy as np

HEADER = 't,vx,vy,vz'

Row: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class RecordedConfig:
    """
    A series, by the name of its file or by its rows.

    Whoever reads the YAML puts the rows in the place of the file (`loaded`), so that a wind is
    known by what blows, wherever its file lies.
    """

    file: Path | None = None                 # CSV t,vx,vy,vz, beside the YAML file unless absolute
    rows: tuple[Row, ...] | None = None      # instead: t [s], vx, vy, vz in wind axes [m/s]
    start: tuple[float, float] = (0.0, 0.0)  # where a flight begins in it, drawn, to 3600 [s]

    def __post_init__(self) -> None:
        if (self.file is None) == (self.rows is None):
            raise ConfigError('file: expected a CSV file, or rows instead of it, found '
                              + ('neither' if self.file is None else 'both'))
        if self.rows is not None:
            if len(self.rows) < 2:
                raise ConfigError(f'rows: expected at least two, found {len(self.rows)}')
            for index, row in enumerate(self.rows):
                problem = _problem(row, self.rows[index - 1] if index else None)
                if problem:
                    raise ConfigError(f'rows[{index}]: {problem}')
        expect_range('start', self.start, 0.0, MAX_DURATION, 's')

    def loaded(self, folder: Path) -> 'RecordedConfig':
        """
        Return the same with the rows that its file holds.

        :param folder: that a relative path starts from.
        :raises ConfigError: if the file is missing, or a line is wrong.
        """
        if self.file is None:
            return self
        return RecordedConfig(rows=read_series(folder / self.file), start=self.start)


def read_series(path: Path) -> tuple[Row, ...]:
    """
    Read a series.

    :param path: CSV: the line t,vx,vy,vz, then at least two of four numbers, t increasing.
    :return: the rows: t [s], velocity [m/s].
    :raises ConfigError: naming file, line, what was expected and what was found.
    """
    try:
        lines = path.read_text(encoding='utf-8').splitlines()
    except OSError as error:
        raise ConfigError(f'{path}: cannot be read ({error.strerror}); check the path') from error
    except UnicodeDecodeError as error:
        raise ConfigError(f'{path}: expected UTF-8 text, found byte {error.start} of another '
                          'encoding; save it as UTF-8') from error
    if not lines or lines[0].strip() != HEADER:
        raise ConfigError(f'{path}: line 1: expected {HEADER!r}, '
                          f'found {lines[0] if lines else "nothing"!r}')
    rows: list[Row] = []
    for number, line in enumerate(lines[1:], start=2):
        row = _parse(line)
        problem = (f'expected four numbers t,vx,vy,vz, found {line!r}' if row is None
                   else _problem(row, rows[-1] if rows else None))
        if row is None or problem:
            raise ConfigError(f'{path}: line {number}: {problem}')
        rows.append(row)
    if len(rows) < 2:
        raise ConfigError(f'{path}: line {len(lines) + 1}: expected at least two rows of numbers, '
                          f'found {len(rows)}')
    return tuple(rows)


def _parse(line: str) -> Row | None:
    """Read one line of numbers; None if it is none."""
    cells = line.split(',')
    try:
        t, x, y, z = (float(cell) for cell in cells)
    except ValueError:
        return None
    return t, x, y, z


def _problem(row: Row, before: Row | None) -> str:
    """Say what is wrong with a row; nothing if it is right."""
    if not all(map(math.isfinite, row)):
        return f'expected finite numbers, found {list(row)}'
    if math.hypot(*row[1:]) > MAX_SPEED:
        return f'expected at most {MAX_SPEED:g} m/s, found {math.hypot(*row[1:]):g}'
    if before is not None and row[0] <= before[0]:
        return f'expected t above {before[0]:g} s, found {row[0]:g}'
    return ''


def write_series(path: Path, times: Sequence[float], velocity: FloatArray) -> None:
    """
    Write a series that `read_series` reads, to the millimetre a second.

    :param path: the file.
    :param times: T of them [s].
    :param velocity: (T, 3) [m/s].
    """
    lines = [f'{t:.3f},{x:.3f},{y:.3f},{z:.3f}' for t, (x, y, z) in zip(times, velocity)]
    path.write_text('\n'.join([HEADER, *lines]) + '\n', encoding='utf-8')


class Recorded(Wind):
    """Uniform in space; after the last row comes the first again, a mean interval later."""

    def __init__(self, config: RecordedConfig, heading: float, rng: np.random.Generator) -> None:
        """
        Draw where the flight begins.

        :param config: a series that is loaded.
        :param heading: where its x axis points, in the world frame [rad].
        :param rng: where the draw comes from.
        """
        assert config.rows is not None, 'load_wind reads the file'
        table = np.array(config.rows)
        times = table[:, 0] - table[0, 0]
        self._period = float(times[-1] * len(times) / (len(times) - 1))
        self._times = [*times.tolist(), self._period]
        velocity = table[:, 1:] @ wind_axes(heading).T
        self._velocities = np.vstack([velocity, velocity[:1]])
        self._start = float(rng.uniform(*config.start))

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        moment = (self._start + t) % self._period
        index = bisect.bisect_right(self._times, moment) - 1
        before, after = self._times[index], self._times[index + 1]
        share = (moment - before) / (after - before)
        return (1.0 - share) * self._velocities[index] + share * self._velocities[index + 1]
