# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly seeds behind the MAVLink bridge, and the same seeds in process; compare how often they succeed.

    python test/campaign/fly_over_mavlink.py --policy forest_liquid --wind W2 --episodes 50

Behind the bridge everything is real but vehicle and autopilot: controller, guard and bridge are
processes, commands and measurements cross UDP as MAVLink, the simulated autopilot of
test/autopilot (neither PX4 nor ArduPilot) flies the PyBullet drone and drives the camera. Time
is the autopilot's: --factor flies faster or slower than the clock on the wall.

A busy machine may hold the simulator still for a moment, and its clock with it. That is no lost
link, so the bridge is given LINK seconds here, and the pilot engages again what was disengaged;
what the nodes complain of is told with the flight.

Flights are appended to OUT/flights.jsonl, so that an interrupted campaign goes on where it was.
Exit code 0 if the bridge reaches at most --tolerance targets fewer.
"""

import argparse
from collections.abc import Sequence
import json
import os
from pathlib import Path
import subprocess
import sys
import time
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))     # for autopilot/

from autopilot.modes import MAKES  # noqa: E402
from autopilot.process import AutopilotProcess  # noqa: E402
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus  # noqa: E402
from fly_over_ros import fly_in_process, read_journal  # noqa: E402
from liquid_control.evaluation.identity import package_digest  # noqa: E402
from liquid_control.nodes.graph import environment, Graph, parameter_file  # noqa: E402
from liquid_control.runtime.bundle import Bundle, find  # noqa: E402
import rclpy  # noqa: E402
from std_msgs.msg import Bool  # noqa: E402
from std_srvs.srv import SetBool  # noqa: E402

READY = 60.0        # for all to find each other [s]
ASK_EVERY = 0.5     # to arm, switch and engage [s]
LINK = 2.0          # link_timeout here; 0.4 where a vehicle flies on without its bridge [s]
WALL = 300.0        # longest flight on the wall clock [s]


class Pilot:
    """Arms, switches and engages, as a person would with transmitter and service."""

    def __init__(self) -> None:
        self.node = rclpy.create_node('campaign')
        self._client = self.node.create_client(SetBool, 'guard/engage')
        self.engaged = False
        self.stops: list[str] = []      # what the guard and the bridge said of them
        self.node.create_subscription(Bool, 'guard/engaged', self._on_engaged, 10)
        self.node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 100)

    def _on_engaged(self, message: Bool) -> None:
        if self.engaged and not message.data:
            self.stops.append('disengaged')
        self.engaged = message.data

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            if status.level != DiagnosticStatus.OK and self.engaged:
                self.stops.append(f'{status.name}: {status.message}')

    def engage(self) -> None:
        """Ask the guard once."""
        if self._client.service_is_ready():
            self._client.call_async(SetBool.Request(data=True))

    def watch(self, seconds: float) -> None:
        """Handle messages for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            rclpy.spin_once(self.node, timeout_sec=0.05)


def start(policy: str, vehicle: AutopilotProcess, make: str) -> Graph:
    """Start controller, guard and bridge."""
    graph = Graph(parameter_file=parameter_file())
    for node in ('controller', 'guard'):
        graph.start(node, {'use_sim_time': True, 'policy': str(find(policy).resolve())})
    parameters = {'use_sim_time': 'true', 'stamps': 'as_sent', 'autopilot': make,
                  'url': vehicle.url, 'imu_rate': '240.0', 'link_timeout': str(LINK)}
    graph.processes['mavlink'] = subprocess.Popen(
        [sys.executable, '-m', 'liquid_control.bridges.mavlink', '--ros-args', '--log-level',
         'error', *(part for name, value in parameters.items()
                    for part in ('-p', f'{name}:={value}'))],
        env=environment(), stdin=subprocess.DEVNULL, start_new_session=True)
    return graph


