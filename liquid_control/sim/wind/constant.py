# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A steady, uniform wind."""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.limits import expect, MAX_SPEED
import numpy as np


@dataclass(frozen=True)
class ConstantConfig:
    """Speed of a steady wind."""

    speed: float  # 0 to 120 [m/s]

    def __post_init__(self) -> None:
        expect('speed', self.speed, 0.0, MAX_SPEED, 'm/s')


class Constant(Wind):
    """The same velocity everywhere and always."""

    def __init__(self, config: ConstantConfig, heading: float) -> None:
        """
        Fix the velocity.

        :param config: the speed.
        :param heading: where the wind blows to, in the world frame [rad].
        """
        self._velocity = config.speed * np.array([np.cos(heading), np.sin(heading), 0.0])

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        return self._velocity
