# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What no network is needed for: the figures that a network must beat to have learned anything."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def persistence(now: Array, following: Array) -> float:
    """
    Tell the mean squared error of predicting that nothing changes.

    :param now: (n, T, O).
    :param following: (n, T, O).
    """
    return float(np.mean((following - now) ** 2))


def autoregression(order: int, now: Array, following: Array, test_now: Array,
                   test_following: Array) -> float:
    """
    Tell the mean squared error of the best linear prediction from the last observations.

    What was before the first step of a window is 0.

    :param order: observations, the present one included.
    :param now: (n, T, I), to fit on.
    :param following: (n, T, O).
    :param test_now: (m, T, I).
    :param test_following: (m, T, O).
    """
    weights, *_ = np.linalg.lstsq(_lagged(now, order), _flat(following), rcond=None)
    return float(np.mean((_lagged(test_now, order) @ weights - _flat(test_following)) ** 2))


def most_frequent(train: NDArray[np.int64], test: NDArray[np.int64]) -> float:
    """
    Tell the accuracy of always naming the most frequent class.

    :param train: (n,) classes, to choose it.
    :param test: (m,) classes.
    """
    return float(np.mean(test == np.bincount(train).argmax()))


def _lagged(values: Array, order: int) -> Array:
    """Put the last observations and a 1 beside each other: (n * T, order * I + 1)."""
    steps = values.shape[1]
    padded = np.pad(values, ((0, 0), (order - 1, 0), (0, 0)))
    lagged = [padded[:, order - 1 - lag:][:, :steps] for lag in range(order)]
    return _flat(np.concatenate([*lagged, np.ones((*values.shape[:2], 1))], axis=-1))


def _flat(values: Array) -> Array:
    return values.reshape(-1, values.shape[-1])
