# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The scorecard: one row a cell (policy, world, wind), as a table, as JSON, and as a picture."""

from collections.abc import Sequence
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liquid_control import __version__
from liquid_control.evaluation.journal import FlightRecord, outcomes
from liquid_control.evaluation.layout import columns
from liquid_control.evaluation.metrics import wilson_interval
from liquid_control.evaluation.pairs import Comparison
from liquid_control.evaluation.plan import Titles
from liquid_control.signals import FloatArray
from liquid_control.viz.cells import CellBars, draw_cells
from liquid_control.viz.success import draw_success, SuccessCurve
import numpy as np


@dataclass(frozen=True)
class Row:
    """A cell's figures; None where no flight gave one. Times and paths are of successes only."""

    policy: str
    world: str
    wind: str
    suite: str | None
    cell: str                      # its label in the suite; otherwise the wind
    episodes: int
    successes: int
    success_rate: float
    ci95: tuple[float, float]
    collisions: int
    timeouts: int
    out_of_bounds: int             # of the world, or off the lane
    median_time_s: float | None
    quartiles_time_s: tuple[float, float] | None
    median_path_efficiency: float | None
    median_command_rate_mps2: float
    tick_ms_p50: float | None      # under the load of the evaluation, all cores busy
    tick_ms_p99: float | None
    wind_mean_mps: float | None    # as flown
    first_seed: int
    last_seed: int
    policy_sha256: str
    code_sha256: str               # of the sources that flew
    stepper: str                   # that stepped the core


def scorecard(records: Sequence[FlightRecord], titles: Titles | None = None) -> list[Row]:
    """
    Reduce records to rows, in the order in which cells first appear.

    :param records: of any number of cells.
    :param titles: what to call policies and cells; as in the records if absent.
    """
    cells: dict[tuple[str, ...], list[FlightRecord]] = {}
    for entry in records:
        key = entry.key
        flown_by = (key.policy_sha256, key.code_sha256, key.stepper)
        cells.setdefault((*flown_by, *key.place), []).append(entry)
    return [_row(entries, titles or Titles()) for entries in cells.values()]


def table(rows: Sequence[Row]) -> str:
    """
    Lay rows out as text.

    :param rows: of a scorecard.
    """
    place = 'cell' if any(row.suite for row in rows) else 'wind'
    head = ('policy', 'world', place, 'flights', 'success', '95 % interval', 'collisions',
            'timeouts', 'out', 'time [s]', 'efficiency', 'rate [m/s2]', 'tick p50/p99 [ms]')
    return columns([head, *(_cells(row) for row in rows)], left=3)


def as_json(rows: Sequence[Row], comparisons: Sequence[Comparison] = ()) -> dict[str, Any]:
    """
    Return what a script needs: `version`, `results` and `comparisons`, a mapping a row.

    :param rows: of a scorecard.
    :param comparisons: of the same flights.
    """
    return {'version': __version__, 'results': [dataclasses.asdict(row) for row in rows],
            'comparisons': [dataclasses.asdict(one) for one in comparisons]}


def draw_scorecard(rows: Sequence[Row], folder: Path) -> list[Path]:
    """
    Draw success against wind, or by cell of a suite.

    One picture a world; a suite whose every cell is a world of its own has one for all.

    :param rows: of a scorecard.
    :param folder: for the pictures.
    :return: the pictures.
    """
    worlds = dict.fromkeys(row.world for row in rows)
    suite = rows[0].suite if rows else None
    cells = {(row.world, row.cell) for row in rows}
    if suite is not None and len(worlds) == len({cell for _, cell in cells}) == len(cells) > 1:
        return [_draw_rows(rows, '', folder / f'success_{suite}.png')]
    paths = []
    for world in worlds:
        here = [row for row in rows if row.world == world]
        name = f'success_{world}.png' if suite is None else f'success_{world}_{suite}.png'
        paths.append(_draw_rows(here, f'world {world}, ', folder / name))
    return paths


