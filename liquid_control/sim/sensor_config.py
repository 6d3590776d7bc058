# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What `camera:`, `imu:` and `range_finder:` of a world may say."""

from dataclasses import dataclass

from liquid_control.errors import ConfigError
from liquid_control.sim.ranges import check, check_range, Range

FARTHEST_DRAWN = 58.8     # what is farther is sky [m]


@dataclass(frozen=True)
class BlackoutConfig:
    """Bursts of black images."""

    every_s: float = 4.0                   # mean time from one's end to the next, above 0
    length_s: Range = (0.3, 1.3)           # drawn for each, above 0

    def __post_init__(self) -> None:
        check(self.every_s > 0, 'every_s', 'more than 0 s', self.every_s)
        check_range('length_s', self.length_s, above=0)


@dataclass(frozen=True)
class LightConfig:
    """How the light differs; each is drawn once a flight."""

    brightness: Range = (1.0, 1.0)         # factor, 0 or more
    contrast: Range = (1.0, 1.0)           # factor about the image's mean, 0 or more
    saturation: Range = (1.0, 1.0)         # factor about grey, 0 or more
    blur_px: Range = (0.0, 0.0)            # sd of a Gaussian, 0 or more

    def __post_init__(self) -> None:
        for key in ('brightness', 'contrast', 'saturation', 'blur_px'):
            check_range(key, getattr(self, key))
            check(getattr(self, key)[0] >= 0, key, '0 or more', list(getattr(self, key)))


@dataclass(frozen=True)
class LightChangeConfig:
    """Light that changes in flight: at random times it goes over to another level."""

    every_s: float = 4.0  # mean time from the end of one change to the next, above 0
    level: Range = (0.3, 2.0)              # factor on the flight's own light, log-uniform, above 0
    over_s: Range = (0.1, 1.0)             # how long a change takes, drawn for each, above 0

    def __post_init__(self) -> None:
        check(self.every_s > 0, 'every_s', 'more than 0 s', self.every_s)
        check_range('level', self.level, above=0)
        check_range('over_s', self.over_s, above=0)


@dataclass(frozen=True)
class ExposureConfig:
    """An automatic exposure: its gain follows the light to even it out, with a lag."""

    lag_s: float = 0.3                     # time constant, of the gain's logarithm, above 0
    gain: Range = (0.25, 4.0)              # what it can do, above 0

    def __post_init__(self) -> None:
        check(self.lag_s > 0, 'lag_s', 'more than 0 s', self.lag_s)
        check_range('gain', self.gain, above=0)


@dataclass(frozen=True)
class DepthConfig:
    """A depth image with every frame, as a stereo pair would measure it."""

    range_m: Range = (0.2, 10.0)           # nearer reads -inf, farther +inf (REP-118); 0 to 58.8
    noise: float = 0.0  # sd at 1 m [m], 0 or more; grows with the square of the depth

    def __post_init__(self) -> None:
        check_range('range_m', self.range_m, above=0)
        check(self.range_m[1] <= FARTHEST_DRAWN, 'range_m',
              f'at most {FARTHEST_DRAWN:g} m, since nothing farther is drawn', self.range_m)
        check(self.noise >= 0, 'noise', '0 m or more', self.noise)


@dataclass(frozen=True)
class RangeFinderConfig:
    """A beam from the vehicle along its own -z, which tilts with it."""

    rate_hz: float = 30.0                  # above 0, at most 240
    range_m: Range = (0.04, 4.0)           # nearer reads -inf, farther +inf (REP-117); above 0
    noise_std: float = 0.0                 # 0 or more [m]

    def __post_init__(self) -> None:
        check(0 < self.rate_hz <= 240, 'rate_hz', '0 < rate <= 240', self.rate_hz)
        check_range('range_m', self.range_m, above=0)
        check(self.noise_std >= 0, 'noise_std', '0 m or more', self.noise_std)


