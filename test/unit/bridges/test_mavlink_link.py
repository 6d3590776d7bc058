# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Messages over a real UDP port: what is sent, what is read, and what cannot be read."""

from collections.abc import Iterator
import math
import random
import socket
import time
from typing import Any

from liquid_control.bridges.mavlink_link import (
    Answer,
    AT_ONCE,
    Attitude,
    Heartbeat,
    MavlinkLink,
    Other,
    Received,
)
from liquid_control.signals import heading, ImuSample, VehicleState
import numpy as np
import pytest

common = pytest.importorskip('pymavlink.dialects.v20.common', reason='pip install pymavlink')


class Peer:
    """The other end: an autopilot's port, and its codec."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.settimeout(5.0)
        self.codec = common.MAVLink(None, srcSystem=1, srcComponent=1)
        self.link = MavlinkLink(f'udpout:127.0.0.1:{self.socket.getsockname()[1]}', 0, (1, 1),
                                as_sent=True)
        self.link.send_heartbeat()
        first, self._address = self.heard()
        assert first.get_type() == 'HEARTBEAT' and first.get_srcComponent() == 191

    def heard(self) -> tuple[Any, Any]:
        """Return the next message that the link has sent."""
        data, address = self.socket.recvfrom(65535)
        message, = common.MAVLink(None).parse_buffer(data)
        return message, address

    def send(self, data: bytes) -> None:
        """Send bytes to the link."""
        self.socket.sendto(data, self._address)

    def say(self, *messages: Any) -> list[Received]:
        """Send messages; return what the link makes of them."""
        for message in messages:
            self.send(message.pack(self.codec))
        return self.take(len(messages))

    def take(self, number: int) -> list[Received]:
        """Return what the link has received, when it is so many."""
        found: list[Received] = []
        end = time.monotonic() + 5.0
        while len(found) < number and time.monotonic() < end:
            found += self.link.receive(0)
        return found


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Return an autopilot's end."""
    made = Peer()
    yield made
    made.link.close()
    made.socket.close()


def test_a_setpoint_says_what_is_in_it(peer: Peer) -> None:
    peer.link.send_setpoint(np.array([1.0, 2.0, -3.0, 0.5]), 2**32 + 7)
    message, _ = peer.heard()
    assert message.get_type() == 'SET_POSITION_TARGET_LOCAL_NED'
    assert (message.target_system, message.target_component, message.time_boot_ms) == (1, 1, 7)
    assert message.coordinate_frame == common.MAV_FRAME_LOCAL_NED
    assert (message.vx, message.vy, message.vz, message.yaw_rate) == (1.0, 2.0, -3.0, 0.5)
    # ArduPilot's page gives this mask for velocity and yaw rate; its bits, by pymavlink:
    assert message.type_mask == 0b010111000111
    ignored = {name for name in dir(common) if name.startswith('POSITION_TARGET_TYPEMASK')
               and name.endswith('IGNORE') and message.type_mask & getattr(common, name)}
    assert ignored == {f'POSITION_TARGET_TYPEMASK_{name}_IGNORE'
                       for name in ('X', 'Y', 'Z', 'AX', 'AY', 'AZ', 'YAW')}


def test_rates_mode_and_arming_are_asked_for(peer: Peer) -> None:
    peer.link.request_rates(200.0, 0.0, 20.0)
    asked = {}
    for _ in range(3):
        message, _ = peer.heard()
        assert message.command == common.MAV_CMD_SET_MESSAGE_INTERVAL
        asked[int(message.param1)] = message.param2
    assert asked == {common.MAVLINK_MSG_ID_HEARTBEAT: 200_000.0,
                     common.MAVLINK_MSG_ID_HIGHRES_IMU: 5_000.0,
                     common.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD: 50_000.0}
    peer.say(heartbeat())
    peer.link.request_mode('OFFBOARD')
    message, _ = peer.heard()
    assert (message.command, message.param2) == (common.MAV_CMD_DO_SET_MODE, 6.0)
    peer.link.request_arming()
    message, _ = peer.heard()
    assert (message.command, message.param1) == (common.MAV_CMD_COMPONENT_ARM_DISARM, 1.0)


