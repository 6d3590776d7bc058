# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Rates against what the policy knows: the tiny policy was trained from 4 to 100 Hz."""

from dataclasses import replace
from typing import Any

from liquid_control.nodes.doctor.checks.rates import missing_share
from liquid_control.nodes.doctor.evidence import Evidence, Topic
import pytest


@pytest.mark.parametrize(('rate', 'text'), [
    (2.0, 'comes at 2 Hz, and tiny was trained from 4 to 100 Hz'), (4.0, ''), (90.0, ''),
    (150.0, 'comes at 150 Hz')])
def test_the_camera_s_rate(well: Evidence, faults: Any, make: Any, rate: float,
                           text: str) -> None:
    for role in ('image', 'camera_info'):
        well.topics[role].arrivals = make.arrivals(rate, 'camera_optical_frame', 6.0)
    for name in ('/controller', '/guard'):
        well.nodes[name]['camera_deadline'] = 5.0
    found = faults(well)
    assert len(found) == bool(text)
    assert all(text in said for said in found)


def test_some_intervals_are_too_long(well: Evidence, notes: Any, make: Any) -> None:
    well.topics['image'].arrivals = [
        arrival for index, arrival in enumerate(make.arrivals(30.0, 'c', 6.0))
        if index % 18 not in range(1, 10)]
    assert any('% of the intervals on /camera/image_raw are outside' in text
               for text in notes(well))


def test_a_gap_past_the_deadline(well: Evidence, faults: Any, make: Any) -> None:
    image = well.topics['image']
    image.arrivals = image.arrivals[:40] + image.arrivals[51:]
    text = next(text for text in faults(well) if 'silent' in text)
    assert '/camera/image_raw was silent for 0.40 s, past the deadline of 0.3 s' in text


def test_an_imu_slower_than_the_camera(well: Evidence, faults: Any, make: Any) -> None:
    well.topics['imu'].arrivals = make.arrivals(10.0, 'imu_link')
    well.imu = make.readings(count=30, frequency=10.0)
    text, = faults(well)
    assert '/imu/data comes at 10 Hz, slower than the images (30 Hz)' in text


@pytest.mark.parametrize('every', [2, 3, 5, 10])
def test_the_share_that_is_missing(make: Any, every: int) -> None:
    """Every so many-th message lost: the stamps show it, unless it is every second one."""
    kept = [arrival for index, arrival in enumerate(make.arrivals(100.0, '', 10.0))
            if index % every]
    expected = 0.0 if every == 2 else 1.0 / every
    assert missing_share(Topic('x', arrivals=kept)) == pytest.approx(expected, abs=0.01)
    assert missing_share(Topic('x', arrivals=kept[:3])) == 0.0


def test_a_camera_that_slows_down_in_the_dark_has_lost_nothing(make: Any) -> None:
    slowing = [replace(arrival, stamp_ns=arrival.stamp_ns + 6_000_000 * max(0, index - 50))
               for index, arrival in enumerate(make.arrivals(30.0, ''))]
    assert missing_share(Topic('x', arrivals=slowing)) == 0.0
