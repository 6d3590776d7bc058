# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Models add up exactly, keep to their own draws, and the levels are what they say."""

from dataclasses import replace
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.composition import build_wind, load_wind, wind_names, WindConfig
from liquid_control.sim.wind.constant import Constant
from liquid_control.sim.wind.dryden import DrydenConfig
from liquid_control.sim.wind.gust import Gusts
from liquid_control.sim.wind.jet import JetConfig
from liquid_control.sim.wind.ornstein_uhlenbeck import OrnsteinUhlenbeck
from liquid_control.sim.wind.recorded import RecordedConfig
from liquid_control.sim.wind.schedule import ScheduleConfig, StepConfig
from liquid_control.sim.wind.shear import ShearConfig
from liquid_control.sim.wind.wake import WakeConfig
import numpy as np
import pytest

HERE = np.array([0.3, 0.2, 1.0])
PILLARS = np.array([[0.0, 0.0, 0.2, 3.0], [0.5, 0.3, 0.3, 2.0], [-1.0, 0.4, 0.3, 2.0]])
MEANS = {'W0': 0.0, 'W1': 1.0, 'W2': 2.5, 'W3': 4.0, 'W4': 5.5, 'W5': 7.0, 'W9mps': 9.0}
TIMES = np.arange(0.0, 30.0, 0.05)


def blow(config: WindConfig, seed: int = 0, times: np.ndarray = TIMES) -> np.ndarray:
    """Return the velocity (T, 3) of one draw of a wind."""
    wind = build_wind(config, np.random.default_rng(seed), PILLARS)
    return np.array([wind.velocity(t, HERE) for t in times])


def test_the_shipped_levels() -> None:
    assert set(MEANS) < set(wind_names())
    for name, mean in MEANS.items():
        wind = load_wind(name)
        assert wind.name == name and wind.heading_deg is None
        if mean == 0.0:
            assert wind.constant is wind.gust is wind.ornstein_uhlenbeck is None
            continue
        assert wind.constant is not None and wind.constant.speed == mean
        assert wind.ornstein_uhlenbeck is not None and wind.gust is not None
        assert wind.ornstein_uhlenbeck.std == pytest.approx(0.2 * mean)
        assert wind.gust.amplitude == pytest.approx((0.0, 0.5 * mean))


def test_w0_is_still() -> None:
    assert not np.any(blow(load_wind('W0')))


@pytest.mark.parametrize('name', ['W1', 'W3', 'W5'])
def test_means_over_time(name: str) -> None:
    config = replace(load_wind(name), heading_deg=90.0, gust=None)
    velocity = blow(config, times=np.arange(0.0, 1000.0, 0.1))
    assert config.ornstein_uhlenbeck is not None
    # A mean over T of an Ornstein-Uhlenbeck process has sd std sqrt(2 tau / T).
    sd = config.ornstein_uhlenbeck.std * np.sqrt(2 * 1.5 / 1000.0)
    np.testing.assert_allclose(velocity.mean(axis=0), [0.0, MEANS[name], 0.0], atol=4 * sd)


def test_heading_is_drawn_from_the_seed_over_the_whole_circle() -> None:
    steady = replace(load_wind('W3'), gust=None, ornstein_uhlenbeck=None)
    first = np.array([blow(steady, seed, np.zeros(1))[0] for seed in range(400)])
    headings = np.arctan2(first[:, 1], first[:, 0])
    counts, _ = np.histogram(headings, bins=8, range=(-np.pi, np.pi))
    assert counts.min() > 25       # 50 expected, sd 6.6
    np.testing.assert_allclose(np.linalg.norm(first, axis=1), 4.0)


@pytest.mark.parametrize('name', list(MEANS)[1:])
def test_the_levels_are_what_they_have_always_been(name: str) -> None:
    """To the bit: trained policies and scorecards are of these winds."""
    config, rng = load_wind(name), np.random.default_rng(9)
    heading = rng.uniform(-np.pi, np.pi)
    gust_rng, turbulence_rng = rng.spawn(2)
    assert config.constant and config.gust and config.ornstein_uhlenbeck
    parts = (Constant(config.constant, heading), Gusts(config.gust, heading, gust_rng),
             OrnsteinUhlenbeck(config.ornstein_uhlenbeck, turbulence_rng))
    expected = np.array([sum((part.velocity(t, HERE) for part in parts), np.zeros(3))
                         for t in TIMES])
    np.testing.assert_array_equal(blow(config, 9), expected)


