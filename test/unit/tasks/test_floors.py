# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Floors against data whose floors are known."""

from liquid_control.tasks.floors import autoregression, most_frequent, persistence
import numpy as np
import pytest


def test_persistence_of_a_ramp() -> None:
    """A ramp of slope 2 is missed by 2 at every step."""
    ramp = 2.0 * np.arange(9)[None, :, None]
    assert persistence(ramp[:, :-1], ramp[:, 1:]) == pytest.approx(4)


def test_autoregression_needs_the_order_of_the_equation() -> None:
    """A sine is predicted from its last two values, not from one."""
    rng = np.random.default_rng(0)
    sine = np.sin(0.7 * np.arange(41) + rng.uniform(0, 6, (50, 1)))[..., None]
    past = np.concatenate([np.zeros((50, 1, 1)), sine[:, :-1]], axis=1)
    both = np.concatenate([sine, past], axis=-1)[:, 1:]
    errors = {order: autoregression(order, both[:, :-1, :1], sine[:, 2:], both[:, :-1, :1],
                                    sine[:, 2:]) for order in (1, 2)}
    assert errors[1] > 0.1
    assert errors[2] < 0.3 * errors[1]      # only the first step of a window lacks its past
    assert autoregression(1, both[:, :-1], sine[:, 2:], both[:, :-1],
                          sine[:, 2:]) == pytest.approx(0, abs=1e-20)


def test_most_frequent_is_chosen_on_training_data() -> None:
    """Even where another class is more frequent in the test."""
    assert most_frequent(np.array([1, 1, 0]), np.array([0, 0, 0, 1])) == 0.25
