# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Markers and transforms of a scene."""

import math

from liquid_control.nodes.markers import pillars_from_markers, scene_markers
from liquid_control.nodes.transforms import transforms
from liquid_control.signals import VehicleState
import numpy as np
from visualization_msgs.msg import Marker


def test_pillars_round_trip_and_the_target_is_no_pillar() -> None:
    pillars = np.array([[1.0, -2.0, 0.2, 3.0], [4.0, 0.5, 0.3, 2.5]])
    message = scene_markers(pillars, np.array([9.0, 0.0, 1.2]), 0.3, (1.0, 0.0, 0.0), 'odom')
    np.testing.assert_allclose(pillars_from_markers(message), pillars)
    assert message.markers[0].action == Marker.DELETEALL, 'a reset leaves no old pillar'
    sphere = message.markers[-1]
    assert (sphere.type, sphere.scale.x, sphere.pose.position.x) == (Marker.SPHERE, 0.6, 9.0)
    standing = message.markers[1]
    assert standing.pose.position.z == 1.5, 'it stands on the ground'


def test_no_pillars() -> None:
    message = scene_markers(np.zeros((0, 4)), np.zeros(3), 0.3, (1.0, 0.0, 0.0), 'odom')
    assert pillars_from_markers(message).shape == (0, 4)


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
