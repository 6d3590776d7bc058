# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Optical flow: what a camera toward the ground, with a range finder beside it, makes of velocity.

The flight controller's estimate of a drifting velocity is corrected by it, and a policy may have
it as an input.
"""

from dataclasses import dataclass

from liquid_control.signals import FloatArray
from liquid_control.sim.interval import Interval
from liquid_control.sim.vehicle_config import FlowConfig
import numpy as np


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement."""

    velocity: FloatArray    # (3,) world [m/s]; the vertical one is the range finder's
    seen: bool              # False where flow was lost, and the horizontal one means nothing


class Flow:
    """Measures at a rate of its own, for the first time one interval after the start."""

    def __init__(self, config: FlowConfig, rng: np.random.Generator) -> None:
        """
        Draw how wrong its scale is.

        :param config: how good it is.
        :param rng: where the draws come from.
        """
        scale_rng, self._noise, self._loss = rng.spawn(3)
        scale = scale_rng.uniform(*config.scale)
        self._config = config
        self._scale = np.array([scale, scale, 1.0])
        self._interval = Interval(config.rate_hz)

    def due(self, dt: float) -> bool:
        """
        Go on by one substep, and tell whether a measurement is due at its end.

        :param dt: length of the substep [s].
        """
        return self._interval.over(dt)

    def measure(self, velocity: FloatArray, dark: bool) -> Measured:
        """
        Measure; call it when it is due.

        :param velocity: the true one, (3,) world [m/s].
        :param dark: whether cameras see nothing.
        """
        # Drawn for every measurement, so that the dark does not shift what follows.
        error = self._config.noise_std * self._noise.standard_normal(3)
        lost = self._loss.random() < self._config.dropout
        return Measured(self._scale * velocity + error, not (dark or lost))
