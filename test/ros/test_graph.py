# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The whole graph: lockstep, counters, processes killed in flight, two vehicles side by side."""

from collections.abc import Callable, Mapping
import json
import math
from pathlib import Path
import signal
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.sensing.extra import FLOW_NAMES, VELOCITY_NAMES
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

AXES = ('vx', 'vy', 'vz', 'yaw_rate')


def start(graph: Graph, policy: str, world: dict[str, Any], *, monitor: str = '',
          lockstep: bool = False, remaps: Mapping[str, str] | None = None) -> None:
    """Start the graph of one vehicle, engaged; `remaps` are of the controller's topics."""
    piloting = {'policy': policy, 'sim': True, 'auto_engage': True, 'use_sim_time': True,
                'lockstep': lockstep}
    graph.start('world', {'wind': 'W2', 'listeners': 3 if monitor else 2, 'lockstep': lockstep,
                          **world})
    graph.start('controller', piloting, remaps=remaps)
    graph.start('guard', piloting)
    if monitor:
        graph.start('monitor', {'use_sim_time': True, 'out': monitor, 'live': False})


def kill(graph: Graph, node: str) -> None:
    """End a node the hard way."""
    process = graph.processes.pop(node)
    process.send_signal(signal.SIGKILL)
    process.wait()


def speed(message: Odometry) -> float:
    """Return the speed in an odometry message [m/s]."""
    linear = message.twist.twist.linear
    return math.sqrt(linear.x ** 2 + linear.y ** 2 + linear.z ** 2)


def assert_as_in_process(bundle: Bundle, world: str, out: Path) -> None:
    """Fly without ROS, and compare with what the monitor wrote."""
    samples = json.loads((out / 'flight.json').read_text())['samples']
    controller = Controller(bundle)
    controller.engage(True)
    simulation = Simulation(load_world(world), load_wind('W2'), 600003)
    try:
        flight = run_episode(simulation, controller)
    finally:
        simulation.close()
    assert np.abs(flight.command).max() > 0.01, 'a flight that does nothing proves nothing'
    assert len(samples['t']) == len(flight.t)
    assert tuple(samples['reason']) == flight.reasons
    np.testing.assert_allclose(samples['t'], flight.t, rtol=0, atol=1e-9)
    np.testing.assert_allclose(samples['position'], flight.position, rtol=0, atol=1e-6)
    np.testing.assert_allclose(samples['command'], flight.command, rtol=0, atol=1e-6)


@pytest.mark.parametrize('extra', [(), (*VELOCITY_NAMES, *FLOW_NAMES, 'frame_age')])
def test_lockstep_is_the_flight_in_process(
        graph: Graph, probe: Any, bundle_writer: Callable[..., Path],
        quick_world: Callable[..., str], tmp_path: Path, extra: tuple[str, ...]) -> None:
    bundle = Bundle.load(bundle_writer(tmp_path / 'policy', extra=extra))
    world, out = quick_world(time_limit=6.0), tmp_path / 'out'
    start(graph, str(bundle.folder), {'world': world, 'seed': 600003}, monitor=str(out),
          lockstep=True)
    probe.until(lambda: 'monitor' in graph.ended(), 'end of the flight')
    assert_as_in_process(bundle, world, out)


@pytest.mark.parametrize(('topic', 'kind', 'extra'), [
    ('flow', TwistStamped, FLOW_NAMES), ('odom', Odometry, VELOCITY_NAMES)])
def test_lockstep_waits_for_what_is_lost(
        graph: Graph, probe: Any, bundle_writer: Callable[..., Path],
        quick_world: Callable[..., str], tmp_path: Path, topic: str, kind: type,
        extra: tuple[str, ...]) -> None:
    """The world sends again what was not answered, and nothing of the flight changes."""
    relayed = probe.node.create_publisher(kind, 'relayed', qos.SENSOR)
    lost: list[Any] = []

    def relay(message: Any) -> None:
        moving = bool(probe.commands)
        if moving and len(lost) < 4 and message.header.stamp not in lost:
            lost.append(message.header.stamp)
        else:
            relayed.publish(message)

    probe.node.create_subscription(kind, topic, relay, qos.RECORD_SENSOR)
    bundle = Bundle.load(bundle_writer(tmp_path / 'policy', extra=extra))
    world, out = quick_world(time_limit=3.0), tmp_path / 'out'
    start(graph, str(bundle.folder), {'world': world, 'seed': 600003}, monitor=str(out),
          lockstep=True, remaps={topic: 'relayed'})
    probe.until(lambda: 'monitor' in graph.ended(), 'end of the flight')
    assert len(lost) == 4
    assert_as_in_process(bundle, world, out)


