# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the data set: what is written is read, across rounds, whole or not at all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from liquid_control.errors import TrainingError
from liquid_control.sensing.extra import Extras
from liquid_control.training.dataset import Dataset, join_parts, row_type, write_part
import numpy as np
import pytest

HEIGHT, WIDTH = 6, 8


class _KilledError(Exception):
    """Stands for SIGKILL: nothing in the package catches it."""


def _killed_at(name: str, save: Callable[..., None]) -> Callable[..., None]:
    """Return a `numpy.save` that does not live to write one of the files."""
    def half_saved(path: Path, *arguments: Any, **named: Any) -> None:
        if path.name == name:
            raise _KilledError
        save(path, *arguments, **named)
    return half_saved


def _part(folder: Path, seed: int, count: int, extra: int = 0) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.random.default_rng(seed)
    frames = numbers.integers(256, size=(count, HEIGHT, WIDTH, 3), dtype=np.uint8)
    rows = np.zeros(count, row_type(4, extra))
    rows['label'] = numbers.uniform(-1, 1, (count, 4))
    rows['start'][0] = True
    write_part(folder, frames, rows, [{'frames': count, 'seed': seed}])
    return frames, rows


def test_roundtrip_across_shards_and_rounds(tmp_path: Path) -> None:
    """Shards joined into rounds, and rounds into a data set, give every frame back."""
    first = [_part(tmp_path / 'shards' / str(i), i, 5 + i) for i in range(3)]
    join_parts([tmp_path / 'shards' / str(i) for i in range(3)], tmp_path / 'one')
    second = _part(tmp_path / 'two', 9, 4)
    data = Dataset([tmp_path / 'one', tmp_path / 'two'])
    frames = np.concatenate([frames for frames, _ in [*first, second]])
    rows = np.concatenate([rows for _, rows in [*first, second]])
    order = np.random.default_rng(0).permutation(len(frames))
    assert len(data) == len(frames) == 22
    np.testing.assert_array_equal(data.frames(order), frames[order])
    np.testing.assert_array_equal(data.rows(order), rows[order])
    assert [flight['seed'] for flight in data.flights] == [0, 1, 2, 9]
    assert not list((tmp_path / 'shards').iterdir())


def test_frames_stay_on_disk(tmp_path: Path) -> None:
    """Reading every frame maps nothing: no page of the files is in this process's memory."""
    frames, _ = _part(tmp_path / 'one', 0, 20_000)
    data = Dataset([tmp_path / 'one'])
    for begin in range(0, 20_000, 1000):
        indices = np.random.default_rng(begin).integers(20_000, size=1000)
        np.testing.assert_array_equal(data.frames(indices), frames[indices])
        data.rows(indices)
    assert str(tmp_path) not in Path('/proc/self/smaps').read_text()


def test_a_half_written_shard_does_not_count(tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    """What a kill cuts off, at any file, is never taken for a shard, nor in the next one's way."""
    for number, name in enumerate(('frames.npy', 'rows.npy')):
        with monkeypatch.context() as patch:
            patch.setattr(np, 'save', _killed_at(name, np.save))
            with pytest.raises(_KilledError):
                _part(tmp_path / 'one', 0, 5)
        assert len(list(tmp_path.iterdir())) == number + 1
        assert not (tmp_path / 'one').exists()
    _part(tmp_path / 'one', 0, 5)
    assert len(Dataset([tmp_path / 'one'])) == 5


def test_of_two_processes_that_fly_the_same_the_first_counts(tmp_path: Path) -> None:
    """One is of a run that was just killed: neither fails, and nothing is left over."""
    frames, rows = _part(tmp_path / 'one', 0, 5)
    _part(tmp_path / 'one', 0, 5)
    assert [path.name for path in tmp_path.iterdir()] == ['one']
    np.testing.assert_array_equal(Dataset([tmp_path / 'one']).frames(np.arange(5)), frames)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    """A round that is missing, damaged, or of other inputs is an error that says so."""
    _part(tmp_path / 'one', 0, 5)
    _part(tmp_path / 'other', 1, 5, extra=2)
    with pytest.raises(TrainingError, match='collect all rounds with one'):
        Dataset([tmp_path / 'one', tmp_path / 'other'])
    with pytest.raises(TrainingError, match='collect this round again'):
        Dataset([tmp_path / 'nowhere'])
    (tmp_path / 'one' / 'rows.npy').write_bytes(b'damaged')
    with pytest.raises(TrainingError, match='collect this round again'):
        Dataset([tmp_path / 'one'])
    with pytest.raises(TrainingError, match='at least one round'):
        Dataset([])


def test_brightness_is_computed_and_other_inputs_are_recorded(tmp_path: Path) -> None:
    """Whatever is listed beside it, in whatever order, as the sensing gives it in flight."""
    frames, rows = _part(tmp_path / 'one', 0, 5, extra=1)
    rows['extra'][:, 0] = np.arange(5)
    write_part(tmp_path / 'one_more', frames, rows, [{'frames': 5, 'seed': 0}])
    data, indices = Dataset([tmp_path / 'one_more']), np.array([4, 1])
    found = data.extra(('frame_brightness', 'frame_age'), indices, data.rows(indices))
    np.testing.assert_array_equal(found[:, 1], [4, 1])
    sensed = [Extras(('frame_brightness',)).collect(0, 0, frames[index], None, None)
              for index in indices]
    np.testing.assert_allclose(found[:, :1], sensed, rtol=1e-6)
