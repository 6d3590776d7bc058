# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the mirror: a mirrored world, flown by a mirrored pilot, is what comes out."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.runtime.specification import Normaliser
from liquid_control.sensing.extra import EXTRA_NAMES
from liquid_control.sensing.imu import IMU_NAMES
from liquid_control.training import mirror
from liquid_control.training.dataset import Dataset, write_part
from liquid_control.training.encoder import frame_batch
from liquid_control.training.settings import TrainingConfig
import numpy as np
import pytest
import torch


def test_signs_belong_to_these_channels() -> None:
    """In the order in which the runtime feeds them."""
    assert IMU_NAMES == ('ax', 'ay', 'az', 'wx', 'wy', 'wz')


def test_signs_follow_from_the_reflection() -> None:
    """Vectors turn as diag(1, -1, 1), rotations as its determinant times it: by construction."""
    reflection = np.diag([1.0, -1.0, 1.0])
    vector, spin = np.array([1.0, 2.0, 3.0]), np.array([0.4, 0.5, 0.6])
    np.testing.assert_allclose(mirror.IMU_SIGNS[:3] * vector, reflection @ vector)
    # The rotation of a reflected motion: S [w]x S must be the cross matrix of the new vector.
    cross = np.array([[0, -spin[2], spin[1]], [spin[2], 0, -spin[0]], [-spin[1], spin[0], 0]])
    turned = reflection @ cross @ reflection
    np.testing.assert_allclose(mirror.IMU_SIGNS[3:] * spin,
                               [turned[2, 1], turned[0, 2], turned[1, 0]])
    np.testing.assert_array_equal(mirror.signs(('vx', 'vy', 'vz', 'yaw_rate')), [1, -1, 1, -1])


def test_an_unknown_input_is_refused() -> None:
    """A name without a known mirror image is an error, not a guess."""
    with pytest.raises(ConfigError, match='wing_flap'):
        mirror.signs(('wing_flap',))


def test_mirrored_frame_has_the_mirrored_label(
        tmp_path: Path, config: TrainingConfig, plain: Normaliser,
        make_flights: Callable[..., Dataset]) -> None:
    """A bar on the left says turn left; mirrored it lies on the right and says turn right."""
    data = make_flights(tmp_path / 'one')
    indices = np.arange(20)
    straight = frame_batch(data, indices, np.zeros(20, bool), plain, config)
    turned = frame_batch(data, indices, np.ones(20, bool), plain, config)
    columns = torch.arange(32.0)
    centre = (straight.frames.float().mean((1, 3)) * columns).sum(1)
    turned_centre = (turned.frames.float().mean((1, 3)) * columns).sum(1)
    weight = straight.frames.float().mean((1, 3)).sum(1)
    torch.testing.assert_close(turned_centre / weight, 31.0 - centre / weight)
    torch.testing.assert_close(turned.label[:, 3], -straight.label[:, 3])
    torch.testing.assert_close(turned.label[:, 0], straight.label[:, 0])
    torch.testing.assert_close(turned.target[:, 1], -straight.target[:, 1])
    torch.testing.assert_close(turned.sectors, straight.sectors.flip(1))
    torch.testing.assert_close(turned.inputs[:, 1], -straight.inputs[:, 1])


def test_an_unseen_target_has_no_mirrored_label(
        tmp_path: Path, config: TrainingConfig, plain: Normaliser,
        make_flights: Callable[..., Dataset]) -> None:
    """The expert's turn to the left is no reason for a turn to the right."""
    data = make_flights(tmp_path / 'one')
    rows = data.rows(np.arange(len(data)))
    rows['seen'][:5] = False
    write_part(tmp_path / 'two', data.frames(np.arange(len(data))), rows, data.flights)
    unseen = Dataset([tmp_path / 'two'])
    indices = np.arange(10)
    turned = frame_batch(unseen, indices, np.ones(10, bool), plain, config)
    straight = frame_batch(unseen, indices, np.zeros(10, bool), plain, config)
    assert turned.weight.tolist() == [0.0] * 5 + [1.0] * 5
    assert straight.weight.tolist() == [1.0] * 10


def test_optional_inputs_are_mirrored() -> None:
    """A lateral velocity turns, a forward one and an age do not; every input is known."""
    turned = [name for name, sign in zip(EXTRA_NAMES, mirror.signs(EXTRA_NAMES)) if sign < 0]
    assert turned == ['velocity_y', 'flow_y']