def heartbeat(armed: bool = True) -> Any:
    """Return the heartbeat of a PX4 in OFFBOARD."""
    return common.MAVLink_heartbeat_message(2, 12, 29 | 128 * armed, 6 << 16, 4, 3)


def imu(z: float = -9.81, stamp_us: int = 1_234_567) -> Any:
    """Return HIGHRES_IMU of a level vehicle that turns clockwise."""
    return common.MAVLink_highres_imu_message(
        stamp_us, 0.1, 0.2, z, 0.01, 0.02, 0.3, *[0.0] * 7, 63)


def test_what_an_autopilot_says_becomes_signals(peer: Peer) -> None:
    beat, sample, turned, state, answer, other = peer.say(
        heartbeat(), imu(),
        # Looks east: from north, a quarter clockwise.
        common.MAVLink_attitude_quaternion_message(
            1000, math.sqrt(0.5), 0, 0, math.sqrt(0.5), 0.1, 0.2, 0.3),
        common.MAVLink_local_position_ned_message(1010, 1.0, 2.0, -3.0, 0.4, 0.5, -0.6),
        common.MAVLink_statustext_message(4, b'failsafe'),
        common.MAVLink_attitude_message(0, 0, 0, 0, 0, 0, 0))
    assert beat == Heartbeat(12, 'OFFBOARD', True)
    assert isinstance(sample, ImuSample) and sample.stamp_ns == 1_234_567_000
    np.testing.assert_allclose(sample.specific_force, [0.1, -0.2, 9.81], rtol=1e-6)
    np.testing.assert_allclose(sample.angular_velocity, [0.01, -0.02, -0.3], rtol=1e-6)
    assert isinstance(turned, Attitude) and turned.stamp_ns == 1_000_000_000
    assert heading(turned.orientation) == pytest.approx(0.0, abs=1e-6)
    assert isinstance(state, VehicleState)
    np.testing.assert_allclose(state.position, [2.0, 1.0, 3.0])
    np.testing.assert_allclose(state.velocity, [0.5, 0.4, 0.6], rtol=1e-6)
    np.testing.assert_allclose(state.angular_velocity, [0.1, -0.2, -0.3], rtol=1e-6)
    assert answer == Answer('failsafe') and other == Other()


def odometry(frame: int, child: int, **extension: int) -> Any:
    """Return ODOMETRY of a vehicle that looks east and flies 1 m/s by its velocity's x."""
    return common.MAVLink_odometry_message(
        5_000_000, frame, child, 1.0, 2.0, -3.0, [math.sqrt(0.5), 0.0, 0.0, math.sqrt(0.5)],
        1.0, 0.0, -0.2, 0.0, 0.0, 0.3, [0.0] * 21, [0.0] * 21, **extension)


def test_odometry_in_either_frame_takes_the_place_of_what_was_paired(peer: Peer) -> None:
    body, local, wrong, paired = peer.say(
        odometry(1, 12), odometry(1, 1), odometry(1, 8),
        common.MAVLink_local_position_ned_message(1010, 1.0, 2.0, -3.0, 0.4, 0.5, -0.6))
    assert isinstance(body, VehicleState) and isinstance(local, VehicleState)
    np.testing.assert_allclose(body.velocity, [1.0, 0.0, 0.2], atol=1e-6)     # east
    np.testing.assert_allclose(local.velocity, [0.0, 1.0, 0.2], atol=1e-6)    # north
    assert wrong == Other() and paired == Other()
    assert peer.link.refused == 1


def test_odometry_that_says_it_has_failed_is_refused(peer: Peer) -> None:
    """By its quality: -1 has failed, 0 is not known, 1 the worst there is."""
    failed, paired, unknown, worst = peer.say(
        odometry(1, 12, quality=-1),
        common.MAVLink_attitude_quaternion_message(1000, 1, 0, 0, 0, 0, 0, 0),
        odometry(1, 12, quality=0), odometry(1, 12, quality=1))
    assert failed == Other() and peer.link.refused == 1
    assert isinstance(paired, Attitude)
    assert isinstance(unknown, VehicleState) and isinstance(worst, VehicleState)


