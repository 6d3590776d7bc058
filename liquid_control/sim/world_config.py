# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The dataclasses behind sim_worlds/*.yaml."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from liquid_control.config import load_named, names_in
from liquid_control.errors import ConfigError

Range: TypeAlias = tuple[float, float]


def _check(fits: bool, key: str, expected: str, found: object) -> None:
    if not fits:
        raise ConfigError(f'{key}: expected {expected}, found {found}')


def _check_range(key: str, found: Range, above: float | None = None) -> None:
    """Refuse a range that runs backward, or does not lie above a bound."""
    low, high = found
    if above is None:
        _check(low <= high, key, 'low <= high', list(found))
    else:
        _check(above < low <= high, key, f'{above} < low <= high', list(found))


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
class BlackoutConfig:
    """Bursts of black images."""

    every_s: float = 4.0                   # mean time from one's end to the next
    length_s: Range = (0.3, 1.3)           # drawn for each

    def __post_init__(self) -> None:
        _check(self.every_s > 0, 'every_s', 'more than 0 s', self.every_s)
        _check_range('length_s', self.length_s, above=0)


@dataclass(frozen=True)
class LightConfig:
    """How the light differs; each is drawn once a flight."""

    brightness: Range = (1.0, 1.0)         # factor
    contrast: Range = (1.0, 1.0)           # factor about the image's mean
    saturation: Range = (1.0, 1.0)         # factor about grey
    blur_px: Range = (0.0, 0.0)            # sd of a Gaussian

    def __post_init__(self) -> None:
        for key in ('brightness', 'contrast', 'saturation', 'blur_px'):
            _check_range(key, getattr(self, key))
            _check(getattr(self, key)[0] >= 0, key, '0 or more', list(getattr(self, key)))


@dataclass(frozen=True)
class CameraConfig:
    """A camera on the vehicle: geometry, timing and faults."""

    width: int
    height: int
    horizontal_fov_deg: float
    pitch_deg: float = 0.0                 # down positive
    rate_hz: Range = (30.0, 30.0)          # drawn once a flight
    jitter: float = 0.0                    # of each interval, as a share of it
    drop: float = 0.0                      # probability that a frame is lost
    stale: float = 0.0                     # probability that a frame repeats the last image
    noise_std: float = 0.0                 # of 255
    latency_s: Range = (0.0, 0.0)          # from stamp to delivery, drawn once a flight
    blackout: BlackoutConfig | None = None
    light: LightConfig | None = None

    def __post_init__(self) -> None:
        if self.width < 8 or self.height < 8:
            raise ConfigError('width and height: expected 8 pixels or more, '
                              f'found {self.width}x{self.height}')
        if not 10 <= self.horizontal_fov_deg <= 150:
            raise ConfigError('horizontal_fov_deg: expected 10 to 150, '
                              f'found {self.horizontal_fov_deg}')
        if not 1 <= self.rate_hz[0] <= self.rate_hz[1] <= 240:
            raise ConfigError('rate_hz: expected 1 <= low <= high <= 240, '
                              f'found {self.rate_hz}')
        if not (0 <= self.jitter < 1 and 0 <= self.drop < 1 and 0 <= self.stale <= 1):
            raise ConfigError('jitter, drop, stale: expected shares of 1, found '
                              f'{self.jitter}, {self.drop}, {self.stale}')
        _check(-90 <= self.pitch_deg <= 90, 'pitch_deg', '-90 to 90', self.pitch_deg)
        _check(self.noise_std >= 0, 'noise_std', '0 or more', self.noise_std)
        _check_range('latency_s', self.latency_s)
        _check(self.latency_s[0] >= 0, 'latency_s', '0 s or more', list(self.latency_s))


@dataclass(frozen=True)
class ImuConfig:
    """An inertial measurement unit at the physics rate, 240 Hz."""

    specific_force_noise: float = 0.1      # sd of a sample [m/s^2]
    angular_velocity_noise: float = 0.01   # sd of a sample [rad/s]
    specific_force_bias: float = 0.05      # sd over flights [m/s^2]
    angular_velocity_bias: float = 0.005   # sd over flights [rad/s]

    def __post_init__(self) -> None:
        for key in ('specific_force_noise', 'angular_velocity_noise', 'specific_force_bias',
                    'angular_velocity_bias'):
            _check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))


@dataclass(frozen=True)
class VehicleConfig:
    """The quadrotor and its inner loop."""

    drag: Literal['none', 'rotor_and_body'] = 'rotor_and_body'
    body_drag_area: float = 0.003          # C_d A of the frame [m^2]
    velocity_integral: float = 0.3         # gain on the integral of velocity error [N/m]
    command_timeout: float = 0.3           # then hover [s]

    def __post_init__(self) -> None:
        for key in ('body_drag_area', 'velocity_integral'):
            _check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))
        _check(self.command_timeout > 0, 'command_timeout', 'more than 0 s',
               self.command_timeout)


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
