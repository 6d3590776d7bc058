# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The scorecard's figures, counted by hand."""

from collections.abc import Callable
import json
from pathlib import Path

from liquid_control import __version__
from liquid_control.evaluation import scorecard as module
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import Titles
from liquid_control.evaluation.scorecard import as_json, draw_scorecard, scorecard, table
import pytest

Make = Callable[..., FlightRecord]


def test_a_cell_is_counted_right(make_record: Make) -> None:
    entries = [make_record(600_000, time_s=4.0, path_efficiency=0.8, tick_us=(1000,) * 98),
               make_record(600_001, time_s=6.0, path_efficiency=1.0, tick_us=(3000,) * 2),
               make_record(600_002, time_s=1.0, outcome='collision', tick_us=()),
               make_record(600_003, time_s=60.0, outcome='timeout', tick_us=()),
               make_record(600_004, time_s=2.0, outcome='out_of_bounds', tick_us=())]
    row, = scorecard(entries)
    assert (row.episodes, row.successes, row.success_rate) == (5, 2, 0.4)
    assert (row.collisions, row.timeouts, row.out_of_bounds) == (1, 1, 1)
    assert row.ci95 == (0.1176, 0.7693)
    assert row.median_time_s == 5.0 and row.quartiles_time_s == (4.5, 5.5)  # successes alone
    assert row.median_path_efficiency == 0.9
    assert (row.tick_ms_p50, row.tick_ms_p99) == (1.0, 3.0)
    assert (row.first_seed, row.last_seed) == (600_000, 600_004)
    row, = scorecard([*entries, make_record(600_005, time_s=2.0, outcome='off_lane', tick_us=())])
    assert (row.episodes, row.out_of_bounds) == (6, 2)      # who leaves the lane is out, too


def test_cells_are_told_apart_by_content_not_by_name(make_record: Make) -> None:
    entries = [make_record(), make_record(wind='W0'), make_record(world_sha256='other'),
               make_record(policy_sha256='def'), make_record(600_001)]
    rows = scorecard(entries, Titles({'abc': 'mine'}, suite='wind'))
    assert [row.episodes for row in rows] == [2, 1, 1, 1]
    assert [row.policy for row in rows] == ['mine', 'mine', 'mine', 'liquid']
    assert {row.suite for row in rows} == {'wind'}


def test_no_success_gives_none_not_nan(make_record: Make) -> None:
    rows = scorecard([make_record(outcome='collision', tick_us=())])
    document = json.loads(json.dumps(as_json(rows), allow_nan=False))
    assert document['version'] == __version__
    result, = document['results']
    assert result['median_time_s'] is None and result['tick_ms_p99'] is None
    assert result['success_rate'] == 0.0 and result['ci95'][0] == 0.0
    for name in ('policy', 'world', 'wind', 'suite', 'episodes', 'successes', 'collisions',
                 'timeouts'):
        assert name in result
    assert ' - ' in table(rows)


def test_the_table_lines_up(make_record: Make) -> None:
    rows = scorecard([make_record(), make_record(policy='a_much_longer_name',
                                                 policy_sha256='def')])
    head, rule, first, second = table(rows).split('\n')
    assert len(rule) >= max(map(len, (head, first, second)))
    assert first.index('forest') == second.index('forest') == head.index('world')
    assert '100.0 %' in first and '5.0 (5.0-5.0)' in first


def test_flights_of_two_codes_are_two_rows(make_record: Make) -> None:
    rows = scorecard([make_record(), make_record(code_sha256='edited')])
    assert [(row.code_sha256, row.episodes) for row in rows] == [('c0de', 1), ('edited', 1)]
    assert as_json(rows)['results'][1]['code_sha256'] == 'edited'


def test_one_picture_a_world(make_record: Make, tmp_path: Path) -> None:
    rows = scorecard([make_record(), make_record(wind='W5', wind_mean_mps=7.0),
                      make_record(world='empty')])
    paths = draw_scorecard(rows, tmp_path)
    assert [path.name for path in paths] == ['success_forest.png', 'success_empty.png']
    assert all(path.stat().st_size > 5_000 for path in paths)


def test_a_suite_of_one_wind_is_drawn_by_cell(make_record: Make, tmp_path: Path,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[str, tuple[str, ...]]] = []
    for kind in ('draw_cells', 'draw_success'):
        monkeypatch.setattr(module, kind, lambda some, title, path, kind=kind: drawn.append(
            (kind, getattr(some[0], 'cells', getattr(some[0], 'winds', ())))))
    slow, fast = make_record(), make_record(world_sha256='other')
    cells = {slow.key.place: 'slow', fast.key.place: 'fast'}
    path, = draw_scorecard(scorecard([slow, fast], Titles(cells=cells, suite='rate')), tmp_path)
    assert path.name == 'success_forest_rate.png'
    draw_scorecard(scorecard([slow, make_record(wind='W5')], Titles(suite='wind')), tmp_path)
    assert drawn == [('draw_cells', ('slow', 'fast')), ('draw_success', ('W2', 'W5'))]


def test_two_cells_in_each_of_two_worlds_are_two_pictures(make_record: Make,
                                                          tmp_path: Path) -> None:
    """As many worlds as cells, but no cell is a world of its own."""
    entries = [make_record(world=world, wind=wind) for world in ('forest', 'seasons')
               for wind in ('W0', 'W2')]
    cells = {entry.key.place: f'cell {entry.key.wind}' for entry in entries}
    paths = draw_scorecard(scorecard(entries, Titles(cells=cells, suite='mine')), tmp_path)
    assert [path.name for path in paths] == ['success_forest_mine.png',
                                             'success_seasons_mine.png']


def test_cells_that_are_more_than_their_wind_are_bars(make_record: Make, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """Winds that differ do not make a curve of cells that differ in other things, too."""
    drawn: list[str] = []
    for kind in ('draw_cells', 'draw_success'):
        monkeypatch.setattr(module, kind, lambda *_, kind=kind: drawn.append(kind))
    entries = [make_record(wind='W0'), make_record(wind='W2')]
    cells = {entry.key.place: f'{entry.key.wind}, dark' for entry in entries}
    draw_scorecard(scorecard(entries, Titles(cells=cells, suite='mine')), tmp_path)
    assert drawn == ['draw_cells']


def test_a_wind_that_no_flight_tells_is_none_and_drawn(make_record: Make, tmp_path: Path) -> None:
    rows = scorecard([make_record(wind_mean_mps=None), make_record(600_001, wind_mean_mps=2.0),
                      make_record(wind='W5', wind_mean_mps=None)])
    assert [row.wind_mean_mps for row in rows] == [2.0, None]
    path, = draw_scorecard(rows, tmp_path)
    assert path.stat().st_size > 5_000
