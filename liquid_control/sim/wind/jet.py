# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The jet of a fan: a free round jet (Pope 2000, Turbulent Flows, section 5.1; Rajaratnam 1976).

On the axis the speed is that of the fan, U, over the potential core, and then decays as
6.2 U D / x. Across, the profile is Gaussian, exp(-ln(2) (r / h)^2), and its half-width h is the
one that conserves momentum: h = sqrt(ln(2) / 2) D U / U_axis. Far away that is 0.095 x, a half
angle of 5.4 degrees, which is what is measured: it follows from the decay and is no setting.
"""

from dataclasses import dataclass
import math

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind, wind_axes
from liquid_control.sim.wind.limits import expect, MAX_SPEED
import numpy as np

DECAY = 6.2     # diameters to the end of the potential core, and the decay after it


@dataclass(frozen=True)
class JetConfig:
    """One fan; it blows to the heading of the wind."""

    position: tuple[float, float, float]  # of the fan: along, left, up, to 1000 away [m]
    speed: float                          # U, 0 to 120 [m/s]
    diameter: float                       # D, 0.01 to 10 [m]
    elevation_deg: float = 0.0            # how far up it points, -90 to 90

    def __post_init__(self) -> None:
        for index, place in enumerate(self.position):
            expect(f'position[{index}]', place, -1000.0, 1000.0, 'm')
        expect('speed', self.speed, 0.0, MAX_SPEED, 'm/s')
        expect('diameter', self.diameter, 0.01, 10.0, 'm')
        expect('elevation_deg', self.elevation_deg, -90.0, 90.0)


class Jet(Wind):
    """Steady; nothing is drawn in behind the fan."""

    def __init__(self, config: JetConfig, heading: float) -> None:
        """
        Place the fan.

        :param config: the fan.
        :param heading: where it blows to, in the world frame [rad].
        """
        axes, elevation = wind_axes(heading), math.radians(config.elevation_deg)
        self._origin = axes @ np.array(config.position)
        self._direction = axes @ np.array([math.cos(elevation), 0.0, math.sin(elevation)])
        self._speed, self._diameter = config.speed, config.diameter

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        offset = position - self._origin
        downstream = float(offset @ self._direction)
        if downstream < 0.0:
            return np.zeros(3)
        core = DECAY * self._diameter
        share = core / downstream if downstream > core else 1.0
        half_width = math.sqrt(math.log(2.0) / 2.0) * self._diameter / share
        radius_squared = max(0.0, float(offset @ offset) - downstream ** 2)
        profile = math.exp(-math.log(2.0) * radius_squared / half_width ** 2)
        return self._direction * (self._speed * share * profile)
