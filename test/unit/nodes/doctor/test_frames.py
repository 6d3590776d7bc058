# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Names of frames."""

from typing import Any

from liquid_control.nodes.doctor.evidence import Endpoint, Evidence, TWISTS
from liquid_control.runtime.bundle import Bundle
import pytest


@pytest.mark.parametrize(('prefix', 'frame', 'fine'), [
    ('', 'base_stabilized', True), ('', 'base_link', False), ('', '', False),
    ('drone_1/', 'drone_1/base_stabilized', True), ('drone_1/', 'base_stabilized', False)])
def test_commands_are_in_base_stabilized(well: Evidence, faults: Any, make: Any, prefix: str,
                                         frame: str, fine: bool) -> None:
    for name in ('/controller', '/guard'):
        well.nodes[name]['frame_prefix'] = prefix
    for role in ('imu', 'policy', 'command'):
        own = {'imu': 'imu_link'}.get(role, 'base_stabilized')
        well.topics[role].arrivals = make.arrivals(200.0 if role == 'imu' else 30.0, prefix + own)
    manual = well.topics['manual']
    manual.publishers = (Endpoint('/joystick', TWISTS[0]),)
    manual.arrivals = make.arrivals(10.0, frame)
    found = faults(well)
    if fine:
        assert found == []
    else:
        text, = found
        assert f'/cmd_vel_manual from /joystick is in frame {frame!r}' in text


@pytest.mark.parametrize(('frame', 'known_wrong'), [
    ('camera_imu_optical_frame', True), ('imu_ned', True), ('base_link_frd', True),
    ('aligned_imu', False), ('os_imu', False)])
def test_the_frame_of_the_imu(well: Evidence, faults: Any, notes: Any, make: Any, frame: str,
                              known_wrong: bool) -> None:
    """Only a name that says other axes is a fault: our nodes do not use TF."""
    well.topics['imu'].arrivals = make.arrivals(200.0, frame)
    said = (faults if known_wrong else notes)(well)
    assert len(said) == 1 and f'/imu/data is in frame {frame!r}' in said[0]
    assert (notes if known_wrong else faults)(well) == []


def test_odometry_with_z_down(well: Evidence, faults: Any, make: Any) -> None:
    well.topics['odom'].arrivals = make.arrivals(30.0, 'odom_ned')
    assert any("'odom_ned', whose name says that z is down" in text for text in faults(well))


@pytest.mark.parametrize(('frame', 'wrong'), [
    ('base_stabilized', False), ('base_link', False), ('odom', True), ('flow_frd', True)])
def test_flow_that_is_not_of_the_body(well: Evidence, faults: Any, make: Any, bundle_writer: Any,
                                      tmp_path: Any, frame: str, wrong: bool) -> None:
    """MAVROS publishes a velocity in odom under the same type."""
    well.topics['flow'].arrivals = make.arrivals(30.0, frame)
    assert faults(well) == [], 'the policy does not use it'
    well.policy = Bundle.load(bundle_writer(tmp_path / 'policy', extra=('flow_x', 'flow_y')))
    assert any(f'/flow is in frame {frame!r}' in text for text in faults(well)) is wrong
