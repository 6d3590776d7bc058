# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Depth images as a sensor would give them."""

from liquid_control.signals import Float32Array, FloatArray
from liquid_control.sim.sensor_config import DepthConfig
import numpy as np


class DepthCamera:
    """Spoils true depth; by REP-118, float32 metres along the optical axis."""

    def __init__(self, config: DepthConfig, rng: np.random.Generator) -> None:
        """
        Prepare.

        :param config: range and noise.
        :param rng: where the noise comes from.
        """
        self._config, self._rng = config, rng

    def measured(self, depth: FloatArray) -> Float32Array:
        """
        Return what is measured.

        :param depth: true, (height, width) [m].
        :return: likewise; -inf where it is too near, +inf where it is too far.
        """
        config = self._config
        seen = depth.astype(np.float32)
        if config.noise:
            # Triangulation: an error of disparity grows with the square of the depth.
            noise = self._rng.standard_normal(seen.shape, dtype=np.float32)
            seen += np.float32(config.noise) * seen ** 2 * noise
        nearest, farthest = config.range_m
        seen[(seen > farthest) | (depth > farthest)] = np.inf
        seen[(seen < nearest) | (depth < nearest)] = -np.inf
        return seen
