# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
From messages to `Controller.tick` and back to messages.

It ticks for every camera frame as it comes, and on a timer while none comes. In lockstep it
ticks when the world asks, on the world's stamps, so that no race between topics matters.
"""

from collections.abc import Mapping
import dataclasses
import time
from typing import Any, TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.sensors import Sensors
from liquid_control.nodes.tick_record import TickRecord
from liquid_control.runtime.clock import time_of
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.sensing.extra import Extras
from liquid_control.signals import CameraFrame, NANOSECONDS, Reason
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, Image, Imu, JointState
from std_msgs.msg import Header

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle
    from liquid_control.runtime.stepper import Stepper
    from rclpy.node import Node

PERIOD = 1.0 / 48.0     # without a frame for so long, tick without one [s]


class ControlLoop:
    """One policy at work; made when the controller is configured."""

    def __init__(self, node: 'Node', bundle: 'Bundle', stepper: 'Stepper', safety: SafetyConfig,
                 options: Mapping[str, Any]) -> None:
        """
        Make the controller and its publishers.

        :param node: that it belongs to.
        :param bundle: loaded and tested.
        :param stepper: of that bundle.
        :param safety: deadlines and scale.
        :param options: lockstep, frame_prefix and horizontal_fov_deg of the node's parameters.
        """
        self._node = node
        self._bundle = bundle
        self._stepped_by = stepper.kind
        self._controller = Controller(bundle, safety, stepper)
        self._names = self._controller.spec.names
        self._lockstep: bool = options['lockstep']
        self._prefix: str = options['frame_prefix']
        self._tolerance = safety.stamp_tolerance
        self._sensors = Sensors(safety, options, node.get_logger().error)
        self._request: Header | None = None
        self._answered: TwistStamped | None = None
        self._reason = Reason.NOT_ENGAGED
        self._ticked_ns = 0
        self._running: list[Any] = []
        self._command = node.create_publisher(TwistStamped, 'cmd_vel_policy', qos.COMMAND)
        self._status = node.create_publisher(DiagnosticArray, '~/status', qos.STATUS)
        self._neurons = node.create_publisher(JointState, '~/neurons', qos.SENSOR)
        self._record = TickRecord(node)
        self._record.configured(node.get_clock().now().nanoseconds, {
            'policy': bundle.spec.name, 'policy_sha256': bundle.digest,
            'stepper': stepper.kind}, safety)

    # Start and stop

    def start(self) -> None:
        """Connect to the sensors."""
        sensors = self._sensors
        self._subscribe(Imu, 'imu/data', self._on_imu, qos.IMU, 'imu')
        if sensors.wants_camera_info:
            self._subscribe(CameraInfo, 'camera/camera_info', sensors.on_camera_info, qos.SENSOR)
        if Extras(self._bundle.spec.observation.extra).needs_odometry:
            self._subscribe(Odometry, 'odom', sensors.on_odometry, qos.SENSOR)
        if self._lockstep:
            self._subscribe(Header, 'world/lockstep', self._on_request, qos.COMMAND)
        else:
            self._running.append(self._node.create_timer(
                PERIOD, self._on_timer, clock=Clock(clock_type=ClockType.STEADY_TIME)))
        self._subscribe(Image, 'camera/image_raw', self._on_image, qos.CAMERA, 'camera')

    def _subscribe(self, kind: type, topic: str, callback: Any, profile: QoSProfile,
                   watched: str = '') -> None:
        """Subscribe; a watched input also counts what the middleware loses."""
        events = SubscriptionEventCallbacks(
            message_lost=lambda info: self._sensors.on_lost(watched, info.total_count_change)
        ) if watched else None
        self._running.append(self._node.create_subscription(
            kind, topic, callback, profile, event_callbacks=events))

    def stop(self) -> None:
        """Disengage, command zero, and let go of the sensors."""
        self._controller.engage(False)
        now = self._node.get_clock().now().nanoseconds
        self._command.publish(messages.twist_stamped(
            np.zeros(len(self._names)), self._names, now, self._prefix))
        self._command.wait_for_all_acked(Duration(seconds=0.2))
        for entity in self._running:
            if hasattr(entity, 'cancel'):
                self._node.destroy_timer(entity)
            else:
                self._node.destroy_subscription(entity)
        self._running.clear()
        self._sensors.forget()
        self._request = self._answered = None

    def engage(self, on: bool) -> None:
        """Allow or forbid motion; engaging begins with a fresh hidden state."""
        self._controller.engage(on)

    def reset(self) -> None:
        """Forget the hidden state."""
        self._controller.reset()

    # Inputs

    def _on_imu(self, message: Imu) -> None:
        """Keep a sample for the next tick."""
        self._sensors.on_imu(message, time.monotonic_ns())
        if self._lockstep:
            self._answer()

    def _on_image(self, message: Image) -> None:
        """Step on a frame."""
        received = time.monotonic_ns()
        if not self._sensors.on_image(message, received):
            return
        if self._lockstep:
            self._answer()
        else:
            now = time_of(messages.stamp_ns(message.header.stamp),
                          self._node.get_clock().now().nanoseconds, self._tolerance)
            self._tick(now, received, received)

    # Ticks

    def _on_timer(self) -> None:
        """Tick without a frame when none came for a while: limits and deadlines go on."""
        steady = time.monotonic_ns()
        if steady - self._ticked_ns >= 0.9 * PERIOD * NANOSECONDS:
            self._tick(self._node.get_clock().now().nanoseconds, steady, steady)

    def _on_request(self, message: Header) -> None:
        """Note that the world waits for the command of a stamp."""
        self._request = message
        self._answer()

    def _answer(self) -> None:
        """Answer the world when everything that it sent before asking has come."""
        if self._request is None:
            return
        stamp = messages.stamp_ns(self._request.stamp)
        if self._answered is not None and stamp <= messages.stamp_ns(self._answered.header.stamp):
            self._command.publish(self._answered)       # it did not arrive
            self._request = None
            return
        newest, frame = self._sensors.watched['imu'].newest_ns, self._sensors.frame
        if newest is None or newest < stamp:
            return
        if self._request.frame_id and (frame is None or frame.stamp_ns != stamp):
            return
        self._request = None
        self._answered = self._tick(stamp, stamp, time.monotonic_ns())

    def _tick(self, now: int, steady: int, received: int) -> TwistStamped:
        """
        Tick once and publish the command.

        :param now: clock of the stamps [ns].
        :param steady: steady clock [ns].
        :param received: when what is ticked on came, by the steady clock [ns].
        """
        inputs = self._sensors.take()
        self._record.begin(self._controller)
        started = time.monotonic_ns()
        command = self._controller.tick(inputs, now, steady)
        ticked = time.monotonic_ns()
        message = messages.twist_stamped(command.values, self._names, command.stamp_ns,
                                         self._prefix)
        self._command.publish(message)
        self._ticked_ns = started
        self._reason = command.reason
        self._report(inputs.frame, command.reason, now, {
            'queue_ms': (started - received) * 1e-6,
            'tick_ms': (ticked - started) * 1e-6,
            'publish_ms': (time.monotonic_ns() - ticked) * 1e-6})
        self._record.end(inputs, now, steady)
        return message

    def _report(self, frame: CameraFrame | None, reason: Reason, now: int,
                latencies: Mapping[str, float]) -> None:
        """Publish the status of one command, and the neurons if somebody looks."""
        values: dict[str, object] = {'reason': reason.value, 'stamp_ns': now}
        if frame is not None:
            values['source_stamp_ns'] = frame.stamp_ns
            values['frame_age_ms'] = (now - frame.stamp_ns) * 1e-6
        values.update(latencies)
        well = reason in (Reason.OK, Reason.LIMITED)
        self._status.publish(messages.status_array(now, messages.status(
            self._node.get_fully_qualified_name(),
            DiagnosticStatus.OK if well else DiagnosticStatus.WARN, reason.value, values)))
        step = self._controller.last_step
        if frame is None or step is None or self._neurons.get_subscription_count() == 0:
            return
        message = JointState(name=list(self._bundle.spec.neurons),
                             position=np.asarray(step.state, float).ravel().tolist(),
                             effort=np.asarray(step.time_constants, float).ravel().tolist())
        message.header.stamp = messages.to_time(step.stamp_ns)
        self._neurons.publish(message)

    # Diagnostics

    def _complaint(self) -> str:
        """Say what was wrong with the last input that could not be used."""
        return self._sensors.rejected or self._controller.last_rejection

    def diagnose(self, name: str) -> DiagnosticStatus:
        """
        Return reason, policy, rates and counters.

        :param name: of the status.
        """
        steady = time.monotonic_ns()
        now = self._node.get_clock().now().nanoseconds
        late = [source.complaint(now, steady)
                for source in self._sensors.watched.values()] if self._running else ['not active']
        counters = self._controller.counters
        values: dict[str, object] = {
            'reason': self._reason.value, 'engaged': self._controller.engaged,
            'policy': self._bundle.spec.name, 'policy_sha256': self._bundle.digest,
            'stepper': self._stepped_by, 'rejected': self._complaint()}
        values.update(self._sensors.figures(steady))
        for field in dataclasses.fields(counters):
            if field.name != 'reasons':
                values[field.name] = getattr(counters, field.name)
        values.update({f'reason_{key}': count for key, count in counters.reasons.items()})
        rejected = self._complaint() if self._reason is not Reason.OK else ''
        level = DiagnosticStatus.OK
        if self._reason not in (Reason.OK, Reason.LIMITED):
            level = DiagnosticStatus.WARN
        if any(late) or rejected:
            level = DiagnosticStatus.ERROR
        text = '; '.join(part for part in (self._reason.value, *late, rejected) if part)
        return messages.status(name, level, text, values)