def _draw_rows(here: Sequence[Row], place: str, path: Path) -> Path:
    """Draw some rows: against wind, or as bars where cells are more than their wind."""
    policies = [[row for row in here if row.policy_sha256 == digest]
                for digest in dict.fromkeys(row.policy_sha256 for row in here)]
    flights = f'{place}{here[0].episodes} flights a '
    suite = here[0].suite
    if all(row.cell == row.wind for row in here):
        draw_success([_curve(own) for own in policies],
                     f'Success against wind, {flights}point', path)
    else:
        draw_cells([_bars(own) for own in policies],
                   f'Success in suite {suite}, {flights}cell', path)
    return path


def _curve(own: list[Row]) -> SuccessCurve:
    """Return one policy's rows as a curve over wind."""
    return SuccessCurve(own[0].policy, tuple(row.wind for row in own),
                        np.array([row.wind_mean_mps for row in own], dtype=float), *_rates(own))


def _bars(own: list[Row]) -> CellBars:
    """Return one policy's rows as bars."""
    return CellBars(own[0].policy, tuple(row.cell for row in own), *_rates(own))


def _rates(own: list[Row]) -> tuple[FloatArray, FloatArray]:
    return np.array([row.success_rate for row in own]), np.array([row.ci95 for row in own])


def _row(entries: list[FlightRecord], titles: Titles) -> Row:
    key = entries[0].key
    reached = [entry for entry in entries if entry.reached]
    times = np.array([entry.time_s for entry in reached])
    ticks = np.concatenate([np.array(entry.tick_us, dtype=float) for entry in entries]) / 1e3
    first, third = np.percentile(times, (25, 75)) if times.size else (0.0, 0.0)
    quartiles = (round(float(first), 4), round(float(third), 4)) if times.size else None
    low, high = wilson_interval(len(reached), len(entries))
    seeds = [entry.key.seed for entry in entries]
    winds = [entry.wind_mean_mps for entry in entries if entry.wind_mean_mps is not None]
    return Row(
        policy=titles.policy(key.policy_sha256, entries[0].policy), world=key.world,
        wind=key.wind, suite=titles.suite, cell=titles.cell(key.place),
        episodes=len(entries), successes=len(reached),
        success_rate=len(reached) / len(entries), ci95=(round(low, 4), round(high, 4)),
        collisions=outcomes(entries, 'collision'), timeouts=outcomes(entries, 'timeout'),
        out_of_bounds=outcomes(entries, 'out_of_bounds') + outcomes(entries, 'off_lane'),
        median_time_s=_quantile(times, 50),
        quartiles_time_s=quartiles,
        median_path_efficiency=_quantile(
            np.array([entry.path_efficiency for entry in reached]), 50),
        median_command_rate_mps2=float(np.median([entry.command_rate_mps2 for entry in entries])),
        tick_ms_p50=_quantile(ticks, 50), tick_ms_p99=_quantile(ticks, 99),
        wind_mean_mps=round(float(np.mean(winds)), 3) if winds else None,
        first_seed=min(seeds), last_seed=max(seeds),
        policy_sha256=key.policy_sha256, code_sha256=key.code_sha256, stepper=key.stepper)


def _quantile(values: np.ndarray, percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 4) if values.size else None


def _cells(row: Row) -> tuple[str, ...]:
    """Write one row's figures as they stand in the table."""
    def number(value: float | None, form: str) -> str:
        return '-' if value is None else format(value, form)

    time = number(row.median_time_s, '.1f')
    if row.quartiles_time_s is not None:
        time += ' ({:.1f}-{:.1f})'.format(*row.quartiles_time_s)
    return (row.policy, row.world, row.cell, str(row.episodes), f'{100 * row.success_rate:.1f} %',
            f'{100 * row.ci95[0]:.1f}-{100 * row.ci95[1]:.1f}', str(row.collisions),
            str(row.timeouts), str(row.out_of_bounds), time,
            number(row.median_path_efficiency, '.2f'), f'{row.median_command_rate_mps2:.2f}',
            f'{number(row.tick_ms_p50, ".2f")}/{number(row.tick_ms_p99, ".2f")}')
