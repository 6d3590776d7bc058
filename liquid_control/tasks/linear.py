# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Forecasts without a network: what a task must be held against."""

from liquid_control.tasks.task import Sequences
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor


def held(test: Sequences, now: Tensor) -> float:
    """
    Measure the forecast that nothing changes.

    :param test: n sequences of T steps, with targets of O numbers.
    :param now: (n, T, O), what is observed at each step of what is to be predicted.
    :returns: mean squared error.
    """
    return float(((now - test.targets)[test.mask] ** 2).mean())


def autoregression(train: Sequences, test: Sequences, order: int) -> float:
    """
    Fit a linear forecast from the last steps and the time between them by least squares.

    It sees inputs and dt of the last `order` steps, zeros before the first, and the products of
    the newest input and of the newest change of inputs with the newest dt.

    :param train: to fit on.
    :param test: to measure on.
    :param order: steps that are seen.
    :returns: mean squared error on test.
    """
    seen, wanted = _features(train, order), _wanted(train)
    weights = np.linalg.lstsq(seen, wanted, rcond=None)[0]
    return float(((_features(test, order) @ weights - _wanted(test)) ** 2).mean())


def _wanted(sequences: Sequences) -> NDArray[np.float64]:
    return sequences.targets[sequences.mask].numpy().astype(np.float64)


def _features(sequences: Sequences, order: int) -> NDArray[np.float64]:
    """List what a linear forecast sees at every real step, (steps, features)."""
    inputs, dt = sequences.inputs.double(), sequences.dt.double()
    before = _delayed(inputs, 1)
    seen = [torch.ones_like(dt), inputs * dt, (inputs - before) / dt]
    for lag in range(order):
        seen += [_delayed(inputs, lag), _delayed(dt, lag)]
    return torch.cat(seen, dim=-1)[sequences.mask].numpy()


def _delayed(signal: Tensor, lag: int) -> Tensor:
    """Shift a signal (n, T, C) by some steps, zeros before its beginning."""
    return torch.cat([torch.zeros_like(signal[:, :lag]), signal[:, :signal.shape[1] - lag]], dim=1)
