# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A real guard with a fence, a proximity brake, neighbours and fallbacks; the test is the rest."""

from collections.abc import Callable
import time
from typing import Any

from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.signals import VehicleState
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from sensor_msgs.msg import Image, Range
from std_srvs.srv import Trigger

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
FORWARD = [1.0, 0.0, 0.0, 0.0]
BACK = [-0.5, 0.0, 0.0, 0.0]
PAST = -20_000_000_000     # [ns]


class Around:
    """Plays odometry, range finder, depth camera and neighbour beside the driver."""

    def __init__(self, probe: Any) -> None:
        self._probe = probe
        node = probe.node
        self._odom = node.create_publisher(Odometry, 'odom', qos.SENSOR)
        self._other = node.create_publisher(Odometry, '/drone_2/odom', qos.SENSOR)
        self._range = node.create_publisher(Range, 'range', qos.SENSOR)
        self._depth = node.create_publisher(Image, 'depth/image_raw', qos.SENSOR)
        self.position: list[float] | None = None
        self.neighbour: list[float] | None = None
        self.distance: float | None = None
        self.depth: np.ndarray | None = None
        self.offsets_ns = {'odom': 0, 'neighbour': 0, 'distance': 0, 'depth': 0}  # of stamps

    def send(self) -> None:
        """Send one of each that there is."""
        now = time.time_ns()
        for name, place, publisher in (('odom', self.position, self._odom),
                                       ('neighbour', self.neighbour, self._other)):
            if place is not None:
                publisher.publish(messages.odometry_to_message(VehicleState(
                    now + self.offsets_ns[name], np.array(place),
                    np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3), np.zeros(3))))
        if self.distance is not None:
            message = Range(min_range=0.05, max_range=10.0, range=self.distance)
            message.header.stamp = messages.to_time(now + self.offsets_ns['distance'])
            self._range.publish(message)
        if self.depth is not None:
            height, width = self.depth.shape
            image = Image(height=height, width=width, encoding='32FC1', step=4 * width,
                          data=self.depth.astype('<f4').tobytes())
            image.header.stamp = messages.to_time(now + self.offsets_ns['depth'])
            self._depth.publish(image)

    def with_it(self, condition: Callable[[], Any]) -> Callable[[], Any]:
        """Return a condition that sends at every look."""
        def look() -> Any:
            self.send()
            return condition()
        return look


@pytest.fixture
def around(probe: Any) -> Around:
    """Return what plays the surroundings."""
    return Around(probe)


@pytest.fixture
def flown(graph: Graph, probe: Any, driver: Any, around: Around,
          policy: str) -> Callable[..., None]:
    """Return a function that starts a guard with parameters, and has it fly forward."""
    def fly(parameters: dict[str, Any]) -> None:
        graph.start('guard', {'policy': policy, 'disengage_after': 0.3, **parameters})
        driver.until(around.with_it(lambda: probe.engage().success), 'engaged', FORWARD)
        driver.until(around.with_it(lambda: newest(probe) == FORWARD), 'flies', FORWARD)
    return fly


def newest(probe: Any) -> list[float]:
    """Return the newest command."""
    return probe.commands[-1][1].tolist() if probe.commands else []


def slower(probe: Any, speed: float) -> Callable[[], bool]:
    """Return a condition: forward speed is at most this."""
    return lambda: bool(probe.commands) and newest(probe)[0] <= speed


def went_back(probe: Any) -> Callable[[], bool]:
    """Return a condition: the guard has seen time going back."""
    return lambda: int(probe.counted('guard').get('clock_backward', 0)) > 0


def counted(probe: Any, reason: str) -> Callable[[], bool]:
    """Return a condition: diagnostics have counted a reason."""
    return lambda: int(probe.counted('guard').get(f'reason_{reason}', 0)) > 0


def test_a_fence_stops_and_lets_back_in(flown: Callable[..., None], probe: Any, driver: Any,
                                        around: Around) -> None:
    around.position = [0.0, 0.0, 1.0]
    flown({'fence': 'cylinder', 'fence_radius': 10.0, 'altitude_max': 3.0})
    around.position = [9.9, 0.0, 1.0]
    driver.until(around.with_it(slower(probe, 0.6)), 'slows down', FORWARD)
    around.position = [10.5, 0.0, 1.0]
    driver.until(around.with_it(slower(probe, 0.0)), 'stops', FORWARD)
    driver.until(around.with_it(counted(probe, 'geofence')), 'counts', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == BACK), 'flies back', BACK)
    around.position = [0.0, 0.0, 3.2]
    up = [0.3, 0.0, 0.5, 0.0]
    level = [0.3, 0.0, 0.0, 0.0]
    driver.until(around.with_it(lambda: newest(probe) == pytest.approx(level)), 'no higher', up)
    around.position = None
    driver.until(lambda: newest(probe) == [0.0] * 4, 'stops without odometry', FORWARD)
    driver.until(lambda: 'nothing on odom' in probe.said('guard'), 'is named', FORWARD)


