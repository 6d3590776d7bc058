# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Frames and signs, judged by what is known of the conventions and by pymavlink's arithmetic."""

import math

from hypothesis import given
from hypothesis import strategies as st
from liquid_control.bridges.mavlink_frames import (
    command_from_setpoint,
    orientation_from_mavlink,
    orientation_to_mavlink,
    setpoint_from_command,
    swap_body,
    swap_world,
)
from liquid_control.errors import SensorError
from liquid_control.signals import heading
import numpy as np
import pytest

EAST, NORTH, WEST, SOUTH = 0.0, math.pi / 2, math.pi, -math.pi / 2     # yaw of ROS
ANGLES = st.floats(-3.1, 3.1)
PARTS = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(('command', 'yaw', 'setpoint'), [
    # forward, left, up, counter-clockwise -> north, east, down, clockwise
    ([1, 0, 0, 0], NORTH, [1, 0, 0, 0]),
    ([1, 0, 0, 0], EAST, [0, 1, 0, 0]),
    ([1, 0, 0, 0], WEST, [0, -1, 0, 0]),
    ([1, 0, 0, 0], SOUTH, [-1, 0, 0, 0]),
    ([-1, 0, 0, 0], NORTH, [-1, 0, 0, 0]),
    ([0, 1, 0, 0], NORTH, [0, -1, 0, 0]),
    ([0, -1, 0, 0], NORTH, [0, 1, 0, 0]),
    ([0, 1, 0, 0], EAST, [1, 0, 0, 0]),
    ([0, 0, 1, 0], EAST, [0, 0, -1, 0]),
    ([0, 0, -1, 0], NORTH, [0, 0, 1, 0]),
    ([0, 0, 0, 1], EAST, [0, 0, 0, -1]),
    ([0, 0, 0, -1], NORTH, [0, 0, 0, 1]),
])
def test_each_direction_of_a_command(
        command: list[float], yaw: float, setpoint: list[float]) -> None:
    np.testing.assert_allclose(setpoint_from_command(np.array(command, float), yaw), setpoint,
                               atol=1e-12)


@given(st.lists(PARTS, min_size=4, max_size=4), ANGLES)
def test_commands_there_and_back(command: list[float], yaw: float) -> None:
    setpoint = setpoint_from_command(np.array(command), yaw)
    np.testing.assert_allclose(command_from_setpoint(setpoint, yaw), command, atol=1e-9)
    assert np.linalg.norm(setpoint[:3]) == pytest.approx(np.linalg.norm(command[:3]), abs=1e-9)


def test_swaps_are_their_own_inverse() -> None:
    vector = np.array([1.0, 2.0, 3.0])
    np.testing.assert_array_equal(swap_world(vector), [2.0, 1.0, -3.0])
    np.testing.assert_array_equal(swap_body(vector), [1.0, -2.0, -3.0])
    np.testing.assert_array_equal(swap_world(swap_world(vector)), vector)
    np.testing.assert_array_equal(swap_body(swap_body(vector)), vector)


def test_a_level_accelerometer_reads_gravity_upward() -> None:
    # PX4 and ArduPilot at rest: HIGHRES_IMU.zacc = -9.81; REP-145: +9.81.
    np.testing.assert_array_equal(swap_body(np.array([0.0, 0.0, -9.81])), [0.0, 0.0, 9.81])


@given(ANGLES, st.floats(-1.5, 1.5), ANGLES)
def test_orientations_against_pymavlink(roll: float, pitch: float, yaw: float) -> None:
    rotmat = pytest.importorskip('pymavlink.rotmat')
    quaternion = pytest.importorskip('pymavlink.quaternion')
    turn = rotmat.Matrix3()
    turn.from_euler(roll, pitch, yaw)       # FRD body in NED
    given_ = np.array(quaternion.QuaternionBase([roll, pitch, yaw]).q)
    found = orientation_from_mavlink(given_)
    # What points forward, left and up in the vehicle, in the world, by both.
    for flu in np.eye(3):
        ned = turn * rotmat.Vector3(*swap_body(flu))
        np.testing.assert_allclose(turned(found, flu), swap_world(
            np.array([ned.x, ned.y, ned.z])), atol=1e-6)
    back = orientation_to_mavlink(found)
    assert abs(float(back @ given_)) == pytest.approx(float(given_ @ given_), abs=1e-6)


def turned(orientation: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Turn a vector by a quaternion x, y, z, w."""
    axis, w = orientation[:3], orientation[3]
    double = 2.0 * np.cross(axis, vector)
    return vector + w * double + np.cross(axis, double)


@pytest.mark.parametrize(('clockwise_from_north', 'yaw'), [
    (0.0, NORTH), (0.5 * math.pi, EAST), (-0.5 * math.pi, WEST), (math.pi, SOUTH),
    (math.radians(30), math.radians(60))])
def test_yaw_in_both_conventions(clockwise_from_north: float, yaw: float) -> None:
    half = 0.5 * clockwise_from_north
    level = np.array([math.cos(half), 0.0, 0.0, math.sin(half)])    # about down
    found = orientation_from_mavlink(level)
    assert math.cos(heading(found) - yaw) == pytest.approx(1.0)
    np.testing.assert_allclose(turned(found, np.array([1.0, 0.0, 0.0])),
                               [math.cos(yaw), math.sin(yaw), 0.0], atol=1e-12)
    assert abs(float(orientation_to_mavlink(found) @ level)) == pytest.approx(1.0)


@pytest.mark.parametrize('quaternion', [[0, 0, 0, 0], [math.nan, 0, 0, 1], [math.inf, 0, 0, 1]])
def test_what_is_no_orientation_is_refused(quaternion: list[float]) -> None:
    with pytest.raises(SensorError, match='expected a unit quaternion'):
        orientation_from_mavlink(np.array(quaternion, float))
