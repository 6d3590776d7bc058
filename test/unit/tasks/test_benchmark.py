# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Runs: planned, done once, read afterwards, summed up."""

from dataclasses import replace
import json
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.tasks import catalogue
from liquid_control.tasks.benchmark import plan, run_all
from liquid_control.tasks.report import as_json, draw, report, table
from liquid_control.tasks.runs import RunResult, Skipped
from liquid_control.tasks.task import Task, TaskOptions
import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures('three_tasks')


def go(out: Path, tasks: tuple[str, ...] = (), models: tuple[str, ...] = (), *,
       quick: bool = True, seeds: int = 2) -> list[RunResult | Skipped]:
    results: list[RunResult | Skipped] = []
    run_all(plan(tasks, models, seeds, TaskOptions(quick=quick, data=Path('nowhere')), out), 1,
            results.append)
    return results


def test_plan_names_each_model_and_seed() -> None:
    """Quick and whole runs never share a file."""
    quick, whole = (plan(['sum'], [], 2, TaskOptions(quick=quick), Path('out'))
                    for quick in (True, False))
    assert [(run.model, run.seed) for run in quick] == [('ltc', 0), ('gru', 0), ('ltc', 1),
                                                        ('gru', 1)]
    assert not {run.path for run in quick} & {run.path for run in whole}
    assert [run.model for run in plan([], ['two'], 1, TaskOptions(), Path('out'))] == ['two']


@pytest.mark.parametrize(('tasks', 'models', 'seeds', 'text'), [
    (['som'], [], 1, "found 'som'; did you mean 'sum'?"),
    (['sum'], ['gro'], 1, "found 'gro'; did you mean 'gru'?"),
    (['sum'], [], 0, '1 seed or more')])
def test_what_is_not_there_is_named(tasks: list[str], models: list[str], seeds: int,
                                    text: str) -> None:
    """With the nearest name."""
    with pytest.raises(ConfigError) as caught:
        plan(tasks, models, seeds, TaskOptions(), Path('out'))
    assert text in str(caught.value)


def test_finished_runs_are_read_unless_their_settings_changed(
        tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """And a damaged file is an error that names it."""
    first = go(tmp_path, ('sum',))
    assert not list(tmp_path.rglob('*.safetensors'))
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob('*.json')}
    assert len(times) == 4
    assert go(tmp_path, ('sum',)) == first
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.rglob('*.json')}
    monkeypatch.setitem(catalogue.TASKS, 'sum', replace(
        task, recipe=replace(task.recipe, learning_rate=2e-2)))
    assert [one.settings_sha256 for one in go(tmp_path, ('sum',))] != [
        one.settings_sha256 for one in first]
    path = tmp_path / 'quick' / 'sum' / 'gru' / 'seed_1.json'
    path.write_text('{"task": ')
    with pytest.raises(ConfigError, match='seed_1.json'):
        go(tmp_path, ('sum',))


def test_a_model_may_have_its_own_rate_and_quick_has_few_epochs(
        tmp_path: Path, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate of nothing learns nothing, beside a model that learns."""
    still, learns = task.models
    monkeypatch.setitem(catalogue.TASKS, 'sum', replace(
        task, models=(replace(still, learning_rate=0.0), learns)))
    curves = [one.curve for one in go(tmp_path, ('sum',), seeds=1)]
    assert [len(curve) for curve in curves] == [task.recipe.quick_epochs] * 2
    assert curves[0][0] == pytest.approx(curves[0][1])
    assert curves[1][0] != pytest.approx(curves[1][1])
    assert len(go(tmp_path, ('sum',), quick=False, seeds=1)[0].curve) == task.recipe.epochs


def test_a_task_without_data_is_skipped_and_the_others_go_on(tmp_path: Path) -> None:
    """Its table says why."""
    reports = report(go(tmp_path))
    assert [one.task for one in reports] == ['sum', 'absent', 'tries']
    assert table(reports[1]).endswith('skipped: absent: no recordings in nowhere')
    assert 'skipped' not in table(reports[0])


def test_table_has_published_floors_and_ours(tmp_path: Path) -> None:
    """Mean and standard deviation over seeds, in the unit of the metric."""
    results = go(tmp_path, ('sum', 'tries'))
    trained, measured = report(results)
    values = [one.values[0] for one in results if one.model == 'gru']
    row = next(row for row in trained.results if row.model == 'gru')
    assert (row.mean, row.spread) == pytest.approx((np.mean(values), np.std(values, ddof=1)))
    lines = table(trained).splitlines()
    assert lines[3].split() == ['published', 'theirs', '90.00', '%', '+-', '1.00']
    assert lines[4].startswith('floor') and lines[5].split()[:2] == ['ours', 'ltc']
    assert f'{100 * row.mean:.2f} % +- {100 * row.spread:.2f}' in lines[6]
    # Tries 0 and 4 of seed 0, 1 and 4 of seed 1: spread over all tries.
    assert measured.results[0].values == (0.0, 4.0, 1.0, 4.0)
    assert '2.250 +- 2.062' in table(measured)
    plain = json.loads(json.dumps(as_json([trained, measured])))
    assert plain['tasks'][0]['results'][1]['mean'] == row.mean
    assert plain['tasks'][0]['floors'] == trained.floors


def test_learning_curves_are_drawn_of_what_learned(tmp_path: Path) -> None:
    """A measurement has none."""
    results = go(tmp_path, ('sum', 'tries'))
    assert draw(report(results), results, tmp_path) == [tmp_path / 'sum.png']
    assert (tmp_path / 'sum.png').stat().st_size > 10_000
