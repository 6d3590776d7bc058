# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The dataclasses behind sim_worlds/*.yaml."""

from dataclasses import dataclass

from liquid_control.config import load_named, names_in
from liquid_control.errors import ConfigError
from liquid_control.sim.ranges import check as _check
from liquid_control.sim.ranges import check_range as _check_range
from liquid_control.sim.ranges import Range
from liquid_control.sim.sensor_config import CameraConfig, ImuConfig, RangeFinderConfig
from liquid_control.sim.vehicle_config import VehicleConfig


@dataclass(frozen=True)
class StartConfig:
    """Where the vehicle starts."""

    position: tuple[float, float, float]   # [m]
    yaw_deg: Range = (-180.0, 180.0)       # drawn from the seed

    def __post_init__(self) -> None:
        _check(self.position[2] > 0, 'position', 'a height above 0 m', list(self.position))
        _check_range('yaw_deg', self.yaw_deg)


@dataclass(frozen=True)
class TargetConfig:
    """A coloured ball to reach."""

    radius: float                          # [m]
    color: tuple[float, float, float]      # RGB in [0, 1]
    distance: Range                        # from the start, on the ground plane [m]
    bearing_deg: Range                     # from the initial heading, left positive
    height: Range                          # of its centre [m]

    def __post_init__(self) -> None:
        _check(self.radius > 0, 'radius', 'more than 0 m', self.radius)
        _check(all(0 <= share <= 1 for share in self.color), 'color', 'red, green and blue '
               'from 0 to 1', list(self.color))
        _check_range('distance', self.distance, above=0)
        _check_range('bearing_deg', self.bearing_deg)
        _check_range('height', self.height, above=0)


@dataclass(frozen=True)
class ObstacleConfig:
    """Pillars to fly around, and distractors that are merely coloured."""

    pillars: tuple[int, int]               # number, both ends included
    pillar_radius: Range                   # [m]
    pillar_height: Range                   # [m]
    distractors: tuple[int, int]           # number of coloured blocks on the ground
    start_clearance: float                 # free of obstacles around the start [m]
    target_clearance: float                # and around the target [m]
    gap: float                             # free between two obstacles [m]
    on_path: float                         # share of pillars placed near the straight path

    def __post_init__(self) -> None:
        for key in ('pillars', 'distractors'):
            low, high = getattr(self, key)
            _check(0 <= low <= high, key, '0 <= low <= high', [low, high])
        _check_range('pillar_radius', self.pillar_radius, above=0)
        _check_range('pillar_height', self.pillar_height, above=0)
        for key in ('start_clearance', 'target_clearance', 'gap'):
            _check(getattr(self, key) >= 0, key, '0 m or more', getattr(self, key))
        _check(0 <= self.on_path <= 1, 'on_path', 'a share from 0 to 1', self.on_path)


@dataclass(frozen=True)
class SuccessConfig:
    """When a flight is over."""

    radius: float                          # reached within this of the target's centre [m]
    time_limit: float                      # [s]
    max_distance: float                    # from the start; beyond is out of bounds [m]
    max_altitude: float                    # [m]

    def __post_init__(self) -> None:
        for key in ('radius', 'time_limit', 'max_distance', 'max_altitude'):
            _check(getattr(self, key) > 0, key, 'more than 0', getattr(self, key))


@dataclass(frozen=True)
class WorldConfig:
    """One file of sim_worlds/."""

    format: int  # noqa: A003
    name: str
    description: str
    start: StartConfig
    target: TargetConfig
    obstacles: ObstacleConfig | None
    success: SuccessConfig
    camera: CameraConfig
    imu: ImuConfig
    vehicle: VehicleConfig
    range_finder: RangeFinderConfig | None = None

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ConfigError(f'format: expected 1, found {self.format}; '
                              'this version of liquid_control reads format 1 only')


def world_names() -> list[str]:
    """Return the names of the shipped worlds."""
    return names_in('sim_worlds')


def load_world(name: str) -> WorldConfig:
    """
    Read a world by its name, or by the path of a YAML file.

    :param name: for example forest, or my_world.yaml.
    :raises ConfigError: if there is none of that name, or its file is wrong.
    """
    return load_named(WorldConfig, 'world', 'sim_worlds', name)
