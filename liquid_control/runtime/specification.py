# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What `bundle.yaml` says: the specification of a policy, strictly checked."""

from dataclasses import dataclass, field
import math
from typing import Any, Literal

from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from liquid_control.runtime.limits import Limits
from liquid_control.sensing.alignment import BREAK_NS
from liquid_control.sensing.camera import CameraView
from liquid_control.sensing.extra import EXTRA_NAMES
from liquid_control.sensing.imu import IMU_NAMES
from liquid_control.signals import Axis, CommandSpec, NANOSECONDS

FORMAT = 1
LONGEST_DT = BREAK_NS / NANOSECONDS     # [s]; longer is a break: the hidden state is reset


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """The image that the policy was trained on."""

    width: int                   # [px]
    height: int                  # [px]
    horizontal_fov_deg: float
    pitch_deg: float             # of the mount: positive looks down (REP-103)

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        if self.width < 1 or self.height < 1:
            raise ConfigError('camera: expected width and height of at least 1, found '
                              f'{self.width}x{self.height}')
        if not 0.0 < self.horizontal_fov_deg < 180.0:
            raise ConfigError('horizontal_fov_deg: expected between 0 and 180, found '
                              f'{self.horizontal_fov_deg}')

    @property
    def view(self) -> CameraView:
        """Return the same, as the geometry that frames are fitted to."""
        return CameraView(self.width, self.height, math.radians(self.horizontal_fov_deg))


@dataclass(frozen=True, slots=True)
class ObservationSpec:
    """What a step of the policy is given."""

    camera: CameraSpec
    imu: tuple[str, ...]         # the channels, in order
    extra: tuple[str, ...]       # optional named inputs, in order
    features: int                # that the encoder makes of a frame

    def __post_init__(self) -> None:
        """
        Check names and sizes.

        :raises ConfigError: if a name is unknown.
        """
        if self.imu != IMU_NAMES:
            raise ConfigError(f'imu: expected {list(IMU_NAMES)}, found {list(self.imu)}')
        for name in self.extra:
            if name not in EXTRA_NAMES:
                raise ConfigError(f'extra: unknown input {name!r}{nearest(name, EXTRA_NAMES)}')
        if len(set(self.extra)) != len(self.extra):
            raise ConfigError(f'extra: expected each input once, found {list(self.extra)}')
        if self.features < 1:
            raise ConfigError(f'features: expected at least 1, found {self.features}')


@dataclass(frozen=True, slots=True)
class Normaliser:
    """The IMU as the network sees it is (value - mean) / scale."""

    imu_mean: tuple[float, float, float, float, float, float]
    imu_scale: tuple[float, float, float, float, float, float]

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a scale is not positive.
        """
        if min(self.imu_scale) <= 0.0:
            raise ConfigError(f'imu_scale: expected numbers above 0, found {self.imu_scale}')


@dataclass(frozen=True, slots=True)
class BundleSpec:
    """A policy, as `bundle.yaml` describes it."""

    format: int  # noqa: A003
    name: str
    description: str
    observation: ObservationSpec
    command: tuple[Axis, ...]
    normaliser: Normaliser
    step_on: Literal['camera', 'imu']
    dt_range: tuple[float, float]          # that the policy was trained in [s]
    nominal_dt: float                      # told at the first step and after a break [s]
    neurons: tuple[str, ...]
    state_size: int
    golden_tolerance: dict[str, float]     # execution provider -> largest difference
    training: dict[str, Any] = field(default_factory=dict)     # provenance, for people

    def __post_init__(self) -> None:
        """
        Check what the types do not.

        :raises ConfigError: if a number is out of range, or names repeat.
        """
        if self.format != FORMAT:
            raise ConfigError(f'format: expected {FORMAT}, found {self.format}; this bundle '
                              'belongs to another version of liquid_control')
        Limits(self.command_spec)
        lowest, highest = self.dt_range
        if not 0.0 < lowest <= self.nominal_dt <= highest <= LONGEST_DT:
            raise ConfigError('dt_range and nominal_dt: expected 0 < least <= nominal <= largest '
                              f'<= {LONGEST_DT}, found {list(self.dt_range)} and '
                              f'{self.nominal_dt}')
        if not self.neurons or len(set(self.neurons)) != len(self.neurons):
            raise ConfigError('neurons: expected at least one name, each once')
        if self.state_size < 0:
            raise ConfigError(f'state_size: expected 0 or more, found {self.state_size}')
        for provider, tolerance in self.golden_tolerance.items():
            if not 0.0 < tolerance < 1.0:
                raise ConfigError(f'golden_tolerance of {provider}: expected between 0 and 1, '
                                  f'found {tolerance}')

    @property
    def command_spec(self) -> CommandSpec:
        """Return the axes of the command, with their limits."""
        return CommandSpec(self.command)
