# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The guard alone, with the test as sensors and controller."""

from collections.abc import Callable
import signal
import time
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
import numpy as np
import pytest
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_srvs.srv import Trigger

FORWARD = [0.5, 0.1, 0.0, 0.2]
AXES = ('vx', 'vy', 'vz', 'yaw_rate')


def near(probe: Any, wanted: list[float]) -> Callable[[], bool]:
    """Return a condition: the newest command is this."""
    return lambda: bool(probe.commands) and np.allclose(probe.commands[-1][1], wanted, atol=1e-12)


@pytest.fixture
def engaged(graph: Graph, probe: Any, driver: Any, policy: str) -> Graph:
    """Return a guard that is engaged and passes commands on."""
    graph.start('guard', {'policy': policy})
    driver.until(lambda: len(probe.commands) > 5, 'guard', FORWARD)
    assert not any(np.any(values) for _, values in probe.commands), 'moved without being engaged'
    driver.run(0.3, FORWARD)
    answer = probe.engage()
    assert answer.success, answer.message
    driver.until(near(probe, FORWARD), 'command passed on', FORWARD)
    return graph


def test_engage_is_refused_while_something_is_missing(
        graph: Graph, probe: Any, policy: str) -> None:
    graph.start('guard', {'policy': policy})
    answer = probe.engage()
    assert not answer.success
    for topic in ('camera/image_raw', 'imu/data', 'cmd_vel_policy'):
        assert topic in answer.message
    probe.until(lambda: len(probe.commands) > 5, 'commands')
    assert not probe.moving()


def test_stops_and_names_the_camera_then_asks_to_be_engaged_again(
        engaged: Graph, probe: Any, driver: Any) -> None:
    del probe.commands[:]
    driver.until(near(probe, [0.0] * 4), 'stop', FORWARD, camera=False)
    speeds = [values[0] for _, values in probe.commands]
    braking = [speed for speed in speeds if 0.0 < speed < FORWARD[0]]
    assert braking == sorted(braking, reverse=True), 'a stop brakes; it does not jump about'
    # By its count: the newest text may be of the moment when the frame was late, but not acted on.
    driver.until(lambda: 'reason_camera_stale' in probe.counted('guard'), 'diagnosis', FORWARD,
                 camera=False)
    assert 'camera/image_raw' in probe.said('guard')
    assert 'imu/data' not in probe.said('guard')
    driver.until(lambda: probe.counted('guard').get('engaged') == 'False', 'disengaged', FORWARD,
                 camera=False)
    del probe.commands[:]
    driver.run(0.7, FORWARD)
    assert probe.commands and not any(np.any(values) for _, values in probe.commands)
    assert probe.engage().success
    driver.until(near(probe, FORWARD), 'command passed on', FORWARD)


def test_stops_when_the_imu_or_the_controller_falls_silent(
        engaged: Graph, probe: Any, driver: Any) -> None:
    driver.until(near(probe, [0.0] * 4), 'stop', FORWARD, imu=False)
    driver.until(near(probe, FORWARD), 'go on after a short gap', FORWARD)
    driver.until(near(probe, [0.0] * 4), 'stop', None)
    driver.until(lambda: 'reason_command_stale' in probe.counted('guard'), 'diagnosis', None)
    assert 'cmd_vel_policy' in probe.said('guard')


def test_not_a_number_stops_and_excess_is_scaled(
        engaged: Graph, probe: Any, driver: Any) -> None:
    driver.until(near(probe, [0.0] * 4), 'stop', [float('nan'), 0.0, 0.0, 0.0])
    driver.until(lambda: 'non_finite' in probe.said('guard'), 'diagnosis',
                 [float('inf'), 0.0, 0.0, 0.0])
    driver.until(lambda: probe.engage().success, 'engage', FORWARD)
    driver.until(near(probe, FORWARD), 'go on', FORWARD)
    driver.run(1.0, [50.0, 0.0, 0.0, -50.0])
    largest = np.abs([values for _, values in probe.commands]).max(axis=0)
    assert largest[0] == pytest.approx(1.6) and largest[3] == pytest.approx(2.0)


