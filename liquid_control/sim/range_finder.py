# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A downward range finder: one beam along the vehicle's own axis, to whatever stands there."""

from liquid_control.signals import FloatArray, NANOSECONDS
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.sensor_config import RangeFinderConfig
import numpy as np

# Above base_link, where the beam begins [m]: inside the hull, which a beam does not meet from
# within, and not inside a floor that the vehicle stands on, which it would not meet either.
_ABOVE = 0.005


class RangeFinder:
    """Measures at a rate of its own, from the first moment on."""

    def __init__(self, config: RangeFinderConfig, bullet: Bullet,
                 rng: np.random.Generator) -> None:
        """
        Start with nothing measured.

        :param config: rate, range and noise.
        :param bullet: the world that it looks into.
        :param rng: where the noise comes from.
        """
        self._config, self._bullet, self._rng = config, bullet, rng
        self._count = 0      # of measurements

    def read(self, stamp_ns: int, position: FloatArray, orientation: FloatArray) -> float | None:
        """
        Return a measurement if one is due.

        :param stamp_ns: simulated time.
        :param position: of base_link, (3,) world [m].
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        :return: from base_link along its own -z [m]; -inf where that is too near to measure, +inf
            where it is too far.
        """
        config = self._config
        if stamp_ns * config.rate_hz < (self._count - 1e-6) * NANOSECONDS:
            return None
        self._count += 1
        down = -rotation_matrix(orientation)[:, 2]
        nearest, farthest = config.range_m
        reach = farthest + _ABOVE
        begin = position - _ABOVE * down
        (body, _, share, _, _), = self._bullet.rayTest(begin, begin + reach * down)
        noise = config.noise_std * self._rng.standard_normal()
        if body < 0:
            return np.inf
        distance = share * reach - _ABOVE + noise
        return -np.inf if distance < nearest else np.inf if distance > farthest else distance
