# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Half-Cheetah: windows, floors and what a network sees, on recordings made of a formula."""

import os
from pathlib import Path

from liquid_control.errors import TaskUnavailableError
from liquid_control.tasks import half_cheetah
from liquid_control.tasks.task import TaskOptions
import numpy as np
import pytest
import torch

RECORDINGS = os.environ.get('HALF_CHEETAH_DATA')


def test_windows_follow_each_other_and_files_go_to_their_splits(traces: Path) -> None:
    """5 files for validation, 10 for the test, 10 for training, told apart by their offsets."""
    data = half_cheetah.load(TaskOptions(data=traces))
    per_file = len(range(0, 80 - 33, 10))
    for split, files in ((data.validation, range(5)), (data.test, range(5, 15)),
                         (data.train, range(15, 25))):
        assert split.targets.shape == (per_file * len(files), 32, 17)
        found = split.targets.mean(dim=(1, 2)).round().reshape(-1, per_file)
        assert torch.equal(found, torch.tensor(files).float()[:, None].expand_as(found))
    trace = np.load(traces / 'trace_0006.npy')
    assert data.test.targets[per_file + 2] == pytest.approx(trace[21:53])


def test_inputs_are_normalised_by_training_windows_and_stay_in_their_range(traces: Path) -> None:
    """What others show beyond it is cut; the base of a prediction is not."""
    data = half_cheetah.load(TaskOptions(data=traces))
    flat = data.train.inputs.flatten(0, 1)
    assert flat.mean(dim=0) == pytest.approx(torch.zeros(17), abs=1e-4)
    assert flat.std(dim=0) == pytest.approx(torch.ones(17), abs=1e-3)
    for split in (data.validation, data.test):
        seen = split.inputs.flatten(0, 1)
        assert bool((seen >= flat.min(dim=0).values).all())
        assert bool((seen <= flat.max(dim=0).values).all())
    assert float(data.validation.base.mean()) < float(data.train.base.mean()) - 10
    error = (data.train.targets - data.train.base).flatten(0, 1)
    assert error.mean(dim=0) == pytest.approx(torch.zeros(17), abs=1e-3)
    assert error.std(dim=0) == pytest.approx(data.scale, rel=1e-3)


def test_floors_of_a_linear_system(traces: Path) -> None:
    """AR(1) knows the equation and is left with its noise; standing still is worse."""
    floors = half_cheetah.load(TaskOptions(data=traces)).floors
    assert list(floors) == ['persistence', 'AR(1)', 'AR(2)', 'AR(4)']
    assert floors['AR(1)'] < floors['persistence'] / 2


@pytest.mark.skipif(RECORDINGS is None, reason='HALF_CHEETAH_DATA does not name the recordings')
def test_floors_of_the_recordings() -> None:
    """The figures known for the published split."""
    data = half_cheetah.load(TaskOptions(data=Path(RECORDINGS)))
    assert [len(split) for split in (data.train, data.validation, data.test)] == [970, 485, 970]
    assert [round(value, 2) for value in data.floors.values()] == [62.87, 3.43, 3.18, 3.15]


def test_absent_or_damaged_recordings_say_so(traces: Path, tmp_path: Path) -> None:
    """One sentence a cause, each with what to do."""
    with pytest.raises(TaskUnavailableError, match='--data'):
        half_cheetah.load(TaskOptions())
    np.save(traces / 'trace_0003.npy', np.zeros((80, 16)))
    with pytest.raises(TaskUnavailableError, match=r'trace_0003.npy: expected \(steps, 17\)'):
        half_cheetah.load(TaskOptions(data=traces))
    (traces / 'trace_0003.npy').unlink()
    with pytest.raises(TaskUnavailableError, match='expected 25 files .* found 24'):
        half_cheetah.load(TaskOptions(data=traces))
