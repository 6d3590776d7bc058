# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Deadlines, shaping and optional parts of the safety filter; every part is off by default."""

import dataclasses
from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety.alarm import AlarmConfig
from liquid_control.runtime.safety.fallback import FallbackConfig
from liquid_control.runtime.safety.fence import FenceConfig
from liquid_control.runtime.safety.proximity import ProximityConfig
from liquid_control.runtime.safety.separation import SeparationConfig
from liquid_control.signals import Reason

Source: TypeAlias = Literal['camera', 'imu', 'odom', 'command']

STALE = {'camera': Reason.CAMERA_STALE, 'imu': Reason.IMU_STALE,
         'odom': Reason.ODOM_STALE, 'command': Reason.COMMAND_STALE}

VEHICLE_TIMEOUT = 0.3     # [s]; a vehicle, or its bridge, that is sent nothing for so long hovers

MAY_BE_ZERO = ('deadband', 'yaw_deadband', 'jerk_limit', 'yaw_jerk_limit', 'engage_after',
               'reaction_time')


@dataclass(frozen=True, slots=True)
class SafetyConfig:
    """What the safety filter is told; velocities and accelerations come from the policy."""

    camera_deadline: float = 0.3     # [s]
    imu_deadline: float = 0.3        # [s]
    odom_deadline: float = 0.3       # [s]
    command_deadline: float = 0.3    # of the controller's commands, in the guard [s]
    manual_timeout: float = 0.5      # how long one command of the pilot holds [s]
    stamp_tolerance: float = 0.1     # how far stamps may be ahead of the clock [s]
    simulated_time: bool = False     # the clock of the stamps may run faster than the steady one
    velocity_scale: float = 1.0      # of the linear axes, in (0, 1]
    deadband: float = 0.0            # a slower wish is none [m/s]
    yaw_deadband: float = 0.0        # [rad/s]
    jerk_limit: float = 0.0          # of the linear axes; 0: none [m/s^3]
    yaw_jerk_limit: float = 0.0      # 0: none [rad/s^3]
    engage_after: float = 0.0        # every input must have been fresh for so long [s]
    reaction_time: float = 0.1       # from a command to its effect, before fences, obstacles [s]
    fence: FenceConfig | None = None
    proximity: ProximityConfig | None = None
    separation: SeparationConfig | None = None
    fallback: FallbackConfig = FallbackConfig()
    alarm: AlarmConfig = AlarmConfig()

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            if field.name in MAY_BE_ZERO:
                if not 0.0 <= value < math.inf:
                    raise ConfigError(f'{field.name}: expected 0 or more, found {value}')
            elif not 0.0 < value < math.inf:
                raise ConfigError(f'{field.name}: expected more than 0, found {value}')
        if self.velocity_scale > 1.0:
            raise ConfigError('velocity_scale: expected above 0 and at most 1, found '
                              f'{self.velocity_scale}; it may slow a policy, never speed it up')
