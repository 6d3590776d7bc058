# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Tasks small enough for a test: the sign of a sum, one without its data, a measurement."""

from collections.abc import Iterator
from pathlib import Path

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks import catalogue
from liquid_control.tasks.floors import most_frequent
from liquid_control.tasks.task import (
    Measurement,
    Model,
    Published,
    Recipe,
    Sequences,
    Task,
    TaskData,
    TaskOptions,
)
import numpy as np
import pytest
import torch


def streams(count: int, seed: int) -> Sequences:
    """Draw streams of 3 to 8 steps at uneven times, and say whether their sum is positive."""
    rng = np.random.default_rng(seed)
    mask = np.arange(8) < rng.integers(3, 9, (count, 1))
    values = rng.normal(size=(count, 8)) * mask
    return Sequences(torch.from_numpy(values[..., None]).float(),
                     torch.from_numpy(rng.uniform(0.05, 0.2, (count, 8, 1))).float(),
                     torch.from_numpy(mask), torch.from_numpy((values.sum(1) > 0).astype(int)))


def load(options: TaskOptions) -> TaskData:
    """Draw three splits."""
    splits = [streams(count, seed) for seed, count in enumerate((200, 60, 60))]
    floor = most_frequent(splits[0].targets.numpy(), splits[2].targets.numpy())
    return TaskData(*splits, outputs=2, floors={'most frequent class': floor})


def unavailable(options: TaskOptions) -> TaskData:
    """Lack data."""
    raise TaskUnavailableError(f'absent: no recordings in {options.data}')


SETTINGS = CellSettings(nominal_dt=0.1, time_constants=(0.1, 2.0))
SUM = Task('sum', 'Sign of a sum', 'accuracy', (Published('theirs', 0.9, 0.01, 'a paper'),),
           Recipe(epochs=4, batch=20, learning_rate=1e-2, average=0.9),
           (Model('ltc', 'ltc', 8, SETTINGS), Model('gru', 'gru', settings=SETTINGS)), 'ltc', load)
ABSENT = Task('absent', 'Nothing', 'mse', (), SUM.recipe, SUM.models, 'ltc', unavailable)
TRIES = Measurement('tries', 'Numbers', 'number', (Published('one', 2.0, None, 'a paper'),),
                    ('one', 'two'), lambda model, options: [1.0 * options.seed, len(model) + 1.0])


@pytest.fixture
def task() -> Task:
    """Return the small task."""
    return SUM


@pytest.fixture
def three_tasks() -> Iterator[None]:
    """Let the catalogue hold a task, one without its data, and a measurement."""
    shipped = dict(catalogue.TASKS)
    catalogue.TASKS.clear()
    catalogue.TASKS.update({one.name: one for one in (SUM, ABSENT, TRIES)})
    yield
    catalogue.TASKS.clear()
    catalogue.TASKS.update(shipped)     # in their order, which tables follow


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    """Write 25 short recordings that follow one linear equation, and noise."""
    rng = np.random.default_rng(0)
    turn, _ = np.linalg.qr(rng.normal(size=(17, 17)))
    for number in range(25):
        state, rows = rng.normal(size=17), []
        for _ in range(80):
            rows.append(state)
            state = 0.9 * turn @ state + 0.3 * rng.normal(size=17)
        np.save(tmp_path / f'trace_{number:04d}.npy', np.array(rows) + number)
    return tmp_path
