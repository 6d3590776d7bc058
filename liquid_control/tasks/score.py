# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Loss and metric of a task; padding reaches neither."""

from liquid_control.tasks.network import Network
from liquid_control.tasks.task import Metric, Sequences
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor
from torch.nn import functional

CHUNK = 1000     # sequences that are predicted at a time
POOL = 16        # batches whose sequences are sorted by length


def loss(prediction: Tensor, data: Sequences) -> Tensor:
    """
    Tell the mean cross-entropy of classes, or the mean squared error of real steps.

    :param prediction: (B, O) or (B, T, O), of `Network`.
    :param data: B sequences.
    """
    if data.targets.ndim == 1:
        return functional.cross_entropy(prediction, data.targets)
    squared = (prediction - data.targets).square().mean(dim=-1)
    return (squared * data.mask).sum() / data.mask.sum()


def evaluate(network: Network, data: Sequences, metric: Metric) -> float:
    """
    Tell the metric of a whole split.

    :param network: in any mode; no gradient is taken.
    :param data: the split.
    :param metric: `accuracy`, the share of right classes, or `mse`, the mean over real steps and
        outputs.
    """
    total, count = 0.0, 0
    with torch.no_grad():
        for rows in by_length(data.mask, CHUNK, np.arange(len(data))):
            part = trimmed(data, rows)
            prediction = network(part)
            if metric == 'accuracy':
                total += float((prediction.argmax(dim=-1) == part.targets).sum())
                count += len(part)
            else:
                squared = (prediction - part.targets).double().square().mean(dim=-1)
                total += float((squared * part.mask).sum())
                count += int(part.mask.sum())
    return total / count


def by_length(mask: Tensor, batch: int, order: NDArray[np.int64]) -> list[Tensor]:
    """
    Divide sequences into batches whose members are of about one length.

    Only within pools of some batches: of one epoch, batches are still mixtures.

    :param mask: (n, T) bool.
    :param batch: B.
    :param order: (n,), in which they come.
    :returns: (B,) indices each; every sequence once.
    """
    lengths = mask.sum(dim=1).numpy()
    batches = []
    for start in range(0, len(order), POOL * batch):
        pool = order[start:start + POOL * batch]
        pool = pool[np.argsort(lengths[pool], kind='stable')]
        batches += [torch.from_numpy(pool[at:at + batch]) for at in range(0, len(pool), batch)]
    return batches


def trimmed(data: Sequences, rows: Tensor) -> Sequences:
    """
    Take some sequences without the padding that all of them have.

    :param data: the split.
    :param rows: (B,) indices.
    """
    steps = int(data.mask[rows].sum(dim=1).max())
    stepwise = data.targets.ndim == 3
    return Sequences(data.inputs[rows, :steps], data.dt[rows, :steps], data.mask[rows, :steps],
                     data.targets[rows, :steps] if stepwise else data.targets[rows],
                     None if data.base is None else data.base[rows, :steps])
