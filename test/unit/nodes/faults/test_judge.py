# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The judge of flights with faults, by made-up recordings that each break one rule."""

from collections.abc import Callable
from dataclasses import replace

from liquid_control.nodes.faults.judge import Command, judge, Recording
from liquid_control.nodes.faults.kinds import find
from liquid_control.signals import Axis, NANOSECONDS
import numpy as np
import pytest

AXES = (Axis('vx', 2.0, 6.0, 4.0), Axis('yaw_rate', 1.5, 15.0, 15.0))
MS = 1_000_000
PERIOD = 20 * MS
BEGIN = 1000 * NANOSECONDS       # of the clock of the system; that of stamps begins at 50 s
STAMP = 50 * NANOSECONDS
DROPPED = find('camera_dropped_5s')


def flight(*, stop: bool = True, seconds: float = 6.0) -> Recording:
    """Return a flight at 1.6 m/s whose camera is gone after 2 s, and which ends as it should."""
    recording = Recording(AXES, began_ns=BEGIN + 2 * NANOSECONDS,
                          ended_ns=BEGIN + round(seconds * NANOSECONDS),
                          good_ns=STAMP + 2 * NANOSECONDS,
                          codes={'world': 0, 'controller': 0, 'guard': 0})
    speed = 0.0
    for tick in range(round(seconds * 50)):
        late = stop and tick * 0.02 > 2.3
        speed = max(0.0, speed - 0.08) if late else min(1.6, speed + 0.12)
        command = Command(STAMP + tick * PERIOD, BEGIN + tick * PERIOD,
                          np.array([speed, 0.0]))
        recording.commands.append(command)
        recording.wanted.append(command)
        recording.reasons.append((command.sent_ns, 'camera_stale' if late else 'ok'))
        recording.speeds.append((command.sent_ns, speed))
    return recording


def changed(recording: Recording, index: int, **values: object) -> None:
    """Put another command in the place of one."""
    recording.commands[index] = replace(recording.commands[index], **values)


def test_a_flight_that_keeps_to_everything_passes() -> None:
    verdict = judge(DROPPED, flight())
    assert verdict.passed
    assert verdict.stopped_after == pytest.approx(0.3 + 1.6 / 4.0, abs=0.05)


def not_a_number(recording: Recording) -> None:
    changed(recording, 50, values=np.array([np.nan, 0.0]))


def too_fast(recording: Recording) -> None:
    for index in range(20, 100):
        changed(recording, index, values=np.array([2.01, 0.0]))


def policy_too_fast(recording: Recording) -> None:
    recording.wanted[5] = replace(recording.wanted[5], values=np.array([0.0, -1.6]))


def jumps(recording: Recording) -> None:
    changed(recording, 3, values=np.array([0.9, 0.0]))


def steps_to_zero(recording: Recording) -> None:
    for index in range(60, 70):
        changed(recording, index, values=np.zeros(2))


def flies_on(recording: Recording) -> None:
    recording.commands = flight(stop=False).commands


def moves_again(recording: Recording) -> None:
    changed(recording, 250, values=np.array([0.05, 0.0]))


def crashes(recording: Recording) -> None:
    recording.exits = {'controller': 1}


def ends_badly(recording: Recording) -> None:
    recording.codes['guard'] = -9


def says_nothing(recording: Recording) -> None:
    recording.reasons = [(when, 'ok') for when, _ in recording.reasons]


def says_something_else(recording: Recording) -> None:
    recording.reasons.append((BEGIN + 3 * NANOSECONDS, 'geofence'))


@pytest.mark.parametrize(('breaks', 'text'), [
    (not_a_number, 'not finite'), (too_fast, 'cmd_vel: out of limits'),
    (policy_too_fast, 'cmd_vel_policy: out of limits'), (jumps, 'changed by'),
    (steps_to_zero, 'changed by'), (flies_on, 'a stop may take'),
    (moves_again, 'a stop may take'), (crashes, 'controller ended with 1'),
    (ends_badly, 'guard, told to end, ended with -9'), (says_nothing, 'not named'),
    (says_something_else, 'geofence was not expected')])
def test_each_rule_that_is_broken_is_found(breaks: Callable[[Recording], None],
                                           text: str) -> None:
    recording = flight()
    breaks(recording)
    verdict = judge(DROPPED, recording)
    assert not verdict.passed
    assert any(text in found for found in verdict.broken), verdict


def test_a_recording_that_ends_too_early_is_not_judged() -> None:
    """Nor one whose machine made other inputs late, so that nobody could name the fault's."""
    verdict = judge(DROPPED, flight(seconds=2.6))
    assert not verdict.broken and not verdict.passed
    recording = flight()
    recording.reasons = [(when, reason.replace('camera', 'imu'))
                         for when, reason in recording.reasons]
    verdict = judge(DROPPED, recording)
    assert not verdict.broken and 'not named' in verdict.untold


def test_a_stop_is_judged_by_the_system_where_stamps_are_worth_nothing() -> None:
    """The clock of the stamps stands still from the fault on."""
    recording = flight()
    for index in range(100, 300):
        changed(recording, index, stamp_ns=STAMP + 100 * PERIOD)
    assert judge(find('clock_stop'), recording).passed
    recording.commands = flight(stop=False).commands
    assert 'a stop may take' in judge(find('clock_stop'), recording).broken[0]


def test_a_clock_that_is_set_ahead_is_no_time_to_gain_speed_in() -> None:
    recording = flight(stop=False)
    for index in range(2, 300):
        changed(recording, index, stamp_ns=STAMP + index * PERIOD + 3600 * NANOSECONDS)
    assert judge(find('clock_forward'), recording).passed
    changed(recording, 2, values=np.array([1.6, 0.0]))
    assert 'changed by' in judge(find('clock_forward'), recording).broken[0]


def test_without_a_guard_there_is_silence_and_the_vehicle_rests() -> None:
    kind, recording = find('guard_killed'), flight(seconds=8.0)
    recording.exits, recording.codes = {'guard': -9}, {'world': 0, 'controller': 0, 'guard': -9}
    assert 'although there was no guard' in judge(kind, recording).broken[0]
    recording.commands = recording.commands[:100]
    assert judge(kind, recording).passed
    recording.speeds = flight(stop=False, seconds=8.0).speeds
    assert '1.60 m/s' in judge(kind, recording).broken[0]
    recording.exits = {}
    assert 'guard was not killed' in judge(kind, recording).broken[0]


def test_an_engagement_that_outlasts_the_fault_is_found() -> None:
    """Where only the controller sees the fault, which the guard alone could end it for."""
    kind, recording = find('camera_wrong_size'), flight()
    assert 'engagement outlasted 4.0 s' in judge(kind, recording).broken[0]
    recording.reasons.append((BEGIN + 5 * NANOSECONDS, 'not_engaged'))
    assert judge(kind, recording).passed
    assert judge(kind, flight(seconds=4.2)).passed, 'too short to tell'
