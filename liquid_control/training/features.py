# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Features of augmented copies of every frame, kept on disk: the head trains on these alone.

Windows are drawn at a rate of their own: frames are left out, and the intervals and the IMU
means of those left out are joined, so that the head sees the elapsed times that it will fly at.
"""

from dataclasses import dataclass
import json
from pathlib import Path
import shutil

from liquid_control.errors import TrainingError
from liquid_control.nets.vision import Encoder
from liquid_control.runtime.specification import Normaliser
from liquid_control.training import checkpoint
from liquid_control.training.augmentation import Augmenter
from liquid_control.training.dataset import Dataset
from liquid_control.training.encoder import frame_batch, FrameBatch
from liquid_control.training.parallel import workers
from liquid_control.training.progress import Progress
from liquid_control.training.settings import HeadTraining, TrainingConfig
import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray
import torch
from torch import Tensor

FEATURES = 'features.npy'
_ARRAYS = ('features', 'inputs', 'impulse', 'label', 'weight', 'clock', 'first', 'dark')
_BLOCK = 512


def cache_features(encoder: Encoder, data: Dataset, normaliser: Normaliser,
                   config: TrainingConfig, stage: str, folder: Path, progress: Progress,
                   seed: int | None = None, known: NDArray[np.float32] | None = None) -> None:
    """
    Write the cache: copy 0 as recorded, odd copies augmented, even ones mirrored as well.

    :param encoder: frames -> features.
    :param data: all flights.
    :param normaliser: of the IMU.
    :param config: of the run.
    :param stage: name of the stage.
    :param folder: of the cache.
    :param progress: bar.
    :param seed: of the augmentation; None for that of the run.
    :param known: (copies, n, features) that the same encoder and seed have made of the first n
        frames, in this stage; None for none. Nothing but the time hangs on it.
    """
    encoder.eval()
    half = folder.with_name(folder.name + '.part')
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    count, copies = len(data), config.head.copies
    arrays = _open_arrays(half, copies, count, config)
    drawn_from = config.seed if seed is None else seed
    augmenter = Augmenter(config.augmentation, data.image_shape, drawn_from)
    elapsed, first, impulse = 0.0, 0, np.zeros((copies, 6))
    known = np.empty((copies, 0, config.policy.features), np.float32) if known is None else known
    begun = known.shape[1] // _BLOCK * _BLOCK    # a block is augmented as a whole

    def work(part: tuple[int, NDArray[np.int64]]) -> FrameBatch:
        copy, indices = part
        turned = np.full(len(indices), copy > 0 and copy % 2 == 0)
        if indices[0] < begun:
            arrays['features'][copy, indices] = known[copy, indices]
            return frame_batch(data, indices, turned, normaliser, config, images=False)
        batch = frame_batch(data, indices, turned, normaliser, config)
        frames = batch.frames
        if copy:
            generator = checkpoint.torch_stream(drawn_from, stage, copy, int(indices[0]))
            frames = augmenter(frames, generator)
        with torch.inference_mode():
            arrays['features'][copy, indices] = encoder(frames).numpy()
        return batch

    with (workers(config.encoder.threads) as pool,
          progress.stage(stage, copies * count, 'frames') as bar):
        for begin in range(0, count, _BLOCK):
            indices = np.arange(begin, min(begin + _BLOCK, count))
            rows, here = data.rows(indices), slice(begin, begin + len(indices))
            arrays['clock'][here] = elapsed + np.cumsum(rows['dt'], dtype=np.float64)
            elapsed = arrays['clock'][here][-1]
            arrays['first'][here] = np.maximum.accumulate(
                np.where(rows['start'], indices, first))
            first = arrays['first'][here][-1]
            arrays['dark'][here] = rows['dark']
            batches = pool.spread(work, [(copy, indices) for copy in range(copies)])
            for copy, batch in enumerate(batches):
                inputs = batch.inputs.numpy()
                arrays['inputs'][copy, here] = inputs
                arrays['impulse'][copy, here] = impulse[copy] + np.cumsum(
                    inputs[:, :6] * rows['dt'][:, None], 0, dtype=np.float64)
                impulse[copy] = arrays['impulse'][copy, here][-1]
                arrays['label'][copy, here] = batch.label.numpy()
                arrays['weight'][copy, here] = batch.weight.numpy()
            bar.advance(copies * len(indices), begin)
    for array in arrays.values():
        array.flush()
    (half / 'cache.json').write_text(json.dumps({'frames': count, 'copies': copies}),
                                     encoding='utf-8')
    shutil.rmtree(folder, ignore_errors=True)
    half.rename(folder)


def _open_arrays(folder: Path, copies: int, count: int,
                 config: TrainingConfig) -> dict[str, np.memmap]:
    """Create the arrays of a cache."""
    axes, inputs = len(config.command), 6 + len(config.policy.extra)
    kinds = {'features': ('<f4', (copies, count, config.policy.features)),
             'inputs': ('<f4', (copies, count, inputs)),   # IMU normalised, then extra
             'impulse': ('<f8', (copies, count, 6)),       # sum of IMU times dt up to the frame
             'label': ('<f4', (copies, count, axes)),
             'weight': ('<f4', (copies, count)),
             'clock': ('<f8', (count,)),                   # sum of dt up to the frame [s]
             'first': ('<i8', (count,)),                   # first frame of the same flight
             'dark': ('?', (count,))}                      # the frame is black
    return {name: open_memmap(folder / f'{name}.npy', 'w+', np.dtype(kind), shape)
            for name, (kind, shape) in kinds.items()}


@dataclass(frozen=True)
class Windows:
    """A batch of sequences for the head."""

    features: Tensor   # (batch, steps, features)
    imu: Tensor        # (batch, steps, 6), normalised
    extra: Tensor      # (batch, steps, extra)
    dt: Tensor         # (batch, steps, 1) [s]
    reset: Tensor      # (batch, steps), bool: a flight begins here
    label: Tensor      # (batch, steps, axes)
    weight: Tensor     # (batch, steps): 0 while the state is not yet warm, or no label is known


class FeatureCache:
    """
    Draws windows from a cache.

    :param folder: that `cache_features` wrote.
    :param usable: (frames,) bool; windows begin at these alone, and others have no weight.
    :param nominal_dt: elapsed time that the runtime gives to the first step of a flight [s].
    :param in_the_dark: black frames have labels too; not for a policy that repeats itself there,
        which would learn to say before the dark what the expert says in it.
    :raises TrainingError: if the cache is not there.
    """

    def __init__(self, folder: Path, usable: NDArray[np.bool_], nominal_dt: float,
                 in_the_dark: bool = True) -> None:
        self._usable, self._begins = usable, np.flatnonzero(usable)
        self._nominal_dt, self._in_the_dark = nominal_dt, in_the_dark
        try:
            self._arrays = {name: np.load(folder / f'{name}.npy', mmap_mode='r')
                            for name in _ARRAYS}
        except OSError as error:
            raise TrainingError(f'{folder}: expected cached features, found {error}; remove the '
                                'folder and resume') from error

    def draw(self, numbers: np.random.Generator, config: HeadTraining) -> Windows:
        """
        Draw one batch.

        :param numbers: random numbers.
        :param config: batch, steps, burn-in and rates.
        """
        clock, first = self._arrays['clock'], self._arrays['first']
        copy = numbers.integers(len(self._arrays['features']), size=config.batch)
        begin = self._begins[numbers.integers(len(self._begins), size=config.batch)]
        stride = self._strides(numbers, begin, config)
        jumps = np.repeat(stride[:, None], config.steps, 1)
        jumps += stride[:, None] * (numbers.random(jumps.shape) < config.drop_share)
        jumps[:, 0] = 0
        index = (begin[:, None] + np.cumsum(jumps, 1)) % len(clock)
        before = np.concatenate((begin[:, None] - stride[:, None], index[:, :-1]), 1)
        flight = first[index]
        joined = (before >= flight) & (before < index)
        before = np.where(joined, before, index)
        dt = np.where(joined, clock[index] - clock[before], self._nominal_dt)
        reset = ~joined
        reset[:, 0] = index[:, 0] == flight[:, 0]
        weight = self._arrays['weight'][copy[:, None], index]
        weight = weight * self._usable[index]
        if not self._in_the_dark:
            weight = weight * ~self._arrays['dark'][index]
        warm = np.maximum.accumulate(reset, 1) | (np.arange(config.steps) >= config.burn_in)
        # How long it has been dark is not known in a window that begins in the dark.
        warm &= np.maximum.accumulate(reset | ~self._arrays['dark'][index], 1)
        inputs = self._joined_inputs(copy, index, before)
        return Windows(
            features=torch.from_numpy(self._arrays['features'][copy[:, None], index]),
            imu=torch.from_numpy(inputs[:, :, :6].copy()),
            extra=torch.from_numpy(inputs[:, :, 6:].copy()),
            dt=torch.from_numpy(dt.astype(np.float32)[:, :, None]),
            reset=torch.from_numpy(reset),
            label=torch.from_numpy(self._arrays['label'][copy[:, None], index]),
            weight=torch.from_numpy(np.where(warm, weight, np.float32(0.0))))

    def _strides(self, numbers: np.random.Generator, begin: NDArray[np.int64],
                 config: HeadTraining) -> NDArray[np.int64]:
        """Draw a rate for each window, and the number of frames that makes it."""
        clock, first = self._arrays['clock'], self._arrays['first']
        probe = np.minimum(begin + 8, len(clock) - 1)
        probe = np.where(first[probe] == first[begin], probe, begin)
        back = np.maximum(begin - 8, first[begin])
        interval = (clock[probe] - clock[back]) / np.maximum(probe - back, 1)
        low, high = np.log(config.rate_hz)
        wanted = np.exp(-numbers.uniform(low, high, len(begin)))
        return np.maximum(1, np.round(wanted / np.maximum(interval, 1e-3))).astype(np.int64)

    def _joined_inputs(self, copy: NDArray[np.int64], index: NDArray[np.int64],
                       before: NDArray[np.int64]) -> NDArray[np.float32]:
        """Average the IMU over the frames left out, weighted by time; other inputs are newest."""
        inputs = self._arrays['inputs'][copy[:, None], index]
        impulse = self._arrays['impulse']
        span = self._arrays['clock'][index] - self._arrays['clock'][before]
        several = index - before > 1
        mean = ((impulse[copy[:, None], index] - impulse[copy[:, None], before])
                / np.maximum(span, 1e-9)[:, :, None])
        inputs[several, :6] = mean[several]
        return inputs
