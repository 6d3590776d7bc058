# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Suites across worlds and distances: cells that name their world, and change its sections."""

from collections.abc import Callable
import dataclasses
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import make_suite_plan, Titles
from liquid_control.evaluation.scorecard import draw_scorecard, scorecard
from liquid_control.evaluation.suite import load_suite
from liquid_control.sim.world_config import load_world
import pytest

SEEDS = range(500_000, 500_002)
HEAD = 'format: 1\nname: mine\ndescription: for a test\ncells:\n'


def write(folder: Path, cells: str) -> str:
    """Write a suite and return its path."""
    path = folder / 'mine.yaml'
    path.write_text(HEAD + cells)
    return str(path)


def test_worlds_flies_each_world_once_whatever_worlds_are_asked_for() -> None:
    plan = make_suite_plan(['expert'], ['forest', 'empty'], 'worlds', SEEDS)
    flown = [cell.world.name for cell in plan.cells]
    assert flown == ['forest', 'seasons', 'gates', 'corridor', 'moving_target', 'circuit',
                     'search']
    assert {cell.wind.name for cell in plan.cells} == {'W2'}


def test_range_moves_the_target_and_leaves_room_for_it() -> None:
    plan = make_suite_plan(['expert'], ['forest'], 'range', SEEDS)
    near = load_world('forest')
    assert near.target is not None
    for cell, factor in zip(plan.cells, (1.0, 1.5, 2.0, 3.0)):
        world = cell.world
        assert world.target == dataclasses.replace(near.target, distance=(6 * factor, 12 * factor))
        assert world.success.max_distance > 12 * factor + 5
        assert world.success.time_limit > 12 * factor / 1.2     # the expert flies 1.6 m/s
        assert dataclasses.replace(world, target=near.target, success=near.success) == near


def test_a_cell_changes_sections_and_nothing_else(tmp_path: Path) -> None:
    cell = ('- {label: dense, wind: W2, world: search, obstacles: {pillars: [12, 20]}, '
            'target: {radius: 0.2}}')
    world, = (cell.world for cell in make_suite_plan(
        ['expert'], ['forest'], write(tmp_path, cell), SEEDS).cells)
    plain = load_world('search')
    assert world.obstacles is not None and world.target is not None
    assert (world.obstacles.pillars, world.target.radius) == ((12, 20), 0.2)
    assert dataclasses.replace(world, obstacles=plain.obstacles, target=plain.target) == plain
    assert world.source == plain.source, 'errors still name the file'


@pytest.mark.parametrize(('cell', 'message'), [
    ('{label: a, wind: W2, world: gates, target: {radius: 0.2}}',
     "cell 'a': target: expected a world with a section target, found gates, which has none"),
    ('{label: a, wind: W2, world: gaets}', "did you mean 'gates'"),
    ('{label: a, wind: W2, target: {raduis: 0.2}}', "target: unknown key 'raduis'; did you mean"),
    ('{label: a, wind: W2, target: {radius: 0.0}}', "cell 'a': target: radius: expected more"),
    ('{label: a, wind: W2, success: {radius: x}}', "cell 'a': success: radius: expected float")])
def test_what_is_wrong_is_refused(tmp_path: Path, cell: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make_suite_plan(['expert'], ['forest'], write(tmp_path, f'- {cell}'), SEEDS)


def test_a_suite_of_worlds_is_one_picture(make_record: Callable[..., FlightRecord],
                                          tmp_path: Path) -> None:
    records = [make_record(world=cell.world) for cell in load_suite('worlds').cells]
    cells = {entry.key.place: f'in {entry.key.world}' for entry in records}
    rows = scorecard(records, Titles(cells=cells, suite='worlds'))
    path, = draw_scorecard(rows, tmp_path)
    assert path.name == 'success_worlds.png' and path.is_file()
    two = [dataclasses.replace(row, cell='same') for row in rows[:2]]
    assert len(draw_scorecard(two, tmp_path)) == 2
