# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wind as its YAML file in sim_worlds/wind/ composes it."""

from dataclasses import dataclass, replace

from liquid_control.config import load_named, named_path, names_in
from liquid_control.errors import ConfigError
from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.constant import Constant, ConstantConfig
from liquid_control.sim.wind.dryden import Dryden, DrydenConfig
from liquid_control.sim.wind.gust import GustConfig, Gusts
from liquid_control.sim.wind.jet import Jet, JetConfig
from liquid_control.sim.wind.limits import expect
from liquid_control.sim.wind.ornstein_uhlenbeck import OrnsteinUhlenbeck, OrnsteinUhlenbeckConfig
from liquid_control.sim.wind.recorded import Recorded, RecordedConfig
from liquid_control.sim.wind.schedule import Schedule, ScheduleConfig
from liquid_control.sim.wind.shear import Shear, ShearConfig
from liquid_control.sim.wind.wake import Wake, WakeConfig
import numpy as np

FOLDER = 'sim_worlds/wind'


@dataclass(frozen=True)
class WindConfig:
    """One file of sim_worlds/wind/; models that are left out do not blow."""

    name: str
    description: str
    heading_deg: float | None = None     # where it blows to, -360 to 360; drawn if null
    constant: ConstantConfig | None = None
    gust: GustConfig | None = None
    ornstein_uhlenbeck: OrnsteinUhlenbeckConfig | None = None
    shear: ShearConfig | None = None
    schedule: ScheduleConfig | None = None
    dryden: DrydenConfig | None = None
    jet: JetConfig | None = None
    recorded: RecordedConfig | None = None
    wake: WakeConfig | None = None       # behind pillars, of constant, shear, schedule

    def __post_init__(self) -> None:
        if self.heading_deg is not None:
            expect('heading_deg', self.heading_deg, -360.0, 360.0)
        if self.wake is not None and not (self.constant or self.shear or self.schedule):
            raise ConfigError('wake: expected a wind that is held back (constant, shear or '
                              'schedule) beside it, found none')


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


def build_wind(config: WindConfig, rng: np.random.Generator,
               pillars: FloatArray | None = None) -> Sum:
    """
    Draw one wind.

    :param config: the models and their ranges.
    :param rng: where the draws come from.
    :param pillars: what stands in the wind, rows x, y, radius, height: (P, 4) [m].
    """
    drawn = rng.uniform(-np.pi, np.pi)
    heading = drawn if config.heading_deg is None else np.deg2rad(config.heading_deg)
    # Every model has a stream of its own: leaving one out does not change the others. New streams
    # go to the end: winds that do not use them stay what they were.
    gust_rng, turbulence_rng, schedule_rng, dryden_rng, recorded_rng, wake_rng = rng.spawn(6)
    steady: list[Wind] = []
    models: list[Wind] = []
    if config.constant is not None:
        steady.append(Constant(config.constant, heading))
    if config.gust is not None:
        models.append(Gusts(config.gust, heading, gust_rng))
    if config.ornstein_uhlenbeck is not None:
        models.append(OrnsteinUhlenbeck(config.ornstein_uhlenbeck, turbulence_rng))
    if config.shear is not None:
        steady.append(Shear(config.shear, heading))
    if config.schedule is not None:
        steady.append(Schedule(config.schedule, heading, schedule_rng))
    if config.dryden is not None:
        models.append(Dryden(config.dryden, heading, dryden_rng))
    if config.jet is not None:
        models.append(Jet(config.jet, heading))
    if config.recorded is not None:
        models.append(Recorded(config.recorded, heading, recorded_rng))
    if config.wake is not None and pillars is not None and len(pillars):
        models.append(Wake(config.wake, Sum(tuple(steady)), pillars, wake_rng))
    return Sum((*steady, *models))


def wind_names() -> list[str]:
    """Return the names of the shipped winds."""
    return names_in(FOLDER)


def load_wind(name: str) -> WindConfig:
    """
    Read a wind by its name, or by the path of a YAML file.

    :param name: for example W2, or my_wind.yaml.
    :raises ConfigError: if there is none of that name, or its file or its series is wrong.
    """
    config = load_named(WindConfig, 'wind', FOLDER, name)
    if config.recorded is None:
        return config
    path = named_path(FOLDER, name)
    try:
        return replace(config, recorded=config.recorded.loaded(path.parent))
    except ConfigError as error:
        raise ConfigError(f'{path}: recorded: file: {error}') from error
