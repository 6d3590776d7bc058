# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The dataclasses behind sim_worlds/*.yaml."""

from dataclasses import dataclass, field, replace

from liquid_control.config import load_named, named_path, names_in, NOT_A_KEY
from liquid_control.errors import ConfigError
from liquid_control.sim.mission.ball import BallConfig
from liquid_control.sim.mission.course import LegConfig
from liquid_control.sim.mission.lane import LaneConfig
from liquid_control.sim.ranges import check, check_range, Range
from liquid_control.sim.scenery.appearance import AppearanceConfig
from liquid_control.sim.scenery.corridor import CorridorConfig
from liquid_control.sim.scenery.fixed import FixedConfig
from liquid_control.sim.scenery.scatter import ObstacleConfig
from liquid_control.sim.scenery.screens import ScreenConfig
from liquid_control.sim.sensor_config import CameraConfig, ImuConfig, RangeFinderConfig
from liquid_control.sim.vehicle_config import GroundVehicleConfig, VehicleConfig


@dataclass(frozen=True)
class StartConfig:
    """Where the vehicle starts."""

    position: tuple[float, float, float]   # x, y, z, the last above 0 [m]
    yaw_deg: Range = (-180.0, 180.0)       # drawn from the seed, left positive [degrees]

    def __post_init__(self) -> None:
        check(self.position[2] > 0, 'position', 'a height above 0 m', list(self.position))
        check_range('yaw_deg', self.yaw_deg)


@dataclass(frozen=True)
class SuccessConfig:
    """When a flight is over."""

    radius: float                          # a ball is reached so near its centre, above 0 [m]
    time_limit: float                      # above 0 [s]
    max_distance: float                    # from the start; beyond is out of bounds, above 0 [m]
    max_altitude: float                    # likewise, above 0 [m]

    def __post_init__(self) -> None:
        for key in ('radius', 'time_limit', 'max_distance', 'max_altitude'):
            check(getattr(self, key) > 0, key, 'more than 0', getattr(self, key))


@dataclass(frozen=True)
class WorldConfig:
    """One file of sim_worlds/."""

    format: int                            # of this file: 1  # noqa: A003
    name: str                              # as tables and pictures call it
    description: str                       # for people
    start: StartConfig                     # where the flight begins
    obstacles: ObstacleConfig | None       # pillars and distractors, scattered by the seed
    success: SuccessConfig                 # when the flight is over
    camera: CameraConfig                   # its geometry, timing and faults
    imu: ImuConfig                         # its errors
    vehicle: VehicleConfig | GroundVehicleConfig   # a drone, unless its kind says otherwise
    target: BallConfig | None = None       # the one ball to reach; or else
    mission: tuple[LegConfig, ...] = ()    # legs in order, each to a goal or a corner
    corridor: CorridorConfig | None = None   # walls along the whole way
    screens: ScreenConfig | None = None    # walls across the way
    fixed: FixedConfig | None = None       # what stands where this file says
    appearance: AppearanceConfig | None = None   # textures, seasons, skies; plain if null
    source: str = field(default='', repr=False, compare=False, metadata=NOT_A_KEY)  # its file
    range_finder: RangeFinderConfig | None = None    # downward, for programs; null: none
    lane: LaneConfig | None = None         # to keep to, instead of target and mission

    def __post_init__(self) -> None:
        if self.format != 1:
            raise ConfigError(f'format: expected 1, found {self.format}; '
                              'this version of liquid_control reads format 1 only')
        tasks = {'target': self.target, 'mission': self.mission, 'lane': self.lane}
        given = [key for key, task in tasks.items() if task]
        if len(given) != 1:
            raise ConfigError('target, mission, lane: expected one of them, found '
                              f'{" and ".join(given) or "none"}')
        if self.mission and self.mission[-1].corner is not None:
            raise ConfigError('mission: expected a ball or a gate at its end, found a corner')
        if self.lane is not None:
            self._check_lane(self.lane)

    def _check_lane(self, lane: LaneConfig) -> None:
        """Refuse what would stand on a lane, and who does not keep to one."""
        check(not isinstance(self.vehicle, VehicleConfig), 'lane',
              'a vehicle on wheels (kind: rover or racecar)', 'a drone')
        walls = [key for key in ('corridor', 'screens') if getattr(self, key) is not None]
        check(not walls, 'lane', 'neither corridor nor screens beside it', ', '.join(walls))
        if self.obstacles is not None:
            free = lane.width[1] / 2 + lane.line
            check(self.obstacles.sight_clearance >= free, 'obstacles: sight_clearance',
                  f'at least half the lane and a line, {free:g} m',
                  self.obstacles.sight_clearance)

    @property
    def legs(self) -> tuple[LegConfig, ...]:
        """Return the mission; that of a single target is one ball, that of a lane is empty."""
        if self.target is not None:
            return (LegConfig(ball=self.target),)
        return self.mission


def world_names() -> list[str]:
    """Return the names of the shipped worlds."""
    return names_in('sim_worlds')


def load_world(name: str) -> WorldConfig:
    """
    Read a world by its name, or by the path of a YAML file.

    :param name: for example forest, or my_world.yaml.
    :raises ConfigError: if there is none of that name, or its file is wrong.
    """
    world = load_named(WorldConfig, 'world', 'sim_worlds', name)
    return replace(world, source=str(named_path('sim_worlds', name)))
