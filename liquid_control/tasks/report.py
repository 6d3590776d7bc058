# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a benchmark found: a table a task, JSON for scripts, learning curves."""

from collections.abc import Iterable, Sequence
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liquid_control import __version__
from liquid_control.evaluation.layout import columns
from liquid_control.tasks.catalogue import Benchmark, TASKS
from liquid_control.tasks.runs import RunResult, Skipped
from liquid_control.tasks.task import Measurement
from liquid_control.viz.learning import draw_learning, LearningCurve
import numpy as np
from numpy.typing import NDArray

LABELS = {'accuracy': 'accuracy on validation [%]', 'mse': 'mean squared error on validation'}


@dataclass(frozen=True)
class Row:
    """One model of a task, over its seeds."""

    model: str
    seeds: int
    mean: float                     # of the metric on test; or median, see `Summary`
    spread: float | None            # standard deviation (n - 1) over seeds, or tries
    values: tuple[float, ...]
    parameters: int | None          # unmasked weights, biases, readout
    minutes: float                  # of one core, mean a run
    epochs: int
    best_epoch: float | None        # mean


@dataclass(frozen=True)
class TaskReport:
    """One task: what others published, what needs no network, and ours."""

    task: str
    title: str
    metric: str
    published: tuple[dict[str, Any], ...]
    floors: dict[str, float]
    results: tuple[Row, ...]
    skipped: str | None


def report(results: Iterable[RunResult | Skipped]) -> list[TaskReport]:
    """
    Sum runs up, task by task in the catalogue's order.

    :param results: of any tasks.
    """
    results = list(results)
    reports = []
    for name, task in TASKS.items():
        done = [one for one in results if isinstance(one, RunResult) and one.task == name]
        skipped = [one for one in results if isinstance(one, Skipped) and one.run.task == name]
        if done or skipped:
            reports.append(TaskReport(
                name, task.title, task.metric, tuple(map(dataclasses.asdict, task.published)),
                done[0].floors if done else {}, tuple(_rows(task, done)),
                skipped[0].reason if skipped else None))
    return reports


def as_json(reports: Sequence[TaskReport]) -> dict[str, Any]:
    """
    Return what a script needs: `version` and `tasks`, a mapping a task.

    :param reports: of `report`.
    """
    return {'version': __version__, 'tasks': [dataclasses.asdict(one) for one in reports]}


def table(one: TaskReport) -> str:
    """
    Lay a task out as text.

    :param one: of `report`.
    """
    lines = [('', 'model', one.metric, 'seeds', 'parameters', 'minutes', 'epochs', 'best')]
    blank = ('', '', '', '', '')
    lines += [('published', entry['model'], _figure(one, entry['mean'], entry['spread']), *blank)
              for entry in one.published]
    lines += [('floor', name, _figure(one, value, None), *blank)
              for name, value in one.floors.items()]
    lines += [('ours', row.model, _figure(one, row.mean, row.spread), str(row.seeds),
               '-' if row.parameters is None else str(row.parameters), f'{row.minutes:.1f}',
               str(row.epochs or '-'), '-' if row.best_epoch is None else f'{row.best_epoch:.0f}')
              for row in one.results]
    text = f'{one.task}: {one.title}\n' + columns(lines, left=2)
    return text if one.skipped is None else f'{text}\nskipped: {one.skipped}'


def draw(reports: Sequence[TaskReport], results: Iterable[RunResult | Skipped],
         folder: Path) -> list[Path]:
    """
    Draw the learning curves of every task that has some.

    :param reports: of `report`.
    :param results: of the same runs.
    :param folder: for the pictures.
    :returns: the pictures.
    """
    trained = [one for one in results if isinstance(one, RunResult) and one.curve]
    paths = []
    for one in reports:
        scale = 100.0 if one.metric == 'accuracy' else 1.0
        curves = [LearningCurve(row.model, [
            scale * np.array(run.curve)[:, 1] for run in trained
            if (run.task, run.model) == (one.task, row.model)]) for row in one.results]
        curves = [curve for curve in curves if curve.seeds]
        if curves:
            paths.append(folder / f'{one.task}.png')
            draw_learning(curves, one.title, paths[-1], label=LABELS[one.metric],
                          logarithmic=one.metric == 'mse',
                          marks=_best_floor(one, scale))
    return paths


def _best_floor(one: TaskReport, scale: float) -> dict[str, float]:
    """Return the floor that is hardest to beat; the others would stretch the picture."""
    if not one.floors:
        return {}
    hardest = max if one.metric == 'accuracy' else min
    best = hardest(one.floors, key=lambda name: one.floors[name])
    return {best: scale * one.floors[best]}


def _rows(task: Benchmark, done: list[RunResult]) -> list[Row]:
    """Sum up each model's seeds, in the order of the task."""
    rows = []
    for model in task.models:
        name = model if isinstance(model, str) else model.name
        runs = sorted((run for run in done if run.model == name), key=lambda run: run.seed)
        if not runs:
            continue
        values = np.array([value for run in runs for value in run.values])
        mean, spread = _summary(task, values)
        best = [run.best_epoch for run in runs if run.best_epoch is not None]
        rows.append(Row(
            name, len(runs), mean, spread, tuple(map(float, values)),
            runs[0].parameters, float(np.mean([run.minutes for run in runs])),
            len(runs[0].curve), float(np.mean(best)) if best else None))
    return rows


def _summary(task: Benchmark, values: NDArray[np.float64]) -> tuple[float, float | None]:
    """Tell where values lie, and how far apart."""
    if isinstance(task, Measurement) and task.summary == 'median':
        low, middle, high = np.quantile(values, (0.16, 0.5, 0.84))
        return float(middle), float(high - low) / 2
    return float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None


def _figure(one: TaskReport, mean: float, spread: float | None) -> str:
    """Write a figure with its spread: per cent of accuracies, else as it is."""
    if one.metric == 'accuracy':
        text = f'{100 * mean:.2f} %'
        return text if spread is None else f'{text} +- {100 * spread:.2f}'
    text = f'{mean:.3f}' if abs(mean) < 100 else f'{mean:.1f}'
    return text if spread is None else f'{text} +- {spread:.3f}'
