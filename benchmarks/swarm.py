# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How near to real time several drones fly over ROS, each with world, controller and guard.

    python benchmarks/swarm.py --drones 4 --seconds 30

Every node is a process. Printed are, for each drone, the simulated seconds a second of its world,
the least of any second, the frames that its world sent and its controller stepped on, and the
share of its guard's commands that flew or were cut by a neighbour; then the least distance, and
the processor time of the nodes in a simulated second, which is what a computer must have and,
unlike the rest, hardly hangs on what else it does.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Sequence
import itertools
import json
import os
from pathlib import Path
import sys
import tempfile
import time

from diagnostic_msgs.msg import DiagnosticArray
from liquid_control.config import share_directory
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph, parameter_file, Value
from liquid_control.nodes.swarm import Swarm
from nav_msgs.msg import Odometry
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
import yaml

FLYING = ('ok', 'limited', 'separation')


class Flight:
    """What one drone's nodes say while it is listened to."""

    def __init__(self, node: Node, name: str) -> None:
        """Listen to world, controller and guard."""
        self.name = name
        self.world: list[tuple[float, dict[str, str]]] = []     # steady time [s], status
        self.reasons: Counter[str] = Counter()
        self.stepped: set[str] = set()                          # stamps of frames
        self.places: list[tuple[float, ...]] = []               # stamp [s], x, y, z
        node.create_subscription(DiagnosticArray, f'{name}/world/status', self._on_world,
                                 qos.RECORD_COMMAND)
        node.create_subscription(DiagnosticArray, f'{name}/guard/status', self._on_guard,
                                 qos.RECORD_COMMAND)
        node.create_subscription(DiagnosticArray, f'{name}/controller/status',
                                 self._on_controller, qos.RECORD_COMMAND)
        node.create_subscription(Odometry, f'{name}/odom', self._on_odometry, qos.RECORD_SENSOR)

    def _on_world(self, message: DiagnosticArray) -> None:
        self.world.append((time.monotonic(), messages.status_values(message)))

    def _on_guard(self, message: DiagnosticArray) -> None:
        self.reasons[messages.status_values(message)['reason']] += 1

    def _on_controller(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values:
            self.stepped.add(values['source_stamp_ns'])

    def _on_odometry(self, message: Odometry) -> None:
        place = message.pose.pose.position
        self.places.append((messages.stamp_ns(message.header.stamp) * 1e-9,
                            place.x, place.y, place.z))

    def flying(self) -> bool:
        """Whether the flight has begun."""
        return bool(self.world) and self.world[-1][1]['outcome'] != 'waiting'

    def row(self) -> dict[str, float | str | int]:
        """Return the figures of the time that was listened to."""
        (begun, first), (ended, last) = self.world[0], self.world[-1]
        seconds = float(last['time_s']) - float(first['time_s'])
        total = sum(self.reasons.values())
        return {
            'drone': self.name, 'real_time_factor': seconds / (ended - begun),
            'simulated_s': seconds,
            'least': min((factor for _, status in self.world
                          if (factor := float(status['real_time_factor'])) > 0), default=0.0),
            'frames': int(last['frames']) - int(first['frames']), 'stepped': len(self.stepped),
            'flying': sum(self.reasons[reason] for reason in FLYING) / max(1, total),
            'cut_by_neighbour': self.reasons['separation'] / max(1, total),
            'outcome': last['outcome']}


def world_file(folder: str, camera_hz: float, imu_hz: float) -> str:
    """Write a forest with these rates, and return its path."""
    world = yaml.safe_load(
        (share_directory() / 'sim_worlds' / 'forest.yaml').read_text('utf-8'))
    world['camera']['rate_hz'] = [camera_hz, camera_hz]
    world['imu']['rate_hz'] = imu_hz
    path = Path(folder) / 'swarm.yaml'
    path.write_text(yaml.safe_dump(world), encoding='utf-8')
    return str(path)


def least_distance(flights: Sequence[Flight]) -> float:
    """Return the least distance of any two at the same simulated time [m]."""
    least = float('inf')
    for one, other in itertools.combinations(flights, 2):
        here, there = np.array(one.places), np.array(other.places)
        here = here[(here[:, 0] >= there[0, 0]) & (here[:, 0] <= there[-1, 0])]
        at = np.stack([np.interp(here[:, 0], there[:, 0], there[:, axis])
                       for axis in (1, 2, 3)], axis=1)
        least = min(least, float(np.linalg.norm(here[:, 1:] - at, axis=1).min()))
    return least


def processor_time(graphs: Iterable[Graph]) -> dict[str, float]:
    """Return the processor time of all nodes of a kind [s]."""
    spent: Counter[str] = Counter()
    for graph in graphs:
        for kind, process in graph.processes.items():
            fields = Path(f'/proc/{process.pid}/stat').read_text().rsplit(')', 1)[1].split()
            spent[kind] += (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    return dict(spent)


def measure(swarm: Swarm, seconds: float, policy: str, world: str,
            seed: int) -> tuple[list[Flight], dict[str, float]]:
    """
    Fly for a while; return what was heard, and the processor time of each kind of node [s].

    :param swarm: who.
    :param seconds: of listening, from the beginning of the last flight on.
    :param policy: name or path of a bundle.
    :param world: path of a YAML.
    :param seed: of the scene.
    """
    os.environ.update(environment())
    rclpy.init(args=[])
    node = Node('benchmark')
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    graphs = {name: Graph(name, parameter_file=parameter_file(), own_clock=False)
              for name in swarm.names}
    piloting: dict[str, Value] = {'policy': policy, 'sim': True, 'auto_engage': True,
                                  'use_sim_time': True}
    flights = [Flight(node, name) for name in swarm.names]
    try:
        for name, graph in graphs.items():
            graph.start('world', {'world': world, 'wind': 'W2', 'seed': seed, 'listeners': 2,
                                  **swarm.world(name)})
            graph.start('controller', piloting)
            graph.start('guard', {**piloting, **swarm.guard(name)})
        while not all(flight.flying() for flight in flights):
            executor.spin_once(timeout_sec=0.1)
            for name, graph in graphs.items():
                if graph.ended():
                    raise SystemExit(f'{name}: ended before the flight began: {graph.ended()}')
        for flight in flights:
            flight.world, flight.stepped = flight.world[-1:], set()
            flight.reasons.clear()
        before = processor_time(graphs.values())
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            executor.spin_once(timeout_sec=0.1)
        after = processor_time(graphs.values())
    finally:
        for graph in reversed(graphs.values()):
            graph.stop()
        rclpy.shutdown()
    return flights, {kind: after[kind] - before[kind] for kind in after}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--drones', type=int, default=4)
    parser.add_argument('--seconds', type=float, default=30.0)
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--camera-hz', type=float, default=15.0)
    parser.add_argument('--imu-hz', type=float, default=100.0)
    parser.add_argument('--seed', type=int, default=500_000)
    parser.add_argument('--spacing', type=float, default=1.2)
    parser.add_argument('--separation', type=float, default=0.8)
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    arguments = parser.parse_args(argv)
    swarm = Swarm(arguments.drones, spacing=arguments.spacing, separation=arguments.separation)
    with tempfile.TemporaryDirectory() as folder:
        flights, spent = measure(swarm, arguments.seconds, arguments.policy, world_file(
            folder, arguments.camera_hz, arguments.imu_hz), arguments.seed)
    rows = [flight.row() for flight in flights]
    least = least_distance(flights) if len(flights) > 1 else float('nan')
    simulated = float(np.mean([float(row['simulated_s']) for row in rows]))
    cores = {kind: time_s / simulated for kind, time_s in spent.items()}
    if arguments.json:
        print(json.dumps({'drones': rows, 'least_distance_m': least, 'cores': cores}, indent=2))
        return 0
    for row in rows:
        print(f'{row["drone"]}   x{row["real_time_factor"]:.3f} (least {row["least"]:.3f})   '
              f'{row["frames"]} frames, {row["stepped"]} stepped on   '
              f'{100 * float(row["flying"]):.1f} % of commands flew, '
              f'{100 * float(row["cut_by_neighbour"]):.1f} % cut by a neighbour   '
              f'{row["outcome"]}')
    print(f'least distance {least:.2f} m')
    print(f'cores for real time {sum(cores.values()):.2f}: ' + ', '.join(
        f'{kind}s {share:.2f}' for kind, share in cores.items()))
    return 0


if __name__ == '__main__':
    sys.exit(main())
