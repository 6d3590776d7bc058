# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who swaps policies while the whole graph flies, and times what the vehicle is sent."""

from collections import Counter
from collections.abc import Sequence
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
import numpy as np
from pilot import Pilot
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import SetParameters

PAUSE = 0.2             # between two requests [s]
FRAME_MS = 1000 / 30


class SwappingPilot(Pilot):
    """Swaps while it flies."""

    def __init__(self, policy: str) -> None:
        """
        Start the graph.

        :param policy: to begin with.
        """
        super().__init__('swapping_pilot', policy, {})
        self._sent: list[int] = []          # when each command was sent, clock of the system [ns]
        self._counting = False              # engaged, from a request to its pause
        self._queued: list[float] = []      # how long each frame waited for its tick [ms]
        self._reasons: Counter[str] = Counter()     # of frames in flight
        listen = self.node.create_subscription
        listen(DiagnosticArray, 'controller/status', self._on_status, qos.RECORD_COMMAND)
        listen(TwistStamped, 'cmd_vel_policy', self._on_command, qos.RECORD_COMMAND)

    def _on_status(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values and self._counting:
            self._queued.append(float(values['queue_ms']))
            self._reasons[values['reason']] += 1

    def _on_command(self, _message: TwistStamped, info: dict[str, Any]) -> None:
        self._sent.append(info['source_timestamp'])

    def fly(self, swaps: int, requests: Sequence[tuple[str, bool]]) -> dict[str, object]:
        """
        Fly, and set `policy` again and again.

        :param swaps: how long, where nothing is asked for: as many pauses.
        :param requests: names, and whether each is a good one.
        :returns: figures of this part of the flight.
        """
        self.fly_on()
        self._queued.clear()
        self._reasons.clear()
        before, wrong, answers, intervals = dict(self.diagnostics), [], [], []
        for name, good in requests or [('', True)] * swaps:
            self.fly_on()
            self._sent.clear()
            self._counting = True
            begun = time.monotonic()
            if name:
                wanted = Parameter(name='policy',
                                   value=ParameterValue(type=4, string_value=name))
                result = self.call(SetParameters, 'controller/set_parameters',
                                   SetParameters.Request(parameters=[wanted])).results[0]
                answers.append((time.monotonic() - begun) * 1e3)
                if result.successful is not good:
                    wrong.append(f'{name}: {result.reason or "accepted"}')
            self.spin(PAUSE)
            self._counting = False
            intervals.extend((np.diff(self._sent) * 1e-6).tolist())
        self.spin(1.5)
        after = self.diagnostics
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


def _figures(values: Sequence[float]) -> dict[str, float]:
    """Return count, median, 99th percentile and largest."""
    return {'count': len(values), 'p50': round(float(np.median(values)), 2),
            'p99': round(float(np.percentile(values, 99)), 2), 'max': round(max(values), 2)}
