# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Gusts have the 1-cosine shape, keep to their ranges, and come one at a time."""

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.gust import Gust, GustConfig, Gusts
import numpy as np
import pytest

HERE = np.zeros(3)
CONFIG = GustConfig(amplitude=(1.0, 3.0), duration=(0.8, 2.5), mean_interval=3.0)


def runs(velocity: np.ndarray) -> list[tuple[int, int]]:
    """Return begin and end (exclusive) of every stretch of wind along one direction."""
    speed = np.linalg.norm(velocity, axis=1)
    heading = np.where(speed > 0, np.arctan2(velocity[:, 1], velocity[:, 0]), np.inf)
    turns = np.flatnonzero(~np.isclose(heading[1:], heading[:-1], rtol=0, atol=1e-9)) + 1
    edges = [0, *turns.tolist(), len(heading)]
    return [(a, b) for a, b in zip(edges[:-1], edges[1:]) if speed[a] > 0]


def test_shape_is_one_minus_cosine() -> None:
    gust = Gust(start=2.0, duration=4.0, peak=np.array([3.0, 4.0, 0.0]))
    share = {2.0: 0.0, 2.5: (1 - np.sqrt(0.5)) / 2, 3.0: 0.5, 4.0: 1.0, 5.0: 0.5, 6.0: 0.0,
             1.999: 0.0, 6.001: 0.0}
    for t, expected in share.items():
        np.testing.assert_allclose(gust.velocity(t), expected * gust.peak, atol=1e-12)


def test_never_two_at_once_and_within_their_ranges() -> None:
    wind = Gusts(CONFIG, 0.0, np.random.default_rng(3))
    t = np.arange(0.0, 2000.0, 0.01)
    velocity = np.array([wind.velocity(now, HERE) for now in t])
    speed = np.linalg.norm(velocity, axis=1)
    stretches = runs(velocity)
    assert len(stretches) > 300
    for begin, end in stretches[:-1]:
        # Two at once would add up to a direction that turns, and fall apart into short pieces.
        assert 0.8 - 0.03 < (end - begin) * 0.01 < 2.5 + 0.03
        assert 1.0 - 0.01 < speed[begin:end].max() < 3.0 + 1e-9
        assert np.count_nonzero(np.diff(np.sign(np.diff(speed[begin:end])))) <= 2   # one peak
    gaps = np.array([after[0] - before[1] for before, after
                     in zip(stretches[:-1], stretches[1:])]) * 0.01
    assert gaps.min() >= 0
    assert abs(gaps.mean() - 3.0) < 4 * 3.0 / np.sqrt(len(gaps))    # exponential: sd = mean


def test_heading_spreads_about_the_mean_winds() -> None:
    headings = []
    for seed in range(300):
        wind = Gusts(CONFIG, 2.0, np.random.default_rng(seed))
        velocity = next(v for v in (wind.velocity(t, HERE) for t in np.arange(0, 60, 0.2))
                        if np.any(v))
        headings.append(np.arctan2(velocity[1], velocity[0]) - 2.0)
    wrapped = (np.array(headings) + np.pi) % (2 * np.pi) - np.pi
    assert abs(wrapped.mean()) < 4 * np.deg2rad(30.0) / np.sqrt(300)
    assert np.rad2deg(wrapped.std()) == pytest.approx(30.0, rel=0.15)


def test_order_of_questions_does_not_change_the_answers() -> None:
    times = np.random.default_rng(0).uniform(0, 60, 200)
    shuffled, forward = (Gusts(CONFIG, 0.0, np.random.default_rng(7)) for _ in range(2))
    asked = {t: shuffled.velocity(t, HERE) for t in times}
    for t in np.sort(times):
        np.testing.assert_array_equal(forward.velocity(t, HERE), asked[t])


@pytest.mark.parametrize(('values', 'key'), [
    ({'amplitude': (2.0, 1.0)}, 'amplitude'), ({'amplitude': (-1.0, 1.0)}, 'amplitude'),
    ({'duration': (0.0, 1.0)}, 'duration'), ({'duration': (2.0, 1.0)}, 'duration'),
    ({'mean_interval': 0.0}, 'mean_interval'), ({'spread_deg': -1.0}, 'spread_deg')])
def test_out_of_range_is_refused_by_key(values: dict, key: str) -> None:
    good = {'amplitude': (1.0, 2.0), 'duration': (1.0, 2.0), 'mean_interval': 1.0}
    with pytest.raises(ConfigError, match=f'{key}: expected .*, found'):
        GustConfig(**{**good, **values})
