# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The space that a vehicle must not leave: an altitude band, and a cylinder or box around home.

All of it in `odom`. Inside, a command is cut to what can still stop at the border. Outside the
band, the vertical part of a command may only lead back. Outside the fence, a command must lead
back as a whole; any other is a stop, in which the vehicle may still turn.
"""

from dataclasses import dataclass
import math
from typing import Literal

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety.braking import Barrier
from liquid_control.runtime.safety.place import Vector
from liquid_control.signals import Reason

FARTHEST = 1.0e5     # [m]


@dataclass(frozen=True, slots=True)
class FenceConfig:
    """A fenced space."""

    shape: Literal['none', 'cylinder', 'box'] = 'none'
    home: tuple[float, float] = (0.0, 0.0)     # its centre in odom: x, y [m]
    radius: float = 0.0                        # of a cylinder [m]
    size: tuple[float, float] = (0.0, 0.0)     # of a box, along x and y of odom [m]
    altitude: tuple[float, float] | None = None     # lowest and highest z in odom [m]
    margin: float = 0.0                        # kept from every border [m]

    def __post_init__(self) -> None:
        """
        Check that something is left inside.

        :raises ConfigError: if a number is out of range.
        """
        numbers = (*self.home, self.radius, *self.size, *(self.altitude or ()), self.margin)
        if not all(-FARTHEST <= number <= FARTHEST for number in numbers):
            raise ConfigError(f'fence: expected numbers up to {FARTHEST:g} m, found {numbers}')
        if self.margin < 0:
            raise ConfigError(f'fence margin: expected 0 m or more, found {self.margin}')
        if self.shape == 'cylinder' and self.radius <= self.margin:
            raise ConfigError('fence radius: expected more than the margin of '
                              f'{self.margin:g} m, found {self.radius:g} m')
        if self.shape == 'box' and min(self.size) <= 2 * self.margin:
            raise ConfigError('fence size: expected more than twice the margin of '
                              f'{self.margin:g} m, found {self.size[0]:g} x {self.size[1]:g} m')
        if self.altitude and self.altitude[1] - self.altitude[0] <= 2 * self.margin:
            raise ConfigError('altitude band: expected a highest altitude more than twice the '
                              f'margin above the lowest, found {self.altitude[0]:g} to '
                              f'{self.altitude[1]:g} m')


class Fence:
    """The geometry of a fenced space; positions and directions are in `odom`."""

    def __init__(self, config: FenceConfig) -> None:
        """
        Draw the borders in by the margin.

        :param config: what is fenced.
        """
        self._home = config.home
        self._radius = config.radius - config.margin if config.shape == 'cylinder' else None
        self._half = ((0.5 * config.size[0] - config.margin, 0.5 * config.size[1] - config.margin)
                      if config.shape == 'box' else None)
        self._band = ((config.altitude[0] + config.margin, config.altitude[1] - config.margin)
                      if config.altitude else None)

    def barriers(self, position: Vector) -> list[Barrier]:
        """
        Return the borders around a place.

        :param position: of the vehicle [m].
        """
        found = []
        if self._band is not None:
            low, high = self._band
            found += [Barrier((0.0, 0.0, -1.0), position[2] - low, Reason.ALTITUDE),
                      Barrier((0.0, 0.0, 1.0), high - position[2], Reason.ALTITUDE)]
        x, y = position[0] - self._home[0], position[1] - self._home[1]
        if self._half is not None:
            a, b = self._half
            found += [Barrier(direction, distance, Reason.GEOFENCE) for direction, distance in (
                ((1.0, 0.0, 0.0), a - x), ((-1.0, 0.0, 0.0), a + x),
                ((0.0, 1.0, 0.0), b - y), ((0.0, -1.0, 0.0), b + y))]
        if self._radius is not None:
            away = math.hypot(x, y)
            if away > 0.0:
                found.append(Barrier((x / away, y / away, 0.0), self._radius - away,
                                     Reason.GEOFENCE))
        return found

    def outward(self, position: Vector) -> Vector | None:
        """
        Return the direction from the fence to a place outside it, None for one inside.

        :param position: of the vehicle [m].
        """
        x, y = position[0] - self._home[0], position[1] - self._home[1]
        if self._half is not None:
            a, b = self._half
            x, y = x - max(-a, min(a, x)), y - max(-b, min(b, y))
        elif self._radius is None or math.hypot(x, y) <= self._radius:
            return None
        away = math.hypot(x, y)
        return (x / away, y / away, 0.0) if away > 0.0 else None

    def ahead(self, position: Vector, direction: Vector) -> tuple[float, Reason]:
        """
        Return how far it is to the border, straight on, and to which.

        :param position: of the vehicle [m].
        :param direction: of length 1.
        """
        nearest, reason = math.inf, Reason.GEOFENCE
        for barrier in self.barriers(position):
            toward = sum(a * b for a, b in zip(direction, barrier.direction))
            if toward > 1e-9 and not (self._radius is not None
                                      and barrier.reason is Reason.GEOFENCE):
                distance = max(0.0, barrier.distance) / toward
                if distance < nearest:
                    nearest, reason = distance, barrier.reason
        if self._radius is not None:
            x, y = position[0] - self._home[0], position[1] - self._home[1]
            flat = direction[0] ** 2 + direction[1] ** 2
            along = x * direction[0] + y * direction[1]
            inside = max(0.0, self._radius ** 2 - x * x - y * y)
            # Where the way crosses the circle; from outside, coming back, it is not cut.
            if flat > 1e-18 and (along > 0.0 or inside > 0.0):
                distance = (math.sqrt(along * along + flat * inside) - along) / flat
                if distance < nearest:
                    nearest, reason = distance, Reason.GEOFENCE
        return nearest, reason
