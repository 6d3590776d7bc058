# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A scene as RViz markers, and its obstacles read back from them."""

from collections.abc import Sequence

from liquid_control.signals import FloatArray
import numpy as np
from visualization_msgs.msg import Marker, MarkerArray

OBSTACLES = 'obstacles'
TARGET = 'target'


def scene_markers(pillars: FloatArray, target: FloatArray, radius: float,
                  color: Sequence[float], frame: str) -> MarkerArray:
    """
    Return obstacles as cylinders and the target as a sphere.

    :param pillars: (P, 4) x, y, radius, height [m].
    :param target: (3,) [m].
    :param radius: of the target [m].
    :param color: (3,) of the target, RGB in [0, 1].
    :param frame: that the positions are in.
    """
    clear = Marker(action=Marker.DELETEALL)
    clear.header.frame_id = frame
    markers = [clear]
    for index, (x, y, width, height) in enumerate(pillars.tolist()):
        markers.append(_marker(frame, OBSTACLES, index, Marker.CYLINDER, (x, y, 0.5 * height),
                               (2.0 * width, 2.0 * width, height), (0.45, 0.38, 0.3)))
    markers.append(_marker(frame, TARGET, 0, Marker.SPHERE, target.tolist(),
                           (2.0 * radius,) * 3, color))
    return MarkerArray(markers=markers)


def pillars_from_markers(message: MarkerArray) -> FloatArray:
    """Return the obstacles (P, 4) x, y, radius, height [m] of a scene's markers."""
    rows = [[marker.pose.position.x, marker.pose.position.y, 0.5 * marker.scale.x,
             marker.scale.z] for marker in message.markers if marker.ns == OBSTACLES]
    return np.array(rows, dtype=float).reshape(-1, 4)


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
