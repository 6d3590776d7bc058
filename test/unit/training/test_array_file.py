# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test reading rows of a .npy file against NumPy's own reader."""

from pathlib import Path

from liquid_control.training.array_file import ArrayFile
import numpy as np
import pytest

RECORD = np.dtype([('x', '<f4', (3,)), ('flag', '?'), ('none', '<f4', (0,))])


@pytest.mark.parametrize('kind', [np.uint8, np.float64, RECORD])
def test_rows_are_those_that_numpy_reads(tmp_path: Path, kind: type) -> None:
    """Alone, in runs, twice, backward, and none at all."""
    shape = (50,) if kind is RECORD else (50, 4, 3)
    whole = np.zeros(shape, kind)
    whole.view(np.uint8)[...] = np.random.default_rng(0).integers(
        2, size=whole.view(np.uint8).shape)
    np.save(tmp_path / 'x.npy', whole)
    file = ArrayFile(tmp_path / 'x.npy')
    assert len(file) == 50 and file.shape == shape and file.dtype == whole.dtype
    for indices in ([7], [3, 4, 5, 20, 21, 3, 3], list(range(50))[::-1], list(range(50)), []):
        rows = file.read(np.array(indices, np.int64))
        np.testing.assert_array_equal(rows, whole[np.array(indices, int)])


def test_what_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A row before the first or behind the last, a file cut off, one that became shorter."""
    np.save(tmp_path / 'x.npy', np.arange(10))
    file = ArrayFile(tmp_path / 'x.npy')
    for index in (-1, 10):
        with pytest.raises(IndexError, match='rows 0 to 9'):
            file.read(np.array([index]))
    content = (tmp_path / 'x.npy').read_bytes()
    (tmp_path / 'x.npy').write_bytes(content[:-8])
    with pytest.raises(ValueError, match='bytes'):
        ArrayFile(tmp_path / 'x.npy')
    with pytest.raises(OSError, match='shorter'):
        file.read(np.array([9]))


@pytest.mark.parametrize('array', [np.array([{}]), np.array(3.0), np.zeros((3, 4), order='F')])
def test_other_arrays_are_refused(tmp_path: Path, array: np.ndarray) -> None:
    """Pickled objects, a single number, columns first."""
    np.save(tmp_path / 'x.npy', array, allow_pickle=True)
    with pytest.raises(ValueError, match='rows of plain values'):
        ArrayFile(tmp_path / 'x.npy')
