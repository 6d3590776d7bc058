# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Who is missing."""

from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import (
    Endpoint,
    Evidence,
    Readings,
    Said,
    Topic,
    TWISTS,
)
from liquid_control.runtime.bundle import Bundle
import pytest


def test_a_topic_that_nobody_publishes_is_looked_for_under_other_names(
        well: Evidence, faults: Any) -> None:
    well.topics['imu'] = Topic('/imu/data', (), well.topics['imu'].subscribers)
    well.imu = Readings.none()
    well.elsewhere = {'sensor_msgs/msg/Imu': ('/mavros/imu/data',)}
    finding, = examine(well)
    assert finding.text == 'nobody publishes /imu/data (sensor_msgs/msg/Imu)'
    assert 'imu/data:=/mavros/imu/data' in finding.mend
    well.elsewhere = {}
    assert 'driver' in examine(well)[0].mend


def test_a_silent_publisher(well: Evidence, faults: Any) -> None:
    well.topics['image'].arrivals.clear()
    assert ('/camera publishes /camera/image_raw, but nothing has come on it in 3 s'
            in faults(well))


def test_camera_info_is_not_needed_where_a_parameter_says_it(well: Evidence,
                                                             faults: Any) -> None:
    well.topics['camera_info'] = Topic('/camera/camera_info')
    well.camera = None
    assert faults(well) == ['nobody publishes /camera/camera_info (sensor_msgs/msg/CameraInfo)']
    well.nodes['/controller']['horizontal_fov_deg'] = 95.0
    assert faults(well) == []


def test_flow_that_a_policy_could_use(well: Evidence, faults: Any, notes: Any, make: Any,
                                      bundle_writer: Any, tmp_path: Any) -> None:
    """It flies without: worth knowing, and no fault."""
    assert notes(well) == []
    well.topics['flow'].publishers = (Endpoint('/camera', 'sensor_msgs/msg/Image'),)
    assert faults(well) == [], 'somebody else calls something so'
    well.topics['flow'].publishers = ()
    well.policy = Bundle.load(bundle_writer(tmp_path / 'policy', extra=('flow_x', 'flow_y')))
    assert any('nothing has come on /flow: the policy flies without' in text
               for text in notes(well))
    assert faults(well) == []
    well.topics['flow'].arrivals = make.arrivals(30.0, 'base_stabilized')
    assert notes(well) == []


def test_a_robot_that_does_not_listen(well: Evidence, faults: Any) -> None:
    well.topics['command'].subscribers = (Endpoint('/monitor', TWISTS[0]),)
    assert faults(well) == ['nobody listens to /cmd_vel: commands would move nothing']


@pytest.mark.parametrize('node', ['controller', 'guard'])
def test_one_of_two_nodes(well: Evidence, faults: Any, node: str) -> None:
    del well.nodes['/' + node]
    assert any(f'/{node} does not' in text for text in faults(well))


def test_shadow_mode_needs_neither_guard_nor_robot(well: Evidence, faults: Any,
                                                   notes: Any) -> None:
    well.nodes['/controller']['shadow'] = True
    del well.nodes['/guard']
    well.topics['command'].subscribers = ()
    assert faults(well) == []
    assert 'shadow mode' in notes(well)[0]


def test_what_the_controller_says_itself(well: Evidence, faults: Any) -> None:
    name = '/controller: control loop'
    well.diagnostics[name] = Said(2, 'unknown policy', {'policy': 'x'})
    assert faults(well) == ['the controller has no policy: unknown policy']
    well.diagnostics[name] = Said(1, 'no policy is loaded', {'policy': 'x'})
    assert 'it is loading, or waits to be configured' in faults(well)[0]
    well.diagnostics[name] = Said(2, 'not_engaged; not active', {'engaged': 'False'})
    assert faults(well) == ['the controller is not active']
    values = {'engaged': 'True', 'rejected': 'encoding yuv422', 'frames_unreadable': '3'}
    well.diagnostics[name] = Said(2, 'bad', values, values)
    assert faults(well) == [], 'of the time before'
    well.diagnostics[name] = Said(2, 'bad', values | {'frames_unreadable': '90'}, values)
    assert faults(well) == ['the controller refused inputs: frames_unreadable 87; the last: '
                            'encoding yuv422']
    well.diagnostics.pop(name)
    well.diagnostics['/guard: safety'] = Said(1, '', {'manual_refused': '7'},
                                              {'manual_refused': '0'})
    assert faults(well) == ['the guard refused inputs: manual_refused 7']
    well.doubles = ('/guard',)
    assert 'several nodes are called /guard' in faults(well)
    well.policy_complaint = 'unknown policy x'
    assert 'unknown policy x' in faults(well)
