# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A sample of the campaign of faults, which `make campaign` flies whole; and what it found."""

from pathlib import Path
from typing import Any

from liquid_control.nodes import qos
from liquid_control.nodes.faults.campaign import attempt
from liquid_control.nodes.faults.flight import policy_folder, Task
from liquid_control.nodes.faults.kinds import find
from liquid_control.nodes.graph import Graph
from liquid_control.runtime.bundle import DEFAULT_POLICY
import pytest
from sensor_msgs.msg import Imu


@pytest.mark.parametrize('name', ['camera_dropped_1s', 'camera_wrong_encoding', 'imu_nan',
                                  'clock_stop', 'controller_killed', 'two_controllers'])
def test_a_fault_in_flight_ends_as_it_should(tmp_path: Path, name: str) -> None:
    """Commands within limits, rest in time, named, no crash."""
    task = Task(find(name), 0, policy_folder(DEFAULT_POLICY), quick=True)
    entry = attempt(task, tmp_path / 'scratch')
    if entry.verdict == 'not judged':
        pytest.skip(f'this machine was too busy to fly: {entry.untold}')
    assert entry.verdict == 'passed', entry
    assert entry.commands > 10


def test_bytes_that_are_no_message_do_not_end_the_guard(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    """They are counted and named; it took the guard's stamps alone to be read."""
    graph.start('guard', {'policy': policy})
    driver.until(lambda: len(probe.commands) > 5, 'guard', [0.0] * 4)
    publishers = [probe.node.create_publisher(Imu, 'imu/data', qos.IMU),
                  probe.node.create_publisher(driver.message.__class__, 'camera/image_raw',
                                              qos.CAMERA)]

    def counted() -> bool:
        for publisher in publishers:
            publisher.publish(b'\0\1\0\0\7\7\7\7')
        return int(probe.counted('guard').get('unreadable', 0)) > 10

    driver.until(counted, 'count', [0.0] * 4)
    assert graph.ended() == {}
    assert 'expected a message with a header, found 8 bytes' in probe.said('guard')
