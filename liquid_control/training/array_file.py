# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Rows of a `.npy` file, read where they lie on disk."""

import os
from pathlib import Path
from typing import Any
import weakref

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


class ArrayFile:
    """
    A `.npy` file of which nothing is kept in memory.

    A memory map would be simpler, but each page it ever touched counts as this process's memory,
    with its neighbours, until the whole data set does.

    :param path: of the file; it may not change while it is open.
    :raises OSError: if it cannot be read.
    :raises ValueError: if it is not a whole array of plain values in C order.
    """

    def __init__(self, path: Path) -> None:
        with path.open('rb') as file:
            version = npy.read_magic(file)
            read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
            if version not in read_header:
                raise ValueError(f'expected a .npy file of version 1 or 2, found {version}')
            self.shape, fortran, self.dtype = read_header[version](file)
            self._offset = file.tell()
        if fortran or self.dtype.hasobject or not self.shape:
            raise ValueError(f'expected rows of plain values, found {self.dtype} of shape '
                             f'{self.shape}')
        self._row_bytes = self.dtype.itemsize * int(np.prod(self.shape[1:]))
        expected = self._offset + self._row_bytes * self.shape[0]
        if path.stat().st_size != expected:
            raise ValueError(f'expected {expected} bytes, found {path.stat().st_size}')
        self._file = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._file)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.shape[0])

    def read(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """
        Read rows; several threads may at once.

        :param indices: (n,), each from 0 to the number of rows, in any order.
        :returns: (n, ...).
        :raises IndexError: if there is no such row.
        """
        found = np.empty((len(indices), *self.shape[1:]), self.dtype)
        if not len(indices):
            return found
        if not 0 <= indices.min() <= indices.max() < len(self):
            raise IndexError(f'expected rows 0 to {len(self) - 1}, found {indices.min()} to '
                             f'{indices.max()}')
        target = found.view(np.uint8).reshape(-1).data
        # What lies together is read together.
        breaks = np.flatnonzero(np.diff(indices) != 1) + 1
        for begin, end in zip([0, *breaks], [*breaks, len(indices)]):
            self._fill(target[begin * self._row_bytes:end * self._row_bytes],
                       self._offset + self._row_bytes * int(indices[begin]))
        return found

    def _fill(self, target: memoryview, place: int) -> None:
        """Read bytes until the target is full."""
        while len(target):
            count = os.preadv(self._file, [target], place)
            if not count:
                raise OSError('the file became shorter while it was open')
            target, place = target[count:], place + count
