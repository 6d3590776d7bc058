# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Markers and transforms of a scene."""

import math

from liquid_control.nodes.markers import (
    ball_marker,
    boxes_from_markers,
    goals_from_markers,
    pillars_from_markers,
    scene_markers,
    Standing,
)
from liquid_control.nodes.transforms import transforms
from liquid_control.signals import VehicleState
import numpy as np
from visualization_msgs.msg import Marker, MarkerArray


def test_what_stands_round_trips_and_the_target_is_no_pillar() -> None:
    standing = Standing(
        np.array([[1.0, -2.0, 0.2, 3.0], [4.0, 0.5, 0.3, 2.5]]),
        np.array([[3.0, 1.0, 1.4, 2.0, 0.15, 2.8, 0.7], [5.0, 1.0, 0.5, 1.0, 0.2, 0.2, -2.0]]),
        np.array([[0.5, 0.5, 0.5], [1.0, 0.5, 0.0]]),
        np.array([[5.0, 1.0, 1.0], [9.0, 0.0, 1.2]]))
    ball = ball_marker(standing.goals[1], 0.3, (1.0, 0.0, 0.0), 'odom')
    message = MarkerArray(markers=[*scene_markers(standing, 'odom'), ball])
    np.testing.assert_allclose(pillars_from_markers(message), standing.pillars)
    np.testing.assert_allclose(boxes_from_markers(message), standing.boxes)
    np.testing.assert_allclose(goals_from_markers(message), standing.goals)
    assert message.markers[0].action == Marker.DELETEALL, 'a reset leaves no old pillar'
    assert (ball.type, ball.scale.x, ball.pose.position.x) == (Marker.SPHERE, 0.6, 9.0)
    pillar, orange = message.markers[1], message.markers[4]
    assert pillar.pose.position.z == 1.5, 'it stands on the ground'
    assert (orange.type, orange.color.r, orange.color.g) == (Marker.CUBE, 1.0, 0.5)
    assert [marker.text for marker in message.markers if marker.ns == 'goals'] == ['1', '2']


def test_nothing_stands() -> None:
    nothing = Standing(np.zeros((0, 4)), np.zeros((0, 7)), np.zeros((0, 3)), np.zeros((1, 3)))
    message = MarkerArray(markers=scene_markers(nothing, 'odom'))
    assert pillars_from_markers(message).shape == (0, 4)
    assert boxes_from_markers(message).shape == (0, 7)
    assert [marker.text for marker in message.markers if marker.ns == 'goals'] == ['']


def test_base_stabilized_is_turned_by_yaw_alone() -> None:
    half = math.radians(30.0) / 2
    yaw = np.array([0.0, 0.0, math.sin(half), math.cos(half)])
    x, y, z, w = yaw
    tilt = math.radians(20.0) / 2                       # then pitched by 20 degrees
    tilted = np.array([x * math.cos(tilt) - z * math.sin(tilt),
                       y * math.cos(tilt) + w * math.sin(tilt),
                       z * math.cos(tilt) + x * math.sin(tilt),
                       w * math.cos(tilt) - y * math.sin(tilt)])
    state = VehicleState(5, np.array([1.0, 2.0, 3.0]), tilted, np.zeros(3), np.zeros(3))
    body, level = transforms(state, 'drone_1/')
    assert (body.child_frame_id, level.child_frame_id) == (
        'drone_1/base_link', 'drone_1/base_stabilized')
    assert level.header.frame_id == 'drone_1/odom'
    turn = level.transform.rotation
    np.testing.assert_allclose([turn.x, turn.y, turn.z, turn.w], yaw, atol=1e-12)
    assert body.transform.translation.z == 3.0
