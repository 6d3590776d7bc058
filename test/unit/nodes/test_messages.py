# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Signals to messages and back, against values worked out by hand."""

import math

from diagnostic_msgs.msg import DiagnosticStatus
from liquid_control.errors import ConfigError, SensorError
from liquid_control.nodes import messages
from liquid_control.signals import FlowSample, ImuSample, VehicleState
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image, Imu

STAMP = 1_700_000_000_123_456_789
QUARTER = np.array([0.0, 0.0, math.sqrt(0.5), math.sqrt(0.5)])   # 90 degrees to the left


def state(orientation: np.ndarray) -> VehicleState:
    """Return a vehicle that flies along x of odom."""
    return VehicleState(STAMP, np.array([1.0, 2.0, 3.0]), orientation,
                        np.array([1.5, 0.0, 0.25]), np.array([0.1, 0.2, 0.3]))


@pytest.mark.parametrize('stamp', [0, 1, 999_999_999, 1_000_000_000, STAMP])
def test_time_round_trip(stamp: int) -> None:
    time = messages.to_time(stamp)
    assert messages.stamp_ns(time) == stamp
    assert 0 <= time.nanosec < 1_000_000_000


def test_stamp_is_read_from_the_serialized_message() -> None:
    image = messages.image_to_message(np.zeros((4, 6, 3), np.uint8), STAMP)
    assert messages.raw_stamp_ns(serialize_message(image)) == STAMP
    with pytest.raises(SensorError, match='header'):
        messages.raw_stamp_ns(b'\0\1\0\0')


def test_imu_round_trip_through_the_wire() -> None:
    sample = ImuSample(STAMP, np.array([0.1, -0.2, 9.81]), np.array([1.0, 2.0, -3.0]))
    wire = serialize_message(messages.imu_to_message(sample, 'drone_1/'))
    message = deserialize_message(wire, Imu)
    assert message.header.frame_id == 'drone_1/imu_link'
    assert message.orientation_covariance[0] == -1.0
    back = messages.imu_from_message(message)
    assert back.stamp_ns == STAMP
    np.testing.assert_array_equal(back.specific_force, sample.specific_force)
    np.testing.assert_array_equal(back.angular_velocity, sample.angular_velocity)


def test_image_round_trip_through_the_wire() -> None:
    image = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    wire = serialize_message(messages.image_to_message(image, STAMP))
    frame = messages.frame_from_message(deserialize_message(wire, Image), 1.2)
    assert (frame.stamp_ns, frame.horizontal_fov) == (STAMP, 1.2)
    np.testing.assert_array_equal(frame.image, image)


def test_padded_bgr_image() -> None:
    message = Image(height=1, width=2, encoding='bgr8', step=8, data=[1, 2, 3, 4, 5, 6, 0, 0])
    frame = messages.frame_from_message(message, 1.0)
    assert frame.image.tolist() == [[[3, 2, 1], [6, 5, 4]]]


@pytest.mark.parametrize('degrees', [20.0, 62.2, 90.0, 140.0])
def test_field_of_view_round_trip(degrees: float) -> None:
    info = messages.camera_info(64, 48, math.radians(degrees), STAMP)
    camera = messages.camera_from_message(info)
    assert math.degrees(camera.horizontal_fov) == pytest.approx(degrees, abs=1e-9)


def test_ninety_degrees_is_a_focal_length_of_half_the_width() -> None:
    info = messages.camera_info(64, 48, math.pi / 2, STAMP)
    assert info.k[0] == pytest.approx(32.0) and info.k[4] == pytest.approx(32.0)
    assert (info.k[2], info.k[5]) == (31.5, 23.5)


def test_camera_that_is_not_calibrated() -> None:
    info = messages.camera_info(64, 48, math.pi / 2, STAMP)
    info.k = [0.0] * 9
    with pytest.raises(SensorError, match='horizontal_fov_deg'):
        messages.camera_from_message(info)


def test_odometry_twist_is_in_the_body() -> None:
    """Heading along y of odom, a velocity along x of odom is one to the right."""
    message = messages.odometry_to_message(state(QUARTER))
    linear = message.twist.twist.linear
    np.testing.assert_allclose([linear.x, linear.y, linear.z], [0.0, -1.5, 0.25], atol=1e-12)
    assert (message.header.frame_id, message.child_frame_id) == ('odom', 'base_link')


def test_odometry_round_trip() -> None:
    orientation = np.array([0.1, -0.2, 0.3, 0.9])
    there = state(orientation / np.linalg.norm(orientation))
    back = messages.odometry_from_message(messages.odometry_to_message(there))
    np.testing.assert_allclose(back.velocity, there.velocity, atol=1e-12)
    np.testing.assert_array_equal(back.position, there.position)
    np.testing.assert_array_equal(back.orientation, there.orientation)
    np.testing.assert_array_equal(back.angular_velocity, there.angular_velocity)


def test_flow_is_a_velocity_in_base_stabilized() -> None:
    there = FlowSample(STAMP, np.array([1.5, -0.25]))
    message = messages.flow_to_message(there, 'drone_1/')
    assert (message.twist.linear.x, message.twist.linear.y) == (1.5, -0.25)
    assert message.header.frame_id == 'drone_1/base_stabilized'
    back = messages.flow_from_message(message)
    assert back.stamp_ns == STAMP
    np.testing.assert_array_equal(back.velocity, there.velocity)


def test_odometry_without_orientation() -> None:
    with pytest.raises(SensorError, match='quaternion'):
        messages.rotation(np.zeros(4))


@pytest.mark.parametrize('names', [('vx', 'vy', 'vz', 'yaw_rate'), ('vx', 'yaw_rate')])
def test_command_round_trip(names: tuple[str, ...]) -> None:
    values = np.linspace(-0.7, 1.1, len(names))
    message = messages.twist_stamped(values, names, STAMP, 'drone_1/')
    assert message.header.frame_id == 'drone_1/base_stabilized'
    np.testing.assert_array_equal(messages.command_values(message.twist, names), values)
    assert message.twist.angular.z == values[-1]


def test_status_round_trip() -> None:
    status = messages.status('world', DiagnosticStatus.OK, 'flying',
                             {'frames': 3, 'distance_m': 1.23456789, 'engaged': True})
    message = messages.status_array(STAMP, status)
    assert messages.stamp_ns(message.header.stamp) == STAMP
    assert messages.status_values(message) == {
        'frames': '3', 'distance_m': '1.23457', 'engaged': 'True'}


def test_an_axis_that_a_twist_has_no_field_for_is_refused() -> None:
    messages.check_axes(('vx', 'yaw_rate'))
    with pytest.raises(ConfigError, match='thrust'):
        messages.check_axes(('vx', 'thrust'))
