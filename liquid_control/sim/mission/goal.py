# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The contract of a goal."""

from abc import ABC, abstractmethod
from typing import TypeAlias

from liquid_control.signals import FloatArray

Point: TypeAlias = tuple[float, ...]     # (3,) world [m]


class Goal(ABC):
    """One thing to be done; where it is may depend on the time."""

    centre: FloatArray          # (3,) of its place, or of its way where it moves [m]
    radius: float               # of what is seen of it around its place [m]
    moves: bool = False
    extent: float = 0.0         # how far from its centre it goes [m]

    @abstractmethod
    def place(self, t: float) -> Point:
        """
        Return where it is, (3,) world [m].

        :param t: since the start of the flight [s].
        """

    @abstractmethod
    def achieved(self, t: float, before: Point, after: Point) -> bool:
        """
        Tell whether a move of the vehicle has done it.

        :param t: at the end of the move [s].
        :param before: where the vehicle was, (3,) world [m].
        :param after: where it is, (3,) world [m].
        """
