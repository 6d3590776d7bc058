# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Turbulence has the moments of the Ornstein-Uhlenbeck process from its first sample on."""

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.ornstein_uhlenbeck import OrnsteinUhlenbeck, OrnsteinUhlenbeckConfig
import numpy as np
import pytest

HERE = np.zeros(3)
TAU = 0.2
CONFIG = OrnsteinUhlenbeckConfig(std=1.5, time_constant=TAU, vertical_ratio=0.5)
STD = np.array([1.5, 1.5, 0.75])


@pytest.fixture(scope='module')
def series() -> np.ndarray:
    """Return 1,000 s at 240 Hz: about 2,500 independent values an axis."""
    wind = OrnsteinUhlenbeck(CONFIG, np.random.default_rng(1))
    return np.array([wind.velocity(k / 240, HERE) for k in range(240_000)])


def test_mean_and_variance(series: np.ndarray) -> None:
    independent = 1000 / (2 * TAU)
    assert np.all(np.abs(series.mean(axis=0)) < 4 * STD / np.sqrt(independent))
    np.testing.assert_allclose(series.std(axis=0), STD, rtol=0.07)


@pytest.mark.parametrize('lags', [0.5, 1.0, 2.0])
def test_autocorrelation_decays_with_the_time_constant(series: np.ndarray, lags: float) -> None:
    shift = round(lags * TAU * 240)
    correlation = np.mean(series[:-shift] * series[shift:], axis=0) / series.var(axis=0)
    np.testing.assert_allclose(correlation, np.exp(-lags), atol=0.07)


def test_axes_are_independent(series: np.ndarray) -> None:
    correlation = np.corrcoef(series.T)
    assert np.all(np.abs(correlation - np.eye(3)) < 0.08)


def test_stationary_from_the_first_sample() -> None:
    times = (0.0, TAU, 3.0)
    values = np.empty((len(times), 600, 3))
    for seed in range(600):
        wind = OrnsteinUhlenbeck(CONFIG, np.random.default_rng(seed))
        values[:, seed] = [wind.velocity(t, HERE) for t in times]
    np.testing.assert_allclose(values.std(axis=1), np.tile(STD, (3, 1)), rtol=0.12)
    correlation = np.mean(values[0] * values[1], axis=0) / STD ** 2
    np.testing.assert_allclose(correlation, np.exp(-1), atol=0.15)


def test_order_of_questions_does_not_change_the_answers() -> None:
    # 10 s is a block of draws: the questions cross several blocks, both ways.
    times = np.random.default_rng(0).uniform(0, 45, 300)
    shuffled, forward = (OrnsteinUhlenbeck(CONFIG, np.random.default_rng(5)) for _ in range(2))
    asked = {t: shuffled.velocity(t, HERE).copy() for t in times}
    for t in np.sort(times):
        np.testing.assert_array_equal(forward.velocity(t, HERE), asked[t])


def test_no_jump_where_blocks_meet(series: np.ndarray) -> None:
    steps = np.abs(np.diff(series, axis=0))
    # A step has sd std sqrt(2 (1 - a)); one of 240,000 stays below 6 of them.
    bound = 6 * STD * np.sqrt(2 * (1 - np.exp(-1 / (240 * TAU))))
    assert np.all(steps.max(axis=0) < bound)


@pytest.mark.parametrize('values', [
    {'std': -1.0, 'time_constant': 1.0}, {'std': 1.0, 'time_constant': 0.0},
    {'std': 1.0, 'time_constant': 1.0, 'vertical_ratio': -0.1}])
def test_out_of_range_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match='expected .*, found'):
        OrnsteinUhlenbeckConfig(**values)
