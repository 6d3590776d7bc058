# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Small settings, and flights made of arithmetic, so that the right answer is known."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.config import read_yaml, share_directory
from liquid_control.nets.policy import build_policy, NetConfig
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.specification import Normaliser
from liquid_control.training.bundling import UNTRAINED, write_bundle
from liquid_control.training.dataset import Dataset, row_type, write_part
from liquid_control.training.progress import Progress
from liquid_control.training.settings import (
    AugmentationConfig,
    EncoderTraining,
    HeadTraining,
    RoundConfig,
    TrainingConfig,
)
import numpy as np
import pytest
import torch
import yaml

HEIGHT, WIDTH = 24, 32


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Leave the other core to others."""
    torch.set_num_threads(1)


@pytest.fixture
def config() -> TrainingConfig:
    """Return the settings of a very small run."""
    return TrainingConfig(
        name='tiny', description='for tests', seed=3,
        rounds=(RoundConfig(flights=2, expert_share=1.0, encoder_frames=128,
                            head_iterations=4),),
        policy=NetConfig(neurons=8, width=WIDTH, height=HEIGHT, features=8),
        augmentation=AugmentationConfig(noise_bank=40),
        encoder=EncoderTraining(batch=32, checkpoint_frames=64, threads=2),
        head=HeadTraining(batch=16, steps=16, burn_in=4, learning_rate=1e-2, copies=2,
                          rate_hz=(10.0, 30.0), checkpoint_iterations=10))


@pytest.fixture(scope='session')
def student(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return an untrained policy for the drone."""
    config = TrainingConfig(name='student', description='for tests', seed=0, rounds=(
        RoundConfig(flights=1, expert_share=1.0, encoder_frames=1, head_iterations=1),))
    folder = tmp_path_factory.mktemp('student') / 'bundle'
    write_bundle(folder, build_policy(config.policy), UNTRAINED, config, {})
    return Bundle.load(folder)


@pytest.fixture
def short_world(tmp_path: Path) -> str:
    """Return the forest, but a flight in it is over after two seconds."""
    values = read_yaml(share_directory() / 'sim_worlds' / 'forest.yaml')
    values['success']['time_limit'] = 2.0
    path = tmp_path / 'short.yaml'
    path.write_text(yaml.safe_dump(values))
    return str(path)


@pytest.fixture
def progress(tmp_path: Path) -> Progress:
    """Return a silent progress."""
    return Progress(tmp_path, quiet=True)


@pytest.fixture
def plain() -> Normaliser:
    """Return a normaliser that changes nothing."""
    return Normaliser((0.0,) * 6, (1.0,) * 6)  # type: ignore[arg-type]


@pytest.fixture
def make_flights() -> Callable[..., Dataset]:
    """Return `known_flights`."""
    return known_flights


def known_flights(folder: Path, count: int = 3, frames: int = 60,
                  dt: float = 1 / 30) -> Dataset:
    """
    Write flights in which a bar tells the yaw rate, and the IMU's first channel tells vx.

    The bar left of the middle means turn left (+), and its place is the target's bearing.
    """
    numbers = np.random.default_rng(1)
    total = count * frames
    rows = np.zeros(total, row_type(4, 0))
    columns = numbers.integers(0, WIDTH - 4, total)
    side = 1.0 - (columns + 2) / (WIDTH / 2)
    rows['imu'] = numbers.normal(size=(total, 6))
    rows['dt'] = dt * numbers.uniform(0.8, 1.2, total)
    rows['label'][:, 0] = 0.5 * np.tanh(rows['imu'][:, 0])
    rows['label'][:, 3] = 0.8 * side
    rows['target'] = np.stack([np.ones(total), side, np.zeros(total), np.full(total, 0.2)], 1)
    rows['sectors'] = numbers.uniform(0, 1, (total, 8))
    rows['seen'] = True
    rows['start'][::frames] = True
    pictures = np.zeros((total, HEIGHT, WIDTH, 3), np.uint8)
    for picture, column in zip(pictures, columns):
        picture[6:18, column:column + 4] = 255
    write_part(folder, pictures, rows,
               [{'frames': frames, 'outcome': 'reached', 'seed': i} for i in range(count)])
    return Dataset([folder])
