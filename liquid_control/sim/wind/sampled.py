# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Random winds as a series at the physics rate, drawn as time goes on."""

from abc import abstractmethod

from liquid_control.signals import FloatArray
from liquid_control.sim.wind.base import Wind
import numpy as np

RATE = 240       # samples a second: the physics rate
BLOCK = 2400     # samples drawn at once


class Sampled(Wind):
    """Uniform in space, random in time; held between samples."""

    def __init__(self, first: FloatArray) -> None:
        """
        Begin the series.

        :param first: (3,) at time 0, in the world frame [m/s].
        """
        self._samples = first[None, :]

    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        index = int(t * RATE + 1e-6)
        while index >= len(self._samples):
            self._samples = np.concatenate([self._samples, self._next_block()])
        return self._samples[index]

    @abstractmethod
    def _next_block(self) -> FloatArray:
        """Return the next BLOCK samples (BLOCK, 3), going on from the last value."""
