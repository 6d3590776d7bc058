# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a control loop tells of itself: a status a command, neurons on demand, diagnostics."""

from collections.abc import Iterable, Mapping
import dataclasses
from dataclasses import dataclass
import math
from typing import TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from liquid_control.nodes import messages, qos
from liquid_control.nodes.arrival import Arrival
from liquid_control.runtime.controller import StepRecord
from liquid_control.runtime.performance import Performance
from liquid_control.signals import Reason, VelocityCommand
import numpy as np
from sensor_msgs.msg import JointState

if TYPE_CHECKING:
    from liquid_control.nodes.sensors import Sensors
    from liquid_control.runtime.bundle import Bundle
    from liquid_control.runtime.controller import Controller
    from liquid_control.runtime.pacing import Pacing
    from rclpy.node import Node

WELL = (Reason.OK, Reason.LIMITED)


@dataclass(frozen=True, slots=True)
class Ticked:
    """One tick: what it answered, and when its parts were done by the steady clock [ns]."""

    command: VelocityCommand
    frame_ns: int | None             # stamp of the frame that was answered
    came: Arrival | None             # of what was ticked on; None for a tick of the timer
    steps: tuple[StepRecord | None, StepRecord | None]     # the last step before, and after
    started_ns: int
    ticked_ns: int
    sent_ns: int

    @property
    def stepped(self) -> StepRecord | None:
        """Return the step that this tick took, if it did."""
        before, after = self.steps
        return None if after is before else after

    @property
    def stages(self) -> dict[str, float]:
        """Return how long each stage took [ms]."""
        found = {'tick': (self.ticked_ns - self.started_ns) * 1e-6,
                 'publish': (self.sent_ns - self.ticked_ns) * 1e-6}
        if self.came is not None:
            found['queue'] = (self.started_ns - self.came.steady_ns) * 1e-6
            if self.came.transport_ns is not None:
                found['arrival'] = self.came.transport_ns * 1e-6
        return found


class Reporter:
    """Publishes what a control loop did, and keeps the figures of its last seconds."""

    def __init__(self, node: 'Node', bundle: 'Bundle') -> None:
        """
        Make the publishers.

        :param node: that they belong to.
        :param bundle: at work.
        """
        self._node = node
        self._name = node.get_fully_qualified_name()
        self._bundle = bundle
        self._performance = Performance(bundle.spec.nominal_dt, bundle.spec.command)
        self._status = node.create_publisher(DiagnosticArray, '~/status', qos.STATUS)
        self._neurons = node.create_publisher(JointState, '~/neurons', qos.SENSOR)
        self._reason = Reason.NOT_ENGAGED

    def close(self) -> None:
        """Leave nothing behind: the next one has publishers of its own."""
        for publisher in (self._status, self._neurons):
            self._node.destroy_publisher(publisher)

    def swap(self, bundle: 'Bundle') -> None:
        """
        Report on another policy; what was measured of the one before is dropped.

        :param bundle: that flies from now on.
        """
        self._bundle = bundle
        self._performance = Performance(bundle.spec.nominal_dt, bundle.spec.command)

    def ticked(self, tick: Ticked, controller: 'Controller') -> None:
        """
        Take note of a tick; publish its status and neurons if somebody listens.

        :param tick: that was made.
        :param controller: that made it.
        """
        stages, steady, step = tick.stages, tick.sent_ns, tick.stepped
        self._reason = tick.command.reason
        for stage, milliseconds in stages.items():
            self._performance.took(stage, milliseconds, steady)
        self._performance.commanded(tick.command.values, self._reason, steady)
        if tick.frame_ns is not None and not math.isnan(controller.encode_s):
            self._performance.took('encode', controller.encode_s * 1e3, steady)
        if step is not None:
            self._performance.took('step', controller.step_s * 1e3, steady)
            self._performance.stepped(step.observation.dt, steady)
            if self._neurons.get_subscription_count():
                self._neurons.publish(self._activity(step))
        if self._status.get_subscription_count():
            self._status.publish(self._told(tick, stages, controller.alarm))

    def _told(self, tick: Ticked, stages: dict[str, float],
              alarm: Reason | None) -> DiagnosticArray:
        """Write the status of one command."""
        now, reason = tick.command.stamp_ns, tick.command.reason
        values: dict[str, object] = {'reason': reason.value, 'stamp_ns': now,
                                     'alarm': alarm.value if alarm else 'none'}
        if tick.frame_ns is not None:
            values['source_stamp_ns'] = tick.frame_ns
            values['frame_age_ms'] = (now - tick.frame_ns) * 1e-6
        if tick.stepped is not None:
            values['step_stamp_ns'] = tick.stepped.stamp_ns
        values.update({f'{stage}_ms': value for stage, value in stages.items()})
        return messages.status_array(now, messages.status(
            self._name, DiagnosticStatus.OK if reason in WELL else DiagnosticStatus.WARN,
            reason.value, values))

    def _activity(self, step: StepRecord) -> JointState:
        """Write the neurons of one step."""
        message = JointState(name=list(self._bundle.spec.neurons),
                             position=np.asarray(step.state, float).ravel().tolist(),
                             effort=np.asarray(step.time_constants, float).ravel().tolist())
        message.header.stamp = messages.to_time(step.stamp_ns)
        return message

    def diagnose(self, name: str, controller: 'Controller', sensors: 'Sensors',
                 pacing: 'Pacing', late: Iterable[str], more: Mapping[str, object],
                 steady: int) -> DiagnosticStatus:
        """
        Return reason, policy, rates, figures and counters.

        :param name: of the status.
        :param controller: at work.
        :param sensors: that it hears.
        :param pacing: of its steps.
        :param late: what is wrong with the inputs.
        :param more: values of the node.
        :param steady: steady clock [ns].
        """
        spec, counters, counts = self._bundle.spec, controller.counters, pacing.counts
        complaint = sensors.rejected or controller.last_rejection
        values: dict[str, object] = {
            'reason': self._reason.value, 'engaged': controller.engaged, 'policy': spec.name,
            'policy_sha256': self._bundle.digest, 'stepper': controller.stepped_by,
            'rejected': complaint, 'step_on': spec.step_on,
            f'{spec.step_on}_expected_hz': 1.0 / spec.nominal_dt,
            f'{spec.step_on}_lowest_hz': 1.0 / spec.dt_range[1],
            f'{spec.step_on}_highest_hz': 1.0 / spec.dt_range[0],
            'steps_late': counts.late, 'steps_skipped': counts.skipped,
            'steps_missed': counts.missed, 'steps_on_time': counts.on_time}
        values.update(self._performance.figures(steady))
        values.update(sensors.figures(steady))
        values.update(more)
        for field in dataclasses.fields(counters):
            if field.name != 'reasons':
                values[field.name] = getattr(counters, field.name)
        values.update({f'reason_{key}': count for key, count in counters.reasons.items()})
        wrong = [*late, complaint if self._reason is not Reason.OK else '']
        level = DiagnosticStatus.OK if self._reason in WELL else DiagnosticStatus.WARN
        if any(wrong):
            level = DiagnosticStatus.ERROR
        text = '; '.join(part for part in (self._reason.value, *wrong) if part)
        return messages.status(name, level, text, values)
