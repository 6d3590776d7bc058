# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Does the runs of some tasks in some processes; finished ones are read, not repeated."""

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from joblib import delayed
from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from liquid_control.evaluation.processes import in_processes
from liquid_control.tasks.catalogue import Benchmark, TASKS
from liquid_control.tasks.runs import do, finished, Run, RunResult, Skipped
from liquid_control.tasks.task import TaskOptions

Report: TypeAlias = Callable[[RunResult | Skipped], None]


def plan(tasks: Sequence[str], models: Sequence[str], seeds: int, options: TaskOptions,
         out: Path) -> list[Run]:
    """
    List the runs, seed by seed, so that a table is soon there for a first seed.

    :param tasks: names; none for all.
    :param models: names; none for all of each task.
    :param seeds: how many, from 0.
    :param options: `quick` and `data`.
    :param out: folder of all runs.
    :raises ConfigError: if there is no such task, or no task has such a model.
    """
    if seeds < 1:
        raise ConfigError(f'expected 1 seed or more, found {seeds}')
    for name in tasks:
        if name not in TASKS:
            raise ConfigError(f'expected a task, found {name!r}{nearest(name, TASKS)}')
    chosen = list(dict.fromkeys(tasks)) or list(TASKS)
    known = dict.fromkeys(model for name in chosen for model in model_names(TASKS[name]))
    for model in models:
        if model not in known:
            raise ConfigError(f'expected a model of {", ".join(chosen)}, found {model!r}'
                              f'{nearest(model, known)}')
    return [Run(name, model, seed, options.quick, options.data, out)
            for name in chosen for seed in range(seeds)
            for model in model_names(TASKS[name]) if not models or model in models]


def model_names(task: Benchmark) -> list[str]:
    """
    Name the models of a task.

    :param task: whose.
    """
    return [model if isinstance(model, str) else model.name for model in task.models]


def run_all(runs: Sequence[Run], jobs: int, report: Report) -> None:
    """
    Do the runs that have no result yet.

    :param runs: of `plan`.
    :param jobs: processes; less than 1 for one a core.
    :param report: called with what came of each run, finished ones first, in no particular order.
    """
    missing = []
    for run in runs:
        known = finished(run)
        if known is None:
            missing.append(run)
        else:
            report(known)
    with closing(in_processes([delayed(do)(run) for run in missing], jobs)) as results:
        for result in results:
            report(result)
