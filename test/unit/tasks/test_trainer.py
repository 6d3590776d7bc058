# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Training: learns, resumes to the bit, and lets the test split decide nothing."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from liquid_control.errors import TrainingError
from liquid_control.tasks import trainer
from liquid_control.tasks.network import build_network, Network
from liquid_control.tasks.task import Recipe, Task, TaskData, TaskOptions
from liquid_control.tasks.trainer import train, Trained
import numpy as np
import pytest
import torch


class KilledError(Exception):
    """Stands for a kill between two epochs."""


def network_of(task: Task, data: TaskData) -> Network:
    return build_network(task, task.models[0], data, 0)


def go(task: Task, folder: Path, data: TaskData | None = None, recipe: Recipe | None = None,
       stop_after: int = 0) -> Trained:
    """Train the small task, from its checkpoint if there is one."""
    data = data or task.load(TaskOptions())

    save = trainer.save

    def save_and_stop(path: Path, module: object, optimiser: object,
                      progress: dict[str, float]) -> None:
        save(path, module, optimiser, progress)
        if progress['epoch'] == stop_after:
            raise KilledError

    with patch.object(trainer, 'save', save_and_stop):
        return train(network_of(task, data), data, recipe or task.recipe, task.metric, seed=5,
                     checkpoint=folder / 'run.safetensors')


def test_learns_more_than_the_floor(task: Task, tmp_path: Path) -> None:
    """Sign of a sum, by a liquid network of 8 neurons."""
    trained = go(task, tmp_path, recipe=replace(task.recipe, epochs=12))
    assert trained.test > 0.85
    assert trained.curve[-1][0] < trained.curve[0][0] / 2
    assert len(trained.curve) == 12
    assert trained.validation == max(value for _, value in trained.curve)
    assert trained.curve[trained.best_epoch - 1][1] == trained.validation


@pytest.mark.parametrize('average', [0.0, 0.9])
def test_a_killed_run_ends_as_an_undisturbed_one(task: Task, tmp_path: Path,
                                                 average: float) -> None:
    """To the bit: weights, best weights, curve and result."""
    recipe = replace(task.recipe, average=average)
    undisturbed = go(task, tmp_path / 'a', recipe=recipe)
    for stop in (1, 3):
        with pytest.raises(KilledError):
            go(task, tmp_path / 'b', recipe=recipe, stop_after=stop)
    resumed = go(task, tmp_path / 'b', recipe=recipe)
    assert replace(resumed, minutes=undisturbed.minutes) == undisturbed
    weights = []
    for name in ('a', 'b'):
        data = task.load(TaskOptions())
        progress = trainer._Progress(network_of(task, data), recipe.epochs, average > 0)
        trainer.restore(tmp_path / name / 'run.safetensors', progress)
        weights.append(progress.state_dict())
    for name, value in weights[0].items():
        if name != 'spent':
            assert torch.equal(value, weights[1][name]), name


def test_the_test_split_decides_nothing(task: Task, tmp_path: Path,
                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """Other test sequences change the last figure alone; they are looked at once, at the end."""
    data = task.load(TaskOptions())
    wrong = replace(data, test=replace(data.test, targets=1 - data.test.targets))
    looked = []
    evaluate = trainer.evaluate

    def note(network: Network, split: object, metric: str) -> float:
        looked.append('test' if split is data.test or split is wrong.test else 'validation')
        return evaluate(network, split, metric)

    monkeypatch.setattr(trainer, 'evaluate', note)
    one, other = go(task, tmp_path / 'a', data), go(task, tmp_path / 'b', wrong)
    assert looked == 2 * (['validation'] * task.recipe.epochs + ['test'])
    assert one.test == pytest.approx(1 - other.test)
    assert replace(one, test=0.0, minutes=0.0) == replace(other, test=0.0, minutes=0.0)


def test_the_best_epoch_is_kept(task: Task, tmp_path: Path) -> None:
    """A rate that ruins the weights later on leaves those that were best."""
    data = task.load(TaskOptions())
    as_test = replace(data, test=data.validation)
    trained = go(task, tmp_path, as_test,
                 replace(task.recipe, epochs=6, learning_rate=1.0, schedule='constant',
                         clip=1e6, average=0.0))
    assert trained.test == trained.validation
    assert trained.best_epoch < 6 or trained.curve[-1][1] == trained.validation


def test_the_average_follows_the_weights(task: Task, tmp_path: Path) -> None:
    """Without one, validation sees the weights as they are."""
    plain = go(task, tmp_path / 'a', recipe=replace(task.recipe, average=0.0))
    followed = go(task, tmp_path / 'b', recipe=replace(task.recipe, average=0.5))
    assert [loss for loss, _ in plain.curve] == [loss for loss, _ in followed.curve]
    network, average = (torch.nn.Linear(1, 1) for _ in range(2))
    before = average.weight.item()
    trainer._follow(average, network, 0.75)
    assert average.weight.item() == pytest.approx(
        0.75 * before + 0.25 * network.weight.item())


def test_the_rate_falls_to_nothing() -> None:
    """By half a cosine, unless it is constant."""
    recipe = Recipe(epochs=1, batch=1, learning_rate=0.4)
    assert [trainer._rate(recipe, share) for share in (0, 0.5, 1)] == pytest.approx([0.4, 0.2, 0])
    assert trainer._rate(replace(recipe, schedule='constant'), 0.5) == 0.4


def test_a_checkpoint_of_another_network_is_refused(task: Task, tmp_path: Path) -> None:
    """Its epochs, for one, are the curve's."""
    with pytest.raises(KilledError):
        go(task, tmp_path, stop_after=1)
    with pytest.raises(TrainingError, match='another'):
        go(task, tmp_path, recipe=replace(task.recipe, epochs=9))


def test_a_curriculum_lets_longer_sequences_in(task: Task) -> None:
    """The shortest first, all of them from the end of the curriculum on."""
    split = task.load(TaskOptions()).train
    lengths = split.mask.sum(dim=1).numpy()
    recipe = replace(task.recipe, epochs=10, curriculum=0.5)
    counts = [len(trainer._let_in(split, recipe, epoch)) for epoch in range(10)]
    assert counts == sorted(counts) and counts[2] < counts[4] == counts[9] == len(split)
    first = trainer._let_in(split, recipe, 0)
    assert lengths[first].max() < lengths[np.setdiff1d(np.arange(len(split)), first)].min()
    everyone = trainer._let_in(split, task.recipe, 0)
    assert everyone.tolist() == list(range(len(split)))
