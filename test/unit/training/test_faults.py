# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the cameras that a policy learns on, and what a flight with blackouts records."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from liquid_control.nets.policy import build_policy
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.specification import Normaliser
from liquid_control.sim.sensor_config import BlackoutConfig, CameraConfig
from liquid_control.training.collection import fly
from liquid_control.training.dataset import Dataset
from liquid_control.training.encoder import frame_batch, FrameModel, losses
from liquid_control.training.faults import with_faults, with_rate
from liquid_control.training.features import cache_features, FeatureCache
from liquid_control.training.progress import Progress
from liquid_control.training.settings import FaultConfig, TrainingConfig
from liquid_control.training.validation import fly_seeds
import numpy as np
import pytest
import torch

CAMERA = CameraConfig(64, 48, 90.0, jitter=0.2, stale=0.02, noise_std=3.0)


def cameras(count: int, faults: FaultConfig) -> list[CameraConfig]:
    """Draw the cameras of some flights."""
    return [with_faults(CAMERA, faults, np.random.default_rng(seed)) for seed in range(count)]


def test_faults_are_spread_over_their_ranges_and_nothing_else_changes() -> None:
    """A fault that is not asked for stays as the world has it."""
    drawn = cameras(400, FaultConfig(drop=(0.1, 0.5), noise_std=(0.0, 20.0), blackout_share=0.25))
    drop = np.array([camera.drop for camera in drawn])
    noise = np.array([camera.noise_std for camera in drawn])
    assert 0.1 <= drop.min() < 0.12 and 0.48 < drop.max() <= 0.5
    assert noise.mean() == pytest.approx(10.0, abs=1.0)
    assert abs(np.corrcoef(drop, noise)[0, 1]) < 0.15
    assert np.mean([camera.blackout is not None for camera in drawn]) == pytest.approx(
        0.25, abs=0.07)
    assert {(camera.jitter, camera.stale, camera.width) for camera in drawn} == {(0.2, 0.02, 64)}
    assert set(cameras(5, FaultConfig())) == {CAMERA}
    some = cameras(400, FaultConfig(share=0.3, drop=(0.1, 0.5), jitter=(0.3, 0.4)))
    has_drop = np.array([camera.drop > 0 for camera in some])
    has_jitter = np.array([camera.jitter > 0.2 for camera in some])
    assert has_drop.mean() == pytest.approx(0.3, abs=0.07)
    assert np.mean(has_drop & has_jitter) == pytest.approx(0.09, abs=0.05)


def test_rates_are_spread_evenly_on_a_logarithmic_scale() -> None:
    """As many flights from 8 to 31 Hz as from 31 to 120 Hz."""
    rates = [with_rate(CAMERA, (8.0, 120.0), np.random.default_rng(seed)).rate_hz
             for seed in range(400)]
    assert all(low == high for low, high in rates)
    low = np.array(rates)[:, 0]
    assert 8 <= low.min() < 9 and 110 < low.max() <= 120
    assert np.mean(low < np.sqrt(8 * 120)) == pytest.approx(0.5, abs=0.08)


def test_labels_brake_in_the_dark_and_a_black_frame_shows_nothing(
        student: Bundle, config: TrainingConfig) -> None:
    """In a recorded flight: after 0.8 s of darkness the label is a stop."""
    faults = FaultConfig(stale=(0.0, 0.0), blackout_share=1.0,
                         blackout=BlackoutConfig(every_s=0.8, length_s=(1.2, 1.3)))
    first = replace(config.rounds[0], faults=faults, winds=('W0',))
    config = replace(config, rounds=(first,), policy=replace(config.policy, width=64, height=48),
                     collection=replace(config.collection, max_time_s=4.0))
    frames, rows, facts = fly(config, 0, 3, Controller(student))
    assert facts['wind'] == 'W0' and facts['blackouts']
    black = ~frames.reshape(len(frames), -1).any(axis=1)
    np.testing.assert_array_equal(rows['dark'], black)
    assert 0.2 < black.mean() < 0.9
    clock = np.cumsum(rows['dt'])
    since = clock - np.maximum.accumulate(np.where(black, 0.0, clock))
    assert not rows['target'][black].any() and not rows['sectors'][black].any()
    assert not rows['label'][since > 0.81].any()
    assert (since > 0.81).any() and rows['label'][~black].any(axis=1).all()
    middle = (since > 0.3) & (since < 0.5)
    assert 0 < np.abs(rows['label'][middle]).max() < 0.7


