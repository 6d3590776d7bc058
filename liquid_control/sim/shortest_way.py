# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The shortest way around what stands, for a pilot who knows it."""

from liquid_control.signals import FloatArray
import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

CELL = 0.2          # [m]
MARGIN = 2.0        # of the grid around everything [m]
_HULL = 0.15        # nearer to a surface no way leads, unless there is no other [m]
_NEAR = 0.7         # nearer than this a way costs more [m]
_NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1))


class ShortestWay:
    """Ways from anywhere to one place: Dijkstra's algorithm (1959) on a grid."""

    def __init__(self, solids: FloatArray, place: FloatArray, start: FloatArray) -> None:
        """
        Find the way from every cell.

        :param solids: (S, 3) x, y, radius of what is to be flown around [m].
        :param place: (2,) where the ways lead [m].
        :param start: (2,) that the grid holds as well [m].
        """
        spots = np.vstack([solids[:, :2], place, start])
        self._origin = spots.min(axis=0) - MARGIN
        shape = np.ceil((spots.max(axis=0) + MARGIN - self._origin) / CELL).astype(int) + 1
        self._shape = shape
        x, y = (self._origin[axis] + CELL * np.arange(shape[axis]) for axis in (0, 1))
        free = np.full(shape, np.inf)
        for here_x, here_y, radius in solids:
            np.minimum(free, np.hypot(x[:, None] - here_x, y[None] - here_y) - radius, out=free)
        cost = 1.0 + 6.0 * np.clip(1.0 - free / _NEAR, 0.0, 1.0) + 1000.0 * (free < _HULL)
        self._next = dijkstra(_graph(cost), directed=False, indices=self._cell(place),
                              return_predecessors=True)[1]

    def ahead(self, here: FloatArray, reach: float) -> FloatArray:
        """
        Return the point of the way that is so far along it, (2,) [m].

        :param here: (2,) where the way begins [m].
        :param reach: [m].
        """
        cell, gone = self._cell(here), 0.0
        while gone < reach and self._next[cell] >= 0:
            after = int(self._next[cell])
            gone += float(np.linalg.norm(self._point(after) - self._point(cell)))
            cell = after
        return self._point(cell)

    def _cell(self, point: FloatArray) -> int:
        index = np.clip(np.rint((point - self._origin) / CELL).astype(int), 0, self._shape - 1)
        return int(index[0] * self._shape[1] + index[1])

    def _point(self, cell: int) -> FloatArray:
        return np.asarray(self._origin + CELL * np.array(divmod(cell, int(self._shape[1]))))


def _graph(cost: FloatArray) -> csr_matrix:
    """Join every cell to its eight neighbours; a step costs its length times what both cost."""
    number = np.arange(cost.size).reshape(cost.shape)
    rows, columns, weights = [], [], []
    for down, right in _NEIGHBOURS:
        height, width = cost.shape
        one = (slice(0, height - down), slice(max(0, -right), width - max(0, right)))
        other = (slice(down, height), slice(max(0, right), width - max(0, -right)))
        rows.append(number[one].ravel())
        columns.append(number[other].ravel())
        weights.append(np.hypot(down, right) * CELL / 2 * (cost[one] + cost[other]).ravel())
    return csr_matrix((np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))),
                      shape=(cost.size, cost.size))
