# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
How long from a camera frame to the command that answers it, over ROS, in real time.

    python benchmarks/latency.py --policy forest_liquid --seconds 30

The world runs in this process, controller and guard in their own. A frame's time begins before
it is rendered and ends when the `cmd_vel` that rests on it is in the world's hands. Each is
followed by its stamps: frame -> controller/status -> guard/status -> cmd_vel.
"""

import argparse
from collections.abc import Sequence
import json
import os
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph, parameter_file, Value
from liquid_control.nodes.world import WorldNode
from liquid_control.sim.simulation import Sensed
import numpy as np
import rclpy
from rclpy.executors import SingleThreadedExecutor


class TimedWorld(WorldNode):
    """A world that notes when a frame is begun and when each command comes."""

    def __init__(self) -> None:
        """Listen to the status of controller and guard as well."""
        self.begun: dict[int, int] = {}         # frame stamp -> steady time [ns]
        self.arrived: dict[int, int] = {}       # stamp of cmd_vel -> steady time [ns]
        self.commanded: dict[int, int] = {}     # frame stamp -> stamp of cmd_vel_policy
        self.passed: dict[int, int] = {}        # stamp of cmd_vel_policy -> stamp of cmd_vel
        self.stages: list[dict[str, float]] = []
        self._step_begun = 0
        super().__init__()
        self.create_subscription(DiagnosticArray, 'controller/status', self._on_controller,
                                 qos.RECORD_COMMAND)
        self.create_subscription(DiagnosticArray, 'guard/status', self._on_guard,
                                 qos.RECORD_COMMAND)

    def _step(self) -> None:
        self._step_begun = time.monotonic_ns()
        super()._step()

    def _send(self, sensed: Sensed) -> None:
        if sensed.frame is not None and self._step_begun:
            self.begun[sensed.frame.stamp_ns] = self._step_begun
        super()._send(sensed)

    def _on_command(self, message: TwistStamped) -> None:
        # The last of several with one stamp counts: the worse case.
        self.arrived[messages.stamp_ns(message.header.stamp)] = time.monotonic_ns()
        super()._on_command(message)

    def _on_controller(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values:
            self.commanded[int(values['source_stamp_ns'])] = int(values['stamp_ns'])
            self.stages.append({key: float(values[key]) for key in
                                ('queue_ms', 'tick_ms', 'publish_ms')})

    def _on_guard(self, message: DiagnosticArray) -> None:
        source = int(messages.status_values(message)['source_stamp_ns'])
        self.passed.setdefault(source, messages.stamp_ns(message.header.stamp))

    def latencies(self) -> list[float]:
        """Return the latency of every frame that was answered [ms]."""
        found = []
        for stamp, begun in self.begun.items():
            arrived = self.arrived.get(self.passed.get(self.commanded.get(stamp, -1), -1))
            if arrived is not None:
                found.append((arrived - begun) * 1e-6)
        return found


def measure(policy: str, seconds: float, world: str, wind: str) -> TimedWorld:
    """
    Fly for a while and return the world that timed it.

    :param policy: name or path of a bundle.
    :param seconds: of flight; less if the flight ends.
    :param world: name.
    :param wind: name.
    """
    os.environ.update(environment())
    rclpy.init(args=['--ros-args', '-p', f"world:='{world}'", '-p', f"wind:='{wind}'",
                     '-p', 'listeners:=2'])
    graph = Graph(parameter_file=parameter_file())
    piloting: dict[str, Value] = {'policy': policy, 'sim': True, 'auto_engage': True,
                                  'use_sim_time': True}
    node = TimedWorld()
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    try:
        for name in ('controller', 'guard'):
            graph.start(name, piloting)
        begun: float | None = None
        while begun is None or time.monotonic() - begun < seconds:
            node.work(executor)
            if begun is None and node.arrived:
                begun = time.monotonic()
            if graph.ended():
                break
    finally:
        graph.stop()
        node.close()
        rclpy.shutdown()
    return node


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default='forest_liquid')
    parser.add_argument('--seconds', type=float, default=30.0)
    parser.add_argument('--world', default='empty')
    parser.add_argument('--wind', default='W2')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')
    arguments = parser.parse_args(argv)
    node = measure(arguments.policy, arguments.seconds, arguments.world, arguments.wind)
    values = {'camera to cmd_vel': node.latencies()}
    for key in ('queue_ms', 'tick_ms', 'publish_ms'):
        values[f'of it {key[:-3]}'] = [stage[key] for stage in node.stages]
    table = {name: {'frames': len(times), **{
        f'p{share}_ms': float(np.percentile(times, share)) for share in (50, 99, 100)}}
        for name, times in values.items() if times}
    if arguments.json:
        print(json.dumps({'sent': len(node.begun), 'latency': table}, indent=2))
    else:
        print(f'{len(node.begun)} frames sent')
        for name, row in table.items():
            print(f'{name:<20} {row["frames"]:5d} frames   p50 {row["p50_ms"]:6.2f} ms   '
                  f'p99 {row["p99_ms"]:6.2f} ms   largest {row["p100_ms"]:6.2f} ms')
    return 0 if table else 1


if __name__ == '__main__':
    sys.exit(main())