def test_odometry_that_is_no_number_is_refused_and_ends_the_engagement(
        graph: Graph, probe: Any, driver: Any, around: Around, policy: str) -> None:
    """Fresh as it is. Good again, nothing moves until somebody engages."""
    somewhere, nowhere = [0.0, 0.0, 1.0], [float('nan'), 0.0, 1.0]
    around.position = nowhere
    graph.start('guard', {'policy': policy, 'disengage_after': 0.3, 'fence': 'cylinder'})
    driver.until(around.with_it(lambda: 'expected finite numbers' in probe.engage().message),
                 'refused', FORWARD)
    around.position = somewhere
    driver.until(around.with_it(lambda: probe.engage().success), 'engaged', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == FORWARD), 'flies', FORWARD)
    around.position = nowhere
    driver.until(around.with_it(lambda: probe.counted('guard').get('disengaged_by_guard') == '1'),
                 'taken back', FORWARD)
    assert 'expected finite numbers' in probe.said('guard')
    around.position = somewhere
    driver.until(around.with_it(lambda: probe.said('guard') == 'not_engaged'), 'well', FORWARD)
    assert newest(probe) == [0.0] * 4
    driver.until(around.with_it(lambda: probe.engage().success), 'engaged', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == FORWARD), 'flies', FORWARD)


@pytest.mark.parametrize('sensor', ['forward', 'depth'])
def test_an_obstacle_ahead_slows_and_stops(flown: Callable[..., None], probe: Any, driver: Any,
                                           around: Around, sensor: str) -> None:
    def see(distance: float) -> None:
        if sensor == 'forward':
            around.distance = distance
        else:
            around.depth = np.full((6, 8), np.inf)
            around.depth[2:4, 3:5] = distance

    see(9.0)
    flown({'proximity': sensor, 'proximity_margin': 0.5})
    see(0.6)
    driver.until(around.with_it(slower(probe, 0.8)), 'slows down', FORWARD)
    assert newest(probe)[0] > 0.0
    see(0.4)
    driver.until(around.with_it(slower(probe, 0.0)), 'stops', FORWARD)
    driver.until(around.with_it(counted(probe, 'proximity')), 'counts', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == BACK), 'away is free', BACK)
    around.distance = around.depth = None
    driver.until(lambda: newest(probe) == [0.0] * 4, 'stops without its sensor', BACK)


def test_a_neighbour_is_kept_away_from(flown: Callable[..., None], probe: Any, driver: Any,
                                       around: Around) -> None:
    around.position, around.neighbour = [0.0, 0.0, 1.0], [9.0, 0.0, 1.0]
    flown({'neighbours': 'drone_2', 'separation': 1.0})
    around.neighbour = [0.9, 0.0, 1.0]
    driver.until(around.with_it(slower(probe, 0.0)), 'stops', FORWARD)
    driver.until(around.with_it(counted(probe, 'separation')), 'counts', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == BACK), 'away is free', BACK)
    around.neighbour = None
    driver.until(around.with_it(lambda: newest(probe) == [0.0] * 4), 'stops for a lost one', BACK)


@pytest.mark.parametrize('sensor', ['forward', 'depth'])
def test_surroundings_of_other_clocks(flown: Callable[..., None], probe: Any, driver: Any,
                                      around: Around, sensor: str) -> None:
    """Set right if asked, each by itself; and none is lost by it that is needed to stop."""
    second = 1_000_000_000
    around.offsets_ns = {'odom': -40 * second, 'neighbour': 7 * second, 'distance': -3 * second,
                         'depth': 5 * second}
    around.position, around.neighbour = [0.0, 0.0, 1.0], [9.0, 0.0, 1.0]
    around.distance, around.depth = (9.0, None) if sensor == 'forward' else (
        None, np.full((6, 8), 9.0))
    flown({'correct_clocks': True, 'fence': 'cylinder', 'fence_radius': 10.0,
           'neighbours': 'drone_2', 'separation': 1.0, 'proximity': sensor})
    around.position = [10.5, 0.0, 1.0]
    driver.until(around.with_it(counted(probe, 'geofence')), 'stops at the fence', FORWARD)
    around.position = [8.2, 0.0, 1.0]
    driver.until(around.with_it(counted(probe, 'separation')), 'keeps away', FORWARD)
    driver.until(around.with_it(lambda: newest(probe) == BACK), 'away is free', BACK)
    around.position = None
    driver.until(around.with_it(lambda: newest(probe) == [0.0] * 4), 'stops without', BACK)


def test_land_descends_until_the_ground(flown: Callable[..., None], probe: Any, driver: Any,
                                        around: Around) -> None:
    around.distance = 5.0
    flown({'fallback': 'land', 'land_rate': 0.4, 'proximity': 'down', 'land_height': 0.1})
    probe.commands.clear()
    driver.until(around.with_it(lambda: newest(probe) == [0.0, 0.0, -0.4, 0.0]), 'descends',
                 FORWARD, camera=False)
    sideways = [abs(values[0]) for _, values in probe.commands]
    assert sideways == sorted(sideways, reverse=True)
    driver.run(0.5, FORWARD)        # the camera is back: a landing goes on
    around.distance = 0.08
    driver.until(around.with_it(lambda: newest(probe) == [0.0] * 4), 'landed', FORWARD)
    driver.until(around.with_it(counted(probe, 'landed')), 'counts', FORWARD)
    assert probe.counted('guard')['reason_landing'] != '0'


