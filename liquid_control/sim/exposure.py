# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How bright an image comes out: light that changes in flight, and a camera that answers it."""

import math

from liquid_control.sim.sensor_config import ExposureConfig, LightChangeConfig
import numpy as np


class LightChanges:
    """
    The level of light over time: constant, then a change, then constant again.

    In a change the logarithm goes linearly to its new value.
    """

    def __init__(self, config: LightChangeConfig | None, rng: np.random.Generator) -> None:
        """
        Draw the first change; before it the level is 1.

        :param config: how often, how far, how fast; None for never.
        :param rng: where the draws come from.
        """
        self._config, self._rng = config, rng
        self._from = self._to = 0.0                # logarithms of levels
        self._begin = self._end = math.inf
        if config is not None:
            self._draw(config, 0.0)

    def _draw(self, config: LightChangeConfig, after: float) -> None:
        self._begin = after + self._rng.exponential(config.every_s)
        self._end = self._begin + self._rng.uniform(*config.over_s)
        self._from, self._to = self._to, self._rng.uniform(*np.log(config.level))

    def level(self, t: float) -> float:
        """
        Return the factor on the flight's own light.

        :param t: time, never backward [s].
        """
        while self._config is not None and t >= self._end:
            self._draw(self._config, self._end)
        share = 0.0 if t < self._begin else (t - self._begin) / (self._end - self._begin)
        return math.exp(self._from + share * (self._to - self._from))


class Exposure:
    """
    The gain of an automatic exposure, whose logarithm follows the light's with a first-order lag.

    It meters the light, not what the image happens to show; at the start it has settled.
    """

    def __init__(self, config: ExposureConfig | None) -> None:
        """
        Start before the first frame.

        :param config: lag and bounds; None for a gain of 1.
        """
        self._config = config
        self._last: float | None = None
        self._log_gain = 0.0

    def gain(self, t: float, level: float) -> float:
        """
        Return the gain of a frame.

        :param t: when it is taken, never backward [s].
        :param level: of the light, 1 for that which needs no gain.
        """
        config = self._config
        if config is None:
            return 1.0
        low, high = np.log(config.gain)
        wanted = min(high, max(low, -math.log(max(level, 1e-9))))
        if self._last is None:
            self._log_gain = wanted
        else:
            self._log_gain += (1.0 - math.exp((self._last - t) / config.lag_s)) * (
                wanted - self._log_gain)
        self._last = t
        return math.exp(self._log_gain)