def test_a_world_in_lockstep_may_be_reset(graph: Graph, probe: Any, tiny_bundle: Bundle,
                                          quick_world: Callable[..., str]) -> None:
    """What was heard in the flight before is of another time: nobody waits for it."""
    truth = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)

    def flown() -> float:
        return float(messages.status_values(truth[-1])['time_s']) if truth else 0.0

    start(graph, str(tiny_bundle.folder), {'world': quick_world(time_limit=60.0), 'seed': 600003},
          lockstep=True)
    probe.until(lambda: flown() > 1.5, 'flight')
    assert probe.call(Trigger, 'world/reset', Trigger.Request()).success
    del truth[:]
    probe.until(lambda: 0.0 < flown() < 1.0, 'the next flight')
    probe.until(lambda: flown() > 1.5, 'it goes on')


def test_no_frame_is_stepped_twice_and_none_is_lost_unreported(
        graph: Graph, probe: Any, policy: str, quick_world: Callable[..., str]) -> None:
    truth = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)
    status = probe.listen(DiagnosticArray, 'controller/status', qos.RECORD_COMMAND)
    start(graph, policy, {'world': quick_world(time_limit=5.0)})
    probe.until(lambda: truth and messages.status_values(truth[-1])['outcome'] == 'timeout',
                'end of the flight')
    probe.spin(1.5)     # until the next diagnostics
    sent = int(messages.status_values(truth[-1])['frames'])
    counted = {key: int(value) for key, value in probe.counted('controller').items()
               if value.isdigit()}
    assert sent > 100
    assert counted['camera_received'] + counted['camera_lost'] == sent
    assert counted['frames'] == counted['camera_received']
    assert counted['steps'] == counted['frames'] - counted['frames_rejected'] \
        - counted['frames_dropped_dt'] - counted['frames_unpaired']
    assert counted['steps'] > 0.9 * sent
    sources = [values['source_stamp_ns'] for values in map(messages.status_values, status)
               if 'source_stamp_ns' in values]
    assert len(sources) == len(set(sources)), 'a frame was stepped twice'


def test_neurons_are_asked_for_by_a_film_alone(graph: Graph, probe: Any, tmp_path: Path) -> None:
    """A flight that is not filmed pays for nothing: neither the topic nor matplotlib."""
    for video, listeners in (('', 0), (str(tmp_path / 'flight.gif'), 1)):
        graph.start('monitor', {'video': video, 'live': False})
        probe.until(lambda: probe.node.count_subscribers('wind') == 1
                    and probe.node.count_subscribers('camera/image_raw') == 1, 'monitor')
        if listeners:
            probe.until(lambda: probe.node.count_subscribers('controller/neurons') == 1, 'film')
        assert probe.node.count_subscribers('controller/neurons') == listeners
        maps = Path(f'/proc/{graph.processes["monitor"].pid}/maps').read_text()
        assert ('matplotlib' in maps) is bool(video)
        graph.stop()
        probe.until(lambda: probe.node.count_subscribers('wind') == 0, 'end of the monitor')


def assert_stopped_in_time(commands: list[tuple[int, np.ndarray]], last: int,
                           deceleration: float) -> None:
    """
    Check that what is stamped later than promised is zero, and that speed only fell.

    :param commands: stamp and values of each, from the kill on.
    :param last: stamp of the last message of whoever was killed [ns].
    :param deceleration: of a stop [m/s^2].
    """
    speeds = [float(np.linalg.norm(values[:3])) for _, values in commands]
    after = [i for i, (stamp, _) in enumerate(commands) if stamp > last + 300_000_000]
    promised = last + round(1e9 * (0.3 + max(speeds) / deceleration + 0.1))
    assert not any(values.any() for stamp, values in commands if stamp > promised)
    braking = speeds[after[0]:] if after else []
    assert braking == sorted(braking, reverse=True)
    assert not commands[-1][1].any()