def fly_over_mavlink(policy: str, world: str, wind: str, seed: int, make: str,
                     factor: float) -> dict[str, Any]:
    """
    Fly once behind the bridge.

    :returns: the verdict.
    :raises RuntimeError: if the flight did not begin, or not end.
    """
    vehicle = AutopilotProcess('--world', world, '--wind', wind, '--seed', str(seed), '--factor',
                               str(factor), '--camera', '--hold', make=make)
    graph = start(policy, vehicle, make)
    pilot = Pilot()
    began, external = time.monotonic(), MAKES[make].external
    try:
        while vehicle.truth['held']:
            if time.monotonic() > began + READY or graph.ended():
                raise RuntimeError(f'seed {seed}: nothing moves; {vehicle.truth}, '
                                   f'ended: {graph.ended()}')
            if not vehicle.truth['armed'] or vehicle.truth['mode'] != external:
                vehicle.arm()
                vehicle.mode(external)
            elif not pilot.engaged:
                pilot.engage()
            pilot.watch(ASK_EVERY)
        moved = time.monotonic()
        while vehicle.truth['outcome'] is None:
            if time.monotonic() > moved + WALL or vehicle.process.poll() not in (None, 0):
                raise RuntimeError(f'seed {seed}: the flight has no end; {vehicle.truth}')
            pilot.watch(0.1)
            if not pilot.engaged:
                pilot.engage()
                pilot.watch(ASK_EVERY)
        told = vehicle.truth
        return {'over': 'mavlink', 'outcome': told['outcome'], 'time_s': told['flown_s'],
                'real_time_factor': told['flown_s'] / (time.monotonic() - moved),
                'stops': pilot.stops[:5]}
    finally:
        pilot.node.destroy_node()
        graph.stop()
        bridge = graph.processes['mavlink']
        bridge.terminate()
        bridge.wait(10)
        vehicle.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Fly, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--world', default='forest')
    parser.add_argument('--wind', default='W2')
    parser.add_argument('--make', choices=tuple(MAKES), default='px4')
    parser.add_argument('--seed', type=int, default=600000, help='the first')
    parser.add_argument('--episodes', type=int, default=50)
    parser.add_argument('--factor', type=float, default=1.0, help='simulated seconds a second')
    parser.add_argument('--tolerance', type=int, default=4, help='flights')
    parser.add_argument('--out', type=Path, default=Path('runs/fly_over_mavlink'))
    parser.add_argument('--json', type=Path, metavar='PATH', help='write the flights there')
    options = parser.parse_args(argv)
    # A domain of its own, on this machine: nothing else may fly this vehicle.
    os.environ.setdefault('ROS_DOMAIN_ID', str(1 + os.getpid() % 100))
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    rclpy.init(args=[])
    options.out.mkdir(parents=True, exist_ok=True)
    log = options.out / 'flights.jsonl'
    cell = {'policy': Bundle.load(find(options.policy)).digest, 'code': package_digest(),
            'world': options.world, 'wind': options.wind, 'make': options.make,
            'factor': options.factor}
    known = read_journal(log)
    reached = {'mavlink': 0, 'process': 0}
    rows = []
    for seed in range(options.seed, options.seed + options.episodes):
        for over in ('process', 'mavlink'):
            key = {**cell, 'seed': seed, 'over': over}
            row = next((row for row in known if key.items() <= row.items()), None)
            if row is None:
                names = (options.policy, options.world, options.wind, seed)
                row = {**key, **(fly_in_process(*names) if over == 'process' else
                                 fly_over_mavlink(*names, options.make, options.factor))}
                with log.open('a', encoding='utf-8') as file:
                    # First an end of line: the one before may have been cut off.
                    file.write('\n' + json.dumps(row))
            rows.append(row)
            reached[over] += row['outcome'] == 'reached'
            pace = f'  x{row["real_time_factor"]:.2f}' if 'real_time_factor' in row else ''
            pace += ''.join(f'\n        {text}' for text in row.get('stops', ()))
            print(f'{seed}  {over:<8} {row["outcome"]:<14} {row["time_s"]:6.2f} s{pace}',
                  flush=True)
    if options.json:
        options.json.write_text(json.dumps({'reached': reached, 'flights': rows}, indent=1) + '\n',
                                encoding='utf-8')
    print(f'reached behind MAVLink {reached["mavlink"]}, in process {reached["process"]}, '
          f'of {options.episodes}')
    return 0 if reached['process'] - reached['mavlink'] <= options.tolerance else 1


if __name__ == '__main__':
    sys.exit(main())
