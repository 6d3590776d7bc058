# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the windows that the head trains on against sums done by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from liquid_control.errors import TrainingError
from liquid_control.nets.policy import build_policy
from liquid_control.runtime.specification import Normaliser
from liquid_control.training import features
from liquid_control.training.dataset import Dataset
from liquid_control.training.features import cache_features, FeatureCache
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
import numpy as np
import pytest
import torch

NOMINAL = 0.05


@pytest.fixture
def data(tmp_path: Path, make_flights: Callable[..., Dataset]) -> Dataset:
    """Return three flights of 60 frames at 30 Hz."""
    return make_flights(tmp_path / 'data')


@pytest.fixture
def folder(tmp_path: Path, data: Dataset, config: TrainingConfig, plain: Normaliser,
           progress: Progress) -> Path:
    """Return a cache of two copies: as recorded, and augmented."""
    cache_features(build_policy(config.policy).encoder, data, plain, config, 'cache',
                   tmp_path / 'cache', progress)
    return tmp_path / 'cache'


def _places(data: Dataset, labels: torch.Tensor) -> np.ndarray:
    """Find the frames of a window by their labels, which no two frames share."""
    known = {float(value): index
             for index, value in enumerate(data.rows(np.arange(len(data)))['label'][:, 0])}
    return np.array([known[float(value)] for value in labels])


def test_features_are_the_encoder_s(data: Dataset, folder: Path,
                                    config: TrainingConfig) -> None:
    """Copy 0 is the encoder on frames as recorded; the augmented one differs."""
    cached = np.load(folder / 'features.npy')
    encoder = build_policy(config.policy).encoder
    with torch.no_grad():
        direct = encoder(torch.from_numpy(data.frames(np.arange(len(data))))).numpy()
    np.testing.assert_allclose(cached[0], direct, atol=1e-5)
    assert np.abs(cached[1] - direct).max() > 1e-4   # untrained: features hardly move


def test_intervals_and_imu_are_joined_over_frames_left_out(
        data: Dataset, folder: Path, config: TrainingConfig) -> None:
    """At 10 Hz of 30, dt is the sum and the IMU the time-weighted mean of what lies between."""
    settings = replace(config.head, rate_hz=(10.0, 10.0), drop_share=0.3)
    cache = FeatureCache(folder, np.ones(len(data), bool), NOMINAL)
    windows = cache.draw(np.random.default_rng(0), settings)
    rows, checked = data.rows(np.arange(len(data))), 0
    for batch in range(settings.batch):
        places = _places(data, windows.label[batch, :, 0])
        for step in range(1, settings.steps):
            before, here = places[step - 1], places[step]
            if windows.reset[batch, step]:
                assert here // 60 != before // 60
                assert windows.dt[batch, step, 0] == pytest.approx(NOMINAL)
                continue
            assert here - before >= 2 and here // 60 == before // 60
            between = rows[before + 1:here + 1]
            checked += 1
            assert windows.dt[batch, step, 0] == pytest.approx(between['dt'].sum(), rel=1e-5)
            np.testing.assert_allclose(
                windows.imu[batch, step],
                np.average(between['imu'], axis=0, weights=between['dt']), atol=1e-4)
    assert checked > 100


def test_every_frame_at_the_camera_s_own_rate(data: Dataset, folder: Path,
                                              config: TrainingConfig) -> None:
    """Where the rate asked for is above the camera's, no frame is left out."""
    settings = replace(config.head, rate_hz=(50.0, 60.0), drop_share=0.0)
    windows = FeatureCache(folder, np.ones(len(data), bool), NOMINAL).draw(
        np.random.default_rng(0), settings)
    rows = data.rows(np.arange(len(data)))
    for batch in range(settings.batch):
        places = _places(data, windows.label[batch, :, 0])
        assert (np.diff(places) % len(data) == 1).all()
        np.testing.assert_array_equal(windows.imu[batch], rows['imu'][places])


