# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What may differ from a world's file: a suite's cells and the world node's parameters change it.

A key of a section that is not named stays as it is; one that is (`light` of `camera`, as a whole)
is replaced.
"""

from collections.abc import Mapping
import dataclasses
from typing import Any, TypeAlias

from liquid_control.config import build, nearest
from liquid_control.errors import ConfigError
from liquid_control.sim.mission.ball import BallConfig
from liquid_control.sim.scenery.scatter import ObstacleConfig
from liquid_control.sim.sensor_config import CameraConfig, ImuConfig
from liquid_control.sim.vehicle_config import GroundVehicleConfig, VehicleConfig
from liquid_control.sim.world_config import SuccessConfig, WorldConfig

Section: TypeAlias = Mapping[str, Any]      # keys of a section of a world

# What may be changed of a world, by the section's name.
SECTIONS: dict[str, tuple[type, ...]] = {
    'camera': (CameraConfig,), 'imu': (ImuConfig,),
    'vehicle': (VehicleConfig, GroundVehicleConfig), 'target': (BallConfig,),
    'obstacles': (ObstacleConfig,), 'success': (SuccessConfig,)}


def check_keys(section: str, changes: Section, where: str) -> None:
    """
    Refuse keys that no world's section of that name has.

    :param section: one of `SECTIONS`.
    :param changes: its keys.
    :param where: who asks for them, for the error.
    :raises ConfigError: for a key that is unknown.
    """
    known = [entry.name for kind in SECTIONS[section] for entry in dataclasses.fields(kind)]
    for key in changes:
        if key not in known:
            raise ConfigError(f'{where}: unknown key {key!r}{nearest(str(key), known)}')


def changed(world: WorldConfig, sections: Mapping[str, Section], where: str) -> WorldConfig:
    """
    Return a world with changes.

    :param world: as its file says.
    :param sections: by name, one of `SECTIONS`; an empty one changes nothing.
    :param where: put before the section's name in errors.
    :raises ConfigError: if a key is unknown, a value of the wrong type or out of range, or the
        world does not have a section that is to be changed.
    """
    replaced: dict[str, Any] = {}
    for section, changes in sections.items():
        if not changes:
            continue
        check_keys(section, changes, where + section)
        present = getattr(world, section)
        if present is None:
            raise ConfigError(f'{where}{section}: expected a world with a section {section}, '
                              f'found {world.name}, which has none')
        replaced[section] = build(type(present), dataclasses.asdict(present) | dict(changes),
                                  where + section)
    return dataclasses.replace(world, **replaced)
