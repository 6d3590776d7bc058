# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody tries to make the guard send what is stale, out of limits, abrupt or unasked for."""

from collections.abc import Callable
import math
from pathlib import Path
import shutil
import signal
import time
from typing import Any

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.runtime.bundle import Bundle
from liquid_control.signals import NANOSECONDS
import numpy as np
import pytest
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import SetParameters
from rosgraph_msgs.msg import Clock
from std_srvs.srv import Trigger

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
FAST = [1.5, 0.0, 0.0, 0.0]
STILL = [0.0] * 4
DEADLINE = 0.3          # [s], the default of every input


@pytest.fixture
def flying(graph: Graph, probe: Any, driver: Any, policy: str) -> Graph:
    """Return a guard alone, which passes a fast command on; the test is all the rest."""
    graph.start('guard', {'policy': policy})
    driver.until(lambda: len(probe.commands) > 5, 'guard', STILL)
    driver.until(lambda: probe.engage().success, 'engage', STILL)
    driver.until(lambda: at_speed(probe), 'speed', FAST)
    return graph


def at_speed(probe: Any) -> bool:
    """Whether the newest command is the fast one."""
    return bool(probe.commands) and probe.commands[-1][1].tolist() == FAST


def stopped(probe: Any) -> bool:
    """Whether the newest command is exactly zero."""
    return bool(probe.commands) and not probe.commands[-1][1].any()


def stop_time(bundle: Bundle, speed: float) -> float:
    """Return how long a stop takes, once it has begun [s]."""
    return speed / bundle.command_spec.axes[0].stop_deceleration


def assert_braked(probe: Any, bundle: Bundle) -> None:
    """Check that speed only fell, gradually, to exactly zero."""
    speeds = [abs(values[0]) for _, values in probe.commands]
    first = next(i for i, speed in enumerate(speeds) if speed < FAST[0])
    assert speeds == sorted(speeds, reverse=True), speeds
    assert speeds[-1] == 0.0
    assert 0.0 < speeds[first] < FAST[0], 'a step, not a stop'


def test_an_altered_bundle_raises_no_limit(
        refused: Callable[..., str], policy: str, tmp_path: Path) -> None:
    altered = shutil.copytree(policy, tmp_path / 'altered')
    text = (altered / 'bundle.yaml').read_text()
    assert 'limit: 1.6' in text
    (altered / 'bundle.yaml').write_text(text.replace('limit: 1.6', 'limit: 9.6'))
    assert 'altered' in refused('guard', '-p', f'policy:={altered}')


def test_a_bundle_changed_in_flight_changes_nothing(
        graph: Graph, probe: Any, driver: Any, policy: str, tmp_path: Path) -> None:
    folder = shutil.copytree(policy, tmp_path / 'flown')
    graph.start('guard', {'policy': str(folder)})
    driver.until(lambda: len(probe.commands) > 5, 'guard', STILL)
    text = (folder / 'bundle.yaml').read_text()
    (folder / 'bundle.yaml').write_text(text.replace('limit: 1.6', 'limit: 9.6'))
    assert probe.call(Trigger, 'guard/reset', Trigger.Request()).success
    driver.until(lambda: probe.engage().success, 'engage', STILL)
    driver.run(1.0, [9.0, 0.0, 0.0, 0.0])
    assert max(values[0] for _, values in probe.commands) == pytest.approx(1.6)


def test_a_reset_in_flight_brakes(flying: Graph, probe: Any, driver: Any,
                                  tiny_bundle: Bundle) -> None:
    probe.commands.clear()
    assert probe.call(Trigger, 'guard/reset', Trigger.Request()).success
    driver.until(lambda: stopped(probe), 'stop', FAST)
    driver.run(0.3, FAST)
    assert_braked(probe, tiny_bundle)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_guard_that_is_ended_in_flight_brakes(
        flying: Graph, probe: Any, driver: Any, tiny_bundle: Bundle, number: int) -> None:
    probe.commands.clear()
    flying.processes['guard'].send_signal(number)
    probe.until(lambda: flying.ended() == {'guard': 0}, 'end')
    probe.spin(0.2)
    assert_braked(probe, tiny_bundle)


def test_time_that_goes_back_in_flight_brakes(flying: Graph, probe: Any, driver: Any,
                                              tiny_bundle: Bundle) -> None:
    probe.commands.clear()
    driver.offset_ns = -20 * NANOSECONDS
    driver.until(lambda: stopped(probe), 'stop', FAST)
    driver.run(0.3, FAST)
    assert_braked(probe, tiny_bundle)
    driver.until(lambda: probe.counted('guard')['clock_backward'] != '0', 'count', FAST)


