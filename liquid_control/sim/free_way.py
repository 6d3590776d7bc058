# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which way is free: candidates around a bearing, against all that stands, with some air."""

from liquid_control.signals import FloatArray
from liquid_control.sim.scene import Scene
from liquid_control.sim.scenery.solids import covers
import numpy as np

HEADINGS = 33       # candidates
FAN = 1.75          # half-angle of the candidates about the bearing [rad]
_NO_PILLARS = np.zeros((0, 4))


def wrap(angle: float) -> float:
    """
    Return an angle from -pi to pi.

    :param angle: [rad].
    """
    return float((angle + np.pi) % (2 * np.pi) - np.pi)


class FreeWay:
    """Chooses headings, and keeps to the side that it chose before."""

    def __init__(self, scene: Scene, clearance: float, frame_clearance: float,
                 look_ahead: float) -> None:
        """
        Note what stands.

        :param scene: in which to move.
        :param clearance: kept from every obstacle's surface [m].
        :param frame_clearance: kept from posts and beams of gates [m].
        :param look_ahead: farther is not looked [m].
        """
        self._look_ahead = look_ahead
        offsets = np.linspace(-FAN, FAN, HEADINGS)
        self._offsets = offsets[np.argsort(np.abs(offsets), kind='stable')]
        solids, frames = covers(scene.pillars, scene.walls), covers(_NO_PILLARS, scene.frames)
        self._centres = np.concatenate([solids[:, :2], frames[:, :2]])
        self._radii = np.concatenate([solids[:, 2] + clearance, frames[:, 2] + frame_clearance])
        self._bottoms, self._tops = (np.concatenate([solids[:, column], frames[:, column]]) + air
                                     for column, air in ((3, -0.2), (4, 0.2)))
        self._last_offset = 0.0

    def heading(self, here: FloatArray, bearing: float, distance: float) -> tuple[float, float]:
        """
        Return the best heading in the world [rad] and how far it is free [m].

        :param here: (3,) world [m].
        :param bearing: of where to go, world [rad].
        :param distance: of that [m].
        """
        reach = min(self._look_ahead, distance)
        free = self._free(here, bearing + self._offsets, reach)
        cost = (np.abs(self._offsets) + 2.0 * (reach - free)
                + 0.25 * np.abs(self._offsets - self._last_offset))
        best = int(np.argmin(cost))
        self._last_offset = float(self._offsets[best])
        return bearing + self._last_offset, float(free[best])

    def _free(self, here: FloatArray, headings: FloatArray, reach: float) -> FloatArray:
        """Return the free distance along each heading, (H,) [m], among inflated obstacles."""
        high = (self._tops > here[2]) & (self._bottoms < here[2])
        if not np.any(high):
            return np.full(len(headings), reach)
        relative, radii = self._centres[high] - here[:2], self._radii[high]
        directions = np.stack([np.cos(headings), np.sin(headings)], axis=1)
        along = directions @ relative.T                                   # (H, P)
        across2 = np.sum(relative ** 2, axis=1) - along ** 2
        chord2 = radii ** 2 - across2
        entry = along - np.sqrt(np.maximum(chord2, 0.0))
        # Inside an inflated obstacle already: free to leave it, closed to go deeper.
        inside = np.sum(relative ** 2, axis=1) < radii ** 2
        entry = np.where(inside, np.where(along > 0, 0.0, np.inf), entry)
        hit = (chord2 > 0) & (along > 0)
        return np.asarray(np.min(np.where(hit, np.clip(entry, 0.0, reach), reach), axis=1))
