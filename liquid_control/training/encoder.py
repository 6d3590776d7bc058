# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The convolution, trained on shuffled frames: each frame alone should tell the command.

Auxiliary targets (where the target is, how far the obstacles are) make the features mean
something; neither they nor the small head that learns here fly.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from liquid_control.nets.vision import Encoder
from liquid_control.runtime.specification import Normaliser
from liquid_control.training import checkpoint, mirror
from liquid_control.training.augmentation import Augmenter
from liquid_control.training.dataset import Dataset, SECTORS
from liquid_control.training.parallel import gather_gradients, replicas, workers
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor
from torch.nn import functional

_HIDDEN = 64
_REPORT_STEPS = 20
BFLOAT16_UNITS = ('amx_bf16', 'avx512_bf16', 'bf16')   # as torch calls them; the last is ARM's


class FrameModel(nn.Module):
    """
    The encoder and, on top of it, what only training needs.

    :param encoder: frames (batch, height, width, 3), uint8 -> features (batch, features).
    :param inputs: numbers besides the frame: IMU and optional inputs.
    :param axes: of the command.
    """

    def __init__(self, encoder: Encoder, inputs: int, axes: int) -> None:
        super().__init__()
        self.encoder = encoder
        features = encoder.config.features
        self.command = nn.Sequential(nn.Linear(features + inputs, _HIDDEN), nn.SiLU(),
                                     nn.Linear(_HIDDEN, axes), nn.Tanh())
        self.auxiliary = nn.Linear(features, 4 + SECTORS + 1)

    def forward(self, frames: Tensor, inputs: Tensor,
                precision: str = 'float32') -> tuple[Tensor, Tensor]:
        """
        Return commands (batch, axes) and auxiliary outputs (batch, 4 + sectors + 1).

        :param frames: (batch, height, width, 3), uint8.
        :param inputs: (batch, inputs), normalised.
        :param precision: `float32` or `bfloat16`, of the encoder alone.
        """
        with torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bfloat16'):
            features = self.encoder(frames)
        features = features.float()
        return self.command(torch.cat((features, inputs), 1)), self.auxiliary(features)


@dataclass(frozen=True)
class FrameBatch:
    """A shuffled batch, mirrored in part."""

    frames: Tensor      # (batch, height, width, 3), 0 to 255
    inputs: Tensor      # (batch, inputs)
    label: Tensor       # (batch, axes)
    weight: Tensor      # (batch,): 0 where a mirrored label would be wrong
    target: Tensor      # (batch, 4); NaN where nobody knows
    sectors: Tensor     # (batch, SECTORS); likewise
    dark: Tensor        # (batch,): 1 where the frame is black


@dataclass(frozen=True)
class FrameTask:
    """Which frames are learned from, or measured on, and how they are read."""

    data: Dataset
    indices: NDArray[np.int64]   # frames that may be used
    normaliser: Normaliser
    config: TrainingConfig


@dataclass(frozen=True)
class _Part:
    """A thread's share of a batch."""

    model: FrameModel
    indices: NDArray[np.int64]
    mirrored: NDArray[np.bool_]
    generator: torch.Generator


def frame_batch(data: Dataset, indices: NDArray[np.int64], mirrored: NDArray[np.bool_],
                normaliser: Normaliser, config: TrainingConfig, images: bool = True) -> FrameBatch:
    """
    Read a batch and mirror what is to be mirrored.

    The expert turns left while it has never seen the target, which no mirror image does: such
    labels have no weight.

    :param data: all flights.
    :param indices: (batch,).
    :param mirrored: (batch,).
    :param normaliser: of the IMU.
    :param config: names the axes and the optional inputs.
    :param images: read the frames; otherwise there are none in the batch.
    """
    rows = data.rows(indices)
    flip = mirrored[:, None]
    imu = np.where(flip, rows['imu'] * mirror.IMU_SIGNS, rows['imu'])
    extra = data.extra(config.policy.extra, indices, rows)
    extra = np.where(flip, extra * mirror.signs(config.policy.extra), extra)
    label = np.where(flip, rows['label'] * mirror.signs(config.command_spec.names),
                     rows['label'])
    inputs = np.concatenate(((imu - normaliser.imu_mean) / normaliser.imu_scale, extra), 1)
    frames = torch.from_numpy(data.frames(indices if images else indices[:0]))
    turned = torch.from_numpy(mirrored)
    if images:
        frames[turned] = frames[turned].flip(2)
    return FrameBatch(
        frames=frames,
        inputs=torch.from_numpy(inputs.astype(np.float32)),
        label=torch.from_numpy(label),
        weight=torch.from_numpy((rows['seen'] | ~mirrored).astype(np.float32)),
        target=torch.from_numpy(np.where(flip, rows['target'] * mirror.TARGET_SIGNS,
                                         rows['target'])),
        sectors=torch.from_numpy(np.where(flip, rows['sectors'][:, ::-1], rows['sectors'])),
        dark=torch.from_numpy(rows['dark'].astype(np.float32)))