def test_world_killed_at_speed_stops_the_guard_in_time(
        graph: Graph, probe: Any, tiny_bundle: Bundle) -> None:
    """
    Simulated time dies with the world, so the guard's stamps stand still.

    What is held against the promise is when the guard sent each command, which the middleware
    notes; half a second more is for a machine that is busy, and as long as the guard did not run
    at all: it sends 25 times a second. The test plays the controller, which goes on as if nothing
    were wrong.
    """
    odometry = probe.listen(Odometry, 'odom')
    wanted = probe.node.create_publisher(TwistStamped, 'cmd_vel_policy', qos.COMMAND)
    sent: list[tuple[int, int, float]] = []

    def note(message: TwistStamped, info: dict[str, Any]) -> None:
        sent.append((info['source_timestamp'], messages.stamp_ns(message.header.stamp),
                     message.twist.linear.x))

    probe.node.create_subscription(TwistStamped, 'cmd_vel', note, qos.RECORD_COMMAND)

    def drive(condition: Callable[[], bool]) -> Callable[[], bool]:
        def check() -> bool:
            if odometry:
                stamp = messages.stamp_ns(odometry[-1].header.stamp)
                wanted.publish(messages.twist_stamped([1.5, 0.0, 0.0, 0.0], AXES, stamp))
            return condition()
        return check

    graph.start('world', {'world': 'empty', 'wind': 'W0', 'listeners': 1})
    graph.start('guard', {'policy': str(tiny_bundle.folder), 'use_sim_time': True, 'sim': True,
                          'auto_engage': True})
    probe.until(drive(lambda: bool(sent) and sent[-1][2] == 1.5), 'speed')
    kill(graph, 'world')
    killed = time.time_ns()
    sent.clear()
    probe.until(drive(lambda: bool(sent) and sent[-1][2] == 0.0), 'stop')
    probe.until(drive(lambda: 'camera/image_raw' in probe.said('guard')
                      and 'imu/data' in probe.said('guard')), 'guard names the sensors')
    speeds = [speed for _, _, speed in sent]
    assert speeds == sorted(speeds, reverse=True) and speeds[-1] == 0.0
    assert [stamp for _, stamp, _ in sent] == sorted(stamp for _, stamp, _ in sent)
    deceleration = tiny_bundle.command_spec.axes[0].stop_deceleration
    stopped = next(when for when, _, speed in sent if speed == 0.0)
    ran = np.array([killed, *(when for when, _, _ in sent if when <= stopped)]) * 1e-9
    stalled = float(np.maximum(np.diff(ran) - 0.1, 0.0).sum())
    assert (stopped - killed) * 1e-9 < 0.3 + 1.5 / deceleration + 0.1 + 0.5 + stalled


def test_world_killed_and_restarted(graph: Graph, probe: Any, policy: str) -> None:
    start(graph, policy, {'world': 'empty'})
    probe.until(lambda: probe.moving() and len(probe.commands) > 60, 'flight')
    kill(graph, 'world')
    probe.until(lambda: not probe.moving(), 'stop')
    probe.until(lambda: 'camera/image_raw' in probe.said('guard')
                and 'imu/data' in probe.said('guard'), 'guard names the sensors')
    probe.until(lambda: 'camera/image_raw' in probe.said('controller'), 'so does the controller')
    graph.start('world', {'world': 'empty', 'wind': 'W2', 'listeners': 2})
    odometry = probe.listen(Odometry, 'odom')
    probe.until(lambda: len(odometry) > 30, 'another flight')
    assert not probe.moving(), 'moved without being engaged'
    probe.until(lambda: probe.engage().success, 'engage')
    probe.until(probe.moving, 'motion')


def test_controller_killed_and_restarted(graph: Graph, probe: Any, policy: str) -> None:
    odometry = probe.listen(Odometry, 'odom')
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    start(graph, policy, {'world': 'empty', 'wind': 'W0'})
    probe.until(lambda: probe.moving() and len(probe.commands) > 60, 'flight')
    kill(graph, 'controller')
    probe.spin(0.1)
    last = messages.stamp_ns(wanted[-1].header.stamp)
    probe.commands[:] = probe.commands[-1:]
    probe.until(lambda: not probe.moving(), 'stop')
    assert_stopped_in_time(probe.commands, last, 5.0)
    probe.until(lambda: 'cmd_vel_policy' in probe.said('guard'), 'guard names the command')
    count = len(odometry)
    probe.until(lambda: len(odometry) > count + 30, 'the world goes on')
    assert speed(odometry[-1]) < 0.1, 'the drone hovers'
    graph.start('controller', {'policy': policy, 'use_sim_time': True})
    probe.until(lambda: probe.said('controller').startswith('not_engaged'), 'controller')
    probe.spin(0.5)
    assert not probe.moving(), 'moved without being engaged'
    probe.until(lambda: probe.engage().success, 'engage')
    probe.until(probe.moving, 'motion')


def test_guard_killed_and_restarted(graph: Graph, probe: Any, policy: str) -> None:
    """The test plays the controller, to fly fast: the world itself must stop the vehicle."""
    odometry = probe.listen(Odometry, 'odom')
    wanted = probe.node.create_publisher(TwistStamped, 'cmd_vel_policy', qos.COMMAND)

    def drive() -> None:
        if odometry:
            stamp = messages.stamp_ns(odometry[-1].header.stamp)
            wanted.publish(messages.twist_stamped([0.8, 0.0, 0.0, 0.0], AXES, stamp))

    def fast() -> bool:
        drive()
        return bool(odometry) and speed(odometry[-1]) > 0.5

    graph.start('world', {'world': 'empty', 'wind': 'W0', 'listeners': 1})
    guard = {'policy': policy, 'use_sim_time': True}
    graph.start('guard', {**guard, 'sim': True, 'auto_engage': True})
    probe.until(fast, 'speed')
    kill(graph, 'guard')
    probe.spin(0.1)
    last = probe.commands[-1][0]

    def slow() -> bool:
        drive()
        return speed(odometry[-1]) < 0.1

    probe.until(slow, 'the world stops the drone')
    stopped = messages.stamp_ns(odometry[-1].header.stamp)
    assert (stopped - last) * 1e-9 < 0.3 + 2.0, 'time-out, and what a drone needs to brake'
    graph.start('guard', guard)
    count = len(probe.commands)

    def many() -> bool:
        drive()
        return len(probe.commands) > count + 20

    probe.until(many, 'commands of the new guard')
    assert not any(np.any(values) for _, values in probe.commands[count:])
    assert slow()


