# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The world node follows a mission: `target` is the next goal, markers and status keep up."""

from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.nodes.markers import boxes_from_markers, goals_from_markers
import numpy as np
from visualization_msgs.msg import MarkerArray
import yaml

BALL = {'radius': 0.3, 'color': [0.9, 0.1, 0.1], 'bearing_deg': [0.0, 0.0], 'height': [1.0, 1.0]}
MISSION = [
    {'ball': {**BALL, 'distance': [0.5, 0.5]}},       # within reach where the drone hovers
    {'ball': {**BALL, 'distance': [6.0, 6.0],
              'motion': {'path': 'circle', 'speed': [1.0, 1.0], 'size': [1.0, 1.0]}}}]


def test_the_next_goal_its_way_and_what_stands_come_out(graph: Graph, probe: Any,
                                                        tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / 'sim_worlds' / 'empty.yaml'
    world = yaml.safe_load(shipped.read_text('utf-8'))
    del world['target']
    world |= {'mission': MISSION, 'start': {'position': [0.0, 0.0, 1.0], 'yaw_deg': [0.0, 0.0]},
              'fixed': {'walls': [[3.0, 2.0, 3.0, 4.0, 2.5]]}}
    path = tmp_path / 'mine.yaml'
    path.write_text(yaml.safe_dump(world))
    targets = probe.listen(PoseStamped, 'target', qos.LATCHED)
    markers = probe.listen(MarkerArray, 'markers', qos.LATCHED)
    status = probe.listen(DiagnosticArray, 'world/status', qos.STATUS)
    graph.start('world', {'world': str(path), 'wind': 'W0', 'seed': 500_000, 'listeners': 0})
    probe.until(lambda: len(targets) > 40 and len(status) > 10, 'a target that moves')
    places = np.array([[getattr(message.pose.position, axis) for axis in 'xyz']
                       for message in targets])
    moving = places[places[:, 0] > 2.0]
    assert len(moving) > 30
    np.testing.assert_allclose(np.linalg.norm(moving - (6.5, 0.0, 1.0), axis=1), 1.0, atol=1e-6)
    assert np.ptp(moving[:, 1]) > 0.1
    np.testing.assert_allclose(boxes_from_markers(markers[-1]),
                               [[3.0, 3.0, 1.25, 2.0, 0.15, 2.5, np.pi / 2]], atol=1e-9)
    assert goals_from_markers(markers[-1])[0].tolist() == [0.5, 0.0, 1.0]
    balls = [marker for marker in markers[-1].markers if marker.ns == 'target']
    assert len(balls) == 1 and balls[0].pose.position.x > 2.0, 'the second is the next'
    values = messages.status_values(status[-1])
    assert (values['goals'], values['goals_done']) == ('2', '1')
