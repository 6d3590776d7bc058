# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wind as its YAML file in sim_worlds/wind/ composes it."""

from dataclasses import dataclass

from liquid_control.config import load_named, names_in
from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.constant import Constant, ConstantConfig
from liquid_control.sim.wind.gust import GustConfig, Gusts
from liquid_control.sim.wind.ornstein_uhlenbeck import OrnsteinUhlenbeck, OrnsteinUhlenbeckConfig
import numpy as np


@dataclass(frozen=True)
class WindConfig:
    """One file of sim_worlds/wind/; models that are left out do not blow."""

    name: str
    description: str
    heading_deg: float | None = None     # where the mean blows to; drawn from the seed if absent
    constant: ConstantConfig | None = None
    gust: GustConfig | None = None
    ornstein_uhlenbeck: OrnsteinUhlenbeckConfig | None = None


class Sum(Wind):
    """The sum of several models; of none, still air."""

    def __init__(self, models: tuple[Wind, ...]) -> None:
        """
        Keep the models.

        :param models: what to add up.
        """
        self._models = models

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        total = np.zeros(3)
        for model in self._models:
            total += model.velocity(t, position)
        return total


def build_wind(config: WindConfig, rng: np.random.Generator) -> Sum:
    """
    Draw one wind.

    :param config: the models and their ranges.
    :param rng: where the draws come from.
    """
    drawn = rng.uniform(-np.pi, np.pi)
    heading = drawn if config.heading_deg is None else np.deg2rad(config.heading_deg)
    # Every model has a stream of its own: leaving one out does not change the others.
    gust_rng, turbulence_rng = rng.spawn(2)
    models: list[Wind] = []
    if config.constant is not None:
        models.append(Constant(config.constant, heading))
    if config.gust is not None:
        models.append(Gusts(config.gust, heading, gust_rng))
    if config.ornstein_uhlenbeck is not None:
        models.append(OrnsteinUhlenbeck(config.ornstein_uhlenbeck, turbulence_rng))
    return Sum(tuple(models))


def wind_names() -> list[str]:
    """Return the names of the shipped winds."""
    return names_in('sim_worlds/wind')


def load_wind(name: str) -> WindConfig:
    """
    Read a wind by its name, or by the path of a YAML file.

    :param name: for example W2, or my_wind.yaml.
    :raises ConfigError: if there is none of that name, or its file is wrong.
    """
    return load_named(WindConfig, 'wind', 'sim_worlds/wind', name)
