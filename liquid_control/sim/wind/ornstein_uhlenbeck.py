# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Turbulence as an Ornstein-Uhlenbeck process, one an axis.

Each axis obeys dv = -v / tau dt + sd sqrt(2 / tau) dW, stepped exactly (Gillespie 1996):
v' = a v + sd sqrt(1 - a^2) n with a = exp(-dt / tau), so the variance is sd^2 at any step.
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.first_order import remember
from liquid_control.sim.wind.limits import expect, MAX_DURATION, MAX_SPEED
from liquid_control.sim.wind.sampled import BLOCK, RATE, Sampled
import numpy as np


@dataclass(frozen=True)
class OrnsteinUhlenbeckConfig:
    """Strength and memory of the turbulence."""

    std: float                      # of each horizontal axis, 0 to 30 [m/s]
    time_constant: float            # tau, 0.01 to 3600 [s]
    vertical_ratio: float = 0.5     # vertical std over horizontal std, 0 to 2

    def __post_init__(self) -> None:
        expect('std', self.std, 0.0, MAX_SPEED / 4, 'm/s')
        expect('time_constant', self.time_constant, 0.01, MAX_DURATION, 's')
        expect('vertical_ratio', self.vertical_ratio, 0.0, 2.0)


class OrnsteinUhlenbeck(Sampled):
    """The process; see the module."""

    def __init__(self, config: OrnsteinUhlenbeckConfig, rng: np.random.Generator) -> None:
        """
        Draw the first value from the stationary distribution.

        :param config: strength and memory.
        :param rng: where the draws come from.
        """
        self._std = config.std * np.array([1.0, 1.0, config.vertical_ratio])
        self._decay = float(np.exp(-1.0 / (RATE * config.time_constant)))
        self._rng = rng
        super().__init__(self._std * rng.standard_normal(3))

    def _next_block(self) -> FloatArray:
        noise = (self._std * np.sqrt(1.0 - self._decay ** 2)
                 * self._rng.standard_normal((BLOCK, 3)))
        remember(noise, self._samples[-1], self._decay)
        return noise
