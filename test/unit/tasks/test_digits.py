# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Digits as events: an image can be painted again from its events, up to the last change."""

import sys

from liquid_control.errors import TaskUnavailableError
from liquid_control.tasks import digits
from liquid_control.tasks.task import Sequences, TaskOptions
import numpy as np
import pytest
import torch


@pytest.fixture(scope='module')
def data() -> digits.TaskData:
    """Return all of them."""
    pytest.importorskip('sklearn')
    return digits.load(TaskOptions())


def paint(sequences: Sequences, row: int) -> tuple[int, ...]:
    """Paint what the events of a digit tell, and white or black from the last one on."""
    real = sequences.mask[row]
    colours = (sequences.inputs[row, real, 0] > 0).tolist()
    places = (sequences.dt[row, real, 0].cumsum(0) - 1).int().tolist()
    lengths = np.diff([*places, 64])
    return tuple(np.repeat(colours, lengths).tolist())


def test_events_of_an_image() -> None:
    """The first pixel, then every change of colour."""
    colours, elapsed = digits.events(np.array([0.0, 3, 9, 16, 8, 8, 8, 12]))
    assert colours.tolist() == [-1, 1, -1, 1]
    assert elapsed.tolist() == [1, 2, 2, 3]
    colours, elapsed = digits.events(np.full(64, 16.0))
    assert (colours.tolist(), elapsed.tolist()) == ([1], [1])


def test_the_images_can_be_painted_again(data: digits.TaskData) -> None:
    """All of scikit-learn's, each once, in one split."""
    from sklearn.datasets import load_digits
    images, labels = load_digits(return_X_y=True)
    wanted = sorted((*(image > digits.WHITE).tolist(), label)
                    for image, label in zip(images, labels))
    splits = (data.train, data.validation, data.test)
    assert tuple(map(len, splits)) == digits.COUNTS
    found = sorted((*paint(split, row), int(split.targets[row]))
                   for split in splits for row in range(len(split)))
    assert found == wanted


def test_what_a_network_sees(data: digits.TaskData) -> None:
    """The colour and the logarithm of the time; zeros behind the last event."""
    for split in (data.train, data.validation, data.test):
        assert torch.equal(split.inputs[..., 0].abs(), split.mask.float())
        assert split.inputs[..., 1] == pytest.approx(split.dt[..., 0].log(), abs=1e-6)
    again = digits.load(TaskOptions(seed=3))
    assert torch.equal(again.test.dt, data.test.dt)


def test_floors(data: digits.TaskData) -> None:
    """A guess is right once in ten; a linear look at the whole image nearly always."""
    guess, black_and_white, grey = data.floors.values()
    frequent = int(torch.bincount(data.train.targets).argmax())
    assert guess == float((data.test.targets == frequent).double().mean()) < 0.15
    assert 0.9 < black_and_white < grey < 1


def test_quick_is_a_part(data: digits.TaskData) -> None:
    """In the same order, each split of its own."""
    quick = digits.load(TaskOptions(quick=True))
    assert (len(quick.train), len(quick.validation), len(quick.test)) == digits.QUICK
    assert torch.equal(quick.train.inputs, data.train.inputs[:len(quick.train)])


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that says what to install."""
    monkeypatch.setitem(sys.modules, 'sklearn.datasets', None)
    with pytest.raises(TaskUnavailableError, match=r'scikit-learn.*pip install \.\[tasks\]'):
        digits.load(TaskOptions())
