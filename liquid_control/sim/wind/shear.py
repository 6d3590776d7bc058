# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A steady wind that grows with height by a power law.

v(z) = v_ref (z / z_ref)^a from the ground up, the normal wind profile of IEC 61400-1. There a is
0.2; 1/7 is the classical value over open, level ground (Hellmann's exponent).
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.limits import expect, MAX_SPEED
import numpy as np


@dataclass(frozen=True)
class ShearConfig:
    """Speed at one height, and how it changes with height."""

    speed: float                     # v_ref, at the reference height, 0 to 120 [m/s]
    reference_height: float = 10.0   # z_ref, 1 to 300 [m]
    exponent: float = 1.0 / 7.0      # a, 0 to 0.6

    def __post_init__(self) -> None:
        expect('speed', self.speed, 0.0, MAX_SPEED, 'm/s')
        expect('reference_height', self.reference_height, 1.0, 300.0, 'm')
        expect('exponent', self.exponent, 0.0, 0.6)


class Shear(Wind):
    """Along one heading, faster further up, still on the ground."""

    def __init__(self, config: ShearConfig, heading: float) -> None:
        """
        Fix the profile.

        :param config: the profile.
        :param heading: where the wind blows to, in the world frame [rad].
        """
        self._at_reference = config.speed * np.array([np.cos(heading), np.sin(heading), 0.0])
        self._reference_height = config.reference_height
        self._exponent = config.exponent

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        height = max(0.0, float(position[2]))
        return self._at_reference * (height / self._reference_height) ** self._exponent
