# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is done to the messages of sensors and clock on their way, by kind of fault."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
import math

from liquid_control.nodes import messages
from liquid_control.nodes.faults.kinds import CAMERA, IMU
from liquid_control.signals import NANOSECONDS
from rclpy.serialization import deserialize_message, serialize_message
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu

CLOCK = '/clock'
STAMPED = slice(4, 12)      # of a serialized message that begins with a header, or is a clock
LATE_NS = round(0.6 * NANOSECONDS)
JUMP_NS = 5 * NANOSECONDS
RANGE = (16 * 9.80665, math.radians(2000.0))     # of a small IMU [m/s^2, rad/s]

# Takes a topic and a serialized message; gives what goes on in its place.
Distortion = Callable[[str, bytes], Iterable[bytes]]


def dropped(topic: str) -> Distortion:
    """Let nothing of a topic pass."""
    return lambda where, data: () if where == topic else (data,)


def _first(topic: str, again: Callable[[bytes, bytes], bytes]) -> Distortion:
    """Send something made of the first message of a topic and of each that follows."""
    held: list[bytes] = []

    def distort(where: str, data: bytes) -> Iterable[bytes]:
        if where != topic:
            return (data,)
        if not held:
            held.append(data)
        return (again(held[0], data),)
    return distort


def repeated(topic: str) -> Distortion:
    """Send the first message of a topic instead of all that follow."""
    return _first(topic, lambda first, _data: first)


def frozen(topic: str) -> Distortion:
    """Send the first message of a topic instead of all that follow, with their stamps."""
    return _first(topic, lambda first, data: data[:STAMPED.stop] + first[STAMPED.stop:])


def delayed(topic: str) -> Distortion:
    """Hold every message of a topic back until a newer one is younger by the delay."""
    held: deque[bytes] = deque()

    def distort(where: str, data: bytes) -> Iterable[bytes]:
        if where != topic:
            return (data,)
        held.append(data)
        newest, ready = messages.raw_stamp_ns(data), []
        while newest - messages.raw_stamp_ns(held[0]) >= LATE_NS:
            ready.append(held.popleft())
        return ready
    return distort


def edited(topic: str, kind: type, edit: Callable[[Image | Imu], None]) -> Distortion:
    """Change what the messages of a topic say."""
    def distort(where: str, data: bytes) -> Iterable[bytes]:
        if where != topic:
            return (data,)
        message = deserialize_message(data, kind)
        edit(message)
        return (serialize_message(message),)
    return distort


def shifted(topics: Iterable[str], by_ns: int) -> Distortion:
    """Set the stamps of some topics forward or back; none goes below zero."""
    chosen = frozenset(topics)

    def distort(where: str, data: bytes) -> Iterable[bytes]:
        if where not in chosen:
            return (data,)
        moved = Clock(clock=messages.to_time(max(0, messages.raw_stamp_ns(data) + by_ns)))
        return (data[:STAMPED.start] + serialize_message(moved)[STAMPED] + data[STAMPED.stop:],)
    return distort


def _black(message: Image) -> None:
    message.data = bytes(len(message.data))


def _unreadable(message: Image) -> None:
    message.encoding = 'bayer_grbg16'


def _halved(message: Image) -> None:
    message.height //= 2
    message.width //= 2
    message.step = 3 * message.width
    message.data = bytes(message.step * message.height)


def _vectors(change: Callable[[list[float], int], tuple[float, ...]]
             ) -> Callable[[Imu], None]:
    """Return what changes both vectors of a sample; `change` is told which, 0 or 1."""
    def edit(message: Imu) -> None:
        for which, vector in enumerate((message.linear_acceleration, message.angular_velocity)):
            vector.x, vector.y, vector.z = change([vector.x, vector.y, vector.z], which)
    return edit


def _imu(change: Callable[[list[float], int], tuple[float, ...]]) -> Distortion:
    return edited(IMU, Imu, _vectors(change))


EVERY = (IMU, CAMERA, 'camera/camera_info', 'odom', CLOCK)

MAKERS: Mapping[str, Callable[[], Distortion]] = {
    'camera_frozen': lambda: frozen(CAMERA),
    'camera_repeated': lambda: repeated(CAMERA),
    'camera_black': lambda: edited(CAMERA, Image, _black),
    'camera_delayed': lambda: delayed(CAMERA),
    'camera_wrong_encoding': lambda: edited(CAMERA, Image, _unreadable),
    'camera_wrong_size': lambda: edited(CAMERA, Image, _halved),
    'camera_dropped_1s': lambda: dropped(CAMERA),
    'camera_dropped_5s': lambda: dropped(CAMERA),
    'camera_dropped_30s': lambda: dropped(CAMERA),
    'imu_nan': lambda: _imu(lambda _vector, _which: (math.nan, math.nan, math.nan)),
    'imu_frozen': lambda: frozen(IMU),
    'imu_repeated': lambda: repeated(IMU),
    'imu_saturated': lambda: _imu(lambda _vector, which: (RANGE[which],) * 3),
    'imu_scaled': lambda: _imu(lambda vector, which: tuple(
        value / (1.0 if which else 9.80665) for value in vector)),
    'imu_axes_swapped': lambda: _imu(lambda vector, _which: (vector[2], vector[0], vector[1])),
    'imu_dropped': lambda: dropped(IMU),
    'clock_back': lambda: shifted(EVERY, -JUMP_NS),
    'clock_forward': lambda: shifted(EVERY, JUMP_NS),
    'clock_forward_alone': lambda: shifted((CLOCK,), JUMP_NS),
    'clock_stop': lambda: dropped(CLOCK),
}