def test_manual_wins_for_a_time_and_reset_disengages(
        engaged: Graph, probe: Any, driver: Any) -> None:
    manual = probe.node.create_publisher(TwistStamped, 'cmd_vel_manual', qos.COMMAND)
    back = [-0.3, 0.0, 0.0, 0.0]

    def steer() -> bool:
        now = probe.node.get_clock().now().nanoseconds
        manual.publish(messages.twist_stamped(back, AXES, now))
        return near(probe, back)()

    driver.until(steer, 'manual command', FORWARD)
    driver.until(near(probe, FORWARD), 'the policy again', FORWARD)
    assert probe.call(Trigger, 'guard/reset', Trigger.Request()).success
    driver.until(near(probe, [0.0] * 4), 'stop', FORWARD)
    driver.run(0.4, FORWARD)
    assert not probe.moving()


def test_a_pilots_hand_does_not_hide_that_an_input_is_gone(
        engaged: Graph, probe: Any, driver: Any) -> None:
    """Whoever lands by hand, and lets go when the camera is back, must not see it fly off."""
    manual = probe.node.create_publisher(TwistStamped, 'cmd_vel_manual', qos.COMMAND)
    back = [-0.3, 0.0, 0.0, 0.0]

    def steered(until: Callable[[], bool]) -> Callable[[], bool]:
        def steer() -> bool:
            manual.publish(messages.twist_stamped(
                back, AXES, probe.node.get_clock().now().nanoseconds))
            return until()
        return steer

    driver.until(steered(near(probe, back)), 'manual command', FORWARD, camera=False)
    driver.until(steered(lambda: probe.counted('guard').get('disengaged_by_guard') == '1'),
                 'taken back', FORWARD, camera=False)
    assert near(probe, back)(), 'the pilot flies on'
    driver.until(steered(lambda: 'camera' not in probe.said('guard')), 'the camera is back',
                 FORWARD)
    driver.until(near(probe, [0.0] * 4), 'stop', FORWARD)
    driver.run(0.5, FORWARD)
    assert not probe.moving()


