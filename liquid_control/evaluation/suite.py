# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Suites: named lists of cells in config/suites/, each a wind and what differs in the world.

A cell changes whatever world is flown, or one that it names: a key of a section that it does not
name stays as it is, one that it does (`light` of `camera`, as a whole) replaces it.
"""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from liquid_control.config import build, load_named, names_in, nearest
from liquid_control.errors import ConfigError
from liquid_control.sim.mission.ball import BallConfig
from liquid_control.sim.scenery.scatter import ObstacleConfig
from liquid_control.sim.sensor_config import CameraConfig, ImuConfig
from liquid_control.sim.vehicle_config import GroundVehicleConfig, VehicleConfig
from liquid_control.sim.world_config import SuccessConfig, WorldConfig

Section: TypeAlias = dict[str, Any]      # keys of a section of a world

# What a cell may change of a world, by the section's name.
SECTIONS: dict[str, tuple[type, ...]] = {
    'camera': (CameraConfig,), 'imu': (ImuConfig,),
    'vehicle': (VehicleConfig, GroundVehicleConfig), 'target': (BallConfig,),
    'obstacles': (ObstacleConfig,), 'success': (SuccessConfig,)}


@dataclass(frozen=True)
class SuiteCell:
    """One cell of a suite; every section holds keys of that section of a world."""

    label: str                               # as tables and pictures call it
    wind: str                                # name, or path of a YAML file
    world: str | None = None                 # likewise; null for those that are asked for
    camera: Section = field(default_factory=dict)
    imu: Section = field(default_factory=dict)
    vehicle: Section = field(default_factory=dict)
    target: Section = field(default_factory=dict)
    obstacles: Section = field(default_factory=dict)
    success: Section = field(default_factory=dict)

    def __post_init__(self) -> None:
        for section, kinds in SECTIONS.items():
            known = [entry.name for kind in kinds for entry in dataclasses.fields(kind)]
            for key in getattr(self, section):
                if key not in known:
                    raise ConfigError(f'cell {self.label!r}: {section}: unknown key {key!r}'
                                      f'{nearest(key, known)}')

    def applied(self, world: WorldConfig) -> WorldConfig:
        """
        Return a world with this cell's changes.

        :param world: as its file says.
        :raises ConfigError: if a value is of the wrong type or out of range, or the world does
            not have a section that is to be changed.
        """
        changed: dict[str, Any] = {}
        for section in SECTIONS:
            changes, present = getattr(self, section), getattr(world, section)
            if not changes:
                continue
            where = f'cell {self.label!r}: {section}'
            if present is None:
                raise ConfigError(f'{where}: expected a world with a section {section}, found '
                                  f'{world.name}, which has none')
            changed[section] = build(type(present), dataclasses.asdict(present) | changes, where)
        return dataclasses.replace(world, **changed)


@dataclass(frozen=True)
class SuiteConfig:
    """One file of config/suites/."""

    format: int  # noqa: A003
    name: str
    description: str
    cells: tuple[SuiteCell, ...]

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ConfigError(f'format: expected 1, found {self.format}; '
                              'this version of liquid_control reads format 1 only')
        labels = [cell.label for cell in self.cells]
        twice = sorted({label for label in labels if labels.count(label) > 1})
        if twice or not labels:
            raise ConfigError('cells: expected one or more, each with a label of its own, found '
                              + (f'{twice[0]!r} twice' if twice else 'none'))


def suite_names() -> list[str]:
    """Return the names of the shipped suites."""
    return names_in('config/suites')


def load_suite(name: str) -> SuiteConfig:
    """
    Read a suite by its name, or by the path of a YAML file.

    :param name: for example rate, or my_suite.yaml.
    :raises ConfigError: if there is none of that name, or its file is wrong.
    """
    return load_named(SuiteConfig, 'suite', 'config/suites', name)