def test_time_going_back_does_not_end_a_landing(flown: Callable[..., None], probe: Any,
                                                driver: Any, around: Around) -> None:
    down = [0.0, 0.0, -0.4, 0.0]
    flown({'fallback': 'land', 'land_rate': 0.4})
    driver.until(lambda: newest(probe) == down, 'descends', FORWARD, camera=False)
    probe.commands.clear()
    driver.offset_ns = PAST
    driver.until(went_back(probe), 'goes back', FORWARD)
    driver.offset_ns = 0
    driver.run(0.5, FORWARD)
    assert all(values.tolist() == down for _, values in probe.commands)
    assert probe.call(Trigger, 'guard/reset', Trigger.Request()).success
    driver.until(lambda: newest(probe) == [0.0] * 4, 'is ended by a person', FORWARD)
    driver.run(0.5, FORWARD)
    assert newest(probe) == [0.0] * 4


def test_handover_brakes_says_so_and_falls_silent(
        flown: Callable[..., None], graph: Graph, probe: Any, driver: Any,
        around: Around) -> None:
    flown({'fallback': 'handover'})
    probe.commands.clear()
    driver.until(lambda: 'silent on cmd_vel' in probe.said('guard'), 'falls silent', FORWARD,
                 camera=False)
    speeds = [values[0] for _, values in probe.commands]
    assert speeds == sorted(speeds, reverse=True) and speeds[-1] == 0.0
    probe.commands.clear()
    other = probe.node.create_publisher(TwistStamped, 'cmd_vel', qos.COMMAND)
    other.publish(messages.twist_stamped(BACK, AXES, time.time_ns()))
    driver.run(0.5, FORWARD)
    answer = probe.engage(False)    # to be sure; zeros now would be against who flies
    assert answer.success and 'silent' in answer.message
    driver.run(0.3, FORWARD)
    driver.offset_ns = PAST         # time that goes back breaks no silence
    driver.until(went_back(probe), 'goes back', FORWARD)
    driver.offset_ns = 0
    driver.run(0.5, FORWARD)
    assert [values.tolist() for _, values in probe.commands] == [BACK], 'the other flies alone'
    answer = probe.engage()
    assert not answer.success and 'the guard must be its only publisher' in answer.message
    probe.node.destroy_publisher(other)
    driver.until(lambda: probe.engage().success, 'is taken back', FORWARD)
    driver.until(lambda: newest(probe) == FORWARD, 'flies', FORWARD)
    driver.until(lambda: 'silent on cmd_vel' not in probe.said('guard'), 'says so', FORWARD)
    driver.until(lambda: 'silent on cmd_vel' in probe.said('guard'), 'falls silent', FORWARD,
                 camera=False)
    probe.commands.clear()
    graph.stop()
    probe.spin(0.3)
    assert not probe.commands, 'whose end leaves the other alone'


def test_engaging_waits_for_inputs_that_stay(graph: Graph, probe: Any, driver: Any,
                                             policy: str) -> None:
    graph.start('guard', {'policy': policy, 'engage_after': 2.0})
    driver.until(lambda: len(probe.commands) > 5, 'guard', FORWARD)
    answers: list[Any] = []

    def asked() -> bool:
        answers.append(probe.engage())
        return bool(answers[-1].success)

    started = time.monotonic()
    driver.until(asked, 'engaged', FORWARD)
    assert time.monotonic() - started > 1.0
    assert any('engage_after' in answer.message for answer in answers)
    driver.until(lambda: newest(probe) == FORWARD, 'flies', FORWARD)


def test_hover_waits_and_goes_on_by_itself(flown: Callable[..., None], probe: Any, driver: Any,
                                           around: Around) -> None:
    flown({'fallback': 'hover'})
    driver.run(2.0, FORWARD, camera=False)      # disengage_after is 0.3 s
    assert newest(probe) == [0.0] * 4
    driver.until(lambda: newest(probe) == FORWARD, 'goes on', FORWARD)


@pytest.mark.parametrize(('words', 'text'), [
    (['-p', 'fence:=sphere'], 'cylinder'),
    (['-p', 'altitude_max:=0.3', '-p', 'altitude_min:=0.5'], 'altitude band'),
    (['-p', 'neighbours:=drone 2'], 'drone 2'),
    (['-p', 'proximity:=forward', '-p', 'proximity_margin:=-1.0'], 'proximity_margin'),
])
def test_parts_that_make_no_sense_are_refused(refused: Callable[..., str], policy: str,
                                              words: list[str], text: str) -> None:
    assert text in refused('guard', '-p', f'policy:={policy}', *words)
