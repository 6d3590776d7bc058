# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Stamps of other clocks, and simulated clocks that are missing, stopped or two."""

from dataclasses import replace
from typing import Any

from liquid_control.nodes.doctor.evidence import Arrival, CLOCK_TYPE, Endpoint, Evidence, Topic
import pytest

SECOND = 1_000_000_000


def shift(evidence: Evidence, role: Any, seconds: float, clock_ns: int | None = None) -> None:
    """Stamp the messages of a topic otherwise; they come when they came."""
    topic = evidence.topics[role]
    topic.arrivals = [replace(arrival, stamp_ns=arrival.stamp_ns + round(seconds * SECOND),
                              clock_ns=clock_ns) for arrival in topic.arrivals]


@pytest.mark.parametrize(('seconds', 'text'), [
    (2.0, "are 1.99 s ahead of this computer's clock"),
    (-0.5, "are 0.51 s behind this computer's clock, past the deadline of 0.3 s"),
    (-1.69e9, 'is stamped by another clock'),
])
def test_stamps_that_are_off(well: Evidence, faults: Any, seconds: float, text: str) -> None:
    shift(well, 'image', seconds)
    found, = faults(well)
    assert '/camera/image_raw' in found and text in found
    well.nodes['/controller']['camera_deadline'] = 0.6
    well.nodes['/guard']['camera_deadline'] = 0.6
    assert bool(faults(well)) == (seconds != -0.5), 'the deadline is that of the nodes'


def test_stamps_that_our_nodes_set_right_may_be_off(well: Evidence, faults: Any) -> None:
    shift(well, 'imu', -40.0)
    assert faults(well)
    well.nodes['/controller']['correct_clocks'] = True
    assert faults(well), 'the guard takes them as they are'
    well.nodes['/guard']['correct_clocks'] = True
    assert not faults(well)


def test_no_stamps(well: Evidence, faults: Any) -> None:
    topic = well.topics['imu']
    topic.arrivals = [replace(arrival, stamp_ns=0) for arrival in topic.arrivals]
    assert faults(well) == ['/imu/data from /imu_driver has no stamps: all are zero']


def test_stamps_are_held_against_the_clock_of_when_they_came(well: Evidence) -> None:
    """However late, and in which order, a busy doctor gets to them."""
    clock = Topic('/clock', (Endpoint('/gazebo', CLOCK_TYPE),))
    clock.arrivals = [Arrival(number * SECOND, '', 50 + number * SECOND) for number in (2, 1, 3)]
    well.clocks = (clock,)
    image = well.topics['image']
    image.arrivals = [Arrival(0, '', 40 + number * SECOND) for number in (4, 3, 2, 1)]
    well.date()
    assert [arrival.clock_ns for arrival in image.arrivals] == [
        3 * SECOND, 2 * SECOND, SECOND, None]


def test_a_driver_in_simulated_time_beside_nodes_that_are_not(well: Evidence,
                                                              faults: Any) -> None:
    well.clocks = (Topic('/clock', (Endpoint('/gazebo', CLOCK_TYPE),)),)
    topic = well.topics['image']
    offset = topic.arrivals[0].stamp_ns - 100 * SECOND
    topic.arrivals = [replace(arrival, stamp_ns=arrival.stamp_ns - offset,
                              clock_ns=arrival.stamp_ns - offset) for arrival in topic.arrivals]
    assert faults(well) == ['/camera/image_raw from /camera is stamped by /clock, while our nodes '
                            "take the computer's clock"]


def test_use_sim_time_without_a_clock_and_against_others(well: Evidence, faults: Any) -> None:
    well.nodes['/guard']['use_sim_time'] = True
    assert faults(well) == [
        '/guard take the time from /clock, and nobody publishes it: their time stands still',
        'use_sim_time is true in /guard, and false in /autopilot, /controller, /imu_driver']


def test_the_maker_of_the_clock_need_not_believe_it(well: Evidence, faults: Any,
                                                    notes: Any) -> None:
    """A simulator publishes clock and sensors; the others differ from it, and rightly so."""
    for name in ('/controller', '/guard', '/imu_driver'):
        well.nodes[name]['use_sim_time'] = True
    clock = Topic('/clock', (Endpoint('/autopilot', CLOCK_TYPE),), (),
                  [Arrival(index * SECOND, '', index * SECOND) for index in range(1, 4)])
    well.clocks = (clock,)
    for topic in well.topics.values():
        topic.arrivals = [replace(arrival, clock_ns=arrival.stamp_ns)
                          for arrival in topic.arrivals]
    assert faults(well) == [] and notes(well) == []
    clock.arrivals = [replace(arrival, stamp_ns=SECOND) for arrival in clock.arrivals]
    assert faults(well) == ['/clock stands at 1.000 s']
    clock.publishers += (Endpoint('/bag', CLOCK_TYPE),)
    assert faults(well) == ['/clock has 2 publishers: /autopilot and /bag']


def test_stamps_that_repeat_or_go_back(well: Evidence, faults: Any) -> None:
    topic = well.topics['imu']
    good = list(topic.arrivals)
    commands = well.topics['policy'].arrivals
    well.topics['policy'].arrivals = [commands[index // 2 * 2] for index in range(len(commands))]
    assert faults(well) == [], 'two commands may be of one moment'
    topic.arrivals = [replace(arrival, stamp_ns=good[index // 2 * 2].stamp_ns)
                      for index, arrival in enumerate(good)]
    assert any('repeat the one before' in text for text in faults(well))
    topic.arrivals = [*good[:100], replace(good[100], stamp_ns=good[90].stamp_ns), *good[101:]]
    assert faults(well) == ['1 of 599 stamps on /imu/data go backward']