def flow(about_x: float, about_y: float, *, turned: tuple[float, float] = (0.0, 0.0),
         distance: float = 2.0, quality: int = 200, span_us: int = 100_000) -> Any:
    """Return OPTICAL_FLOW_RAD [rad over 0.1 s]."""
    return common.MAVLink_optical_flow_rad_message(
        7_000_000, 0, span_us, about_x, about_y, *turned, 0.0, 0, quality, 0, distance)


def test_optical_flow_is_a_velocity_over_ground(peer: Peer) -> None:
    """Signs as the message's definition has them: right is negative about x, and left positive."""
    ahead, right, turning, both = peer.say(
        flow(0.0, 0.05), flow(-0.05, 0.0), flow(0.02, -0.03, turned=(0.02, -0.03)),
        flow(0.01, 0.02, turned=(-0.04, 0.01), distance=4.0))
    assert ahead.stamp_ns == 7_000_000_000
    np.testing.assert_allclose(ahead.velocity, [1.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(right.velocity, [0.0, -1.0], atol=1e-6)
    np.testing.assert_allclose(turning.velocity, [0.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(both.velocity, [0.4, 2.0], atol=1e-6)


def test_flow_that_saw_nothing_is_none(peer: Peer) -> None:
    """It is a sign that they come all the same, so that they are not asked for again."""
    *blind, broken = peer.say(flow(0.1, 0.1, quality=0), flow(0.1, 0.1, distance=-1.0),
                              flow(0.1, 0.1, span_us=0), flow(math.nan, 0.1))
    assert [sample.stamp_ns for sample in blind] == [7_000_000_000] * 3
    assert np.isnan([sample.velocity for sample in blind]).all()
    assert broken == Other() and peer.link.refused == 1


def test_what_is_not_a_number(peer: Peer) -> None:
    sample, turned = peer.say(imu(math.nan), common.MAVLink_attitude_quaternion_message(
        1000, math.nan, 0, 0, 0, 0, 0, 0))
    assert isinstance(sample, ImuSample) and math.isnan(sample.specific_force[2]), (
        'the controller rejects it, and counts')
    assert turned == Other() and peer.link.refused == 1
    assert peer.say(imu(stamp_us=2**64 - 1)) == [Other()], 'no ROS message holds that stamp'


def test_other_vehicles_are_not_listened_to(peer: Peer) -> None:
    peer.codec.srcSystem = 2
    peer.send(heartbeat().pack(peer.codec))
    peer.codec.srcSystem = 1
    assert peer.say(imu())[0] != heartbeat()
    peer.codec.srcComponent = 100       # a camera of the same vehicle
    peer.send(heartbeat(armed=False).pack(peer.codec))
    peer.codec.srcComponent = 1
    assert len(peer.say(imu())) == 1


def test_a_flood_from_other_vehicles_does_not_stop_all_else(peer: Peer) -> None:
    """They are not listened to, but looked at: in one datagram here, so that none is lost."""
    peer.codec.srcSystem = 2
    flood = heartbeat().pack(peer.codec) * (AT_ONCE + 50)
    peer.codec.srcSystem = 1
    peer.send(flood + heartbeat().pack(peer.codec))
    time.sleep(0.1)
    assert list(peer.link.receive(0)) == [], 'it has looked at so many, and returned'
    assert peer.take(1) == [Heartbeat(12, 'OFFBOARD', True)]


def test_random_bytes_do_no_harm(peer: Peer) -> None:
    draw = random.Random(1)
    whole = [message.pack(peer.codec) for message in (heartbeat(), imu(), odometry(1, 12))]
    for number in range(2000):
        if number % 2:
            data = bytearray(draw.choice(whole))
            for _ in range(draw.randrange(1, 4)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            peer.send(bytes(data[:draw.randrange(1, len(data) + 1)]))
        else:
            peer.send(draw.randbytes(draw.randrange(1, 300)))
        if number % 50 == 0:
            list(peer.link.receive(0))
    # A broken frame may take in what follows, up to the longest frame there is (280 bytes).
    for _ in range(20):
        peer.send(imu().pack(peer.codec))
    time.sleep(0.1)
    assert sum(isinstance(found, ImuSample) for found in peer.take(1)) >= 10, 'it listens on'
