# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Suites: named lists of cells in config/suites/, each a wind and what differs in the world.

A cell changes whatever world is flown, or one that it names; how, `sim/world_changes.py` says.
"""

from dataclasses import dataclass, field
from typing import Any

from liquid_control.config import load_named, names_in
from liquid_control.errors import ConfigError
from liquid_control.sim.world_changes import changed, check_keys, SECTIONS
from liquid_control.sim.world_config import WorldConfig


@dataclass(frozen=True)
class SuiteCell:
    """One cell of a suite; every section holds keys of that section of a world."""

    label: str                               # as tables and pictures call it
    wind: str                                # name, or path of a YAML file
    world: str | None = None                 # likewise; null for those that are asked for
    camera: dict[str, Any] = field(default_factory=dict)
    imu: dict[str, Any] = field(default_factory=dict)
    vehicle: dict[str, Any] = field(default_factory=dict)
    target: dict[str, Any] = field(default_factory=dict)
    obstacles: dict[str, Any] = field(default_factory=dict)
    success: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for section in SECTIONS:
            check_keys(section, getattr(self, section), f'cell {self.label!r}: {section}')

    def applied(self, world: WorldConfig) -> WorldConfig:
        """
        Return a world with this cell's changes.

        :param world: as its file says.
        :raises ConfigError: if a value is of the wrong type or out of range, or the world does
            not have a section that is to be changed.
        """
        return changed(world, {section: getattr(self, section) for section in SECTIONS},
                       f'cell {self.label!r}: ')


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
