# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the drone touches anything, asked of Bullet only where something is near."""

import math

from liquid_control.sim.bullet import Bullet
from liquid_control.sim.scene import Scene
import numpy as np

REACH = 0.3     # the drone's radius and Bullet's contact margin, four times over [m]


class Contact:
    """
    Bullet's verdict, without its price where it is known.

    Nothing that can be touched moves but the drone: once it is far from everything, it touches
    nothing until it has gone that far. Obstacles count as endlessly high and low, and boxes as
    the cylinders that cover them, which errs on the safe side.
    """

    def __init__(self, bullet: Bullet, body: int, scene: Scene) -> None:
        """
        Note what stands.

        :param bullet: the world.
        :param body: of the drone.
        :param scene: that the world was built from.
        """
        self._bullet, self._body = bullet, body
        solids = scene.solids
        self._axes, self._radii = solids[:, :2], solids[:, 2]
        self._checked: tuple[float, ...] = (0.0, 0.0, 0.0)
        self._free = 0.0        # around the point that was checked [m]

    def near(self, point: tuple[float, ...]) -> bool:
        """
        Tell whether something is so near that the next substep may touch it.

        :param point: where the drone is, (3,) [m].
        """
        if math.dist(point, self._checked) < self._free:
            return False
        free = point[2]
        if len(self._radii):
            away = np.hypot(*(self._axes - point[:2]).T) - self._radii
            free = min(free, float(away.min()))
        self._checked, self._free = point, free - REACH
        return self._free <= 0.0

    def touches(self) -> bool:
        """Tell whether the drone touched ground or obstacle in Bullet's last step."""
        return bool(self._bullet.getContactPoints(self._body))
