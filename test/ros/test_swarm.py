# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Two drones in two namespaces: no cross-talk, one clock, and a distance that the guards keep."""

from collections.abc import Callable, Iterator
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.nodes.swarm import Swarm
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from std_srvs.srv import Trigger
import yaml

SWARM = Swarm(2, spacing=2.0, separation=1.0)
FIRST, SECOND = SWARM.names
AXES = ('vx', 'vy', 'vz', 'yaw_rate')
# A busy machine is no reason to stop here.
PATIENT = {f'{name}_deadline': 2.0 for name in ('camera', 'imu')}
PATIENT_GUARD = {**PATIENT, 'command_deadline': 2.0, 'odom_deadline': 2.0,
                 'neighbour_deadline': 2.0, 'disengage_after': 60.0}


class Pair:
    """Worlds and guards of two drones that begin side by side, heading along x."""

    def __init__(self, probe: Any, policy: str, world: str) -> None:
        self.graphs = {name: Graph(name, own_clock=False) for name in SWARM.names}
        self.piloting = {'use_sim_time': True, 'policy': policy, 'sim': True,
                         'auto_engage': True}
        for name, graph in self.graphs.items():
            graph.start('world', {'world': world, 'wind': 'W0', 'seed': 500_000, 'listeners': 1,
                                  **SWARM.world(name)})
            graph.start('guard', {**self.piloting, **PATIENT_GUARD, **SWARM.guard(name)})
        self.odometry = {name: probe.listen(Odometry, f'{name}/odom') for name in SWARM.names}
        self.commands = {name: probe.listen(TwistStamped, f'{name}/cmd_vel', qos.RECORD_COMMAND)
                         for name in SWARM.names}
        self.status = {name: probe.listen(DiagnosticArray, f'{name}/guard/status',
                                          qos.RECORD_COMMAND) for name in SWARM.names}

    def moves(self, name: str) -> bool:
        """Whether the newest command of a drone is not zero."""
        commands = self.commands[name]
        return bool(commands) and bool(np.any(messages.command_values(commands[-1].twist, AXES)))

    def reasons(self, name: str) -> set[str]:
        """Return why the guard of a drone sent what it sent."""
        return {messages.status_values(message)['reason'] for message in self.status[name]}

    def track(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Return stamps (N,) [s] and positions (N, 3) [m] of a drone."""
        told = self.odometry[name]
        return (np.array([messages.stamp_ns(message.header.stamp) * 1e-9 for message in told]),
                np.array([[message.pose.pose.position.x, message.pose.pose.position.y,
                           message.pose.pose.position.z] for message in told]))

    def gaps(self) -> np.ndarray:
        """Return the distances between the two at the same simulated times [m]."""
        (times, places), (others, there) = self.track(FIRST), self.track(SECOND)
        inside = (times >= others[0]) & (times <= others[-1])
        at = np.stack([np.interp(times[inside], others, there[:, axis]) for axis in range(3)], 1)
        return np.linalg.norm(places[inside] - at, axis=1)


@pytest.fixture
def pair(domain: int, probe: Any, policy: str, tmp_path: Path) -> Iterator[Pair]:
    """Return two drones without controllers."""
    world = yaml.safe_load(
        (Path(__file__).parents[2] / 'sim_worlds' / 'empty.yaml').read_text('utf-8'))
    world['start']['yaw_deg'] = [0.0, 0.0]
    world['success'] |= {'time_limit': 600.0, 'max_distance': 500.0}
    path = tmp_path / 'wide.yaml'
    path.write_text(yaml.safe_dump(world))
    two = Pair(probe, policy, str(path))
    yield two
    for graph in two.graphs.values():
        graph.stop()


def test_guards_keep_two_drones_apart_that_are_sent_at_each_other(pair: Pair, probe: Any) -> None:
    """Seen from the odometry that both share; each is commanded 0.8 m/s at the other."""
    toward = {FIRST: [0.0, 0.8, 0.0, 0.0], SECOND: [0.0, -0.8, 0.0, 0.0]}
    publishers = {name: probe.node.create_publisher(
        TwistStamped, f'{name}/cmd_vel_policy', qos.COMMAND) for name in SWARM.names}

    def flown() -> bool:
        for name, publisher in publishers.items():
            if pair.odometry[name]:
                stamp = messages.stamp_ns(pair.odometry[name][-1].header.stamp)
                publisher.publish(messages.twist_stamped(toward[name], AXES, stamp))
        return all(pair.odometry.values()) and pair.track(SECOND)[0][-1] > 6.0

    probe.until(flown, 'six simulated seconds')
    gaps = pair.gaps()
    assert gaps[0] == pytest.approx(2.0, abs=0.05)
    assert 0.9 < gaps.min() < 1.4, 'they came near, and no nearer'
    assert all('separation' in pair.reasons(name) for name in SWARM.names)
    answer = probe.call(Trigger, f'{FIRST}/world/reset', Trigger.Request())
    assert not answer.success and 'swarm' in answer.message


def test_a_controller_that_is_killed_stops_its_own_drone_alone(
        pair: Pair, probe: Any, until_stopped: Callable[[Pair, str], None]) -> None:
    """The other flies on; nobody else's commands reach a drone."""
    for graph in pair.graphs.values():
        graph.start('controller', {**pair.piloting, **PATIENT})
    probe.until(lambda: all(pair.moves(name) for name in SWARM.names), 'both fly')
    for name in SWARM.names:
        pair.status[name].clear()       # of the time before the controllers came
    lost = pair.graphs[SECOND].processes['controller']
    lost.kill()
    lost.wait()
    until_stopped(pair, SECOND)
    pair.commands[FIRST].clear()
    probe.until(lambda: len(pair.commands[FIRST]) > 20, 'the other goes on')
    assert pair.moves(FIRST)
    assert not pair.moves(SECOND)
    assert 'command_stale' in pair.reasons(SECOND)
    assert 'command_stale' not in pair.reasons(FIRST)


@pytest.fixture
def until_stopped(probe: Any) -> Callable[[Pair, str], None]:
    """Return what waits until a drone's commands are zero."""
    def wait(pair: Pair, name: str) -> None:
        probe.until(lambda: not pair.moves(name), f'{name} stops')
        pair.commands[name].clear()
        probe.until(lambda: len(pair.commands[name]) > 5, 'its guard goes on')
    return wait


def test_fly_gives_a_verdict_of_each(domain: int, policy: str, tmp_path: Path,
                                     quick_world: Callable[..., str]) -> None:
    """Zero only if all have reached their targets; nothing is left behind."""
    result = subprocess.run(
        [sys.executable, '-m', 'liquid_control', 'fly', '--drones', '2', '--world',
         quick_world(radius=50.0), '--policy', policy, '--out', str(tmp_path / 'out'), '--json',
         '-'], capture_output=True, text=True, timeout=200, check=False)
    assert result.returncode == 0, result.stderr
    for name in SWARM.names:
        assert f'{name}: reached after ' in result.stdout
        assert (tmp_path / 'out' / name / 'flight.png').is_file()
    verdicts = json.loads(result.stdout[result.stdout.index('{'):])
    assert set(verdicts) == set(SWARM.names)
    assert all(verdict['reached'] for verdict in verdicts.values())