def test_a_repeated_image_keeps_the_view_that_it_shows(
        student: Bundle, config: TrainingConfig) -> None:
    """Where the frame is the one before, so are its auxiliary targets."""
    first = replace(config.rounds[0], faults=FaultConfig(stale=(0.6, 0.6)))
    config = replace(config, rounds=(first,), policy=replace(config.policy, width=64, height=48),
                     collection=replace(config.collection, max_time_s=2.0))
    frames, rows, _ = fly(config, 0, 4, Controller(student))
    same = np.array([np.array_equal(a, b) for a, b in zip(frames, frames[1:])])
    assert 0.3 < same.mean() < 0.9
    np.testing.assert_array_equal(rows['target'][1:][same], rows['target'][:-1][same])
    np.testing.assert_array_equal(rows['sectors'][1:][same], rows['sectors'][:-1][same])


@pytest.fixture
def dimmed(tmp_path: Path, make_flights: Callable[..., Dataset]) -> Dataset:
    """Return three flights of 60 frames; 20 to 49 of each are black."""
    folder = tmp_path / 'data'
    make_flights(folder)
    rows, frames = np.load(folder / 'rows.npy'), np.load(folder / 'frames.npy')
    dark = (np.arange(len(rows)) % 60 >= 20) & (np.arange(len(rows)) % 60 < 50)
    rows['dark'], rows['target'][dark], frames[dark] = dark, 0.0, 0
    np.save(folder / 'rows.npy', rows)
    np.save(folder / 'frames.npy', frames)
    return Dataset([folder])


def test_a_black_frame_alone_is_not_asked_for_a_command(
        config: TrainingConfig, dimmed: Dataset, plain: Normaliser) -> None:
    """Labels and depths of black frames move no loss; that they are black does."""
    torch.manual_seed(0)
    model = FrameModel(build_policy(config.policy).encoder, 6, 4)
    batch = frame_batch(dimmed, np.arange(60), np.zeros(60, bool), plain, config)
    before = [loss.item() for loss in losses(model, batch)]
    label, sectors = batch.label.clone(), batch.sectors.clone()
    label[20:50], sectors[20:50] = 9.0, 9.0
    after = [loss.item() for loss in losses(model, replace(batch, label=label, sectors=sectors))]
    assert after == before
    other = losses(model, replace(batch, dark=torch.zeros(60)))[1].item()
    assert other != before[1]


def test_a_window_that_begins_in_the_dark_counts_from_its_first_good_frame(
        tmp_path: Path, config: TrainingConfig, dimmed: Dataset, plain: Normaliser,
        progress: Progress) -> None:
    """How long it has been dark cannot be known there; where it can be, labels count."""
    torch.manual_seed(0)
    cache_features(build_policy(config.policy).encoder, dimmed, plain, config, 'features',
                   tmp_path / 'cache', progress)
    head = replace(config.head, rate_hz=(30.0, 30.0), drop_share=0.0, batch=256, burn_in=0)
    usable = np.zeros(len(dimmed), bool)
    usable[:60] = True
    cache = FeatureCache(tmp_path / 'cache', usable, 1 / 30)
    windows = cache.draw(np.random.default_rng(0), head)
    # The label of vx is distinct in every frame: it names the frame.
    known = dimmed.rows(np.arange(60))['label'][:, 0]
    found = np.abs(windows.label[:, :, 0].numpy()[:, :, None] - known).argmin(2)
    weight = windows.weight.numpy() > 0
    begin = found[:, 0]
    late = (begin >= 20) & (begin < 50)
    assert late.sum() > 50
    inside = (found >= 20) & (found < 50)
    assert not weight[late][inside[late] & (found[late] >= begin[late][:, None])].any()
    early = begin < 15
    assert weight[early][inside[early]].all()


def test_validation_flies_a_share_with_faults(student: Bundle, config: TrainingConfig,
                                              short_world: str) -> None:
    """The same seeds have faults in every run, and the table names them apart."""
    config = replace(config, collection=replace(
        config.collection, worlds=(short_world,), camera_rate_hz=(8.0, 120.0)),
                     validation=replace(config.validation, faults_share=0.5, winds=('W0',)))
    names = [[verdict.wind for verdict in fly_seeds(replace(config, seed=seed), student.folder,
                                                    range(500_003, 500_005))]
             for seed in (1, 2)]
    assert names[0] == names[1] and set(names[0]) == {'W0', 'W0 faults'}
