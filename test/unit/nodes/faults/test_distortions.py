# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is done to messages on their way, and that every kind of fault is something."""

import math

from liquid_control.nodes import messages
from liquid_control.nodes.faults import distortions, disturbances
from liquid_control.nodes.faults.kinds import CAMERA, IMU, KINDS, NAMES
from liquid_control.signals import ImuSample
import numpy as np
import pytest
from rclpy.serialization import deserialize_message, serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu

MS = 1_000_000


def picture(stamp: int, value: int = 7) -> bytes:
    """Return a serialized image."""
    return serialize_message(messages.image_to_message(np.full((4, 6, 3), value, np.uint8), stamp))


def sample(stamp: int, force: float = 1.0) -> bytes:
    """Return a serialized IMU sample."""
    return serialize_message(messages.imu_to_message(
        ImuSample(stamp, np.array([force, 2.0, 3.0]), np.array([4.0, 5.0, 6.0]))))


def image(data: bytes) -> Image:
    """Read an image."""
    return deserialize_message(data, Image)


def test_every_kind_is_done_somewhere_and_once() -> None:
    """At least 25 of them."""
    assert len(NAMES) == len(set(NAMES)) >= 25
    done = [*distortions.MAKERS, *disturbances.MAKERS]
    assert sorted(done) == sorted(NAMES)
    assert all(kind.gone or not kind.killed or kind.silent or kind.stops for kind in KINDS)


@pytest.mark.parametrize('name', distortions.MAKERS)
def test_other_topics_pass(name: str) -> None:
    """What a fault is not about."""
    assert list(distortions.MAKERS[name]()('elsewhere', b'abc')) == [b'abc']


def test_frozen_keeps_the_picture_and_repeated_the_stamp_too() -> None:
    frozen, repeated = (distortions.MAKERS[f'camera_{name}']() for name in ('frozen', 'repeated'))
    for distort, stamp in ((frozen, 40 * MS), (repeated, 0)):
        distort(CAMERA, picture(0, 7))
        found = image(*distort(CAMERA, picture(40 * MS, 9)))
        assert set(found.data) == {7}
        assert messages.stamp_ns(found.header.stamp) == stamp


def test_delayed_comes_in_order_when_it_is_late_enough() -> None:
    distort = distortions.MAKERS['camera_delayed']()
    came = [list(distort(CAMERA, picture(stamp * MS))) for stamp in range(0, 1000, 100)]
    assert [messages.raw_stamp_ns(data) // MS for out in came for data in out] == [
        0, 100, 200, 300]
    assert [len(out) for out in came] == [0] * 6 + [1] * 4


def test_pictures_are_spoilt_as_their_kinds_say() -> None:
    black, odd, small = (image(*distortions.MAKERS[f'camera_{name}']()(CAMERA, picture(5)))
                         for name in ('black', 'wrong_encoding', 'wrong_size'))
    assert not any(black.data) and len(black.data) == 72
    assert odd.encoding not in ('rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8')
    assert (small.width, small.height, len(small.data)) == (3, 2, 18)


@pytest.mark.parametrize(('name', 'force', 'rate'), [
    ('imu_nan', [math.nan] * 3, [math.nan] * 3),
    ('imu_saturated', [156.9064] * 3, [34.906585] * 3),
    ('imu_scaled', [1 / 9.80665, 2 / 9.80665, 3 / 9.80665], [4, 5, 6]),
    ('imu_axes_swapped', [3, 1, 2], [6, 4, 5]), ('imu_frozen', [9, 2, 3], [4, 5, 6])])
def test_samples_are_spoilt_as_their_kinds_say(name: str, force: list[float],
                                               rate: list[float]) -> None:
    distort = distortions.MAKERS[name]()
    if name == 'imu_frozen':
        distort(IMU, sample(0, 9.0))
    (data,) = distort(IMU, sample(123))
    found = messages.imu_from_message(deserialize_message(data, Imu))
    assert found.stamp_ns == 123
    assert np.allclose([*found.specific_force, *found.angular_velocity], [*force, *rate],
                       equal_nan=True)


def test_clocks_jump_with_the_stamps_or_alone() -> None:
    clock = serialize_message(Clock(clock=messages.to_time(20_000 * MS)))
    for name, moved, stamps in (('clock_back', 15_000, 15_000), ('clock_forward', 25_000, 25_000),
                                ('clock_forward_alone', 25_000, 20_000)):
        distort = distortions.MAKERS[name]()
        (data,) = distort('/clock', clock)
        assert messages.stamp_ns(deserialize_message(data, Clock).clock) == moved * MS
        (data,) = distort(CAMERA, picture(20_000 * MS))
        assert messages.stamp_ns(image(data).header.stamp) == stamps * MS
    assert not list(distortions.MAKERS['clock_stop']()('/clock', clock))
