# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Several vehicles in one scene: each begins, and ends, beside the place that was drawn."""

import dataclasses

from liquid_control.errors import SimulationError
from liquid_control.signals import FloatArray
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.scene import Scene, START_ROOM
import numpy as np

ROOM = 0.4     # free around a start and at a goal [m]


def moved_aside(scene: Scene, distance: float, vehicle: str) -> Scene:
    """
    Move start and goals aside; everything that stands stays where it is.

    Simulations of one seed are then of one place, with one `odom`: what one vehicle tells of its
    position means the same to the others.

    :param scene: as drawn.
    :param distance: to the left of the first heading [m].
    :param vehicle: its kind: a long one needs more room to start in.
    :raises SimulationError: if a goal is not a ball, or a start or goal is not free.
    """
    if not all(isinstance(goal, Ball) for goal in scene.goals):
        raise SimulationError('abreast: expected balls for goals, found a gate, which stands for '
                              'all vehicles; choose another world')
    aside = distance * np.array([-np.sin(scene.start_yaw), np.cos(scene.start_yaw), 0.0])
    goals = tuple(dataclasses.replace(goal, centre=goal.centre + aside)
                  for goal in scene.goals if isinstance(goal, Ball))
    moved = dataclasses.replace(scene, start=scene.start + aside, goals=goals)
    _require_room('start', moved.start, max(ROOM, START_ROOM[vehicle]), scene.solids, distance)
    for goal in goals:
        _require_room('goal', goal.centre, ROOM, scene.solids, distance)
    return moved


def _require_room(what: str, place: FloatArray, room: float, solids: FloatArray,
                  distance: float) -> None:
    """Refuse a place (3,) that something (S, 5) stands nearer to than its room [m]."""
    near = np.hypot(solids[:, 0] - place[0], solids[:, 1] - place[1]) < solids[:, 2] + room
    if np.any(near & (solids[:, 3] < place[2] + room) & (solids[:, 4] > place[2] - room)):
        raise SimulationError(f'abreast: expected the {what} {distance:g} m to the left to be '
                              f'{room} m from everything that stands, found a pillar or a wall '
                              'there; choose another spacing or another seed')
