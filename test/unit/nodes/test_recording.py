# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A flight is the same whatever order its messages come in."""

import json
from pathlib import Path
import random

from liquid_control.nodes.recording import Recording, write_record
from liquid_control.signals import CameraFrame, VehicleState
import numpy as np
import pytest

MILLISECOND = 1_000_000
TRUTH = {'outcome': 'reached', 'time_s': '1.5', 'world': 'forest', 'wind': 'W2', 'seed': '7',
         'distance_m': '0.5', 'real_time_factor': '1'}
LEVEL = np.array([0.0, 0.0, 0.0, 1.0])


def frame(index: int) -> CameraFrame:
    """Return a frame every 33 ms that shows its number."""
    return CameraFrame(33 * MILLISECOND * index, np.full((4, 6, 3), index, np.uint8), 0.0)


def feed(recording: Recording, index: int, order: random.Random) -> None:
    """Send what belongs to a frame: the frame in order, the rest shuffled."""
    stamp = frame(index).stamp_ns
    place = np.array([float(index), 0.0, 1.0])
    calls = [
        lambda: recording.add_frame(frame(index)),
        lambda: recording.add_state(VehicleState(stamp, place, LEVEL, place, place)),
        lambda: recording.add_wind(stamp, np.array([0.0, float(index), 0.0])),
        lambda: recording.add_command(np.full(4, 0.1 * index), stamp + 2 * MILLISECOND),
        lambda: recording.add_reason('ok' if index == 3 else f'reason {index}',
                                     stamp + 2 * MILLISECOND),
        lambda: recording.add_tick(stamp, 'limited', 0.5),
    ]
    order.shuffle(calls)
    for call in calls:
        call()


@pytest.mark.parametrize('seed', range(5))
def test_samples_belong_to_their_frame(seed: int) -> None:
    recording = Recording(policy='tiny')
    recording.add_target(0, np.array([10.0, 0.0, 1.0]))
    for index in range(20):
        feed(recording, index, random.Random(seed + index))
    flight = recording.flight(TRUTH)
    numbers = np.arange(20.0)
    np.testing.assert_allclose(flight.t, 0.033 * numbers)
    np.testing.assert_array_equal(flight.position[:, 0], numbers)
    np.testing.assert_array_equal(flight.wind_velocity[:, 1], numbers)
    np.testing.assert_allclose(flight.command[:, 3], 0.1 * numbers)
    np.testing.assert_array_equal(flight.distance, np.abs(10.0 - numbers))
    assert flight.reasons == tuple('limited' if index == 3 else f'reason {index}'
                                   for index in range(20))
    assert flight.reached and flight.time_s == 1.5 and flight.seed == 7
    assert [int(image[0, 0, 0]) for image in flight.frames] == list(range(0, 20, 3))


def test_a_frame_that_is_sent_twice_is_one_and_time_going_back_is_another_flight() -> None:
    recording = Recording()
    for index in (0, 1, 1, 40, 0, 1, 2):
        feed(recording, index, random.Random(0))
    assert len(recording.flight(TRUTH).t) == 3


def film(rate: int, width: int = 6, seconds: float = 1.0) -> Recording:
    """Record a film of a camera."""
    recording = Recording(film=True)
    for index in range(round(rate * seconds)):
        recording.add_frame(CameraFrame(index * 1_000_000_000 // rate,
                                        np.full((4, width, 3), index, np.uint8), 0.0))
        recording.add_state(VehicleState(0, np.zeros(3), LEVEL, np.zeros(3), np.zeros(3)))
    return recording


def test_a_film_keeps_the_frames_that_it_can_show() -> None:
    """All of 30 a second, not all of 120, and none larger than the film."""
    flight = film(30).flight(TRUTH)
    np.testing.assert_array_equal(flight.frames[:, 0, 0, 0], np.arange(30))
    np.testing.assert_array_equal(flight.frame_times, flight.t)
    fast = film(120).flight(TRUTH)
    assert len(fast.t) == 120 and 25 <= len(fast.frames) <= 50
    np.testing.assert_array_equal(fast.frames[:, 0, 0, 0], np.round(120 * fast.frame_times))
    assert film(30, width=1280).flight(TRUTH).frames.shape[2] <= 480
    assert film(30, width=480).flight(TRUTH).frames.shape[2] == 480


def test_states_of_the_network_are_in_order_and_of_one_flight() -> None:
    recording = Recording(film=True)
    feed(recording, 100, random.Random(0))
    recording.add_network(frame(100).stamp_ns, ('inter_0', 'motor_0'), [9.0, 9.0, 9.0])
    feed(recording, 0, random.Random(0))                # another flight begins
    for index in (0, 2, 1, 1):
        recording.add_network(frame(index).stamp_ns, ('inter_0', 'motor_0'),
                              [index, 0.5, -index])
    times, states = recording.network()
    np.testing.assert_allclose(times, [0.0, 0.033, 0.066])
    np.testing.assert_array_equal(states, [[0, 0.5, 0], [1, 0.5, -1], [2, 0.5, -2]])
    assert recording.neurons == ('inter_0', 'motor_0')
    assert [len(one) for one in Recording().network()] == [0, 0]


def test_the_distance_is_to_the_goal_of_the_moment() -> None:
    recording = Recording(goals=np.array([[5.0, 0.0, 1.0], [20.0, 0.0, 1.0]]))
    recording.add_target(0, recording.goals[0])
    for index in range(10):
        feed(recording, index, random.Random(index))
        if index == 5:
            recording.add_target(round(0.033 * 5.5 * 1e9), recording.goals[1])
    flight = recording.flight(TRUTH)
    np.testing.assert_array_equal(flight.done, [0] * 6 + [1] * 4)
    np.testing.assert_array_equal(flight.distance, [5, 4, 3, 2, 1, 0, 14, 13, 12, 11])
    # The way is 20 m, and no goal's change shortens it.
    np.testing.assert_array_equal(flight.to_go, 20.0 - np.arange(10.0))
    np.testing.assert_array_equal(flight.target, recording.goals[1])


def test_nothing_recorded() -> None:
    flight = Recording().flight({})
    assert flight.outcome == 'interrupted' and len(flight.t) == 0
    assert flight.path_length == 0.0


def test_record_on_disk(tmp_path: Path) -> None:
    recording = Recording(policy='tiny')
    recording.add_target(0, np.array([10.0, 0.0, 1.0]))
    feed(recording, 0, random.Random(0))
    feed(recording, 1, random.Random(0))
    path = tmp_path / 'flight.json'
    write_record(recording.flight(TRUTH), TRUTH, path)
    record = json.loads(path.read_text())
    assert (record['outcome'], record['reached'], record['policy']) == ('reached', True, 'tiny')
    assert record['path_length_m'] == pytest.approx(1.0)
    assert len(record['samples']['t']) == 2