def test_engaging_is_refused_beside_another_publisher_whatever_the_name(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    name = 'base/cmd_vel'
    graph.start('guard', {'policy': policy}, remaps={'cmd_vel': name})
    commands = probe.listen(TwistStamped, name, qos.RECORD_COMMAND)
    driver.until(lambda: len(commands) > 5, 'guard', FORWARD)
    rival = probe.node.create_publisher(TwistStamped, name, qos.COMMAND)
    driver.until(lambda: f'1 more on /{name}' in probe.said('guard'), 'a rival', FORWARD)
    answer = probe.engage()
    assert not answer.success and 'the guard must be its only publisher' in answer.message
    probe.node.destroy_publisher(rival)
    driver.until(lambda: probe.engage().success, 'engage alone', FORWARD)


def test_time_going_back_disengages(engaged: Graph, probe: Any, driver: Any) -> None:
    driver.offset_ns = -20_000_000_000
    driver.until(near(probe, [0.0] * 4), 'stop', FORWARD)
    driver.until(lambda: int(probe.counted('guard').get('clock_backward', 0)) > 0, 'count',
                 FORWARD)
    driver.offset_ns = 0
    driver.run(0.7, FORWARD)
    assert not probe.moving()


def test_twist_without_stamp(graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    probe.node.destroy_subscription(probe.cmd_vel)      # one type a topic
    plain = probe.listen(Twist, 'cmd_vel', qos.COMMAND)
    graph.start('guard', {'policy': policy, 'stamped': False})
    driver.until(lambda: len(plain) > 3, 'commands', FORWARD)
    assert probe.engage().success
    driver.until(lambda: plain[-1].linear.x == FORWARD[0], 'command', FORWARD)


@pytest.mark.parametrize('pause', [0.8, 2.5])
def test_a_command_of_before_a_standstill_moves_nothing(graph: Graph, probe: Any, policy: str,
                                                        pause: float) -> None:
    """It has no stamp, and its middleware hands it over as new when the process goes on."""
    probe.node.destroy_subscription(probe.cmd_vel)      # one type a topic
    plain = probe.listen(Twist, 'cmd_vel', qos.RECORD_COMMAND)
    pilot = probe.node.create_publisher(Twist, 'cmd_vel_manual', qos.COMMAND)
    graph.start('guard', {'policy': policy, 'stamped': False})
    probe.until(lambda: len(plain) > 10 and pilot.get_subscription_count(), 'guard')
    guard, forward = graph.processes['guard'], Twist()
    forward.linear.x = 1.0
    guard.send_signal(signal.SIGSTOP)
    try:
        pilot.publish(forward)
        probe.spin(pause)
    finally:
        plain.clear()
        guard.send_signal(signal.SIGCONT)
    probe.until(lambda: probe.counted('guard').get('manual_refused', '0') != '0', 'the refusal')
    assert plain and not any(message.linear.x for message in plain)
    pilot.publish(forward)
    probe.until(lambda: plain[-1].linear.x > 0.0, 'one of now')


@pytest.mark.parametrize(('words', 'text'), [
    (['-p', 'auto_engage:=true'], 'sim:=true'),
    (['-p', 'camera_dedline:=0.3'], "did you mean 'camera_deadline'"),
    (['-p', 'camera_deadline:=30.0'], 'camera_deadline'),
    (['-p', 'camera_deadline:=soon'], 'camera_deadline'),
    (['-p', 'policy:=nowhere'], 'nowhere'),
])
def test_wrong_parameters_are_refused(refused: Callable[..., str], policy: str,
                                      words: list[str], text: str) -> None:
    given = [] if 'nowhere' in words[1] else ['-p', f'policy:={policy}']
    assert text in refused('guard', *given, *words)


def test_every_frame_of_a_fast_camera_is_counted(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    """They wait to be polled, 25 times a second: 15 in a burst is a camera of 375 Hz."""
    images = probe.node.create_publisher(Image, 'camera/image_raw', QoSProfile(
        depth=100, reliability=ReliabilityPolicy.BEST_EFFORT))
    graph.start('guard', {'policy': policy})
    probe.until(lambda: images.get_subscription_count() and len(probe.commands) > 5, 'guard')
    for _ in range(4):
        for _ in range(15):
            driver.message.header.stamp = messages.to_time(time.time_ns())
            images.publish(driver.message)
        probe.spin(0.4)
    probe.until(lambda: probe.counted('guard').get('camera_received', '0') != '0', 'diagnosis')
    probe.spin(1.2)     # until the next one
    assert probe.counted('guard')['camera_received'] == '60'


def test_in_lockstep_a_command_that_is_asked_for_again_is_sent_again(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    """Though the sensors are further by then; and the next command is what it would have been."""
    now, later, slow = 0, 20_000_000, [0.01, 0.0, 0.0, 0.0]
    driver.time = lambda: now

    def answers(stamp: int) -> list[list[float]]:
        return [values.tolist() for at, values in probe.commands if at == stamp]

    def heard() -> int:
        return int(probe.counted('guard').get('imu_received', 0))

    graph.start('guard', {'policy': policy, 'lockstep': True, 'sim': True, 'auto_engage': True})
    driver.until(lambda: answers(now), 'the first answer', slow)
    probe.spin(0.5)
    samples, now = heard(), later
    driver.until(lambda: heard() > samples, 'the sensors further', None)
    asked = len(answers(0))
    driver.command(slow, 0)
    probe.until(lambda: len(answers(0)) > asked, 'the first answer again')
    assert answers(0) == [[0.0] * 4] * (asked + 1), 'no time has passed in which to begin to move'
    driver.command(slow, later)
    probe.until(lambda: answers(later), 'the next answer')
    assert answers(later) == [slow]
