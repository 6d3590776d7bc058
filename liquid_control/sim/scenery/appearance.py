# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How a world looks beyond its plain colours: procedural textures, a season, a sky."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from liquid_control.signals import FloatArray, ImageArray
from liquid_control.sim.ranges import check, check_range, Range
import numpy as np

SIZE = 64            # of a texture [pixel]

# What a season does to the ground: a colour, and its share of it.
SEASONS = {'spring': ((0.40, 0.58, 0.26), 0.5), 'summer': ((0.0, 0.0, 0.0), 0.0),
           'autumn': ((0.50, 0.40, 0.22), 0.6), 'winter': ((0.88, 0.90, 0.94), 0.85)}


class _Sky(NamedTuple):
    """Colours at horizon and zenith, and the light under them."""

    horizon: tuple[float, float, float]
    zenith: tuple[float, float, float]
    ambient: float
    diffuse: float
    elevation: float | None        # of the sun [rad]; as it is drawn if None


SKIES = {'overcast': _Sky((0.78, 0.80, 0.82), (0.66, 0.68, 0.71), 0.72, 0.22, None),
         'hazy': _Sky((0.92, 0.92, 0.90), (0.72, 0.80, 0.88), 0.65, 0.35, None),
         'dusk': _Sky((0.88, 0.70, 0.58), (0.30, 0.34, 0.52), 0.42, 0.50, 0.3)}


@dataclass(frozen=True)
class AppearanceConfig:
    """What may be drawn; what is left out looks plain."""

    texture: Range = (0.0, 0.0)            # contrast on ground, pillars and walls, 0 to 1
    seasons: tuple[Literal['spring', 'summer', 'autumn', 'winter'], ...] = ()  # one is drawn
    skies: tuple[Literal['clear', 'hazy', 'overcast', 'dusk'], ...] = ()       # one is drawn

    def __post_init__(self) -> None:
        check_range('texture', self.texture)
        check(0 <= self.texture[0] and self.texture[1] <= 1, 'texture', 'shares from 0 to 1',
              list(self.texture))


class Textures(NamedTuple):
    """Grey images (SIZE, SIZE, 3) that darken the colours below; they can be tiled."""

    ground: ImageArray
    bark: ImageArray
    wall: ImageArray


@dataclass(frozen=True)
class Appearance:
    """One draw; the default is plain."""

    textures: Textures | None = None
    season: str = 'summer'
    sky: str = 'clear'
    ambient: float = 0.55          # light from everywhere, as a share of full
    diffuse: float = 0.5           # light from the sun, likewise

    def ground(self, color: FloatArray) -> FloatArray:
        """
        Return the ground in this season.

        :param color: (3,) RGB as it was drawn.
        """
        tint, share = SEASONS[self.season]
        return color if share == 0 else (1 - share) * color + share * np.array(tint)

    def sky_color(self, drawn: FloatArray) -> FloatArray:
        """
        Return this sky, (2, 3) RGB at horizon and zenith.

        :param drawn: a clear one, as it was drawn.
        """
        sky = SKIES.get(self.sky)
        return drawn if sky is None else np.array([sky.horizon, sky.zenith])

    def elevation(self, drawn: float) -> float:
        """
        Return how high the sun stands [rad].

        :param drawn: in a clear sky.
        """
        sky = SKIES.get(self.sky)
        return drawn if sky is None or sky.elevation is None else sky.elevation


def draw_appearance(config: AppearanceConfig | None, rng: np.random.Generator) -> Appearance:
    """
    Draw textures, season and sky.

    :param config: what there is to choose from; None for a plain look.
    :param rng: where the draws come from.
    """
    if config is None:
        return Appearance()
    contrast = rng.uniform(*config.texture)
    # The ground in patches, bark in upright streaks, plaster blotched and coarse.
    textures = Textures(*(_texture(contrast, grain, rng)
                          for grain in ((6.0, 6.0), (2.0, 12.0), (3.0, 3.0))))
    season = config.seasons[rng.integers(len(config.seasons))] if config.seasons else 'summer'
    sky = config.skies[rng.integers(len(config.skies))] if config.skies else 'clear'
    light = SKIES.get(sky)
    plain = Appearance()
    return Appearance(textures if contrast > 0 else None, season, sky,
                      plain.ambient if light is None else light.ambient,
                      plain.diffuse if light is None else light.diffuse)


def _texture(contrast: float, grain: tuple[float, float], rng: np.random.Generator) -> ImageArray:
    """
    Filter noise so that it has structure down to a grain, and joins itself at its edges.

    :param contrast: between dark and light, 0 to 1.
    :param grain: waves across the image that are still strong, downward and to the right.
    :param rng: where the noise comes from.
    """
    down, right = np.meshgrid(np.fft.fftfreq(SIZE, 1 / SIZE), np.fft.rfftfreq(SIZE, 1 / SIZE),
                              indexing='ij')
    strength = 1.0 / (1.0 + (down / grain[0]) ** 2 + (right / grain[1]) ** 2)
    strength[0, 0] = 0.0
    noise = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((SIZE, SIZE))) * strength)
    level = np.clip(0.5 + 0.25 * noise / noise.std(), 0.0, 1.0)
    grey = np.rint(255 * (1.0 - contrast * (1.0 - level))).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)
