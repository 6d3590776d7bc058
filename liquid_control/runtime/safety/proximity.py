# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The proximity brake: how far the nearest obstacle is, by a range finder or a depth image.

A range finder looks forward or down. Of a depth image, the nearest point counts that lies in
the sector of travel: a cone around the direction that the command leads in. What lies outside
the image is not seen and does not brake; and a command slows down as a whole, lest what stands
there turn a vehicle aside, to where nothing looks. The mount is that of the vehicle's own axes;
tilt is neglected.
"""

from dataclasses import dataclass
import math
from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError, SensorError
from liquid_control.runtime.freshness import Freshness
from liquid_control.runtime.safety.braking import Barrier
from liquid_control.runtime.safety.place import Vector
from liquid_control.signals import Float32Array, Reason
import numpy as np

Kind: TypeAlias = Literal['forward', 'down', 'depth']

DIRECTIONS: dict[str, Vector] = {'forward': (1.0, 0.0, 0.0), 'down': (0.0, 0.0, -1.0)}
LEAST_SEEN = 0.5     # share of the pixels of a depth image that must have measured something
LONGEST_SIDE = 64    # of a depth image, after taking the nearest of each block [px]
FARTHEST = 1.0e6     # [m]; what is farther is not there
SLOWEST = 1e-6       # [m/s]; slower is no direction of travel


@dataclass(frozen=True, slots=True)
class ProximityConfig:
    """A proximity brake."""

    sensor: Kind
    margin: float = 0.5          # kept from an obstacle [m]
    deadline: float = 0.3        # of the sensor [s]
    sector_deg: float = 30.0     # half the angle of the cone of travel, for depth
    fov_deg: float = 90.0        # horizontal field of view of the depth image

    def __post_init__(self) -> None:
        """
        Check the ranges.

        :raises ConfigError: if a number is out of range.
        """
        if not 0.0 <= self.margin < math.inf:
            raise ConfigError(f'proximity margin: expected 0 m or more, found {self.margin}')
        if not 0.0 < self.deadline < math.inf:
            raise ConfigError(f'proximity deadline: expected above 0 s, found {self.deadline}')
        if not (0.0 < self.sector_deg <= 90.0 and 0.0 < self.fov_deg < 180.0):
            raise ConfigError('proximity: expected a sector up to 90 degrees and a field of view '
                              f'below 180, found {self.sector_deg:g} and {self.fov_deg:g}')


class Proximity:
    """The sensor of the proximity brake, watched."""

    def __init__(self, config: ProximityConfig, tolerance: float) -> None:
        """
        Start with nothing seen, that is, stale.

        :param config: which sensor.
        :param tolerance: how far stamps may be ahead of the clock [s].
        """
        self._config = config
        self._freshness = Freshness(config.deadline, tolerance)
        self._least_cosine = math.cos(math.radians(config.sector_deg))
        self._rays: Float32Array = np.zeros((0, 3), np.float32)
        self._shape = (0, 0)
        self._distances: Float32Array = np.zeros(0, np.float32)

    @property
    def is_depth(self) -> bool:
        """Whether it is a depth image that is watched."""
        return self._config.sensor == 'depth'

    def heard_range(self, distance: float, stamp_ns: int, steady_ns: int) -> bool:
        """
        Take a measurement of the range finder.

        :param distance: to what is there [m]; inf if nothing is, 0 or less if it is too near.
        :param stamp_ns: of the message [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: whether it is news, and a number.
        """
        if math.isnan(distance) or not self._freshness.heard(stamp_ns, steady_ns):
            return False
        near = max(0.0, distance)
        self._distances = np.array([near if near < FARTHEST else math.inf], np.float32)
        return True

    def heard_depth(self, depth: Float32Array, stamp_ns: int, steady_ns: int) -> bool:
        """
        Take a depth image.

        :param depth: (height, width) along the optical axis [m]; inf where nothing is, -inf where
            it is too near, NaN where nothing was measured (REP-118).
        :param stamp_ns: of the message [ns].
        :param steady_ns: when it came, by the steady clock [ns].
        :return: whether it is news, and enough of it was measured.
        :raises SensorError: if it is no image.
        """
        if depth.ndim != 2 or not depth.size:
            raise SensorError('depth image: expected (height, width), found shape '
                              f'{depth.shape}')
        if not is_measured(depth) or not self._freshness.heard(stamp_ns, steady_ns):
            return False
        if depth.shape != self._shape:
            self._shape = (depth.shape[0], depth.shape[1])
            self._rays = self._look(*self._shape)
        nearest = _blocks(np.where(np.isnan(depth), np.float32(np.inf), depth))
        lengths = 1.0 / self._rays[:, 0]
        self._distances = np.maximum(nearest.ravel(), 0.0) * lengths
        return True

    def stale(self, now_ns: int, steady_ns: int) -> bool:
        """Say whether the sensor may not be relied on; see `Freshness.stale`."""
        return self._freshness.stale(now_ns, steady_ns)

    def height(self, now_ns: int, steady_ns: int) -> float | None:
        """Return the distance to the ground, from a downward range finder that is fresh [m]."""
        if self._config.sensor != 'down' or self.stale(now_ns, steady_ns):
            return None
        return float(self._distances[0])

    def barriers(self, travel: Vector) -> list[Barrier]:
        """
        Return the obstacle that counts, in `base_stabilized`.

        :param travel: velocity that the command leads to [m/s].
        """
        if not self.is_depth:
            return self._at(DIRECTIONS[self._config.sensor], float(self._distances[0]))
        speed = math.hypot(*travel)
        if speed < SLOWEST:
            return []
        ahead = self._rays @ np.array(travel, np.float32) >= self._least_cosine * speed
        distances = np.where(ahead, self._distances, np.inf)
        index = int(distances.argmin())
        x, y, z = self._rays[index].tolist()
        return self._at((x, y, z), float(distances[index]))

    def forget(self) -> None:
        """See nothing again."""
        self._freshness.forget()

    def _at(self, direction: Vector, distance: float) -> list[Barrier]:
        """Return an obstacle, less the margin; none where there is none."""
        if distance == math.inf:
            return []
        return [Barrier(direction, distance - self._config.margin, Reason.PROXIMITY,
                        scales=self.is_depth)]

    def _look(self, height: int, width: int) -> Float32Array:
        """Return where each block of an image looks: (blocks, 3), of length 1, in the body."""
        focal = 0.5 * width / math.tan(math.radians(0.5 * self._config.fov_deg))     # [px]
        step = _step(height, width)
        rows, columns = (np.minimum(np.arange(0, size, step) + 0.5 * (step - 1), size - 1)
                         for size in (height, width))
        left, up = np.meshgrid((0.5 * (width - 1) - columns) / focal,
                               (0.5 * (height - 1) - rows) / focal)
        rays = np.stack([np.ones_like(left), left, up], -1).reshape(-1, 3)
        unit: Float32Array = (rays / np.linalg.norm(rays, axis=1, keepdims=True)).astype(
            np.float32)
        return unit


def is_measured(depth: Float32Array) -> bool:
    """
    Tell whether enough of a depth image was measured to go by.

    :param depth: (height, width); NaN where nothing was measured.
    """
    return bool(np.isnan(depth).mean() <= 1.0 - LEAST_SEEN)


def _step(height: int, width: int) -> int:
    """Return the side of a block [px]."""
    return -(-max(height, width) // LONGEST_SIDE)


def _blocks(depth: Float32Array) -> Float32Array:
    """Return the nearest of each block."""
    step = _step(*depth.shape)
    rows, columns = (np.arange(0, size, step) for size in depth.shape)
    nearest: Float32Array = np.minimum.reduceat(
        np.minimum.reduceat(depth, rows, axis=0), columns, axis=1)
    return nearest
