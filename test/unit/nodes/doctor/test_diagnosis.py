# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where all is well nothing is said; and what is said can be read."""

from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import Endpoint, Evidence
from liquid_control.nodes.doctor.report import lines, record
import pytest


def test_nothing_is_said_where_all_is_well(well: Evidence) -> None:
    assert examine(well) == []
    assert lines(well, [])[-1] == 'nothing is wrong'
    assert record(well, [])['wrong'] == 0


def test_faults_come_first_and_say_what_to_do(well: Evidence) -> None:
    well.topics['command'].publishers += (Endpoint('/teleop', 'geometry_msgs/msg/TwistStamped'),)
    well.engaged = False
    found = examine(well)
    assert [finding.wrong for finding in found] == [True, False]
    text = '\n'.join(lines(well, found))
    assert 'WRONG  /cmd_vel has 2 publishers: /guard and /teleop\n       -> end every' in text
    assert 'note   not engaged' in text and text.endswith('1 thing is wrong')
    written = record(well, found)
    assert written['topics']['/imu/data']['rate_hz'] == pytest.approx(200.0)
    assert [finding['check'] for finding in written['findings']] == ['rivals', 'engagement']


def test_drivers_alone_are_looked_at(well: Evidence, faults: Any, notes: Any) -> None:
    for name in ('/controller', '/guard'):
        del well.nodes[name]
        for topic in well.topics.values():
            topic.publishers = tuple(end for end in topic.publishers if end.node != name)
            topic.subscribers = tuple(end for end in topic.subscribers if end.node != name)
    well.diagnostics.clear()
    well.engaged = None
    assert faults(well) == []
    assert notes(well) == ['neither controller nor guard runs here: the drivers alone were '
                           'looked at']
