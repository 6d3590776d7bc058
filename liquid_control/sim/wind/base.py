# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of every wind model."""

from abc import ABC, abstractmethod

from liquid_control.signals import FloatArray


class Wind(ABC):
    """A velocity field of the air; models add up (see `composition.Sum`)."""

    @abstractmethod
    def velocity(self, t: float, position: FloatArray) -> FloatArray:
        """
        Return the velocity of the air.

        :param t: simulated time, from 0 [s].
        :param position: where, (3,) in the world frame [m].
        :return: (3,) in the world frame [m/s].
        """