def test_rates_cover_the_range_asked_for(data: Dataset, folder: Path,
                                         config: TrainingConfig) -> None:
    """Windows of a 30 Hz camera are seen at 10, 15 and 30 Hz."""
    settings = replace(config.head, rate_hz=(10.0, 30.0), batch=200, drop_share=0.0)
    windows = FeatureCache(folder, np.ones(len(data), bool), NOMINAL).draw(
        np.random.default_rng(0), settings)
    mean = np.array([dt[~reset].mean() for dt, reset in
                     zip(windows.dt[:, 1:, 0].numpy(), windows.reset[:, 1:].numpy())])
    for interval in (1 / 30, 2 / 30, 3 / 30):
        assert (np.abs(mean - interval) < 0.15 * interval).sum() > 20


def test_weights_wait_for_a_warm_state(data: Dataset, folder: Path,
                                       config: TrainingConfig) -> None:
    """The burn-in has no weight, but for flights that begin: there a cold state is the truth."""
    windows = FeatureCache(folder, np.ones(len(data), bool), NOMINAL).draw(
        np.random.default_rng(0), replace(config.head, batch=300))
    begun = np.maximum.accumulate(windows.reset.numpy(), 1)
    expected = begun | (np.arange(config.head.steps) >= config.head.burn_in)
    np.testing.assert_array_equal(windows.weight.numpy(), expected.astype(np.float32))
    assert windows.reset[:, 0].any() and not windows.reset[:, 0].all()


def test_held_out_flights_have_no_weight(data: Dataset, folder: Path,
                                         config: TrainingConfig) -> None:
    """Windows begin in usable flights only, and run out of them without weight."""
    usable = np.repeat([True, False, True], 60)
    windows = FeatureCache(folder, usable, NOMINAL).draw(
        np.random.default_rng(0), replace(config.head, batch=100, burn_in=0))
    for batch in range(100):
        places = _places(data, windows.label[batch, :, 0])
        assert usable[places[0]]
        np.testing.assert_array_equal(windows.weight[batch].numpy() > 0, usable[places])


def test_features_that_are_known_are_not_made_again(
        tmp_path: Path, data: Dataset, config: TrainingConfig, plain: Normaliser,
        progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole blocks of them; what comes out is the same to the byte."""
    monkeypatch.setattr(features, '_BLOCK', 50)
    encoder, shown = build_policy(config.policy).encoder, []
    encoder.register_forward_hook(lambda _module, given, _out: shown.append(len(given[0])))

    def cached(name: str, known: np.ndarray | None) -> Path:
        cache_features(encoder, data, plain, config, 'cache', tmp_path / name, progress, 5, known)
        return tmp_path / name

    whole = cached('whole', None)
    assert sum(shown) == 2 * 180
    shown.clear()
    again = cached('again', np.load(whole / 'features.npy')[:, :120])
    assert sum(shown) == 2 * 80, '100 of the 120 are whole blocks'
    for path in whole.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()
    marked = np.load(whole / 'features.npy')[:, :120] + 1.0
    found = np.load(cached('marked', marked) / 'features.npy')
    np.testing.assert_array_equal(found[:, :100], marked[:, :100])


def test_a_missing_cache_is_named(tmp_path: Path) -> None:
    """A cache that is not there is an error that says what to do."""
    with pytest.raises(TrainingError, match='expected cached features'):
        FeatureCache(tmp_path / 'nowhere', np.ones(1, bool), NOMINAL)


def test_what_repeats_itself_in_the_dark_is_not_taught_there(
        tmp_path: Path, data: Dataset, config: TrainingConfig, plain: Normaliser,
        progress: Progress) -> None:
    """Black frames have no weight for it, and their usual one for others."""
    encoder = build_policy(config.policy).encoder
    cache_features(encoder, data, plain, config, 'cache', tmp_path / 'cache', progress)
    dark = np.load(tmp_path / 'cache' / 'dark.npy', mmap_mode='r+')
    dark[30:40] = True
    dark.flush()
    settings = replace(config.head, rate_hz=(30.0, 30.0), drop_share=0.0, steps=60, burn_in=0)
    everything = np.ones(len(data), bool)
    weights = {}
    for taught in (True, False):
        cache = FeatureCache(tmp_path / 'cache', everything, NOMINAL, in_the_dark=taught)
        windows = cache.draw(np.random.default_rng(0), settings)
        places = np.stack([_places(data, labels[:, 0]) for labels in windows.label])
        weights[taught] = windows.weight.numpy()
        black = dark[places]
        assert black.any()
    assert weights[True][black].any() and not weights[False][black].any()
    np.testing.assert_array_equal(weights[True][~black], weights[False][~black])
