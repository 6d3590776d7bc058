# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the augmentation against what each strength means."""

from liquid_control.training.augmentation import Augmenter
from liquid_control.training.settings import AugmentationConfig
import pytest
import torch
from torch import Tensor

OFF = {'noise': (0.0, 0.0), 'brightness': (1.0, 1.0), 'contrast': (1.0, 1.0),
       'saturation': (1.0, 1.0), 'clean_share': 0.0, 'noise_bank': 16}
SHAPE = (14, 21, 3)


def _frames(low: int = 60, high: int = 180, count: int = 8) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(low, high, (count, *SHAPE), generator=generator, dtype=torch.uint8)


def _augment(frames: Tensor, **strengths: object) -> Tensor:
    config = AugmentationConfig(**{**OFF, **strengths})  # type: ignore[arg-type]
    return Augmenter(config, SHAPE, 1)(frames, torch.Generator().manual_seed(2))


def test_neutral_strengths_change_nothing() -> None:
    """Factors of one and no noise leave every value."""
    torch.testing.assert_close(_augment(_frames()), _frames().float(), rtol=0, atol=1e-3)


def test_clean_images_stay() -> None:
    """Images that are to stay clean do so, whatever the strengths."""
    found = _augment(_frames(), clean_share=1.0, noise=(50.0, 50.0), brightness=(0.1, 0.1))
    torch.testing.assert_close(found, _frames().float(), rtol=0, atol=1e-3)


def test_brightness_is_a_factor() -> None:
    """Half the brightness is half of every value."""
    torch.testing.assert_close(_augment(_frames(), brightness=(0.5, 0.5)), _frames() * 0.5,
                               rtol=0, atol=1e-3)


def test_contrast_keeps_the_mean() -> None:
    """Contrast spreads values about the image's grey, which stays where it is."""
    frames = _frames(100, 150).float().mean(3, keepdim=True).expand(-1, -1, -1, 3)
    found = _augment(frames.to(torch.uint8), contrast=(1.5, 1.5))
    plain = frames.to(torch.uint8).float()
    spread = found.flatten(1).std(1) / plain.flatten(1).std(1)
    torch.testing.assert_close(spread, torch.full((8,), 1.5), rtol=1e-4, atol=0)
    torch.testing.assert_close(found.flatten(1).mean(1), plain.flatten(1).mean(1), rtol=0,
                               atol=2.0)


def test_without_saturation_all_is_grey() -> None:
    """Saturation 0 leaves the luma of ITU-R BT.601 in all channels."""
    found = _augment(_frames(), saturation=(0.0, 0.0))
    luma = _frames().float() @ torch.tensor([0.299, 0.587, 0.114])
    for channel in range(3):
        torch.testing.assert_close(found[..., channel], luma, rtol=0, atol=1e-2)


@pytest.mark.parametrize('count', [8, 40])
def test_noise_has_its_strength(count: int) -> None:
    """Noise has the standard deviation asked for, also in a batch larger than the bank."""
    frames = torch.full((count, *SHAPE), 128, dtype=torch.uint8)
    noise = _augment(frames, noise=(10.0, 10.0)) - 128.0
    assert noise.std().item() == pytest.approx(10.0, rel=0.05)
    assert abs(noise.mean().item()) < 0.5
    assert not torch.equal(noise[0], noise[1])


def test_values_stay_in_range_and_are_repeatable() -> None:
    """Nothing leaves 0 to 255, and the same generator gives the same images."""
    strong = {'noise': (60.0, 60.0), 'brightness': (0.1, 4.0), 'contrast': (0.2, 4.0)}
    found = _augment(_frames(0, 255), **strong)
    assert found.min() >= 0 and found.max() <= 255
    assert torch.equal(found, _augment(_frames(0, 255), **strong))
