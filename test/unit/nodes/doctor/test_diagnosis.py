# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where all is well nothing is said; and what is said can be read."""

from dataclasses import replace
from pathlib import Path
import re
from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import Endpoint, Evidence, Picture, Readings
from liquid_control.nodes.doctor.report import lines, record
from liquid_control.sensing.camera import CameraView
import numpy as np
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


@pytest.mark.parametrize('seed', range(40))
def test_no_evidence_is_too_bad_to_be_judged(well: Evidence, make: Any, seed: int) -> None:
    """Whatever a driver sends, the doctor has something to say, and ends."""
    rng = np.random.default_rng(seed)
    for topic in well.topics.values():
        topic.arrivals = [replace(arrival, stamp_ns=int(rng.choice([0, -5, 7, 2**62, 10**18])),
                                  frame_id=str(rng.choice(['', '/', 'x' * 99])))
                          for arrival in topic.arrivals[:rng.integers(0, 12)]]
        topic.publishers = topic.publishers * int(rng.integers(0, 3))
    numbers = rng.choice([0.0, -1e300, 1e300, np.nan, np.inf, 9.81], (2, 12, 3))
    well.imu = Readings(rng.choice([0.0, -1e9, 3.0, 1e9], 12), *numbers, 0)
    images = [make.scene(*rng.integers(1, 60, 2)) for _ in range(12)]
    well.images.thin = well.images.whole = [
        Picture(int(rng.integers(-9, 9)), image) for image in images]
    well.images.kinds = {('', 0, 0), ('rgb8', 1, 1)} if seed % 2 else set()
    well.camera = CameraView(0, 0, float(rng.choice([0.0, -1.0, 4.0, np.nan])))
    well.nodes = {name: {} for name in well.nodes}
    assert all(finding.text for finding in examine(well))


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


def test_the_documentation_lists_every_check() -> None:
    """By the names that `--json` writes."""
    root = Path(__file__).parents[4]
    told = set(re.findall(r'^\| `(\w+)` \|', (root / 'docs' / 'doctor.md').read_text(), re.M))
    folder = root / 'liquid_control' / 'nodes' / 'doctor' / 'checks'
    given = {name for path in folder.glob('*.py') for name in
             re.findall(r"(?:wrong|note|say)\('(\w+)'", path.read_text())}
    assert told == given
