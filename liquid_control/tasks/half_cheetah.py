# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Half-Cheetah: predict the next observation of a simulated runner.

The recordings and the protocol of Hasani et al., "Liquid time-constant networks" (AAAI 2021),
table 6: 25 recordings of 17 joint positions and velocities, 5 % of the actions at random; files
sorted by name, the first 5 for validation, 10 for the test, 10 for training; windows of 32 steps,
one every 10; mean squared error over all raw features; 32 units, 200 epochs, best on validation.
"""

from dataclasses import replace
from pathlib import Path

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.floors import Array, autoregression, persistence
from liquid_control.tasks.task import (
    Model,
    Published,
    Recipe,
    Sequences,
    Task,
    TaskData,
    TaskOptions,
)
import numpy as np
import torch

FEATURES = 17
FILES = 25
VALIDATION, TEST, TRAIN = slice(0, 5), slice(5, 15), slice(15, 25)     # of the sorted files
WINDOW, STRIDE = 32, 10
DT_S = 0.05      # of an observation: five physics steps of 10 ms
SOURCE = 'Hasani et al., AAAI 2021, table 6'


def load(options: TaskOptions) -> TaskData:
    """
    Read the recordings.

    :param options: `data` is their folder.
    :raises TaskUnavailableError: if they are not there.
    """
    traces = _read(options.data)
    count = 1 if options.quick else None
    train, validation, test = (_windows(traces[part][:count])
                               for part in (TRAIN, VALIDATION, TEST))
    floors = {'persistence': persistence(*test)}
    for order in (1, 2, 4):
        floors[f'AR({order})'] = autoregression(order, *train, *test)
    frame = _Frame(*train)
    return TaskData(frame.sequences(*train), frame.sequences(*validation), frame.sequences(*test),
                    outputs=FEATURES, floors=floors, scale=_float(frame.scale))


def _read(folder: Path | None) -> list[Array]:
    """Read all recordings, sorted by name."""
    if folder is None:
        raise TaskUnavailableError(
            'half_cheetah: its recordings are not part of this package; clone github.com/raminmh/'
            'liquid_time_constant_networks and give --data the folder of trace_0000.npy')
    paths = sorted(folder.glob('trace_*.npy'))[:FILES]
    if len(paths) < FILES:
        raise TaskUnavailableError(f'half_cheetah: expected {FILES} files trace_*.npy in {folder},'
                                   f' found {len(paths)}; give --data the folder that has them')
    traces = [np.load(path, allow_pickle=False) for path in paths]
    for path, trace in zip(paths, traces):
        if trace.ndim != 2 or trace.shape[1] != FEATURES or len(trace) < WINDOW + 2:
            raise TaskUnavailableError(f'half_cheetah: {path}: expected (steps, {FEATURES}), '
                                       f'found {trace.shape}; download it again')
    return traces


def _windows(traces: list[Array]) -> tuple[Array, Array]:
    """Cut windows (n, 32, 17) and what follows each of their steps."""
    starts = [(trace, start) for trace in traces
              for start in range(0, len(trace) - WINDOW - 1, STRIDE)]
    return (np.stack([trace[start:start + WINDOW] for trace, start in starts]),
            np.stack([trace[start + 1:start + WINDOW + 1] for trace, start in starts]))


class _Frame:
    """
    How a network sees the raw features, by statistics of the training windows alone.

    Inputs are normalised, and cut at the largest and smallest that training saw: some recordings
    show a runner that has fallen on its back, which none for training does. A prediction begins
    at what each feature's own last value tells, so that a joint outside the range is where it was.
    """

    def __init__(self, now: Array, following: Array) -> None:
        """
        Take the statistics.

        :param now: (n, T, 17).
        :param following: (n, T, 17).
        """
        axes = (0, 1)
        self.mean, self.spread = now.mean(axis=axes), now.std(axis=axes)
        self.lowest, self.highest = now.min(axis=axes), now.max(axis=axes)
        self.offset = following.mean(axis=axes)
        self.slope = ((now - self.mean) * (following - self.offset)).mean(
            axis=axes) / self.spread ** 2
        self.scale = (following - self.base(now)).std(axis=axes)

    def base(self, now: Array) -> Array:
        """Predict each feature from itself."""
        return self.offset + self.slope * (now - self.mean)

    def sequences(self, now: Array, following: Array) -> Sequences:
        """Prepare windows (n, T, 17) and what follows each step; targets stay raw."""
        inputs = (np.clip(now, self.lowest, self.highest) - self.mean) / self.spread
        steps = now.shape[:2]
        return Sequences(inputs=_float(inputs), dt=torch.full((*steps, 1), DT_S),
                         mask=torch.ones(steps, dtype=torch.bool), targets=_float(following),
                         base=_float(self.base(now)))


def _float(values: Array) -> torch.Tensor:
    return torch.from_numpy(values).float()


SETTINGS = CellSettings(nominal_dt=DT_S, time_constants=(0.01, 0.5))
# In sub-steps neurons act on each other within an observation, as the published solver's six do.
DEEP = replace(SETTINGS, substeps=4)
TASK = Task(
    name='half_cheetah', title='Half-Cheetah: the next observation, 32 units', metric='mse',
    published=(Published('LTC', 2.308, 0.015, SOURCE), Published('LSTM', 2.500, 0.140, SOURCE),
               Published('CT-RNN', 2.838, 0.112, SOURCE),
               Published('CT-GRU', 3.014, 0.134, SOURCE),
               Published('Neural ODE', 3.805, 0.313, SOURCE)),
    recipe=Recipe(epochs=200, batch=64, learning_rate=2e-2, average=0.99),
    models=(Model('ltc', 'ltc', 32, DEEP), Model('cfc', 'cfc', 32, SETTINGS),
            Model('cfc_mixed_memory', 'cfc', 32, replace(SETTINGS, mixed_memory=True)),
            Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS),
            Model('gru_32', 'gru', 32, SETTINGS), Model('lstm_32', 'lstm', 32, SETTINGS)),
    reference='ltc', load=load, skip=True)
