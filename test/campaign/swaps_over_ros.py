# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who swaps policies while the whole graph flies, and times what the vehicle is sent."""

from collections import Counter
from collections.abc import Sequence
import os
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import environment, Graph, parameter_file
import numpy as np
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import SetParameters
import rclpy
from rclpy.executors import SingleThreadedExecutor
from std_srvs.srv import SetBool, Trigger

PATIENCE = 60.0         # for an answer [s]
PAUSE = 0.2             # between two requests [s]
FRAME_MS = 1000 / 30
FIRST_SEED = 500_000    # of the world: none that is for testing


class SwappingPilot:
    """Engages, swaps, and begins the flight anew where one ends."""

    def __init__(self, policy: str) -> None:
        """
        Start the graph.

        :param policy: to begin with.
        """
        os.environ.update(environment())
        rclpy.init()
        self._node = rclpy.create_node('swapping_pilot')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._world: dict[str, str] = {}
        self._diagnostics: dict[str, str] = {}
        self._sent: list[int] = []          # when each command was sent, clock of the system [ns]
        self._counting = False              # engaged, from a request to its pause
        self._queued: list[float] = []      # how long each frame waited for its tick [ms]
        self._reasons: Counter[str] = Counter()     # of frames in flight
        self._graph = Graph(parameter_file=parameter_file())
        piloting = {'policy': policy, 'sim': True, 'use_sim_time': True}
        self._graph.start('world', {'listeners': 2, 'seed': FIRST_SEED})
        for name in ('controller', 'guard'):
            self._graph.start(name, piloting)
        listen = self._node.create_subscription
        listen(DiagnosticArray, 'world/status', self._on_world, qos.RECORD_COMMAND)
        listen(DiagnosticArray, '/diagnostics', self._on_diagnostics, qos.RECORD_COMMAND)
        listen(DiagnosticArray, 'controller/status', self._on_status, qos.RECORD_COMMAND)
        listen(TwistStamped, 'cmd_vel_policy', self._on_command, qos.RECORD_COMMAND)

    def _on_world(self, message: DiagnosticArray) -> None:
        self._world = messages.status_values(message)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        if '/controller:' in message.status[0].name:
            self._diagnostics = messages.status_values(message)

    def _on_status(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values and self._counting:
            self._queued.append(float(values['queue_ms']))
            self._reasons[values['reason']] += 1

    def _on_command(self, _message: TwistStamped, info: dict[str, Any]) -> None:
        self._sent.append(info['source_timestamp'])

    @property
    def _flying(self) -> bool:
        return self._world.get('outcome') == 'flying'

    def _call(self, kind: type, service: str, request: Any) -> Any:
        """Call a service while everything goes on; return its answer."""
        client = self._node.create_client(kind, service)
        try:
            end = time.monotonic() + PATIENCE
            while not client.service_is_ready() and time.monotonic() < end:
                self._executor.spin_once(timeout_sec=0.05)
            future = client.call_async(request)
            while not future.done():
                if time.monotonic() > end:
                    raise TimeoutError(f'{service}: no answer within {PATIENCE:g} s')
                self._executor.spin_once(timeout_sec=0.05)
            return future.result()
        finally:
            self._node.destroy_client(client)

    def _spin(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._executor.spin_once(timeout_sec=0.02)

    def _fly_on(self) -> None:
        """Begin anew where the flight is over, and engage where nobody is."""
        if self._world.get('outcome') in ('reached', 'collision', 'timeout', 'out_of_bounds'):
            self._call(Trigger, 'world/reset', Trigger.Request())
            self._world = {}
        while not (self._flying and self._diagnostics.get('engaged') == 'True'):
            self._call(SetBool, 'guard/engage', SetBool.Request(data=True))
            self._spin(0.5)

    def fly(self, swaps: int, requests: Sequence[tuple[str, bool]]) -> dict[str, object]:
        """
        Fly, and set `policy` again and again.

        :param swaps: how long, where nothing is asked for: as many pauses.
        :param requests: names, and whether each is a good one.
        :returns: figures of this part of the flight.
        """
        self._fly_on()
        self._queued.clear()
        self._reasons.clear()
        before, wrong, answers, intervals = dict(self._diagnostics), [], [], []
        for name, good in requests or [('', True)] * swaps:
            self._fly_on()
            self._sent.clear()
            self._counting = True
            begun = time.monotonic()
            if name:
                result = self._call(SetParameters, 'controller/set_parameters',
                                    SetParameters.Request(parameters=[Parameter(
                                        name='policy', value=ParameterValue(
                                            type=4, string_value=name))])).results[0]
                answers.append((time.monotonic() - begun) * 1e3)
                if result.successful is not good:
                    wrong.append(f'{name}: {result.reason or "accepted"}')
            self._spin(PAUSE)
            self._counting = False
            intervals.extend((np.diff(self._sent) * 1e-6).tolist())
        self._spin(1.5)
        after = self._diagnostics
        counted = {key: int(after[key]) - int(before[key]) for key in
                   ('steps', 'frames', 'frames_rejected', 'frames_dropped_dt', 'swaps')}
        return {
            'requests': len(requests), 'wrong_answers': wrong, 'swaps': counted['swaps'],
            'answer_ms_p50': round(float(np.median(answers)), 1) if answers else None,
            'answer_ms_max': round(max(answers), 1) if answers else None,
            'frames': counted['frames'],
            'frames_without_a_step': counted['frames'] - counted['steps']
            - counted['frames_rejected'] - counted['frames_dropped_dt'],
            'command_interval_ms': _figures(intervals),
            'intervals_above_a_step': sum(interval > FRAME_MS for interval in intervals),
            'frame_waited_ms': _figures(self._queued), 'reasons': dict(self._reasons)}

    def close(self) -> None:
        """End every process."""
        self._graph.stop()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown()


def _figures(values: Sequence[float]) -> dict[str, float]:
    """Return count, median, 99th percentile and largest."""
    return {'count': len(values), 'p50': round(float(np.median(values)), 2),
            'p99': round(float(np.percentile(values, 99)), 2), 'max': round(max(values), 2)}
