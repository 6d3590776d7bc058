# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What `camera:` and `imu:` of a world may say."""

from dataclasses import dataclass

from liquid_control.errors import ConfigError
from liquid_control.sim.ranges import check, check_range, Range


@dataclass(frozen=True)
class BlackoutConfig:
    """Bursts of black images."""

    every_s: float = 4.0                   # mean time from one's end to the next
    length_s: Range = (0.3, 1.3)           # drawn for each

    def __post_init__(self) -> None:
        check(self.every_s > 0, 'every_s', 'more than 0 s', self.every_s)
        check_range('length_s', self.length_s, above=0)


@dataclass(frozen=True)
class LightConfig:
    """How the light differs; each is drawn once a flight."""

    brightness: Range = (1.0, 1.0)         # factor
    contrast: Range = (1.0, 1.0)           # factor about the image's mean
    saturation: Range = (1.0, 1.0)         # factor about grey
    blur_px: Range = (0.0, 0.0)            # sd of a Gaussian

    def __post_init__(self) -> None:
        for key in ('brightness', 'contrast', 'saturation', 'blur_px'):
            check_range(key, getattr(self, key))
            check(getattr(self, key)[0] >= 0, key, '0 or more', list(getattr(self, key)))


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
        check(-90 <= self.pitch_deg <= 90, 'pitch_deg', '-90 to 90', self.pitch_deg)
        check(self.noise_std >= 0, 'noise_std', '0 or more', self.noise_std)
        check_range('latency_s', self.latency_s)
        check(self.latency_s[0] >= 0, 'latency_s', '0 s or more', list(self.latency_s))


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
            check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))
