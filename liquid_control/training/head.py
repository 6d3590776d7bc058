# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The liquid head, back-propagated through time on cached features with true elapsed times."""

from pathlib import Path

from liquid_control.nets.policy import Head
from liquid_control.signals import Float32Array
from liquid_control.training import checkpoint
from liquid_control.training.encoder import set_rate
from liquid_control.training.features import FeatureCache, Windows
from liquid_control.training.parallel import torch_threads
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
import numpy as np
import torch
from torch import nn, Tensor

_REPORT_STEPS = 20


def window_loss(head: Head, windows: Windows) -> Tensor:
    """
    Return the mean squared error of the commands, where they count.

    :param head: the liquid head.
    :param windows: a batch.
    """
    commands, _ = head.sequence(windows.features, windows.imu, windows.extra, windows.dt,
                                reset=windows.reset)
    error = ((commands - windows.label) ** 2).mean(2)
    return (error * windows.weight).sum() / windows.weight.sum().clamp_min(1.0)


def train_head(head: Head, cache: FeatureCache, config: TrainingConfig, iterations: int,
               stage: str, path: Path, progress: Progress) -> None:
    """
    Train the head in place, or finish what an interrupted run began.

    :param head: as the previous round left it.
    :param cache: features of all flights.
    :param config: of the run.
    :param iterations: in all.
    :param stage: name of the stage; its random numbers hang on it.
    :param path: of the checkpoint.
    :param progress: bar and history.
    """
    settings = config.head
    optimiser = torch.optim.Adam(head.parameters(), settings.learning_rate)
    block = settings.checkpoint_iterations
    begin = int(checkpoint.restore(path, head, optimiser)['steps']) if path.exists() else 0
    head.train()
    with (torch_threads(settings.threads),
          progress.stage(stage, iterations, 'iterations', begin) as bar):
        for first in range(begin, iterations, block):
            numbers = checkpoint.stream(config.seed, stage, first)
            last = min(first + block, iterations)
            for step in range(first, last):
                set_rate(optimiser, settings.learning_rate, step, iterations)
                loss = window_loss(head, cache.draw(numbers, settings))
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                nn.utils.clip_grad_norm_(head.parameters(), 1.0)
                optimiser.step()
                bar.advance(1, step, {'loss': loss.item()} if step % _REPORT_STEPS == 0 else None)
            checkpoint.save(path, head, optimiser, {'steps': last})
    head.eval()


@torch.inference_mode()
def held_out_loss(head: Head, cache: FeatureCache, config: TrainingConfig) -> float:
    """
    Measure the loss on flights that were not trained on.

    :param head: to measure.
    :param cache: in which those flights alone are usable.
    :param config: of the run; the windows are the same for all heads of a run.
    """
    numbers = checkpoint.stream(config.seed, 'held out')
    return float(np.mean([window_loss(head, cache.draw(numbers, config.head)).item()
                          for _ in range(16)]))


@torch.inference_mode()
def states_seen(head: Head, cache: FeatureCache, config: TrainingConfig) -> Float32Array:
    """
    Return the hidden states that flights lead to, so that a robot can tell when it is elsewhere.

    :param head: trained.
    :param cache: of the flights.
    :param config: of the run.
    :returns: (n, S), at the ends of windows.
    """
    numbers = checkpoint.stream(config.seed, 'states')
    ends = []
    for _ in range(16):
        windows = cache.draw(numbers, config.head)
        _, state = head.sequence(windows.features, windows.imu, windows.extra, windows.dt,
                                 reset=windows.reset)
        ends.append(state.numpy())
    return np.concatenate(ends)