def test_one_stamp_far_ahead_is_refused_and_named(flying: Graph, probe: Any,
                                                  driver: Any) -> None:
    """It is no news of the time, and no reason to stop either."""
    def noticed() -> bool:
        # The queue holds one command: a good one right behind it would take its place unseen.
        driver.command([-1.5, 0.0, 0.0, 0.0], time.time_ns() + 60 * NANOSECONDS)
        probe.spin(1 / 30)
        return probe.counted('guard').get('stamps_ahead', '0') != '0'

    driver.until(noticed, 'count', FAST)
    assert probe.counted('guard')['clock_backward'] == '0'
    assert 'cmd_vel_policy are 6' in probe.said('guard') or 'ahead' not in probe.said('guard')
    driver.run(0.3, FAST)
    assert at_speed(probe)


@pytest.mark.parametrize('what', ['camera', 'imu'])
def test_a_sensor_whose_stamps_are_ahead_stops_and_is_named(
        flying: Graph, probe: Any, driver: Any, what: str) -> None:
    """A driver whose clock is not synchronised."""
    on = {'camera': True, 'imu': True, what: False}

    def wrong() -> None:
        driver.offset_ns = 5 * NANOSECONDS
        driver.send(None, camera=what == 'camera', imu=what == 'imu')
        driver.offset_ns = 0

    def named() -> bool:
        wrong()
        return '5.0 s ahead of the clock' in probe.said('guard') and stopped(probe)

    driver.until(named, 'diagnosis', FAST, **on)
    topic = {'camera': 'camera/image_raw', 'imu': 'imu/data'}[what]
    assert topic in probe.said('guard')
    assert probe.counted('guard')['clock_backward'] == '0'


