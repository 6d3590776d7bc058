# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Flights on disk, as plain arrays: memory does not grow with the data set.

A round is a folder with `frames.npy` (images), `rows.npy` (all the rest, one record a frame)
and `flights.json`. It is written as shards by many processes, then joined.
"""

from collections.abc import Sequence
import json
from pathlib import Path
import shutil
from typing import Any, TypeAlias
import uuid

from liquid_control.errors import TrainingError
from liquid_control.signals import ImageArray
from liquid_control.training.array_file import ArrayFile
import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

# Frames, records, and what is known of the flight.
Recorded: TypeAlias = tuple[ImageArray, NDArray[Any], dict[str, Any]]

SECTORS = 8  # of the depth image, left to right
_COPY_ROWS = 2048
_FIRST = np.zeros(1, np.int64)
_BRIGHTNESS = 'frame_brightness'   # computed from the image, so that any policy may ask for it


def recorded_inputs(names: Sequence[str]) -> tuple[str, ...]:
    """
    Return which optional inputs have to be recorded, since the image does not tell them.

    :param names: of the policy's optional inputs.
    """
    return tuple(name for name in names if name != _BRIGHTNESS)


def row_type(axes: int, extra: int) -> np.dtype:
    """
    Return the record that goes with one frame.

    :param axes: of the command.
    :param extra: optional inputs of the policy that the image does not tell.
    """
    return np.dtype([
        ('imu', '<f4', (6,)),              # mean over the interval before the frame, SI
        ('extra', '<f4', (extra,)),
        ('dt', '<f4'),                     # since the previous frame [s]
        ('label', '<f4', (axes,)),         # the expert's command, in [-1, 1] of each limit
        ('target', '<f4', (4,)),           # visible, bearing, elevation [rad], 1/distance [1/m];
        #                                    NaN where nobody knows, as sectors
        ('sectors', '<f4', (SECTORS,)),    # inverse depth, left to right [1/m]
        ('seen', '?'),                     # the goal was visible at some time before, or is now
        ('start', '?'),                    # first frame of a flight
        ('expert', '?'),                   # the expert was flying
        ('dark', '?'),                     # the frame is black
    ])


def write_part(folder: Path, frames: ImageArray, rows: NDArray[Any],
               flights: list[dict[str, Any]]) -> None:
    """
    Write a shard so that it exists either whole or not at all.

    A process of a killed run may still be at work on the same flights: of two shards that are
    equal, the first is kept.

    :param folder: of the shard.
    :param frames: (n, height, width, 3).
    :param rows: (n,) of `row_type`.
    :param flights: what is known of each flight; `frames` is its number of frames.
    """
    half = folder.with_name(f'{folder.name}.{uuid.uuid4().hex}.part')
    half.mkdir(parents=True)
    np.save(half / 'frames.npy', frames, allow_pickle=False)
    np.save(half / 'rows.npy', rows, allow_pickle=False)
    (half / 'flights.json').write_text(json.dumps(flights, indent=1), encoding='utf-8')
    try:
        half.rename(folder)
    except OSError:
        if not folder.exists():
            raise
        shutil.rmtree(half)


def join_parts(parts: Sequence[Path], folder: Path) -> None:
    """
    Join shards into one folder, in the order given, and remove them.

    :param parts: folders that `write_part` wrote.
    :param folder: of the joined round.
    """
    half = folder.with_name(folder.name + '.part')
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    flights: list[dict[str, Any]] = []
    for part in parts:
        flights += json.loads((part / 'flights.json').read_text(encoding='utf-8'))
    for name in ('frames.npy', 'rows.npy'):
        sources = [np.load(part / name, mmap_mode='r') for part in parts]
        total = sum(len(source) for source in sources)
        joined = open_memmap(half / name, 'w+', sources[0].dtype, (total, *sources[0].shape[1:]))
        at = 0
        for source in sources:
            for begin in range(0, len(source), _COPY_ROWS):
                piece = source[begin:begin + _COPY_ROWS]
                joined[at:at + len(piece)] = piece
                at += len(piece)
        joined.flush()
    (half / 'flights.json').write_text(json.dumps(flights, indent=1), encoding='utf-8')
    half.rename(folder)
    for part in parts:
        shutil.rmtree(part)


class Dataset:
    """
    Several rounds as one sequence of frames; nothing is read before it is asked for.

    :param folders: of the rounds, in order.
    :raises TrainingError: if a round is missing, empty, or of another kind than the first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._frames: list[ArrayFile] = []
        self._rows: list[ArrayFile] = []
        self.flights: list[dict[str, Any]] = []
        for folder in folders:
            try:
                frames = ArrayFile(folder / 'frames.npy')
                rows = ArrayFile(folder / 'rows.npy')
                flights = json.loads((folder / 'flights.json').read_text(encoding='utf-8'))
            except (OSError, ValueError) as error:
                raise TrainingError(f'{folder}: expected frames.npy, rows.npy and flights.json, '
                                    f'found {error}; collect this round again') from error
            self._check(folder, frames, rows)
            self._frames.append(frames)
            self._rows.append(rows)
            self.flights += flights
        if not self._frames:
            raise TrainingError('expected at least one round of data, found none')
        self._ends = np.cumsum([len(rows) for rows in self._rows])

    def __len__(self) -> int:
        """Return the number of frames."""
        return int(self._ends[-1])

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of a frame."""
        height, width, channels = self._frames[0].shape[1:]
        return height, width, channels

    @property
    def row_dtype(self) -> np.dtype:
        """Type of the record that goes with a frame."""
        return self._rows[0].dtype

    def frames(self, indices: NDArray[np.int64]) -> ImageArray:
        """
        Read frames.

        :param indices: (n,), in any order.
        """
        return self._gather(self._frames, indices)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[Any]:
        """
        Read the records of frames.

        :param indices: (n,), in any order.
        """
        return self._gather(self._rows, indices)

    def extra(self, names: Sequence[str], indices: NDArray[np.int64],
              rows: NDArray[Any]) -> NDArray[np.float32]:
        """
        Return the optional inputs of frames, (n, names), as `sensing.extra` gives them.

        :param names: of the policy's optional inputs, in its order.
        :param indices: (n,), in any order.
        :param rows: (n,), the records of the frames.
        """
        found = np.empty((len(indices), len(names)), np.float32)
        recorded = recorded_inputs(names)
        for column, name in enumerate(names):
            found[:, column] = (rows['extra'][:, recorded.index(name)] if name in recorded
                                else self.frames(indices).mean((1, 2, 3)) / 255.0)
        return found

    def _gather(self, parts: list[ArrayFile], indices: NDArray[np.int64]) -> NDArray[Any]:
        """Copy rows out of several arrays that count on from each other."""
        found = np.empty((len(indices), *parts[0].shape[1:]), parts[0].dtype)
        owner = np.searchsorted(self._ends, indices, side='right')
        for number, part in enumerate(parts):
            mine = np.flatnonzero(owner == number)
            if len(mine):
                found[mine] = part.read(indices[mine] - (self._ends[number] - len(part)))
        return found

    def _check(self, folder: Path, frames: ArrayFile, rows: ArrayFile) -> None:
        """Refuse a round that does not fit."""
        if len(frames) != len(rows) or not len(rows) or not rows.read(_FIRST)['start'][0]:
            raise TrainingError(f'{folder}: expected as many frames as records, beginning with '
                                f'the start of a flight, found {len(frames)} and {len(rows)}; '
                                'collect this round again')
        if self._frames and (frames.shape[1:] != self.image_shape
                             or rows.dtype != self.row_dtype):
            raise TrainingError(f'{folder}: expected frames {self.image_shape} as in the first '
                                f'round, found {frames.shape[1:]}; or the inputs differ; collect '
                                'all rounds with one configuration')
