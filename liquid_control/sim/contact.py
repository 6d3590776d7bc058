# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whether the vehicle touches anything, asked of Bullet only where something is near."""

import math

from liquid_control.sim.bullet import Bullet
from liquid_control.sim.scene import Scene
from liquid_control.sim.vehicle import Vehicle
import numpy as np


class Contact:
    """
    Bullet's verdict, without its price where it is known.

    Nothing that can be touched moves but the vehicle: once it is far from everything, it touches
    nothing until it has gone that far. Obstacles count as endlessly high and low, and boxes as
    the cylinders that cover them, which errs on the safe side.
    """

    def __init__(self, bullet: Bullet, vehicle: Vehicle, scene: Scene, ground: int) -> None:
        """
        Note what stands.

        :param bullet: the world.
        :param vehicle: that may touch.
        :param scene: that the world was built from.
        :param ground: Bullet's number of it, which is no obstacle to what rolls.
        """
        self._bullet, self._body, self._ground = bullet, vehicle.body, ground
        self._reach, self._rolls = vehicle.reach, vehicle.rolls
        solids = scene.solids
        self._axes, self._radii = solids[:, :2], solids[:, 2]
        self._checked: tuple[float, ...] = (0.0, 0.0, 0.0)
        self._free = 0.0        # around the point that was checked [m]

    def near(self, point: tuple[float, ...]) -> bool:
        """
        Tell whether something is so near that the next substep may touch it.

        :param point: where the vehicle is, (3,) [m].
        """
        if math.dist(point, self._checked) < self._free:
            return False
        free = math.inf if self._rolls else point[2]
        if len(self._radii):
            away = np.hypot(*(self._axes - point[:2]).T) - self._radii
            free = min(free, float(away.min()))
        self._checked, self._free = point, free - self._reach
        return self._free <= 0.0

    def touches(self) -> bool:
        """Tell whether an obstacle was touched in Bullet's last step, or ground not rolled on."""
        touching = self._bullet.getContactPoints(self._body)
        if self._rolls:
            return any(other != self._ground for _, _, other, *_ in touching)
        return bool(touching)
