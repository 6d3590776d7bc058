# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What light, lens and cable do to a camera's images: changes of light, blur, blackouts."""

from liquid_control.signals import FloatArray, ImageArray
from liquid_control.sim.sensor_config import BlackoutConfig, LightConfig
from numba import njit
import numpy as np

_GREY = np.array([0.299, 0.587, 0.114], np.float32)   # ITU-R BT.601 luma
_EDGE = 3                                             # a blur ends at so many sd


class Blackouts:
    """Bursts in which every image is black; their times do not depend on the frames."""

    def __init__(self, config: BlackoutConfig | None, rng: np.random.Generator) -> None:
        """
        Draw the first burst.

        :param config: how often and how long; None for never.
        :param rng: where the draws come from.
        """
        self._config, self._rng = config, rng
        self._begin = self._end = np.inf
        if config is not None:
            self._draw(config, 0.0)

    def _draw(self, config: BlackoutConfig, after: float) -> None:
        self._begin = after + self._rng.exponential(config.every_s)
        self._end = self._begin + self._rng.uniform(*config.length_s)

    def dark(self, t: float) -> bool:
        """
        Tell whether it is dark.

        :param t: time, never backward [s].
        """
        while self._config is not None and t >= self._end:
            self._draw(self._config, self._end)
        return bool(t >= self._begin)


class Light:
    """Brightness, contrast, saturation and blur of a flight, drawn once."""

    def __init__(self, config: LightConfig | None, rng: np.random.Generator) -> None:
        """
        Draw the strengths.

        :param config: their ranges; None leaves images as they are.
        :param rng: where the draws come from.
        """
        self._on = config is not None
        config = config or LightConfig()
        self.brightness, self.contrast, self.saturation, blur = (
            float(rng.uniform(*bounds)) for bounds in (
                config.brightness, config.contrast, config.saturation, config.blur_px))
        reach = np.arange(-np.ceil(_EDGE * blur), np.ceil(_EDGE * blur) + 1)
        kernel = np.exp(-0.5 * (reach / max(blur, 1e-9)) ** 2)
        self._kernel: FloatArray = kernel / kernel.sum()

    def __call__(self, image: ImageArray, exposure: float = 1.0) -> ImageArray:
        """
        Return the image in this light: saturation, then contrast, then brightness, then blur.

        :param image: (height, width, 3).
        :param exposure: a further factor on the brightness of this image.
        """
        if not self._on:
            if exposure == 1.0:
                return image
            shades = np.minimum(np.round(exposure * np.arange(256.0)), 255).astype(np.uint8)
            return shades[image]
        pixels: FloatArray = image.astype(np.float32)
        grey = pixels @ _GREY
        pixels = grey[..., None] + self.saturation * (pixels - grey[..., None])
        pixels = exposure * self.brightness * (
            grey.mean() + self.contrast * (pixels - grey.mean()))
        if len(self._kernel) > 1:
            pixels = _blurred(_blurred(pixels, self._kernel, True), self._kernel, False)
        return np.clip(np.round(pixels), 0, 255).astype(np.uint8)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _blurred(pixels: FloatArray, kernel: FloatArray, upright: bool) -> FloatArray:
    """Convolve (height, width, 3) upright or sideways; the border is repeated outward."""
    reach = len(kernel) // 2
    height, width, channels = pixels.shape
    result = np.zeros(pixels.shape)
    for row in range(height):
        for column in range(width):
            for tap in range(len(kernel)):
                i, j = row, column
                if upright:
                    i = min(height - 1, max(0, row + tap - reach))
                else:
                    j = min(width - 1, max(0, column + tap - reach))
                for channel in range(channels):
                    result[row, column, channel] += kernel[tap] * pixels[i, j, channel]
    return result
