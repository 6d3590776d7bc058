# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Wakes of upright pillars: a deficit of the mean wind that widens and decays downstream.

The plane turbulent wake (Tennekes and Lumley 1972, A First Course in Turbulence, section 4.2)
has a Gaussian profile of standard deviation 0.252 sqrt(theta x) with the momentum thickness
theta = C_D d / 2. The width here is s^2 = s0^2 + 0.252^2 theta x, and the deficit in the middle
is the one that keeps the momentum which the drag has taken, as Bastankhah and Porte-Agel (2014,
Renewable Energy 70) have it for wind turbines, here in the plane:

    (1 - sqrt(1 - s0 / s)) / sqrt(2),  s0 = C_D d / sqrt(pi),

from 0.71 of the wind right behind the pillar, where momentum leaves no narrower wake, to
1.58 sqrt(theta / x) far away. Several wakes multiply what they let pass (Lanzilao and Meyers
2022, Wind Energy 25), so that the wind in them never turns round. Over the top of a pillar the
wake fades as to its sides. The recirculation right behind a pillar is not modelled: over the
first diameter the deficit grows from nothing.
"""

from dataclasses import dataclass
import math

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.limits import expect, MAX_DURATION
from liquid_control.sim.wind.ornstein_uhlenbeck import OrnsteinUhlenbeck, OrnsteinUhlenbeckConfig
from numba import njit
import numpy as np

SPREADING = 0.252    # Tennekes and Lumley, equation 4.2.17


@dataclass(frozen=True)
class WakeConfig:
    """How strongly pillars hold the wind back, and how unsteady it is behind them."""

    drag_coefficient: float = 1.2    # C_D, 0 to 2.5; of a circular cylinder below the drag crisis
    turbulence: float = 0.0          # sd of an axis over the local deficit, 0 to 1; measured: 0.3
    eddy_time: float = 0.3           # memory of that turbulence, 0.01 to 3600 [s]

    def __post_init__(self) -> None:
        expect('drag_coefficient', self.drag_coefficient, 0.0, 2.5)
        expect('turbulence', self.turbulence, 0.0, 1.0)
        expect('eddy_time', self.eddy_time, 0.01, MAX_DURATION, 's')


class Wake(Wind):
    """What the pillars take from the mean wind: to be added to it."""

    def __init__(self, config: WakeConfig, mean: Wind, pillars: FloatArray,
                 rng: np.random.Generator) -> None:
        """
        Place the pillars.

        :param config: strength.
        :param mean: the wind that is held back; its direction there and then is the wake's.
        :param pillars: rows x, y, radius, height: (P, 4) [m].
        :param rng: where the turbulence comes from.
        """
        self._mean = mean
        self._pillars = np.ascontiguousarray(pillars, dtype=float).reshape(-1, 4)
        self._drag_coefficient = config.drag_coefficient
        self._turbulence = config.turbulence
        self._eddies = OrnsteinUhlenbeck(
            OrnsteinUhlenbeckConfig(1.0, config.eddy_time, vertical_ratio=1.0), rng)

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        mean = self._mean.velocity(t, position)
        speed = math.hypot(mean[0], mean[1])
        if speed == 0.0:
            return np.zeros(3)
        deficit = 1.0 - passed(self._pillars, position, mean[0] / speed, mean[1] / speed,
                               self._drag_coefficient)
        taken = np.array([-deficit * mean[0], -deficit * mean[1], 0.0])
        if self._turbulence:
            taken += self._turbulence * deficit * speed * self._eddies.velocity(t, position)
        return taken


@njit(cache=True)  # type: ignore[untyped-decorator]
def passed(pillars: FloatArray, position: FloatArray, cos: float, sin: float,
           drag_coefficient: float) -> float:
    """
    Return the share of the wind that the pillars let pass.

    :param pillars: rows x, y, radius, height: (P, 4) [m].
    :param position: where, (3,) in the world frame [m].
    :param cos: of the wind's heading.
    :param sin: of the wind's heading.
    :param drag_coefficient: C_D of the pillars.
    :return: from above 0 to 1.
    """
    share = 1.0
    for row in range(len(pillars)):
        x, y = position[0] - pillars[row, 0], position[1] - pillars[row, 1]
        downstream = x * cos + y * sin
        if downstream <= 0.0:
            continue
        across, above = y * cos - x * sin, max(0.0, position[2] - pillars[row, 3])
        diameter = 2.0 * pillars[row, 2]
        thickness = drag_coefficient * diameter / 2.0
        narrowest = drag_coefficient * diameter / np.sqrt(np.pi)
        width = np.sqrt(narrowest ** 2 + SPREADING ** 2 * thickness * downstream)
        if width == 0.0:
            continue
        middle = (1.0 - np.sqrt(1.0 - narrowest / width)) / np.sqrt(2.0)
        grown = min(1.0, downstream / diameter)
        share *= 1.0 - grown * middle * np.exp(-(across ** 2 + above ** 2) / (2.0 * width ** 2))
    return float(share)
