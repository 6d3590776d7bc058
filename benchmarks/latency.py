# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Controller and guard in real time over DDS, beside played drivers, each node in its own process.

    python benchmarks/latency.py --seconds 30
    python benchmarks/latency.py --only imu --seconds 600
    python benchmarks/latency.py --only images --seconds 300

start: from the start of the processes to the first command of an active controller. camera: from
the stamp of a frame, taken as it is published, to the `cmd_vel` that rests on it, at 30 Hz beside
an IMU of 200 Hz; frames are followed by stamps: frame, controller/status, guard/status, cmd_vel.
imu: the networks of the policy, told to step on the IMU at 200 Hz (what they would fly is not the
matter): steps answered before the next was due, by the controller's own count, held against the
samples sent. cpu: processor time of controller and guard at 30 Hz and 200 Hz. images: 640x480 at
30 Hz, by the frames that the controller was given.
"""

import argparse
from collections.abc import Callable, Sequence
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph
from liquid_control.runtime.bundle import find, seal
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor
import yaml

IMU_DT = 0.005             # [s]
PATIENCE = 60.0            # for the processes to start [s]
WARM = 2.0                 # before processor time is counted [s]
DRIVERS = Path(__file__).with_name('drivers.py')
# Row -> bar, and whether more is better.
BARS = {'camera stamp to cmd_vel, p50': (6.0, False),
        'camera stamp to cmd_vel, p99': (12.0, False),
        'IMU steps on time': (99.9, True), 'controller and guard': (25.0, False),
        'start to active': (2.0, False), 'frames of 640x480 that arrived': (99.0, True)}


class Listener:
    """Notes when commands come, and what the nodes say of them."""

    def __init__(self, follow: bool) -> None:
        self.node = rclpy.create_node('listener')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self.arrived: dict[int, int] = {}       # stamp of cmd_vel -> system time [ns]
        self.commanded: dict[int, int] = {}     # frame stamp -> stamp of cmd_vel_policy
        self.passed: dict[int, int] = {}        # stamp of cmd_vel_policy -> stamp of cmd_vel
        self.stages: list[dict[str, str]] = []
        self.counted: dict[str, str] = {}       # newest diagnostics of the controller
        self.first: int | None = None           # steady time of the first command [ns]
        subscribe = self.node.create_subscription
        self._first = subscribe(TwistStamped, 'cmd_vel_policy', self._on_first, qos.COMMAND)
        subscribe(DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_COMMAND)
        if follow:
            subscribe(TwistStamped, 'cmd_vel', self._on_command, qos.RECORD_COMMAND)
            subscribe(DiagnosticArray, 'controller/status', self._on_controller,
                      qos.RECORD_COMMAND)
            subscribe(DiagnosticArray, 'guard/status', self._on_guard, qos.RECORD_COMMAND)

    def _on_first(self, _message: TwistStamped) -> None:
        if self.first is None:
            self.first = time.monotonic_ns()

    def _on_command(self, message: TwistStamped) -> None:
        self.arrived.setdefault(messages.stamp_ns(message.header.stamp), time.time_ns())

    def _on_controller(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values:
            self.commanded[int(values['source_stamp_ns'])] = int(values['stamp_ns'])
            self.stages.append(values)

    def _on_guard(self, message: DiagnosticArray) -> None:
        source = int(messages.status_values(message)['source_stamp_ns'])
        self.passed.setdefault(source, messages.stamp_ns(message.header.stamp))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        if '/controller:' in message.status[0].name:
            self.counted = messages.status_values(message)

    def until(self, condition: Callable[[], Any], limit: float) -> bool:
        """Listen until a condition holds; return whether it did in time."""
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                return False
            self._executor.spin_once(timeout_sec=0.02)
        return True

    def hush(self) -> None:
        """Stop hearing commands: who listens costs those who send."""
        self.node.destroy_subscription(self._first)

    def latencies(self) -> list[float]:
        """Return the latency of every frame that was answered [ms]."""
        found = []
        for stamp, command in self.commanded.items():
            arrived = self.arrived.get(self.passed.get(command, -1))
            if arrived is not None:
                found.append((arrived - stamp) * 1e-6)
        return found

    def close(self) -> None:
        """Leave the domain."""
        self._executor.shutdown()
        self.node.destroy_node()


class Run:
    """One flight on the bench: start the nodes, send, end them."""

    def __init__(self, policy: str, seconds: float, *, follow: bool = False,
                 camera: str = '64x48') -> None:
        rclpy.init(args=[])
        self.listener = Listener(follow)
        graph = Graph()
        try:
            begun = time.monotonic_ns()
            for name in ('controller', 'guard'):
                graph.start(name, {'policy': policy, 'sim': True, 'auto_engage': True})
            self._expect(lambda: self.listener.first is not None, 'no command of the controller')
            assert self.listener.first is not None
            self.start_s = (self.listener.first - begun) * 1e-9
            self.listener.hush()
            drivers = subprocess.Popen(
                [sys.executable, str(DRIVERS), '--seconds', str(seconds), '--camera', camera],
                stdout=subprocess.PIPE, text=True, env=environment())
            try:
                self.cpu = self._drive(drivers, graph)
            finally:
                drivers.kill()
                drivers.wait()
        finally:
            graph.stop()
            self.listener.close()
            rclpy.shutdown()

    def _expect(self, condition: Callable[[], Any], otherwise: str) -> None:
        if not self.listener.until(condition, PATIENCE):
            raise SystemExit(f'{otherwise} within {PATIENCE:g} s; controller: '
                             f'{self.listener.counted}')

    def _drive(self, drivers: 'subprocess.Popen[str]', graph: Graph) -> float:
        """Listen while the drivers send; return the share of a core that the nodes took."""
        listener = self.listener
        self._expect(lambda: listener.counted.get('steps', '0') != '0', 'no step of the network')
        listener.until(lambda: False, WARM)
        processes = list(graph.processes.values())
        begun, used = time.monotonic(), processor_time(processes)
        listener.until(lambda: drivers.poll() is not None, float('inf'))
        share = (processor_time(processes) - used) / (time.monotonic() - begun)
        output, _ = drivers.communicate()
        self.sent: dict[str, int] = json.loads(output)
        listener.until(lambda: False, 2.5)      # for the last of the diagnostics, sent each second
        return share


def processor_time(processes: Sequence['subprocess.Popen[bytes]']) -> float:
    """Return the processor time that processes have taken, all threads [s]."""
    ticks = 0
    for process in processes:
        fields = Path(f'/proc/{process.pid}/stat').read_text('ascii').rsplit(')', 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])      # utime, stime
    return ticks / float(os.sysconf('SC_CLK_TCK'))


def on_imu(policy: str, folder: Path) -> str:
    """Write the networks of a policy as a bundle that steps on the IMU; return its folder."""
    target = folder / 'stepping_on_imu'
    shutil.copytree(find(policy), target)
    path = target / 'bundle.yaml'
    values = yaml.safe_load(path.read_text('utf-8'))
    low, high = values['dt_range']
    values |= {'step_on': 'imu', 'nominal_dt': IMU_DT, 'dt_range': [min(low, IMU_DT / 2), high]}
    path.write_text(yaml.safe_dump(values, sort_keys=False), encoding='utf-8')
    seal(target)
    return str(target)


Row = tuple[str, float, str]


def measure_start(policy: str, _seconds: float) -> list[Row]:
    """Start five times; the slowest counts."""
    starts = [Run(policy, 3.0).start_s for _ in range(5)]
    return [('start to active', max(starts), 's'),
            ('start to active, fastest of 5', min(starts), 's')]


def measure_camera(policy: str, seconds: float) -> list[Row]:
    """Follow frames to commands."""
    run = Run(policy, seconds, follow=True)
    times, sent = run.listener.latencies(), run.sent['frames']
    rows = [(f'camera stamp to cmd_vel, p{share}', float(np.percentile(times, share)), 'ms')
            for share in (50, 99, 100)]
    rows.append(('frames followed', 100.0 * len(times) / sent, '%'))
    for stage in ('arrival', 'queue', 'tick', 'publish'):
        values = [float(found[f'{stage}_ms']) for found in run.listener.stages
                  if f'{stage}_ms' in found]
        rows += [(f'of it {stage} of the controller, p{share}',
                  float(np.percentile(values, share)), 'ms') for share in (50, 99)]
    return rows


def measure_imu(policy: str, seconds: float) -> list[Row]:
    """Step on the IMU."""
    with tempfile.TemporaryDirectory() as folder:
        run = Run(on_imu(policy, Path(folder)), seconds)
    counted = run.listener.counted
    taken, late = int(counted['steps']), int(counted['steps_late'])
    missed, sent = int(counted['steps_missed']), run.sent['samples']
    return [('IMU steps on time', 100.0 * (taken - late) / sent, '%'),
            ('IMU samples sent', sent, ''),
            ('of these sent a period late or more', run.sent['samples_sent_late'], ''),
            ('IMU steps taken', taken, ''),
            ('of these late', late, ''), ('misses reported', missed, ''),
            ('misses not reported', max(0, sent - (taken - late) - missed), ''),
            ('step of the network, p99', float(counted['step_ms_p99']), 'ms'),
            ('queue before a step, p99', float(counted['queue_ms_p99']), 'ms'),
            ('controller and guard, stepping on the IMU', 100.0 * run.cpu, '% of a core')]


def measure_cpu(policy: str, seconds: float) -> list[Row]:
    """Weigh the two nodes, with nobody who listens but to diagnostics."""
    return [('controller and guard', 100.0 * Run(policy, seconds).cpu, '% of a core')]


def measure_images(policy: str, seconds: float) -> list[Row]:
    """Count frames of 640x480."""
    run = Run(policy, seconds, camera='640x480')
    counted, sent = run.listener.counted, run.sent['frames']
    return [('frames of 640x480 that arrived', 100.0 * int(counted['camera_received']) / sent,
             '%'), ('frames sent', sent, ''), ('frames stepped on', int(counted['steps']), ''),
            ('arrival of a frame, p99', float(counted['arrival_ms_p99']), 'ms')]


PARTS = {'start': measure_start, 'camera': measure_camera, 'imu': measure_imu,
         'cpu': measure_cpu, 'images': measure_images}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--seconds', type=float, default=30.0, help='of each part')
    parser.add_argument('--only', choices=tuple(PARTS), nargs='+', default=list(PARTS))
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    arguments = parser.parse_args(argv)
    os.environ.update(environment())
    rows = []
    for part in arguments.only:
        for name, value, unit in PARTS[part](arguments.policy, arguments.seconds):
            bar, more = BARS.get(name, (None, False))
            met = None if bar is None else (value >= bar if more else value < bar)
            rows.append({'name': name, 'value': value, 'unit': unit, 'bar': bar, 'met': met})
            if not arguments.json:
                verdict = '' if bar is None else f'   bar {bar:g}: {"met" if met else "missed"}'
                print(f'{name:<46} {value:>12,.2f} {unit:<12}{verdict}', flush=True)
    if arguments.json:
        print(json.dumps({'policy': arguments.policy, 'seconds': arguments.seconds,
                          'cores': os.cpu_count(), 'rows': rows}, indent=2))
    return 0


if __name__ == '__main__':
    sys.exit(main())