def test_superposition_is_exact_and_each_model_keeps_its_draws() -> None:
    whole = replace(
        load_wind('W4'), shear=ShearConfig(3.0),
        schedule=ScheduleConfig((StepConfig(along=-2.0, up=1.0, after=(1.0, 9.0), over=2.0),)),
        dryden=DrydenConfig(8.0, 4.0), jet=JetConfig((-2.0, 0.0, 1.0), 5.0, 0.8),
        recorded=RecordedConfig(rows=((0, 1, 2, 3), (1, 2, 1, 0)), start=(0.0, 2.0)))
    keys = ('constant', 'shear', 'schedule', 'gust', 'ornstein_uhlenbeck', 'dryden', 'jet',
            'recorded')
    empty = replace(whole, **dict.fromkeys(keys))
    parts = [blow(replace(empty, **{key: getattr(whole, key)})) for key in keys]
    assert all(np.any(part) for part in parts)
    np.testing.assert_array_equal(blow(whole), sum(parts, np.zeros((len(TIMES), 3))))
    # A wake is of the first three, and of nothing else.
    wake = WakeConfig(turbulence=0.3)
    mean = replace(whole, **dict.fromkeys(keys[3:]))
    taken = blow(replace(mean, wake=wake)) - blow(mean)
    assert np.all(np.any(taken != 0, axis=1))
    np.testing.assert_allclose(blow(replace(whole, wake=wake)) - blow(whole), taken, atol=1e-12)


@pytest.mark.parametrize('name', wind_names())
def test_each_is_reproducible_to_the_bit_and_seeds_differ(name: str) -> None:
    wind = load_wind(name)
    assert wind.name == name and wind.description
    np.testing.assert_array_equal(blow(wind, 11), blow(wind, 11))
    assert name == 'W0' or np.any(blow(wind, 11) != blow(wind, 12))


def test_another_wind_leaves_nothing_behind() -> None:
    alone = blow(load_wind('dryden_light'), 5)
    blow(load_wind('wake'), 4)
    np.testing.assert_array_equal(blow(load_wind('dryden_light'), 5), alone)


def test_unknown_name_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="unknown wind 'W22'; did you mean 'W2'"):
        load_wind('W22')


@pytest.mark.parametrize('end', ['yaml', 'yml'])
def test_a_wind_can_be_a_path(tmp_path: Path, end: str) -> None:
    path = tmp_path / f'mine.{end}'
    path.write_text('{name: mine, description: still}')
    assert load_wind(str(path)).name == 'mine'


@pytest.mark.parametrize(('text', 'message'), [
    ('name: x', "missing key 'description'; add it"),
    ('{name: x, description: y, constnat: {speed: 1.0}}',
     "unknown key 'constnat'; did you mean 'constant'"),
    ('{name: x, description: y, constant: {speed: fast}}',
     "constant: speed: expected float, found 'fast'"),
    ('{name: x, description: y, constant: {speed: -1.0}}',
     'constant: speed: expected 0 to 120 m/s, found -1.0'),
    ('{name: x, description: y, gust: {amplitude: [0, 900], duration: [1, 2], mean_interval: 3}}',
     'gust: amplitude: expected 0 <= low <= high <= 120 m/s, found [0.0, 900.0]'),
    ('{name: x, description: y, schedule: {steps: [{}, {along: 1.0, over: -1}]}}',
     'schedule: steps[1]: over: expected 0 to 3600 s, found -1.0'),
    ('{name: x, description: y, wake: {}}',
     'wake: expected a wind that is held back (constant, shear or schedule) beside it, found '
     'none')])
def test_wrong_files_name_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / 'mine.yaml'
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_wind(str(path))
    assert str(path) in str(caught.value) and message in str(caught.value)
