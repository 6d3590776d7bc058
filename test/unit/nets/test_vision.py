# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The encoder: its budget, and what light does to it."""

from liquid_control.errors import ConfigError
from liquid_control.nets.policy import parameter_count
from liquid_control.nets.vision import Encoder, EncoderConfig, normalise
import pytest
import torch


def frames(batch: int, height: int = 48, width: int = 64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 128, (batch, height, width, 3), generator=generator,
                         dtype=torch.uint8)


def test_budget_at_64_by_48() -> None:
    assert parameter_count(Encoder(EncoderConfig())) <= 90_000


@pytest.mark.parametrize('width, height, features', [(64, 48, 32), (96, 64, 24), (33, 17, 8)])
def test_any_size(width: int, height: int, features: int) -> None:
    encoder = Encoder(EncoderConfig(width, height, features))
    found = encoder(frames(3, height, width))
    assert found.shape == (3, features)
    assert (found.abs() <= 1).all()


def test_rows_of_a_batch_do_not_mix() -> None:
    encoder = Encoder(EncoderConfig())
    batch = frames(3)
    torch.testing.assert_close(encoder(batch)[1:2], encoder(batch[1:2]), atol=1e-5, rtol=1e-4)


def test_normalised_frames_have_zero_mean_and_unit_contrast() -> None:
    values = normalise(frames(2))
    assert values.shape == (2, 3, 48, 64)
    torch.testing.assert_close(values.mean(dim=(1, 2, 3)), torch.zeros(2), atol=1e-4, rtol=0)
    torch.testing.assert_close(values.square().mean(dim=(1, 2, 3)), torch.ones(2))


def test_channels_and_rows_keep_their_places() -> None:
    frame = torch.zeros(1, 48, 64, 3, dtype=torch.uint8)
    frame[0, 5, 7, 2] = 255
    values = normalise(frame)
    assert values.flatten().argmax() == (2 * 48 + 5) * 64 + 7


def test_exposure_and_offset_do_not_matter() -> None:
    encoder = Encoder(EncoderConfig())
    frame = frames(1)
    usual = encoder(frame)
    torch.testing.assert_close(encoder(frame * 2), usual, atol=1e-5, rtol=0)
    torch.testing.assert_close(encoder(frame + 100), usual, atol=1e-5, rtol=0)


def test_a_frame_without_contrast_is_no_noise() -> None:
    black = torch.zeros(1, 48, 64, 3, dtype=torch.uint8)
    assert not normalise(black).any()
    assert not normalise(black + 200).any()
    noisy = black + torch.randint(0, 2, black.shape, dtype=torch.uint8)
    assert normalise(noisy).abs().max() < 0.5


@pytest.mark.parametrize('sizes', [(8, 48, 32), (64, 15, 32), (64, 48, 0)])
def test_sizes_out_of_range(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(ConfigError, match='at least 16 x 16 px'):
        EncoderConfig(*sizes)
