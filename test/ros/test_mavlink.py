# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The MAVLink bridge over real UDP, against the simulated autopilot in a process of its own."""

from collections.abc import Callable, Iterator
import math
import socket
import subprocess
import sys
import time
from typing import Any

from autopilot.process import AutopilotProcess
from autopilot.relay import Relay
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment
from liquid_control.signals import Reason
from nav_msgs.msg import Odometry
import numpy as np
from played import AXES, Probe
import pytest
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import SetParameters
from sensor_msgs.msg import Imu
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

common = pytest.importorskip(
    'pymavlink.dialects.v20.common', reason='pip install pymavlink')
BRIDGE = [sys.executable, '-m', 'liquid_control.bridges.mavlink', '--ros-args']
MODES = {'px4': 'OFFBOARD', 'ardupilot': 'GUIDED'}
QUICK = 0.5     # within this a setpoint that moves the vehicle may still come [s]


class Flight:
    """One vehicle, its bridge, and who commands it."""

    def __init__(self, probe: Probe, make: str, *parameters: str, relayed: bool = False) -> None:
        self.probe, self.make = probe, make
        self.autopilot = AutopilotProcess('--endless', make=make)
        self.relay = Relay(self.autopilot.port) if relayed else None
        words = [f'url:={(self.relay or self.autopilot).url}', f'autopilot:={make}', *parameters]
        self.bridge = subprocess.Popen(
            [*BRIDGE, *(part for word in words for part in ('-p', word))], env=environment(),
            stdin=subprocess.DEVNULL, start_new_session=True)
        self._publisher = probe.node.create_publisher(TwistStamped, 'cmd_vel', qos.COMMAND)
        self.said: list[str] = []

    def command(self, values: list[float], seconds: float) -> None:
        """Command for a while, 30 times a second."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._publisher.publish(messages.twist_stamped(values, AXES, time.time_ns()))
            self.probe.spin(1 / 30)

    def command_until(self, values: list[float], condition: Callable[[], bool],
                      what: str) -> None:
        """Command until a condition holds."""
        end = time.monotonic() + 30.0
        while not condition():
            assert time.monotonic() < end, (
                f'{what}: not in time; {self.autopilot.truth}; {self.probe.diagnostics}')
            self.command(values, 0.1)

    def permission(self) -> str:
        """Return what the bridge says of it."""
        return self.probe.counted('mavlink').get('permission', '')

    def fly(self) -> None:
        """Arm and switch, as a pilot does, until the bridge may move the vehicle."""
        def ready() -> bool:
            self.autopilot.arm()
            self.autopilot.mode(MODES[self.make])
            return self.permission() == 'granted'
        self.command_until([0.0] * 4, ready, 'granted')
        self.command([0.0] * 4, 0.2)    # at rest, as the bridge asks

    def moves(self) -> bool:
        """Whether the vehicle moves."""
        return float(np.linalg.norm(self.autopilot.truth['velocity'])) > 0.4

    def close(self) -> None:
        """End all."""
        self.bridge.terminate()
        self.bridge.wait(20)
        if self.relay is not None:
            self.relay.close()
        self.autopilot.close()


@pytest.fixture
def fly(probe: Probe) -> Iterator[Callable[..., Flight]]:
    """Return a function that starts vehicle and bridge."""
    flights: list[Flight] = []

    def start(make: str, *parameters: str, relayed: bool = False) -> Flight:
        flights.append(Flight(probe, make, *parameters, relayed=relayed))
        return flights[-1]
    yield start
    for flight in flights:
        flight.close()


def travelled(before: dict[str, Any], after: dict[str, Any]) -> np.ndarray:
    """Return the way flown, forward, left, up of the heading at its beginning [m]."""
    x, y, z = np.array(after['position']) - before['position']
    c, s = math.cos(before['yaw']), math.sin(before['yaw'])
    return np.array([c * x + s * y, c * y - s * x, z])


def turned(before: dict[str, Any], after: dict[str, Any]) -> float:
    """Return how far it has turned, counter-clockwise [rad]."""
    angle = after['yaw'] - before['yaw']
    return math.atan2(math.sin(angle), math.cos(angle))


@pytest.mark.parametrize('make', ['px4', 'ardupilot'])
def test_each_direction_and_yaw(fly: Callable[..., Flight], probe: Probe, make: str) -> None:
    flight = fly(make, f'flow_rate:={30.0 if make == "px4" else 0.0}')
    odometry = probe.listen(Odometry, 'odom')
    samples = probe.listen(Imu, 'imu/data')
    flows = probe.listen(TwistStamped, 'flow')
    flight.fly()
    truth = lambda: flight.autopilot.truth  # noqa: E731
    still = [0.0] * 4
    for axis, size in ((0, 0.8), (0, -0.8), (1, 0.8), (1, -0.8), (2, 0.5), (2, -0.5)):
        before, command = truth(), list(still)
        command[axis] = size
        flight.command_until(
            command, lambda start=before: np.linalg.norm(travelled(start, truth())) > 0.3,
            f'axis {axis}')
        way = travelled(before, truth())
        assert way[axis] * np.sign(size) > 0.28, (axis, size, way)
        assert np.all(np.abs(np.delete(way, axis)) < 0.1), (axis, size, way)
        if axis < 2 and make == 'px4':
            over_ground = flows[-1].twist.linear
            assert (over_ground.x, over_ground.y)[axis] * np.sign(size) > 0.2, 'optical flow'
            assert abs((over_ground.y, over_ground.x)[axis]) < 0.2, 'optical flow'
        flight.command_until(still, lambda: np.linalg.norm(truth()['velocity']) < 0.05, 'stops')
    for size in (1.0, -1.0):
        before = truth()
        turn = [0.0, 0.0, 0.0, size]
        flight.command_until(
            turn, lambda start=before: abs(turned(start, truth())) > 0.3, 'turns')
        assert turned(before, truth()) * size > 0.3, 'counter-clockwise, seen from above, is +'
        flight.command(still, 0.5)
    # What is published is the truth, in ROS's frames.
    probe.spin(0.3)
    told = messages.odometry_from_message(odometry[-1])
    np.testing.assert_allclose(told.position, flight.autopilot.truth['position'], atol=0.1)
    level = np.array([[m.linear_acceleration.x, m.linear_acceleration.y,
                       m.linear_acceleration.z] for m in samples[-100:]]).mean(axis=0)
    np.testing.assert_allclose(level, [0.0, 0.0, 9.8], atol=0.5)
    assert messages.stamp_ns(samples[-1].header.stamp) <= time.time_ns(), 'none is ahead'


@pytest.mark.parametrize('make', ['px4', 'ardupilot'])
def test_a_mode_change_and_disarming_stop_setpoints(
        fly: Callable[..., Flight], probe: Probe, make: str) -> None:
    flight = fly(make)
    forward = [0.8, 0.0, 0.0, 0.0]
    for stop, permission, words in (
            (lambda: flight.autopilot.mode('LOITER'), 'other_mode', 'in LOITER'),
            (lambda: flight.autopilot.arm(False), 'not_armed', 'not armed')):
        flight.fly()
        flight.command_until(forward, flight.moves, 'moves')
        asked = flight.autopilot.truth['t']
        stop()
        flight.command(forward, 1.5)        # whoever commands goes on
        told = flight.autopilot.truth
        assert told['last_motion_s'] < asked + 0.1 + QUICK      # truth is told every 0.1 s
        if make == 'ardupilot':             # PX4 is sent zeros on, as a proof of life
            assert told['last_setpoint_s'] < asked + 0.1 + QUICK
        assert flight.permission() == permission
        assert words in probe.said('mavlink')
    counted = probe.counted('mavlink')
    assert (counted['modes_left'], counted['disarmed']) == ('1', '1')
    # Back in the mode: who never came to rest moves nothing.
    moved = flight.autopilot.truth['last_motion_s']

    def ready() -> bool:
        flight.autopilot.arm()
        flight.autopilot.mode(MODES[make])
        return probe.counted('mavlink').get('setpoint') == 'not_at_rest'
    flight.command_until(forward, ready, 'hovers')
    assert flight.autopilot.truth['last_motion_s'] == moved


def test_a_link_that_is_lost_stops_setpoints_and_the_guard(
        fly: Callable[..., Flight], probe: Probe) -> None:
    asked: list[bool] = []

    def engage(request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        asked.append(request.data)
        response.success = True
        return response
    probe.node.create_service(SetBool, 'guard/engage', engage)
    engaged = probe.node.create_publisher(Bool, 'guard/engaged', qos.STATUS)
    flight = fly('px4')
    flight.command_until([0.0] * 4, lambda: bool(flight.permission()), 'the bridge is there')
    engaged.publish(Bool(data=True))
    flight.command_until([0.0] * 4, lambda: asked == [False], 'engaged too early')
    flight.fly()
    flight.command_until([0.8, 0.0, 0.0, 0.0], flight.moves, 'moves')
    # A commander who falls silent: hover.
    silent = flight.autopilot.truth['t']
    probe.spin(1.0)
    assert flight.autopilot.truth['last_motion_s'] < silent + 0.1 + QUICK
    assert flight.autopilot.truth['mode'] == 'OFFBOARD', 'zeros are sent on'
    engaged.publish(Bool(data=True))
    flight.command_until([0.8, 0.0, 0.0, 0.0], flight.moves, 'moves again')
    # The autopilot is gone: what still comes to its port?
    flight.autopilot.kill()
    lost = time.monotonic()
    port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    port.bind(('127.0.0.1', flight.autopilot.port))
    port.setblocking(False)
    late = 0
    while time.monotonic() < lost + 2.0:
        flight.command([0.8, 0.0, 0.0, 0.0], 0.03)
        came = setpoints_in(port)
        late += came if time.monotonic() > lost + QUICK else 0
    port.close()
    assert late == 0
    assert flight.permission() == 'no_link' and 'the link is lost' in probe.said('mavlink')
    assert probe.counted('mavlink')['links_lost'] == '1'
    assert asked == [False, False], 'the guard is disengaged'


@pytest.mark.parametrize('reset', [False, True])
def test_a_wire_that_breaks_is_a_link_that_is_lost_and_found(
        fly: Callable[..., Flight], probe: Probe, reset: bool) -> None:
    """TCP ends, with a goodbye or without: the guard is disengaged, and the bridge goes on."""
    asked: list[bool] = []

    def engage(request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        asked.append(request.data)
        engaged.publish(Bool(data=request.data))
        response.success = True
        return response
    engaged = probe.node.create_publisher(Bool, 'guard/engaged', qos.STATUS)
    probe.node.create_service(SetBool, 'guard/engage', engage)
    flight = fly('px4', relayed=True)
    assert flight.relay is not None
    flight.fly()
    engaged.publish(Bool(data=True))
    forward = [0.8, 0.0, 0.0, 0.0]
    flight.command_until(forward, flight.moves, 'moves')
    flight.relay.cut(reset=reset)
    flight.command_until(forward, lambda: asked == [False], 'disengaged')
    assert flight.bridge.poll() is None
    # It is back, and moves nothing before the pilot and a commander at rest let it.
    flight.command_until(forward, lambda: flight.relay.connections == 2, 'connects again')
    flight.command_until(forward, lambda: flight.permission() == 'other_mode', 'back')
    counted = probe.counted('mavlink')
    assert (counted['links_broken'], counted['links_lost']) == ('1', '1')
    flight.fly()
    flight.command_until(forward, flight.moves, 'moves again')
    assert flight.bridge.poll() is None and asked == [False]


def setpoints_in(port: socket.socket) -> int:
    """Take what has come; return how many setpoints it holds."""
    codec, found = common.MAVLink(None), 0
    codec.robust_parsing = True
    while True:
        try:
            data = port.recv(65535)
        except BlockingIOError:
            return found
        for message in codec.parse_buffer(data) or []:
            found += message.get_type() == 'SET_POSITION_TARGET_LOCAL_NED'


def test_a_type_that_there_is_not_ends_no_flight(fly: Callable[..., Flight],
                                                 probe: Probe) -> None:
    """The service of rclpy raises there, and the process ends with the vehicle in the air."""
    flight = fly('px4')
    answer = probe.call(SetParameters, 'mavlink/set_parameters', SetParameters.Request(
        parameters=[Parameter(name='setpoint_rate', value=ParameterValue(type=99))]))
    assert not answer.results[0].successful and 'read at its start' in answer.results[0].reason
    probe.spin(0.5)
    assert flight.bridge.poll() is None


def test_another_commander_is_a_rival_unless_the_guard_left_it_the_vehicle(
        fly: Callable[..., Flight], probe: Probe) -> None:
    fly('px4')
    probe.node.create_publisher(TwistStamped, 'cmd_vel', qos.COMMAND)
    guard = probe.node.create_publisher(DiagnosticArray, 'guard/status', qos.STATUS)

    def told(reason: Reason) -> None:
        probe.until(lambda: guard.get_subscription_count() > 0, 'the bridge listens')
        guard.publish(messages.status_array(1, messages.status(
            '/guard', DiagnosticStatus.WARN, reason.value, {'reason': reason.value})))

    probe.until(lambda: '1 more on /cmd_vel' in probe.said('mavlink'), 'a rival')
    told(Reason.HANDED_OVER)
    probe.until(lambda: 'more on /cmd_vel' not in probe.said('mavlink'), 'no rival')
    told(Reason.OK)
    probe.until(lambda: '1 more on /cmd_vel' in probe.said('mavlink'), 'a rival again')


def test_without_a_proof_of_life_px4_refuses_offboard(fly: Callable[..., Flight]) -> None:
    flight = fly('px4', 'proof_of_life:=false')
    flight.command_until([0.0] * 4, lambda: bool(flight.permission()), 'the bridge is there')
    for _ in range(10):
        flight.autopilot.arm()
        flight.autopilot.mode('OFFBOARD')
        flight.command([0.0] * 4, 0.2)
    told = flight.autopilot.truth
    assert (told['mode'], told['armed'], told['setpoints']) == ('LOITER', True, 0)
    assert flight.permission() == 'other_mode'


def test_it_asks_for_mode_and_arming_only_if_told_and_not_twice(
        fly: Callable[..., Flight], probe: Probe) -> None:
    flight = fly('px4', 'request_mode:=true', 'request_arming:=true')
    flight.command_until([0.0] * 4, lambda: flight.permission() == 'granted', 'granted')
    assert float(probe.counted('mavlink')['heartbeat_rate_hz']) > 1.0
    flight.autopilot.mode('LOITER')
    flight.command([0.0] * 4, 3.0)
    assert flight.autopilot.truth['mode'] == 'LOITER', 'the pilot has taken over'
    flight.autopilot.arm(False)
    flight.command([0.0] * 4, 3.0)
    assert not flight.autopilot.truth['armed'], 'the pilot has landed'


def test_it_does_not_arm_again_who_has_disarmed(
        fly: Callable[..., Flight], probe: Probe) -> None:
    """Armed only, so that permission was never given: a pilot may be at the propellers."""
    flight = fly('px4', 'request_arming:=true')
    flight.command_until([0.0] * 4, lambda: flight.permission() == 'other_mode', 'armed')
    flight.autopilot.arm(False)
    flight.command_until([0.0] * 4, lambda: flight.permission() == 'not_armed', 'disarmed')
    flight.command([0.0] * 4, 4.0)
    assert not flight.autopilot.truth['armed']
    assert flight.permission() == 'not_armed'


def test_it_does_not_switch_who_flies_in_another_mode(
        fly: Callable[..., Flight], probe: Probe) -> None:
    """The mode was there once, the pilot has chosen another, armed, and taken off."""
    flight = fly('px4', 'request_mode:=true')
    flight.command_until([0.0] * 4, lambda: flight.autopilot.truth['mode'] == 'OFFBOARD', 'mode')
    flight.command([0.0] * 4, 1.0)      # it has been heard of
    asked = probe.counted('mavlink')['mode_requests']
    flight.autopilot.mode('POSCTL')
    flight.autopilot.arm()
    flight.command_until([0.0] * 4, lambda: flight.permission() == 'other_mode', 'flies')
    flight.command([0.0] * 4, 4.0)
    assert flight.autopilot.truth['mode'] == 'POSCTL', 'the pilot flies'
    assert probe.counted('mavlink')['mode_requests'] == asked


def test_it_does_not_switch_who_flew_before_it_came(
        fly: Callable[..., Flight], probe: Probe) -> None:
    flight = fly('px4', 'request_mode:=true', 'request_arming:=true')
    flight.autopilot.arm()      # as soon as there is a vehicle: the bridge is only starting
    flight.command_until([0.0] * 4, lambda: flight.permission() == 'other_mode', 'flies')
    flight.command([0.0] * 4, 5.0)
    counted = probe.counted('mavlink')
    assert (counted['mode_requests'], counted['arming_requests']) == ('0', '0')
    assert flight.autopilot.truth['mode'] == 'LOITER', 'the pilot flies'


@pytest.mark.parametrize(('parameter', 'expected'), [
    ('autopilot:=pixhawk', "expected one of px4, ardupilot, found 'pixhawk'"),
    ('url:=udpin:256.0.0.1:14540', "cannot open 'udpin:256.0.0.1:14540'"),
    ('cmd_timeout:=0.3', 'did you mean'),
])
def test_it_says_what_is_wrong(domain: int, parameter: str, expected: str) -> None:
    result = subprocess.run([*BRIDGE, '-p', parameter], env=environment(), text=True,
                            capture_output=True, timeout=60, check=False)
    assert result.returncode == 2 and expected in result.stderr
    assert 'Traceback' not in result.stderr
