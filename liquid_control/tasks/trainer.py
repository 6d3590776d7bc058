# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Trains one network of a task: Adam, the best epoch on validation, the test split looked at once.

A run that was killed goes on from its last epoch and ends with the same weights, to the bit.
"""

import copy
from dataclasses import dataclass
import math
from pathlib import Path
import time

from liquid_control.nets.policy import parameter_count
from liquid_control.tasks.network import Network
from liquid_control.tasks.score import by_length, evaluate, loss, trimmed
from liquid_control.tasks.task import Metric, Recipe, Sequences, TaskData
from liquid_control.training.checkpoint import restore, save, stream
import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor


@dataclass(frozen=True)
class Trained:
    """What came of a training."""

    test: float                               # metric of the best epoch's weights
    validation: float
    best_epoch: int                           # from 1
    parameters: int                           # unmasked weights, biases, readout
    minutes: float                            # of one core, validation included
    curve: tuple[tuple[float, float], ...]    # of each epoch: training loss, validation metric


class _Progress(nn.Module):
    """Everything that a training must not lose: weights, the best ones, their average, curve."""

    curve: Tensor
    spent: Tensor

    def __init__(self, network: Network, epochs: int, average: bool) -> None:
        super().__init__()
        self.network = network
        self.best = copy.deepcopy(network)
        self.average = copy.deepcopy(network) if average else None
        self.register_buffer('curve', torch.full((epochs, 2), torch.nan, dtype=torch.float64))
        self.register_buffer('spent', torch.zeros((), dtype=torch.float64))     # CPU time [s]

    @property
    def judged(self) -> Network:
        """Return the weights that are validated: their average where there is one."""
        return self.network if self.average is None else self.average


def train(network: Network, data: TaskData, recipe: Recipe, metric: Metric, *, seed: int,
          checkpoint: Path) -> Trained:
    """
    Train a network, from its checkpoint if there is one.

    :param network: as it was drawn.
    :param data: of the task.
    :param recipe: of the task.
    :param metric: of the task.
    :param seed: of the order of the sequences.
    :param checkpoint: .safetensors, written after each epoch.
    :raises TrainingError: if the checkpoint is of another network.
    """
    progress = _Progress(network, recipe.epochs, recipe.average > 0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate,
                                  weight_decay=recipe.weight_decay)
    done = int(restore(checkpoint, progress, optimiser)['epoch']) if checkpoint.exists() else 0
    for epoch in range(done, recipe.epochs):
        began = time.process_time()
        trained = _epoch(progress, optimiser, data, recipe, epoch, seed)
        validated = evaluate(progress.judged, data.validation, metric)
        progress.curve[epoch] = torch.tensor([trained, validated], dtype=torch.float64)
        if _best(progress.curve, metric) == epoch:
            progress.best.load_state_dict(progress.judged.state_dict())
        progress.spent += time.process_time() - began
        save(checkpoint, progress, optimiser, {'epoch': epoch + 1})
    best = _best(progress.curve, metric)
    return Trained(
        test=evaluate(progress.best, data.test, metric),
        validation=float(progress.curve[best, 1]), best_epoch=best + 1,
        parameters=parameter_count(network), minutes=float(progress.spent) / 60,
        curve=tuple((float(row[0]), float(row[1])) for row in progress.curve))


def _epoch(progress: _Progress, optimiser: torch.optim.Optimizer, data: TaskData, recipe: Recipe,
           epoch: int, seed: int) -> float:
    """Show every training sequence that is let in once, and return the mean loss."""
    network, split = progress.network, data.train
    rng = stream(seed, 'epoch', epoch)
    batches = by_length(split.mask, recipe.batch, rng.permutation(_let_in(split, recipe, epoch)))
    total, count = 0.0, 0
    for index, place in enumerate(rng.permutation(len(batches))):
        share = (epoch + index / len(batches)) / recipe.epochs
        for group in optimiser.param_groups:
            group['lr'] = _rate(recipe, share)
        batch = trimmed(split, batches[place])
        optimiser.zero_grad()
        value = loss(network(batch), batch)
        value.backward()
        nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
        optimiser.step()
        if progress.average is not None:
            _follow(progress.average, network, recipe.average)
        total += float(value.detach()) * len(batch)
        count += len(batch)
    return total / count


def _let_in(split: Sequences, recipe: Recipe, epoch: int) -> NDArray[np.int64]:
    """List the sequences that are short enough for an epoch."""
    lengths = split.mask.sum(dim=1).numpy()
    grown = recipe.curriculum * recipe.epochs
    share = min(1.0, (epoch + 1) / grown) if grown else 1.0
    return np.flatnonzero(lengths <= np.quantile(lengths, share))


def _rate(recipe: Recipe, share: float) -> float:
    """Return the learning rate after a share of all steps."""
    if recipe.schedule == 'constant':
        return recipe.learning_rate
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * share))


def _follow(average: Network, network: Network, decay: float) -> None:
    """Move the average a little towards the weights."""
    with torch.no_grad():
        for mean, value in zip(average.parameters(), network.parameters()):
            mean.lerp_(value, 1 - decay)


def _best(curve: Tensor, metric: Metric) -> int:
    """Return the epoch with the best validation so far, the first of equals."""
    sign = 1.0 if metric == 'mse' else -1.0
    return int(torch.nan_to_num(sign * curve[:, 1], nan=torch.inf).argmin())
