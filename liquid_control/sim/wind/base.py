# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of every wind model, and the axes that most of them blow along."""

from abc import ABC, abstractmethod

from liquid_control.signals import FloatArray
import numpy as np


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


def wind_axes(heading: float) -> FloatArray:
    """
    Return the axes of a wind as columns: along its heading, to the left of it, up.

    :param heading: where the wind blows to, in the world frame [rad].
    :return: (3, 3) that turns wind axes into the world frame.
    """
    cos, sin = np.cos(heading), np.sin(heading)
    return np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
