# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A scene as RViz markers, and what stands there read back from them."""

from collections.abc import Sequence
from dataclasses import dataclass
import math

from liquid_control.signals import FloatArray, heading
import numpy as np
from visualization_msgs.msg import Marker, MarkerArray

OBSTACLES = 'obstacles'
BOXES = 'boxes'
GOALS = 'goals'
TARGET = 'target'
NUMBER_HEIGHT = 0.4     # of the number at a goal [m]


@dataclass(frozen=True)
class Standing:
    """What a scene holds, as plain numbers."""

    pillars: FloatArray            # (P, 4) x, y, radius, height [m]
    boxes: FloatArray              # (B, 7) x, y, z, length, thickness, height [m], yaw [rad]
    box_colors: FloatArray         # (B, 3) RGB in [0, 1]
    goals: FloatArray              # (G, 3) in order [m]


def scene_markers(standing: Standing, frame: str) -> list[Marker]:
    """
    Return what clears all markers, then cylinders, boxes, and a number at each of several goals.

    :param standing: what is there.
    :param frame: that the positions are in.
    """
    clear = Marker(action=Marker.DELETEALL)
    clear.header.frame_id = frame
    markers = [clear]
    for index, (x, y, width, height) in enumerate(standing.pillars.tolist()):
        markers.append(_marker(frame, OBSTACLES, index, Marker.CYLINDER, (x, y, 0.5 * height),
                               (2.0 * width, 2.0 * width, height), (0.45, 0.38, 0.3)))
    for index, (row, color) in enumerate(zip(standing.boxes.tolist(),
                                             standing.box_colors.tolist())):
        box = _marker(frame, BOXES, index, Marker.CUBE, row[:3], row[3:6], color)
        turn = box.pose.orientation
        turn.z, turn.w = math.sin(row[6] / 2), math.cos(row[6] / 2)
        markers.append(box)
    for index, place in enumerate(standing.goals.tolist()):
        number = _marker(frame, GOALS, index, Marker.TEXT_VIEW_FACING, place,
                         (0.0, 0.0, NUMBER_HEIGHT), (1.0, 1.0, 1.0))
        number.text = str(index + 1) if len(standing.goals) > 1 else ''
        markers.append(number)
    return markers


def ball_marker(place: FloatArray, radius: float, color: Sequence[float], frame: str) -> Marker:
    """
    Return a ball that is the next goal.

    :param place: (3,) [m].
    :param radius: [m].
    :param color: (3,) RGB in [0, 1].
    :param frame: that the position is in.
    """
    return _marker(frame, TARGET, 0, Marker.SPHERE, place.tolist(), (2.0 * radius,) * 3, color)


def pillars_from_markers(message: MarkerArray) -> FloatArray:
    """Return the obstacles (P, 4) x, y, radius, height [m] of a scene's markers."""
    rows = [[marker.pose.position.x, marker.pose.position.y, 0.5 * marker.scale.x,
             marker.scale.z] for marker in message.markers if marker.ns == OBSTACLES]
    return np.array(rows, dtype=float).reshape(-1, 4)


def boxes_from_markers(message: MarkerArray) -> FloatArray:
    """Return walls, posts and beams (B, 7) of a scene's markers, as they were given."""
    rows = []
    for marker in message.markers:
        if marker.ns == BOXES:
            place, size, turn = marker.pose.position, marker.scale, marker.pose.orientation
            rows.append([place.x, place.y, place.z, size.x, size.y, size.z,
                         heading(np.array([turn.x, turn.y, turn.z, turn.w]))])
    return np.array(rows, dtype=float).reshape(-1, 7)


def goals_from_markers(message: MarkerArray) -> FloatArray:
    """Return the goals (G, 3) [m] of a scene's markers, in order."""
    places = [marker.pose.position for marker in message.markers if marker.ns == GOALS]
    return np.array([[place.x, place.y, place.z] for place in places], dtype=float).reshape(-1, 3)


def _marker(frame: str, space: str, index: int, kind: int, position: Sequence[float],
            scale: Sequence[float], color: Sequence[float]) -> Marker:
    marker = Marker(ns=space, id=index, type=kind, action=Marker.ADD)
    marker.header.frame_id = frame
    marker.pose.orientation.w = 1.0
    place, size = marker.pose.position, marker.scale
    place.x, place.y, place.z = map(float, position)
    size.x, size.y, size.z = map(float, scale)
    marker.color.r, marker.color.g, marker.color.b = map(float, color)
    marker.color.a = 1.0
    return marker