def losses(model: FrameModel, batch: FrameBatch,
           precision: str = 'float32') -> tuple[Tensor, Tensor]:
    """
    Return the imitation loss and the auxiliary loss.

    A black frame tells neither command nor depth, but that it is black. A recorded flight does
    not tell what its frames show: there target and sectors are no numbers, and are not learned.

    :param model: with its encoder.
    :param batch: what it should say.
    :param precision: of the encoder.
    """
    command, auxiliary = model(batch.frames, batch.inputs, precision)
    lit = 1.0 - batch.dark
    weight = batch.weight * lit
    error = ((command - batch.label) ** 2).mean(1)
    label_loss = (error * weight).sum() / weight.sum().clamp_min(1.0)
    told = (~torch.isnan(batch.target[:, 0])).float()
    target, sectors = batch.target.nan_to_num(), batch.sectors.nan_to_num()
    visible = target[:, 0]
    visible_loss = functional.binary_cross_entropy_with_logits(
        auxiliary[:, 0], visible, weight=told, reduction='sum') / told.sum().clamp_min(1.0)
    place = ((auxiliary[:, 1:4] - target[:, 1:4]) ** 2).sum(1)
    place_loss = (place * visible).sum() / visible.sum().clamp_min(1.0)
    depth = ((auxiliary[:, 4:-1] - sectors) ** 2).mean(1)
    depth_loss = (depth * lit * told).sum() / (lit * told).sum().clamp_min(1.0)
    dark_loss = functional.binary_cross_entropy_with_logits(auxiliary[:, -1], batch.dark)
    return label_loss, visible_loss + 2.0 * place_loss + depth_loss + dark_loss


def train_encoder(model: FrameModel, task: FrameTask, frames: int, stage: str, path: Path,
                  progress: Progress, fine_tune: bool) -> None:
    """
    Train the model in place, or finish what an interrupted run began.

    :param model: as the previous round left it.
    :param task: what it learns from.
    :param frames: to show, repetitions included.
    :param stage: name of the stage; its random numbers hang on it.
    :param path: of the checkpoint.
    :param progress: bar and history.
    :param fine_tune: use the smaller learning rate.
    """
    data, config, settings = task.data, task.config, task.config.encoder
    peak = settings.fine_tune_rate if fine_tune else settings.learning_rate
    optimiser = torch.optim.AdamW(model.parameters(), peak, weight_decay=settings.weight_decay)
    begin = int(checkpoint.restore(path, model, optimiser)['steps']) if path.exists() else 0
    precision = fast_precision() if settings.precision == 'auto' else settings.precision
    augmenter = Augmenter(config.augmentation, data.image_shape, config.seed)
    steps = max(1, frames // settings.batch)
    block = max(1, settings.checkpoint_frames // settings.batch)
    model.train()
    models = replicas(model, settings.threads)

    def work(part: _Part) -> tuple[float, float]:
        batch = frame_batch(data, part.indices, part.mirrored, task.normaliser, config)
        batch = replace(batch, frames=augmenter(batch.frames, part.generator))
        label_loss, auxiliary_loss = losses(part.model, batch, precision)
        (label_loss + settings.auxiliary_weight * auxiliary_loss).backward()
        return label_loss.item(), auxiliary_loss.item()

    with (workers(settings.threads) as pool, progress.stage(
            stage, steps * settings.batch, 'frames', begin * settings.batch) as bar):
        for first in range(begin, steps, block):
            numbers = checkpoint.stream(config.seed, stage, first)
            generators = [checkpoint.torch_stream(config.seed, stage, first, part)
                          for part in range(settings.threads)]
            last = min(first + block, steps)
            for step in range(first, last):
                set_rate(optimiser, peak, step, steps)
                chosen = numbers.choice(task.indices, settings.batch)
                mirrored = numbers.random(settings.batch) < settings.mirror_share
                optimiser.zero_grad(set_to_none=True)
                found = pool.spread(work, [_Part(*part) for part in zip(
                    models, np.array_split(chosen, settings.threads),
                    np.array_split(mirrored, settings.threads), generators)])
                gather_gradients(models)
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimiser.step()
                label, auxiliary = np.mean(found, 0).tolist()
                bar.advance(settings.batch, step, {'label': label, 'auxiliary': auxiliary}
                            if step % _REPORT_STEPS == 0 else None)
            checkpoint.save(path, model, optimiser, {'steps': last})
    model.eval()


def fast_precision() -> Literal['float32', 'bfloat16']:
    """Return bfloat16 if this processor multiplies it itself; emulated it takes far longer."""
    known = torch.cpu.get_capabilities()
    return 'bfloat16' if any(known.get(unit) for unit in BFLOAT16_UNITS) else 'float32'


def set_rate(optimiser: torch.optim.Optimizer, peak: float, step: int, steps: int) -> None:
    """
    Set the learning rate: a short rise, then half a cosine to nearly zero.

    :param optimiser: whose rate is set.
    :param peak: the largest rate.
    :param step: that comes.
    :param steps: in all.
    """
    rise = min(1.0, (step + 1) / max(1, min(50, steps // 10)))
    rate = peak * rise * (0.01 + 0.99 * 0.5 * (1.0 + np.cos(np.pi * step / steps)))
    for group in optimiser.param_groups:
        group['lr'] = float(rate)


@torch.inference_mode()
def held_out_losses(model: FrameModel, task: FrameTask) -> dict[str, float]:
    """
    Measure the losses on flights that were not trained on, as they were recorded.

    :param model: to measure.
    :param task: with the frames that were held out.
    """
    model.eval()
    some, size = task.indices[::max(1, len(task.indices) // 4096)], task.config.encoder.batch
    sums, count = np.zeros(2), 0
    for begin in range(0, len(some), size):
        chosen = some[begin:begin + size]
        batch = frame_batch(task.data, chosen, np.zeros(len(chosen), bool), task.normaliser,
                            task.config)
        sums += len(chosen) * np.array([loss.item() for loss in losses(model, batch)])
        count += len(chosen)
    return {'label': float(sums[0] / count), 'auxiliary': float(sums[1] / count)}
