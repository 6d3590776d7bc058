# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Where the expert heads, and where it looks.

At a ball, straight; through a gate, along its axis; and where a wall stands in the way, along
the shortest way around it. It looks at the goal, and where a wall hides that, along its way:
what a policy cannot see the expert does not stare at.
"""

from typing import NamedTuple

from liquid_control.signals import FloatArray
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.scenery.solids import covers
from liquid_control.sim.shortest_way import ShortestWay
from liquid_control.sim.simulation import Simulation
import numpy as np

AHEAD = 2.0         # along the shortest way [m]
APPROACH = 1.2      # before a gate, where its axis is joined [m]
LEAD = 1.5          # along a gate's axis [m]
ROUND = 0.8         # kept from a post where a gate was missed [m]


class Aim(NamedTuple):
    """What to do next."""

    head_for: FloatArray       # (3,) world [m]
    look_at: FloatArray        # (3,) world [m]


class Guide:
    """Knows the scene, and which goal is the next."""

    def __init__(self, simulation: Simulation) -> None:
        """
        Attach to a simulation.

        :param simulation: whose truth it may read.
        """
        self._simulation = simulation
        scene = simulation.scene
        self._walls = covers(np.zeros((0, 4)), scene.walls)
        self._solids = scene.solids
        self._way: ShortestWay | None = None
        self._way_to: tuple[float, ...] = ()

    def aim(self) -> Aim:
        """Return where to head and where to look now."""
        simulation, goal = self._simulation, self._simulation.mission.goal
        if isinstance(goal, Gate):
            aim = through(goal, simulation.position)
        else:
            target = simulation.target
            aim = Aim(target, target)
        if not len(self._walls) or self._open(aim.head_for, 0.5):
            return aim
        on_way = np.append(self._along_way(aim.head_for), aim.head_for[2])
        return Aim(on_way, aim.look_at if self._open(aim.look_at, 0.0) else on_way)

    def _open(self, place: FloatArray, clearance: float) -> bool:
        """Tell whether no wall comes near the straight line to a place."""
        here = self._simulation.position[:2]
        line = place[:2] - here
        along = (self._walls[:, :2] - here) @ line
        share = np.clip(along / max(float(line @ line), 1e-9), 0.0, 1.0)
        away = np.linalg.norm(here + share[:, None] * line - self._walls[:, :2], axis=1)
        return bool(np.all(away > self._walls[:, 2] + clearance))

    def _along_way(self, place: FloatArray) -> FloatArray:
        """Return a point ahead on the shortest way to a place, (2,) [m]."""
        here = self._simulation.position
        known = tuple(np.round(place, 1).tolist())
        if self._way is None or known != self._way_to:
            level = (self._solids[:, 3] < place[2] + 0.2) & (self._solids[:, 4] > place[2] - 0.2)
            self._way = ShortestWay(self._solids[level, :3], place[:2], here[:2])
            self._way_to = known
        return self._way.ahead(here[:2], AHEAD)


def through(gate: Gate, here: FloatArray) -> Aim:
    """
    Join a gate's axis before it, and follow it through; where it was missed, fly round a post.

    :param gate: to pass.
    :param here: (3,) world [m].
    """
    forward = gate.forward
    aside = np.array([-forward[1], forward[0], 0.0])
    past, left, _ = gate.local(here)
    half = gate.opening / 2
    if past > -0.2 and (past > 0.0 or abs(left) > half):
        side = 1.0 if left > 0 else -1.0
        return Aim(gate.centre - APPROACH * forward + side * (half + ROUND) * aside, gate.centre)
    along = float(np.clip(past + LEAD - 2.0 * max(0.0, abs(left) - 0.2), -APPROACH, LEAD))
    return Aim(gate.centre + along * forward, gate.centre + 1.0 * forward)