@dataclass(frozen=True)
class CameraConfig:
    """A camera on the vehicle: geometry, timing and faults."""

    width: int                             # of an image, 8 or more [px]
    height: int                            # likewise [px]
    horizontal_fov_deg: float              # of the whole image, 10 to 150
    pitch_deg: float = 0.0                 # down positive, -90 to 90
    rate_hz: Range = (30.0, 30.0)          # drawn once a flight, 1 to 240
    jitter: float = 0.0                    # of each interval, as a share of it, 0 to below 1
    drop: float = 0.0                      # probability that a frame is lost, 0 to below 1
    stale: float = 0.0  # probability that a frame repeats the last image, 0 to 1
    noise_std: float = 0.0                 # of 255, 0 or more
    latency_s: Range = (0.0, 0.0)          # from stamp to delivery, drawn once a flight, 0 or more
    blackout: BlackoutConfig | None = None
    light: LightConfig | None = None
    light_changes: LightChangeConfig | None = None
    exposure: ExposureConfig | None = None
    shutter_s: float = 0.0                 # open so long, 0 to 0.1; a turning camera blurs by it
    depth: DepthConfig | None = None       # for programs (`Simulation.step`); not over ROS
    mount: tuple[float, float, float] = (0.03, 0.0, 0.01)    # in base_link: x, y, z [m]

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
        check(0 <= self.shutter_s <= 0.1, 'shutter_s', '0 to 0.1 s', self.shutter_s)


@dataclass(frozen=True)
class ImuConfig:
    """
    An inertial measurement unit at the physics rate, 240 Hz, as its Allan deviation states it.

    Over an averaging time T the square of the deviation is the sum of three (IEEE Std 952-1997,
    annex C): white noise, noise^2 / (240 Hz T); the instability, a bias that follows a first-order
    Gauss-Markov process; the walk, K^2 T / 3.
    """

    specific_force_noise: float = 0.1      # sd of a sample, 0 or more, as all below [m/s^2]
    angular_velocity_noise: float = 0.01   # sd of a sample [rad/s]
    specific_force_bias: float = 0.05      # sd over flights [m/s^2]
    angular_velocity_bias: float = 0.005   # sd over flights [rad/s]
    specific_force_instability: float = 0.0     # sd of the bias that wanders [m/s^2]
    angular_velocity_instability: float = 0.0   # likewise [rad/s]
    instability_time_constant_s: float = 100.0  # of its wandering, above 0
    specific_force_walk: float = 0.0       # K [m/s^2/sqrt(s)]
    angular_velocity_walk: float = 0.0     # K [rad/s/sqrt(s)]
    specific_force_scale: float = 0.0      # sd over flights of each axis' error, a share
    angular_velocity_scale: float = 0.0    # likewise
    specific_force_limit: float | None = None     # largest reading of an axis, above 0 [m/s^2]
    angular_velocity_limit: float | None = None   # likewise [rad/s]
    latency_s: Range = (0.0, 0.0)          # from stamp to delivery, drawn once a flight, 0 or more
    rate_hz: float = 240.0  # each sample is the mean since the last one; above 0, to 240

    def __post_init__(self) -> None:
        check(0 < self.rate_hz <= 240, 'rate_hz', '0 < rate <= 240', self.rate_hz)
        for kind in ('specific_force', 'angular_velocity'):
            for what in ('noise', 'bias', 'instability', 'walk', 'scale'):
                key = f'{kind}_{what}'
                check(getattr(self, key) >= 0, key, '0 or more', getattr(self, key))
            limit = getattr(self, f'{kind}_limit')
            check(limit is None or limit > 0, f'{kind}_limit', 'more than 0', limit)
        check(self.instability_time_constant_s > 0, 'instability_time_constant_s',
              'more than 0 s', self.instability_time_constant_s)
        check_range('latency_s', self.latency_s)
        check(self.latency_s[0] >= 0, 'latency_s', '0 s or more', list(self.latency_s))
