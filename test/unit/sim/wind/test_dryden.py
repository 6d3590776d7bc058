# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Dryden turbulence against the spectra and figures of its standard."""

from liquid_control.sim.wind.base import wind_axes
from liquid_control.sim.wind.dryden import Dryden, DrydenConfig, FOOT
import numpy as np
import pytest
from scipy.signal import welch

HERE = np.zeros(3)
CONFIG = DrydenConfig(wind_at_20ft=8.0, airspeed=60.0)
SAMPLES = 32_768


@pytest.fixture(scope='module')
def series() -> np.ndarray:
    """Return (50, 32768, 3): 6,800 s at 240 Hz, about 9,000 independent values of u."""
    flights = []
    for seed in range(50):
        wind = Dryden(CONFIG, 0.0, np.random.default_rng(seed))
        flights.append([wind.velocity(k / 240, HERE) for k in range(SAMPLES)])
    return np.array(flights)


@pytest.mark.parametrize(('feet', 'length_feet', 'ratio'), [
    # By hand from the formulas of figures 10 and 11; they meet the higher model at 1000 ft.
    (10, 75.64, 1.9629), (100, 505.2, 1.7158), (1000, 1000.0, 1.0)])
def test_lengths_and_intensities(feet: float, length_feet: float, ratio: float) -> None:
    config = DrydenConfig(wind_at_20ft=20.0, airspeed=10.0, altitude=feet * FOOT)
    np.testing.assert_allclose(config.lengths, np.array([length_feet, length_feet, feet]) * FOOT,
                               rtol=1e-3)
    np.testing.assert_allclose(config.intensities, [2 * ratio, 2 * ratio, 2.0], rtol=1e-3)


def spectrum(axis: int, frequency: np.ndarray) -> np.ndarray:
    """Return the standard's one-sided spectrum, per Hz [m^2/s]."""
    sigma, length = CONFIG.intensities[axis], CONFIG.lengths[axis]
    omega = 2 * np.pi * frequency / CONFIG.airspeed              # [rad/m]
    square = (length * omega) ** 2
    shape = (2 / (1 + square) if axis == 0 else (1 + 3 * square) / (1 + square) ** 2)
    return sigma ** 2 * length / np.pi * shape * 2 * np.pi / CONFIG.airspeed


@pytest.mark.parametrize('axis', [0, 1, 2])
def test_spectrum_over_its_band(series: np.ndarray, axis: int) -> None:
    frequency, found = welch(series[:, :, axis], fs=240, nperseg=8192, axis=1)
    ratio = found.mean(axis=0)[1:] / spectrum(axis, frequency[1:])
    corner = CONFIG.airspeed / (2 * np.pi * CONFIG.lengths[axis])
    for low, high in ((0.1, 0.4), (0.4, 0.8), (0.8, 1.5), (1.5, 3.0), (3.0, 6.0), (6.0, 10.0)):
        band = (frequency[1:] >= low * corner) & (frequency[1:] < high * corner)
        assert ratio[band].mean() == pytest.approx(1.0, abs=0.1), (low, high)


def test_mean_and_variance(series: np.ndarray) -> None:
    np.testing.assert_allclose(series.var(axis=(0, 1)), CONFIG.intensities ** 2, rtol=0.05)
    assert np.all(np.abs(series.mean(axis=(0, 1))) < 0.05 * CONFIG.intensities)
    correlation = np.corrcoef(series.reshape(-1, 3).T)
    assert np.all(np.abs(correlation - np.eye(3)) < 0.05)


def test_stationary_from_the_first_sample_at_any_step() -> None:
    # 305 m and 0.5 m/s: a time constant of 10 minutes, where rounding would show.
    for config in (CONFIG, DrydenConfig(8.0, 0.5, 1000 * FOOT)):
        first, later = np.array([
            [wind.velocity(t, HERE) for t in (0.0, 9.9)]
            for wind in (Dryden(config, 0.0, np.random.default_rng(seed))
                         for seed in range(1000))]).transpose(1, 0, 2)
        for values in (first, later):       # sd of a deviation of 1,000: 2.2 %
            np.testing.assert_allclose(values.std(axis=0), config.intensities, rtol=0.09)


def test_axes_turn_with_the_heading_of_the_mean() -> None:
    straight, turned = (Dryden(CONFIG, heading, np.random.default_rng(4))
                        for heading in (0.0, 0.7))
    for t in (0.0, 1.3, 20.0):
        np.testing.assert_allclose(turned.velocity(t, HERE),
                                   wind_axes(0.7) @ straight.velocity(t, HERE), atol=1e-12)


def test_order_of_questions_does_not_change_the_answers() -> None:
    times = np.random.default_rng(0).uniform(0, 45, 300)
    shuffled, forward = (Dryden(CONFIG, 1.0, np.random.default_rng(5)) for _ in range(2))
    asked = {t: shuffled.velocity(t, HERE).copy() for t in times}
    for t in np.sort(times):
        np.testing.assert_array_equal(forward.velocity(t, HERE), asked[t])


def test_no_jump_where_blocks_meet(series: np.ndarray) -> None:
    steps = np.diff(series, axis=1)
    edges = steps[:, 2400::2400]        # from the last of a block to the first of the next
    np.testing.assert_allclose(edges.std(axis=(0, 1)), steps.std(axis=(0, 1)), rtol=0.15)
