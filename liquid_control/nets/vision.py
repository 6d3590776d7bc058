# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a policy sees: a small convolution from camera frames to features."""

from dataclasses import dataclass

from liquid_control.errors import ConfigError
import torch
from torch import nn, Tensor

CHANNELS = (16, 32, 48, 64)   # of the four convolutions, each of which halves the picture
KERNELS = (5, 3, 3, 3)
HIDDEN = 48                   # between the last convolution and the features
DIMMEST = 4.0                 # of 255: contrast below this is noise and is not stretched


@dataclass(frozen=True)
class EncoderConfig:
    """Sizes of an encoder."""

    width: int = 64       # of a frame [px]
    height: int = 48
    features: int = 32

    def __post_init__(self) -> None:
        """Check the sizes."""
        smallest = 2 ** len(CHANNELS)
        if min(self.width, self.height) < smallest or self.features < 1:
            raise ConfigError(f'encoder: expected frames of at least {smallest} x {smallest} px '
                              f'and one feature, found {self.width} x {self.height} px and '
                              f'{self.features}')


class Encoder(nn.Module):
    """
    RGB frames to features in [-1, 1].

    Each frame is brought to zero mean and unit contrast first, so that neither exposure nor a
    dim or bright day reaches the convolution; a frame without contrast becomes zeros.
    """

    def __init__(self, config: EncoderConfig) -> None:
        """
        Draw the weights from torch's global generator.

        :param config: the sizes.
        """
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        width, height, channels = config.width, config.height, 3
        for out, kernel in zip(CHANNELS, KERNELS):
            layers += [nn.Conv2d(channels, out, kernel, stride=2, padding=kernel // 2),
                       nn.ReLU(inplace=True)]
            width, height, channels = (width + 1) // 2, (height + 1) // 2, out
        self.convolution = nn.Sequential(*layers).to(
            memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.readout = nn.Sequential(
            nn.Flatten(), nn.Linear(channels * width * height, HIDDEN), nn.ReLU(inplace=True),
            nn.Linear(HIDDEN, config.features), nn.Tanh())

    def forward(self, frames: Tensor) -> Tensor:
        """
        Encode frames.

        :param frames: (B, H, W, 3) uint8, RGB.
        :returns: (B, F) in [-1, 1].
        """
        features: Tensor = self.readout(self.convolution(normalise(frames)))
        return features


def normalise(frames: Tensor) -> Tensor:
    """
    Bring each frame to zero mean and unit contrast.

    :param frames: (B, H, W, 3), any number type, 0 to 255.
    :returns: (B, 3, H, W) floats, channels last in memory.
    """
    values = frames.to(torch.float32).permute(0, 3, 1, 2)
    centred = values - values.mean(dim=(1, 2, 3), keepdim=True)
    contrast = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / contrast.clamp_min(DIMMEST)
