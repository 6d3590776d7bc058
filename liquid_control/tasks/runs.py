# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One run of a benchmark: (task, model, seed) to a JSON file, which is read if it is there."""

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
import hashlib
import json
from pathlib import Path
import time

from liquid_control.config import build
from liquid_control.errors import ConfigError, TaskUnavailableError
from liquid_control.tasks.catalogue import Benchmark, TASKS
from liquid_control.tasks.network import build_network
from liquid_control.tasks.task import Measurement, Model, Recipe, Task, TaskData, TaskOptions
from liquid_control.tasks.trainer import train
from liquid_control.training.checkpoint import write_json
import torch


@dataclass(frozen=True)
class Run:
    """What shall be done; enough for another process to do it."""

    task: str
    model: str
    seed: int
    quick: bool
    data: Path | None
    out: Path                    # folder of all runs

    @property
    def folder(self) -> Path:
        """Return where the run's files are; quick runs never meet whole ones."""
        return self.out / ('quick' if self.quick else 'whole') / self.task / self.model

    @property
    def path(self) -> Path:
        """Return its JSON file."""
        return self.folder / f'seed_{self.seed}.json'


@dataclass(frozen=True)
class RunResult:
    """What came of a run."""

    task: str
    model: str
    seed: int
    settings_sha256: str                         # of all that the catalogue says of the run
    values: tuple[float, ...]                    # metric on test; of a measurement, each try's
    minutes: float                               # of one core
    floors: dict[str, float]
    # Of a training alone.
    validation: float | None = None
    best_epoch: int | None = None
    parameters: int | None = None
    curve: tuple[tuple[float, float], ...] = ()  # of each epoch: training loss, validation


@dataclass(frozen=True)
class Skipped:
    """A run that cannot be done here."""

    run: Run
    reason: str


def settings_sha256(run: Run) -> str:
    """
    Tell runs that were made by other settings from those of today.

    :param run: which.
    """
    task = TASKS[run.task]
    parts: tuple[object, ...] = (run.quick, run.seed)
    if isinstance(task, Task):
        by_name = {model.name: model for model in task.models}
        parts += (by_name[run.model], by_name[task.reference], task.recipe, task.metric, task.skip)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def finished(run: Run) -> RunResult | None:
    """
    Read what an earlier run ended with; None if there is none of these settings.

    :param run: which.
    :raises ConfigError: if its file is damaged.
    """
    if not run.path.exists():
        return None
    try:
        result = build(RunResult, json.loads(run.path.read_text(encoding='utf-8')), str(run.path))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f'{run.path}: expected the JSON of a run, found {error}; delete the '
                          'file to run again') from error
    return result if result.settings_sha256 == settings_sha256(run) else None


def do(run: Run) -> RunResult | Skipped:
    """
    Do a run, from where it was interrupted if it was, and write its file.

    :param run: which.
    """
    torch.set_num_threads(1)
    run.folder.mkdir(parents=True, exist_ok=True)
    task = TASKS[run.task]
    try:
        result = _measure(run, task) if isinstance(task, Measurement) else _train(run, task)
    except TaskUnavailableError as error:
        return Skipped(run, str(error))
    write_json(run.path, dataclasses.asdict(result))
    _checkpoint(run).unlink(missing_ok=True)
    return result


def _train(run: Run, task: Task) -> RunResult:
    """Train a network."""
    data = _load(run.task, run.quick, run.data)
    model = next(model for model in task.models if model.name == run.model)
    recipe = _recipe(task.recipe, model, run.quick)
    trained = train(build_network(task, model, data, run.seed), data, recipe, task.metric,
                    seed=run.seed, checkpoint=_checkpoint(run))
    return RunResult(run.task, run.model, run.seed, settings_sha256(run), (trained.test,),
                     trained.minutes, data.floors, trained.validation, trained.best_epoch,
                     trained.parameters, trained.curve)


def _measure(run: Run, task: Measurement) -> RunResult:
    """Measure untrained networks."""
    began = time.process_time()
    values = task.measure(run.model, TaskOptions(run.seed, run.quick, run.data))
    return RunResult(run.task, run.model, run.seed, settings_sha256(run), tuple(values),
                     (time.process_time() - began) / 60, task.floors)


@lru_cache(maxsize=1)
def _load(name: str, quick: bool, folder: Path | None) -> TaskData:
    """Load a task's data, once for the runs that follow each other in a process."""
    task: Benchmark = TASKS[name]
    assert isinstance(task, Task), 'a measurement has no data'
    return task.load(TaskOptions(quick=quick, data=folder))


def _checkpoint(run: Run) -> Path:
    """Name the checkpoint of a run; one of other settings is never taken for it."""
    return run.folder / f'seed_{run.seed}_{settings_sha256(run)[:8]}.safetensors'


def _recipe(recipe: Recipe, model: Model, quick: bool) -> Recipe:
    """Take the model's own learning rate where it has one, and few epochs to be quick."""
    if model.learning_rate is not None:
        recipe = dataclasses.replace(recipe, learning_rate=model.learning_rate)
    return dataclasses.replace(recipe, epochs=recipe.quick_epochs) if quick else recipe
