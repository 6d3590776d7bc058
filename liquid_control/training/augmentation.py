# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a cheap or badly lit camera does to images.

Noise comes from a bank of prepared images: fresh noise would cost twice as much as the rest.
"""

from liquid_control.training.settings import AugmentationConfig
import torch
from torch import Tensor

_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma


class Augmenter:
    """
    Draws a strength per image and applies it.

    :param config: ranges of the strengths.
    :param image_shape: (height, width, 3).
    :param seed: of the noise bank.
    """

    def __init__(self, config: AugmentationConfig, image_shape: tuple[int, int, int],
                 seed: int) -> None:
        self.config = config
        generator = torch.Generator().manual_seed(seed)
        self._bank = torch.randn((config.noise_bank, *image_shape), generator=generator)

    def __call__(self, frames: Tensor, generator: torch.Generator) -> Tensor:
        """
        Return augmented frames; a share of them is left as it was.

        :param frames: (batch, height, width, 3), uint8.
        :param generator: of the strengths.
        :returns: floats of the same shape, 0 to 255: not rounded, which costs more than it tells.
        """
        batch, config = len(frames), self.config
        changed = torch.rand(batch, generator=generator) >= config.clean_share

        def strength(bounds: tuple[float, float], neutral: float) -> Tensor:
            low, high = bounds
            drawn = low + (high - low) * torch.rand(batch, generator=generator)
            return torch.where(changed, drawn, neutral).reshape(batch, 1, 1)

        saturation = strength(config.saturation, 1.0)
        contrast = strength(config.contrast, 1.0)
        brightness = strength(config.brightness, 1.0)
        deviation = strength(config.noise, 0.0)
        pixels = frames.float().reshape(batch, -1, 3)
        grey = torch.tensor(_GREY)
        mean = (pixels[:, ::7].mean(1) @ grey).reshape(batch, 1, 1)  # a seventh of them will do
        # All three are affine in a pixel's colour: one small matrix and one offset an image.
        mix = saturation * torch.eye(3) + (1.0 - saturation) * grey.reshape(3, 1)
        offset = brightness * (1.0 - contrast) * mean
        pixels = torch.baddbmm(offset, pixels, mix * (contrast * brightness))
        pixels.addcmul_(self._noise(batch, generator).reshape(pixels.shape), deviation)
        return pixels.clamp_(0.0, 255.0).reshape(frames.shape)

    def _noise(self, batch: int, generator: torch.Generator) -> Tensor:
        """Return a stretch of the bank, as it lies where it is long enough: no copy."""
        size = len(self._bank)
        begin = int(torch.randint(size, (1,), generator=generator))
        if batch <= size:
            begin = min(begin, size - batch)
            return self._bank[begin:begin + batch]
        return self._bank[(begin + torch.arange(batch)) % size]
