# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Real flights over DDS: recorded, replayed, and not disturbed by a recorder that dies."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
from typing import Any

from liquid_control.bags.reader import Bag
from liquid_control.bags.ticks import Tick
import pytest
from test_fly import children, command, nodes_of, wait_until


def replay(bag: Path, policy: str) -> tuple[int, dict[str, Any]]:
    """Replay a bag; return exit code and result."""
    done = subprocess.run(
        [sys.executable, '-m', 'liquid_control', 'replay', str(bag), '--policy', policy,
         '--json', '-'], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_flight_is_recorded_and_replayed(domain: int, policy: str, tmp_path: Path,
                                           quick_world: Callable[..., str]) -> None:
    """
    The same commands, from real processes that waited for nobody.

    On a machine that is too busy for it, the recorder loses messages, and the replay says so: then
    another flight is flown.
    """
    for number in range(3):
        bag = tmp_path / f'bag{number}'
        flown = subprocess.run(
            command('--world', quick_world(time_limit=4.0), '--wind', 'W1', '--policy', policy,
                    '--out', str(tmp_path), '--record', str(bag)),
            capture_output=True, text=True, timeout=120, check=False)
        assert flown.returncode == 1 and 'timeout after' in flown.stdout, flown.stderr
        code, found = replay(bag, policy)
        assert found['missing_inputs'] == lost(bag), 'what is in the bag is found'
        if not found['missing_inputs']:
            break
    assert (code, found['same_policy'], found['recorded_ticks']) == (0, True, True), found
    assert found['largest_difference'] <= 1e-5
    assert found['steps'] > 60 and found['compared'] > 100 and not found['incomplete']
    code, found = replay(bag, 'forest_liquid')
    assert (code, found['same_policy']) == (1, False) and found['flown_by'] == ['tiny']
    check_with_rosbags(bag)


def lost(folder: Path) -> int:
    """Count the images and IMU samples that ticks name and the bag does not hold."""
    bag = Bag(folder)
    held = {topic: {message.stamp_ns for message in bag.messages(topic)}
            for topic in ('imu/data', 'camera/image_raw')}
    ticks = [Tick.of({pair.key: pair.value for pair in message.decoded().status[0].values})
             for message in bag.messages('controller/ticks')]
    return sum(stamp.own_ns not in held[topic] for tick in ticks for topic, stamps in (
        ('imu/data', tick.imu), ('camera/image_raw', (tick.frame,) if tick.frame else ()))
        for stamp in stamps)


def check_with_rosbags(folder: Path) -> None:
    """Read every message with an independent library: all topics, definitions and hashes."""
    rosbag2 = pytest.importorskip('rosbags.rosbag2')
    typesys = pytest.importorskip('rosbags.typesys')
    types = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    with rosbag2.Reader(folder) as reader:
        topics = {item.topic for item in reader.connections}
        assert topics >= {
            '/imu/data', '/camera/image_raw', '/camera/camera_info', '/odom', '/cmd_vel_policy',
            '/cmd_vel', '/controller/neurons', '/controller/status', '/controller/ticks',
            '/controller/configuration', '/guard/status', '/guard/engaged', '/diagnostics',
            '/world/status', '/wind', '/target', '/markers', '/clock'}
        for item in reader.connections:
            assert item.digest == types.hash_rihs01(item.msgtype), item.topic
        for item, _, data in reader.messages():
            types.deserialize_cdr(data, item.msgtype)


def test_a_recorder_that_is_killed_leaves_a_bag_and_a_flight(
        domain: int, policy: str, tmp_path: Path, quick_world: Callable[..., str]) -> None:
    bag = tmp_path / 'bag'
    fly = subprocess.Popen(
        command('--world', quick_world(time_limit=8.0), '--policy', policy, '--out',
                str(tmp_path), '--record', str(bag)),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        wait_until(lambda: sum(file.stat().st_size for file in bag.glob('*.mcap')) > 1_500_000)
        recorder, = (node for node in nodes_of(fly.pid)
                     if b'nodes.recorder' in Path(f'/proc/{node}/cmdline').read_bytes())
        os.kill(recorder, signal.SIGKILL)
        output, errors = fly.communicate(timeout=120)
    finally:
        if fly.poll() is None:
            os.killpg(fly.pid, signal.SIGKILL)
    assert fly.returncode == 1 and 'timeout after 8.0 s' in output, errors
    assert 'the recorder ended (exit code -9); the flight goes on' in errors
    assert not children(fly.pid)
    read = Bag(bag)
    assert len(list(read.messages('camera/image_raw'))) > 0 and read.incomplete
    code, found = replay(bag, policy)
    assert code == 0 and found['incomplete'] and found['largest_difference'] <= 1e-5


def test_a_type_that_there_is_not_ends_no_recording(
        domain: int, probe: Any, graph: Any, tmp_path: Path) -> None:
    from rcl_interfaces.msg import Parameter, ParameterValue
    from rcl_interfaces.srv import SetParameters
    graph.start('recorder', {'bag': str(tmp_path / 'bag')})
    answer = probe.call(SetParameters, 'recorder/set_parameters', SetParameters.Request(
        parameters=[Parameter(name='images', value=ParameterValue(type=99))]))
    assert not answer.results[0].successful and 'read at its start' in answer.results[0].reason
    probe.spin(0.5)
    assert not graph.ended()


def told(probe: Any) -> list[str]:
    """Return what the recorder says in /diagnostics, as it comes."""
    from diagnostic_msgs.msg import DiagnosticArray
    said: list[str] = []
    probe.node.create_subscription(
        DiagnosticArray, '/diagnostics',
        lambda message: said.append(message.status[0].message), 10)
    return said


def test_a_disk_with_little_room_is_left_alone(
        domain: int, probe: Any, graph: Any, tmp_path: Path) -> None:
    """The bag is closed whole, /diagnostics says why, and the recorder stays."""
    said = told(probe)
    graph.start('recorder', {'bag': str(tmp_path / 'bag'), 'reserve_mb': 1_000_000})
    probe.until(lambda: bool(said), 'diagnostics of the recorder')
    assert 'not recording' in said[0] and 'less than reserve_mb = 1000000' in said[0]
    assert not graph.ended()
    assert (tmp_path / 'bag' / 'bag_0.mcap').read_bytes().endswith(b'\x89MCAP0\r\n')


def test_a_disk_that_is_gone_ends_the_recording_and_not_the_recorder(
        domain: int, probe: Any, graph: Any, tmp_path: Path) -> None:
    said = told(probe)
    graph.start('recorder', {'bag': str(tmp_path / 'bag')})
    probe.until(lambda: 'recording' in said, 'it records')
    shutil.rmtree(tmp_path / 'bag')
    probe.until(lambda: any(text.startswith('not recording') for text in said), 'it says so')
    assert not graph.ended()


def test_after_a_stall_no_topic_falls_behind_another(
        domain: int, probe: Any, graph: Any, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """What has waited is written a topic at a time: the order of reception is not far away."""
    from builtin_interfaces.msg import Time
    from liquid_control.nodes import qos
    from nav_msgs.msg import Odometry
    from sensor_msgs.msg import Imu
    # A socket keeps what comes while its process is stopped; shared memory does not.
    monkeypatch.setenv('FASTDDS_BUILTIN_TRANSPORTS', 'UDPv4')
    graph.start('recorder', {'bag': str(tmp_path / 'bag')})
    kinds = {'imu/data': Imu, 'odom': Odometry}
    sent = [(probe.node.create_publisher(kind, topic, qos.IMU), kind())
            for topic, kind in kinds.items()]

    def send(times: int, second: int) -> None:
        for _ in range(times):
            for publisher, message in sent:
                message.header.stamp = Time(sec=second)
                publisher.publish(message)

    def told() -> int:
        send(1, 1)
        return int(probe.counted('recorder').get('messages', 0))

    probe.until(lambda: told() > 20, 'the recorder')
    recorder = graph.processes['recorder']
    recorder.send_signal(signal.SIGSTOP)
    send(40, 2)
    recorder.send_signal(signal.SIGCONT)

    def written(second: int) -> list[str]:
        return [message.topic for message in Bag(tmp_path / 'bag')._in_file_order(tuple(kinds))
                if message.stamp_ns == second * 1_000_000_000]

    def on_disk() -> bool:
        send(1, 3)
        probe.spin(0.5)
        return len(written(3)) > 2

    probe.until(on_disk, 'what came after')
    order = written(2)
    assert len(order) == 80
    assert sum(one != other for one, other in zip(order, order[1:])) < 40, 'one a turn is 79'
