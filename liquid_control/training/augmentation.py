# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a cheap or badly lit camera does to images, in place.

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
        self._grey = torch.tensor(_GREY).reshape(3, 1)

    def __call__(self, frames: Tensor, generator: torch.Generator) -> Tensor:
        """
        Return augmented frames; a share of them is left as it was.

        :param frames: (batch, height, width, 3), uint8.
        :param generator: of the strengths.
        """
        batch, config = len(frames), self.config
        work = frames.float()
        changed = torch.rand(batch, generator=generator) >= config.clean_share

        def strength(bounds: tuple[float, float], neutral: float) -> Tensor:
            low, high = bounds
            drawn = low + (high - low) * torch.rand(batch, generator=generator)
            return torch.where(changed, drawn, neutral).reshape(batch, 1, 1, 1)

        saturation = strength(config.saturation, 1.0)
        grey = work @ self._grey
        work.sub_(grey).mul_(saturation).add_(grey)
        mean = work.mean((1, 2, 3), keepdim=True)
        contrast = strength(config.contrast, 1.0)
        brightness = strength(config.brightness, 1.0)
        work.sub_(mean).mul_(contrast * brightness).add_(mean * brightness)
        deviation = strength(config.noise, 0.0)
        pick = torch.randint(len(self._bank), (batch,), generator=generator)
        work.addcmul_(self._bank[pick], deviation)
        return work.round_().clamp_(0, 255).to(torch.uint8)