def test_reset_begins_the_flight_anew(graph: Graph, probe: Any, policy: str) -> None:
    odometry = probe.listen(Odometry, 'odom')
    start(graph, policy, {'world': 'empty'})
    probe.until(lambda: probe.moving() and len(odometry) > 60, 'flight')
    assert probe.call(Trigger, 'world/reset', Trigger.Request()).success
    probe.until(lambda: messages.stamp_ns(odometry[-1].header.stamp) < 1_000_000_000, 'time')
    probe.until(lambda: not probe.moving(), 'stop')
    probe.spin(1.0)
    assert speed(odometry[-1]) < 0.3, 'no command of the flight before moves the vehicle'
    probe.until(lambda: int(probe.counted('guard')['clock_backward']) > 0, 'count')
    probe.until(lambda: int(probe.counted('controller')['resets']) > 1, 'hidden state reset')
    probe.until(lambda: probe.engage().success, 'engage')
    probe.until(probe.moving, 'motion')


def test_after_a_verdict_a_reset_begins_the_next_flight(
        graph: Graph, probe: Any, policy: str, quick_world: Callable[..., str],
        tmp_path: Path) -> None:
    """The monitor ends with the first flight: nobody waits for it before the next one."""
    truth = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)
    start(graph, policy, {'world': quick_world(time_limit=3.0), 'seed': 600003},
          monitor=str(tmp_path / 'out'))
    probe.until(lambda: 'monitor' in graph.ended(), 'end of the flight')
    longer = Parameter('world', value=quick_world(time_limit=600.0)).to_parameter_msg()
    assert probe.call(SetParameters, 'world/set_parameters', SetParameters.Request(
        parameters=[longer])).results[0].successful
    assert probe.call(Trigger, 'world/reset', Trigger.Request()).success
    probe.until(lambda: probe.engage().success, 'engage')
    del truth[:]
    probe.until(lambda: truth and messages.status_values(truth[-1])['outcome'] == 'flying',
                'the next flight')
    probe.until(probe.moving, 'motion')


def test_two_namespaces_do_not_touch_each_other(domain: int, probe: Any, policy: str) -> None:
    graphs = {name: Graph(namespace=name) for name in ('one', 'two')}
    odometry = {name: probe.listen(Odometry, f'{name}/odom') for name in graphs}
    commands = {name: probe.listen(TwistStamped, f'{name}/cmd_vel', qos.RECORD_COMMAND)
                for name in graphs}
    try:
        for seed, graph in enumerate(graphs.values()):
            start(graph, policy, {'world': 'empty', 'seed': seed})
        for name in graphs:
            probe.until(lambda name=name: len(odometry[name]) > 30, f'flight of {name}')
        first = [odometry[name][0].pose.pose.orientation.z for name in graphs]
        assert first[0] != first[1], 'two seeds, two flights'
        assert not probe.commands, 'nothing outside the namespaces'
        kill(graphs['one'], 'world')
        probe.until(lambda: not np.any(messages.command_values(
            commands['one'][-1].twist, AXES)), 'stop of one')
        count = len(odometry['two'])
        probe.until(lambda: len(odometry['two']) > count + 15, 'two flies on')
        assert np.any(messages.command_values(commands['two'][-1].twist, AXES))
    finally:
        for graph in graphs.values():
            graph.stop()


@pytest.mark.parametrize(('words', 'text'), [
    (['-p', 'world:=forrest'], "did you mean 'forest'"),
    (['-p', 'wind:=W9'], 'unknown wind'),
    (['-p', 'seed:=-1'], 'seed'),
    (['-p', 'real_time_factor:=100.0'], 'real_time_factor'),
    (['-p', 'sead:=1'], "did you mean 'seed'"),
    (['-p', 'lockstep:=true', '-p', 'stamped:=false'], 'stamped:=true'),
])
def test_wrong_worlds_are_refused(refused: Callable[..., str], words: list[str],
                                  text: str) -> None:
    assert text in refused('world', *words)
