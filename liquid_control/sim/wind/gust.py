# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Discrete gusts of the 1-cosine shape.

MIL-F-8785C, section 3.7.1.3, lets the velocity grow as V_m / 2 (1 - cos(pi x / d_m)) over the
gust length d_m, and stay. Here each gust falls again as it rose,
v(t) = A / 2 (1 - cos(2 pi (t - t0) / T)) for t0 <= t <= t0 + T: the standard's shape up to the
middle, with x taken over time at a fixed point (d_m = T / 2 times the speed at which it is met),
closed to a full period as in FAR 25.341. A gust that stays is a step of `schedule`.
"""

import bisect
from dataclasses import dataclass
import math

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
from liquid_control.sim.wind.limits import expect, expect_range, MAX_DURATION, MAX_SPEED
import numpy as np


@dataclass(frozen=True)
class GustConfig:
    """Ranges that each gust is drawn from."""

    amplitude: tuple[float, float]       # peak speed, 0 to 120 [m/s]
    duration: tuple[float, float]        # T, 0.01 to 3600 [s]
    mean_interval: float                 # from the end of one to the next, 0.01 to 3600 [s]
    spread_deg: float = 30.0             # sd of the heading about the mean wind's, 0 to 180 [deg]

    def __post_init__(self) -> None:
        expect_range('amplitude', self.amplitude, 0.0, MAX_SPEED, 'm/s')
        expect_range('duration', self.duration, 0.01, MAX_DURATION, 's')
        expect('mean_interval', self.mean_interval, 0.01, MAX_DURATION, 's')
        expect('spread_deg', self.spread_deg, 0.0, 180.0)


@dataclass(frozen=True)
class Gust:
    """One 1-cosine gust."""

    start: float         # t0 [s]
    duration: float      # T [s]
    peak: FloatArray     # (3,) velocity at its middle [m/s]

    def velocity(self, t: float) -> FloatArray:
        """
        Return the gust's velocity.

        :param t: simulated time [s].
        """
        phase = (t - self.start) / self.duration
        if not 0.0 <= phase <= 1.0:
            return np.zeros(3)
        return self.peak * 0.5 * (1.0 - math.cos(2.0 * math.pi * phase))


class Gusts(Wind):
    """One gust after the other, never two at once, drawn as time goes on."""

    def __init__(self, config: GustConfig, heading: float, rng: np.random.Generator) -> None:
        """
        Start with no gust drawn.

        :param config: the ranges.
        :param heading: of the mean wind [rad].
        :param rng: where the draws come from.
        """
        self._config = config
        self._heading = heading
        self._rng = rng
        self._gusts: list[Gust] = []
        self._starts: list[float] = []
        self._drawn_until = 0.0

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        while self._drawn_until <= t:
            self._draw()
        index = bisect.bisect_right(self._starts, t) - 1
        return self._gusts[index].velocity(t) if index >= 0 else np.zeros(3)

    def _draw(self) -> None:
        config, rng = self._config, self._rng
        start = self._drawn_until + rng.exponential(config.mean_interval)
        duration = rng.uniform(*config.duration)
        heading = self._heading + np.deg2rad(config.spread_deg) * rng.standard_normal()
        peak = rng.uniform(*config.amplitude) * np.array([np.cos(heading), np.sin(heading), 0.0])
        self._gusts.append(Gust(start, duration, peak))
        self._starts.append(start)
        self._drawn_until = start + duration