def test_two_controllers_are_one_too_many(flying: Graph, probe: Any, driver: Any) -> None:
    other = probe.node.create_publisher(TwistStamped, 'cmd_vel_policy', qos.COMMAND)

    def both(condition: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            other.publish(messages.twist_stamped([-1.5, 0, 0, 0], AXES, time.time_ns()))
            return condition()
        return check

    driver.until(both(lambda: stopped(probe)), 'stop', FAST)
    driver.until(both(lambda: 'another publisher' in probe.said('guard')), 'diagnosis', FAST)
    answers: list[Any] = []

    def asked() -> bool:
        answers.append(probe.engage())
        return len(answers) > 3

    driver.until(both(asked), 'answers', FAST)
    assert not any(answer.success for answer in answers)
    assert 'another publisher' in answers[-1].message
    assert stopped(probe)
    driver.until(lambda: probe.engage().success, 'engage with one controller', FAST)


def test_an_old_command_beside_fresh_ones_is_not_obeyed(flying: Graph, probe: Any,
                                                        driver: Any) -> None:
    status = probe.listen(DiagnosticArray, 'guard/status', qos.RECORD_COMMAND)
    driver.until(lambda: status, 'status', FAST)
    probe.commands.clear()
    for _ in range(10):
        driver.send(None, camera=True, imu=True)
        stamp = time.time_ns()
        driver.command(FAST, stamp)
        probe.until(lambda stamp=stamp: messages.status_values(status[-1])['source_stamp_ns']
                    == str(stamp), 'command taken')
        driver.command([-1.5, 0.0, 0.0, 0.0], stamp - NANOSECONDS // 20)
        probe.spin(1 / 30)
    assert len(probe.commands) >= 10
    assert all(values[0] == FAST[0] for _, values in probe.commands)


@pytest.mark.parametrize(('values', 'shift'), [
    ([math.nan, 0.0, 0.0, 0.0], 0.0),
    ([math.inf, 0.0, 0.0, 0.0], 0.0),
    ([-1.5, 0.0, 0.0, 0.0], -5.0),
    ([-1.5, 0.0, 0.0, 0.0], 5.0),
])
def test_a_bad_manual_command_moves_nothing(flying: Graph, probe: Any, driver: Any,
                                            values: list[float], shift: float) -> None:
    manual = probe.node.create_publisher(TwistStamped, 'cmd_vel_manual', qos.COMMAND)

    def refused() -> bool:
        stamp = time.time_ns() + round(shift * NANOSECONDS)
        manual.publish(messages.twist_stamped(values, AXES, stamp))
        return int(probe.counted('guard').get('manual_refused', 0)) > 3

    probe.commands.clear()
    driver.until(refused, 'refusal', FAST)
    assert all(sent[0] == FAST[0] for _, sent in probe.commands)


def test_a_huge_manual_command_is_limited(flying: Graph, probe: Any, driver: Any,
                                          tiny_bundle: Bundle) -> None:
    manual = probe.node.create_publisher(TwistStamped, 'cmd_vel_manual', qos.COMMAND)
    driver.until(lambda: manual.get_subscription_count() > 0, 'guard', FAST)
    for _ in range(30):
        manual.publish(messages.twist_stamped([-1e300, 1e300, 1e308, -1e300], AXES,
                                              time.time_ns()))
        driver.run(0.03, FAST)
    sent = np.array([values for _, values in probe.commands])
    limits = [axis.limit for axis in tiny_bundle.command_spec.axes]
    assert np.isfinite(sent).all()
    assert (np.abs(sent) <= limits).all()
    assert sent[-1][3] == -2.0


def test_zero_within_the_promised_time_by_the_guards_own_stamps(
        flying: Graph, probe: Any, driver: Any, tiny_bundle: Bundle) -> None:
    """
    Every sensor falls silent while the controller goes on, as if nothing were wrong.

    The stamps are those of the system's clock. A busy machine may delay a command, but then
    its stamp is late too: no allowance is needed, since what counts is that no command that
    is stamped later than promised is anything but zero.
    """
    silent = probe.commands[-1][0]
    while not stopped(probe):
        driver.command(FAST, time.time_ns())
        probe.spin(1 / 30)
        silent_for = (probe.commands[-1][0] - silent) / NANOSECONDS
        assert silent_for < 30.0
    promised = DEADLINE + stop_time(tiny_bundle, FAST[0]) + 0.1
    after = [(stamp, values) for stamp, values in probe.commands if stamp >= silent]
    late = [(stamp - silent) / NANOSECONDS for stamp, values in after
            if values.any() and stamp > silent + promised * NANOSECONDS]
    assert not late
    speeds = [values[0] for _, values in after]
    assert speeds == sorted(speeds, reverse=True)
    driver.until(lambda: all(topic in probe.said('guard') for topic in
                             ('camera/image_raw', 'imu/data')), 'diagnosis', FAST,
                 camera=False, imu=False)


@pytest.mark.parametrize(('name', 'value'), [
    ('land_rate', 0.5), ('camera_deadline', 99.0), ('unheard_of', 1.0)])
def test_what_must_not_change_in_flight_does_not(flying: Graph, probe: Any, driver: Any,
                                                 name: str, value: float) -> None:
    request = SetParameters.Request(parameters=[
        Parameter(name=name, value=ParameterValue(type=3, double_value=value))])
    answer = probe.call(SetParameters, 'guard/set_parameters', request)
    assert not answer.results[0].successful
    assert answer.results[0].reason


def test_another_clock_in_flight_is_refused(flying: Graph, probe: Any, driver: Any) -> None:
    """Neither the guard nor what it passes on notices."""
    request = SetParameters.Request(parameters=[
        Parameter(name='use_sim_time', value=ParameterValue(type=1, bool_value=True))])
    answer = probe.call(SetParameters, 'guard/set_parameters', request)
    assert not answer.results[0].successful and 'use_sim_time' in answer.results[0].reason
    probe.commands.clear()
    driver.until(lambda: len(probe.commands) > 20 and at_speed(probe), 'flying on', FAST)


class Simulated:
    """A simulated clock that runs at any pace, stops and jumps."""

    def __init__(self) -> None:
        self.pace = 1.0
        self._at, self._then = 100.0, time.monotonic()

    def __call__(self) -> int:
        self.jump(0.0)
        return round(self._at * NANOSECONDS)

    def jump(self, seconds: float) -> None:
        """Go on to now, and further."""
        now = time.monotonic()
        self._at += self.pace * (now - self._then) + seconds
        self._then = now


@pytest.fixture
def simulated(graph: Graph, probe: Any, driver: Any, policy: str) -> Simulated:
    """Return the clock of a guard in simulated time, at speed."""
    clock = Simulated()
    driver.time = driver.clock = clock
    graph.start('guard', {'policy': policy, 'use_sim_time': True})
    driver.until(lambda: len(probe.commands) > 5, 'guard', STILL)
    driver.until(lambda: probe.engage().success, 'engage', STILL)
    driver.until(lambda: at_speed(probe), 'speed', FAST)
    probe.commands.clear()
    return clock


@pytest.mark.parametrize('jump', [-0.5, -50.0])
def test_a_clock_that_goes_back_brakes_and_disengages(
        simulated: Simulated, probe: Any, driver: Any, tiny_bundle: Bundle, jump: float) -> None:
    simulated.jump(jump)
    driver.until(lambda: stopped(probe), 'stop', FAST)
    driver.run(0.5, FAST)
    assert_braked(probe, tiny_bundle)
    driver.until(lambda: probe.engage().success, 'engage', FAST)
    driver.until(lambda: at_speed(probe), 'speed', FAST)


def test_a_clock_that_stops_brakes(simulated: Simulated, probe: Any, driver: Any,
                                   tiny_bundle: Bundle) -> None:
    """With every message still coming; or with their stamps going on alone."""
    simulated.pace = 0.0
    driver.until(lambda: stopped(probe), 'stop', FAST)
    assert_braked(probe, tiny_bundle)
    simulated.pace = 1.0
    driver.until(lambda: probe.engage().success, 'engage', FAST)
    driver.until(lambda: at_speed(probe), 'speed', FAST)
    probe.commands.clear()
    frozen = simulated()
    driver.clock = lambda: frozen
    driver.until(lambda: stopped(probe), 'stop', FAST)
    assert_braked(probe, tiny_bundle)


def test_a_clock_below_zero_is_left_out(simulated: Simulated, probe: Any, driver: Any) -> None:
    publisher = probe.node.create_publisher(Clock, '/clock', qos.CLOCK)
    driver.until(lambda: publisher.get_subscription_count() > 0, 'the guard', FAST)
    for _ in range(100):      # the next clock may take the place of one before it is read
        publisher.publish(Clock(clock=Time(sec=-1)))
        driver.run(0.02, FAST)
    probe.commands.clear()
    driver.until(lambda: len(probe.commands) > 20, 'flying on', FAST)
    assert all(values.tolist() == FAST for _, values in probe.commands)


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let messages wait for a process that is stopped; shared memory would not keep them."""
    monkeypatch.setenv('FASTDDS_BUILTIN_TRANSPORTS', 'UDPv4')


def test_after_a_stall_no_sensor_is_ahead_of_the_clock(
        sockets: None, simulated: Simulated, graph: Graph, probe: Any, driver: Any,
        policy: str) -> None:
    """What has waited is judged by the time that has waited with it, in both nodes."""
    graph.start('controller', {'policy': policy, 'use_sim_time': True})
    driver.until(lambda: probe.counted('controller').get('steps', '0') != '0', 'controller', FAST)

    def refused() -> dict[str, str]:
        return {key: value for node in ('guard', 'controller')
                for key, value in probe.counted(node).items()
                if key in ('stamps_ahead', 'imu_dropped', 'frames_rejected')}

    before, sent = refused(), int(probe.counted('guard')['sent'])
    for _ in range(4):
        for node in graph.processes.values():
            node.send_signal(signal.SIGSTOP)
        driver.run(0.4, FAST)
        for node in graph.processes.values():
            node.send_signal(signal.SIGCONT)
        driver.run(0.4, FAST)
    steps = int(probe.counted('controller')['steps'])
    driver.until(lambda: int(probe.counted('guard')['sent']) > sent
                 and int(probe.counted('controller')['steps']) > steps, 'diagnostics', FAST)
    assert refused() == before and len(before) == 3


def test_a_clock_that_is_set_ahead_does_not_jerk(simulated: Simulated, probe: Any, driver: Any,
                                                 tiny_bundle: Bundle) -> None:
    simulated.jump(3600.0)
    driver.run(0.3, FAST)
    slowest = min(values[0] for _, values in probe.commands)
    assert slowest > 0.0, 'stopped at once, on the word of a clock'


def test_three_times_real_time(simulated: Simulated, probe: Any, driver: Any) -> None:
    """The seconds of the limits are those of the simulation: 4 m/s2 by the stamps of commands."""
    driver.until(lambda: stopped(probe), 'stop', STILL)
    simulated.pace = 3.0
    probe.commands.clear()

    def gain() -> float:
        pairs = zip(probe.commands, probe.commands[1:])
        return max(((after[0] - before[0]) * NANOSECONDS / (now - then)
                    for (then, before), (now, after) in pairs if now > then), default=0.0)

    driver.until(lambda: gain() > 3.9, 'full acceleration', FAST)
    assert gain() < 4.1


def test_ten_times_real_time(simulated: Simulated, probe: Any, driver: Any) -> None:
    simulated.pace = 10.0
    driver.run(1.0, FAST)
    assert np.isfinite([values for _, values in probe.commands]).all()
    simulated.pace = 1.0
    driver.run(0.5, FAST)
    driver.until(lambda: probe.engage().success, 'engage', FAST)
    driver.until(lambda: at_speed(probe), 'speed', FAST)


@pytest.mark.parametrize('node', ['guard', 'controller'])
def test_lockstep_on_a_vehicle_is_refused(refused: Callable[..., str], policy: str,
                                          node: str) -> None:
    assert 'sim:=true' in refused(node, '-p', f'policy:={policy}', '-p', 'lockstep:=true')


def test_a_command_without_a_field_in_a_twist_is_refused(
        refused: Callable[..., str], bundle_writer: Callable[..., Path], tmp_path: Path) -> None:
    folder = bundle_writer(tmp_path / 'odd', axes=(('vx', 1.0, 2.0, 2.0), ('wx', 1.0, 2.0, 2.0)))
    assert 'wx' in refused('guard', '-p', f'policy:={folder}')
