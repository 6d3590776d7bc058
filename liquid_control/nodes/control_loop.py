# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
From messages to `Controller.tick` and back to messages.

It ticks for every camera frame as it comes, or for every IMU sample that is due where the policy
steps on those; and at the command rate while none comes. In lockstep it ticks when the world asks,
on the world's stamps, so that no race between topics matters.
"""

from collections.abc import Callable, Mapping
import time
from typing import Any, TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import TwistStamped
from liquid_control.errors import SensorError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.arrival import Arrival, arrival
from liquid_control.nodes.engagement import is_silent
from liquid_control.nodes.idle import Idle
from liquid_control.nodes.lockstep import reached, Request
from liquid_control.nodes.polled import Polled, taken
from liquid_control.nodes.reporting import Reporter, Ticked
from liquid_control.nodes.sensors import Sensors
from liquid_control.nodes.shadow import Shadow
from liquid_control.nodes.shadow import TOPIC as SHADOW
from liquid_control.nodes.tick_record import TickRecord
from liquid_control.runtime.clock import time_of
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.pacing import Pacing
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.runtime.succession import require_successor
from liquid_control.sensing.extra import Extras
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.duration import Duration
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, Imu
from std_msgs.msg import Header

if TYPE_CHECKING:
    from liquid_control.nodes.clock_topic import ClockGuardedNode
    from liquid_control.runtime.bundle import Bundle
    from liquid_control.runtime.stepper import Stepper


class ControlLoop:
    """One policy at work; made when the controller is configured."""

    def __init__(self, node: 'ClockGuardedNode', bundle: 'Bundle', stepper: 'Stepper',
                 safety: SafetyConfig, options: Mapping[str, Any]) -> None:
        """
        Make the controller and its publishers.

        :param node: that it belongs to.
        :param bundle: loaded and tested.
        :param stepper: of that bundle.
        :param safety: deadlines and scale.
        :param options: lockstep, frame_prefix, command_rate, shadow and its own, and those of
            `Sensors`.
        """
        self._node = node
        self._bundle = bundle
        self._controller = Controller(bundle, safety, stepper)
        self._names = self._controller.spec.names
        self._lockstep: bool = options['lockstep']
        self._prefix: str = options['frame_prefix']
        self._idle = Idle(1.0 / options['command_rate'])
        self._tolerance = safety.stamp_tolerance
        self._sensors = Sensors(safety, options, node.get_logger().error)
        self._steps_on_imu = bundle.spec.step_on == 'imu'
        # Of the first policy: what is subscribed to, and waited for, whoever flies later.
        self._extras = Extras(bundle.spec.observation.extra)
        self._pacing = Pacing(bundle.spec.nominal_dt, self._steps_on_imu)
        self._silent = False
        self._request: Request | None = None
        self._answered: TwistStamped | None = None
        self._running: list[Any] = []
        self._polled: list[tuple[Any, Callable[..., None]]] = []
        self.shadow = Shadow(node, self._names, options) if options['shadow'] else None
        self._command = node.create_publisher(
            TwistStamped, SHADOW if options['shadow'] else 'cmd_vel_policy', qos.COMMAND)
        self._reporter = Reporter(node, bundle)
        self._record = TickRecord(node)
        self._tell_configuration(safety)

    def _tell_configuration(self, safety: SafetyConfig) -> None:
        """Tell who records what flies from the next tick on, and within which limits."""
        self._safety = safety
        self._record.configured(self._node.get_clock().now().nanoseconds, {
            'policy': self._bundle.spec.name, 'policy_sha256': self._bundle.digest,
            'stepper': self._controller.stepped_by}, safety)

    # Start and stop

    def start(self) -> None:
        """Connect to the sensors; what is not stepped on waits until it is needed."""
        sensors, polled = self._sensors, None if self._lockstep else Polled()
        self._controller.restart()      # whatever it did before, the vehicle was stopped since
        if self.shadow is not None:
            self.shadow.start()
            self._controller.engage(True)       # or its commands were those of a stop
        self._subscribe(Imu, 'imu/data', self._on_imu,
                        qos.LOCKSTEP_IMU if self._lockstep else qos.IMU,
                        None if self._steps_on_imu else polled)
        if sensors.wants_camera_info:
            self._subscribe(CameraInfo, 'camera/camera_info', sensors.on_camera_info, qos.SENSOR,
                            polled)
        if self._extras.needs_odometry:
            self._subscribe(Odometry, 'odom', self._on_odometry, qos.SENSOR, polled)
        if self._extras.uses_flow:
            self._subscribe(TwistStamped, 'flow', self._on_flow, qos.SENSOR, polled)
        if self._lockstep:
            self._subscribe(Header, 'world/lockstep', self._on_request, qos.COMMAND)
        else:
            self._idle.begin(time.monotonic())
        self._subscribe(sensors.camera_type, sensors.camera_topic, self._on_image, qos.CAMERA)

    def _subscribe(self, kind: type, topic: str, callback: Callable[..., None],
                   profile: QoSProfile, group: Polled | None = None) -> None:
        """Subscribe; a message of a group waits until it is polled."""
        subscription = self._node.create_subscription(kind, topic, callback, profile,
                                                      callback_group=group)
        self._running.append(subscription)
        if group is not None:
            self._polled.append((subscription, callback))

    def _poll(self) -> None:
        """Take what has waited."""
        for subscription, callback in self._polled:
            for message, info in taken(subscription):
                callback(message, info)

    def stop(self) -> None:
        """Disengage, command zero, and let go of the sensors, unless that was done."""
        if not self._running:
            return
        self._controller.engage(False)
        now = self._node.get_clock().now().nanoseconds
        self._command.publish(messages.twist_stamped(
            np.zeros(len(self._names)), self._names, now, self._prefix))
        self._command.wait_for_all_acked(Duration(seconds=0.2))
        self._idle.end()
        if self.shadow is not None:
            self.shadow.stop()
        for subscription in self._running:
            self._node.destroy_subscription(subscription)
        self._running.clear()
        self._polled.clear()
        self._sensors.forget()
        self._request = self._answered = None

    def close(self) -> None:
        """Stop, and leave nothing behind: the next one has publishers of its own."""
        self.stop()
        self._node.destroy_publisher(self._command)
        self._reporter.close()
        self._record.close()

    # Changes in flight

    def require_successor(self, bundle: 'Bundle') -> None:
        """
        Check that a policy may take over here.

        :raises BundleError: if it may not.
        """
        require_successor(self._bundle, bundle, self._extras)

    def swap(self, bundle: 'Bundle', stepper: 'Stepper') -> None:
        """
        Go on with another policy, from the next frame on.

        :param bundle: that may take over.
        :param stepper: of that bundle.
        """
        self._controller.swap(bundle, stepper)
        self._node.get_logger().info(
            f'{bundle.spec.name} ({bundle.digest[:12]}) flies instead of '
            f'{self._bundle.spec.name} ({self._bundle.digest[:12]})')
        self._bundle = bundle
        self._reporter.swap(bundle)
        self._pacing.retune(bundle.spec.nominal_dt)
        self._tell_configuration(self._safety)

    def reconfigure(self, safety: SafetyConfig) -> None:
        """Take other deadlines and another scale, from the next tick on."""
        self._controller.reconfigure(safety)
        self._sensors.reconfigure(safety)
        self._tell_configuration(safety)

    def engage(self, on: bool) -> None:
        """Allow or forbid motion, if it runs; engaging begins with a fresh hidden state."""
        on = on and bool(self._running)
        self._controller.engage(on or self.shadow is not None)

    def reset(self) -> None:
        """Forget the hidden state."""
        self._controller.reset()

    # Inputs

    def _now(self) -> int:
        """Return the time, which is no earlier than any message's that has been taken [ns]."""
        self._node.read_clock()
        return self._node.get_clock().now().nanoseconds

    def _arrival(self, info: Mapping[str, Any]) -> Arrival:
        """Return when the message came whose callback runs."""
        return arrival(info, self._now())

    def _on_imu(self, message: Imu, info: Mapping[str, Any]) -> None:
        """Keep a sample for the next tick, which is now if the policy steps on it."""
        came = self._arrival(info)
        stamp = self._sensors.on_imu(message, came)
        if self._lockstep:
            self._answer()
        elif self._steps_on_imu and stamp is not None and self._pacing.due(stamp):
            self._tick_on(stamp, came)

    def _on_image(self, message: Image | CompressedImage, info: Mapping[str, Any]) -> None:
        """Step on a frame, or keep it for the next step on the IMU."""
        came = self._arrival(info)
        self._poll()
        stamp = self._sensors.on_image(message, came)
        if stamp is None:
            return
        if self._lockstep:
            self._answer()
        elif not self._steps_on_imu:
            self._tick_on(stamp, came)

    def _on_odometry(self, message: Odometry, info: Mapping[str, Any]) -> None:
        """Keep the newest state."""
        self._sensors.on_odometry(message, self._arrival(info))
        if self._lockstep:
            self._answer()

    def _on_flow(self, message: TwistStamped, info: Mapping[str, Any]) -> None:
        """Keep the newest optical flow."""
        self._sensors.on_flow(message, self._arrival(info))
        if self._lockstep:
            self._answer()

    # Ticks

    def _tick_on(self, stamp: int, came: Arrival) -> None:
        """Tick on what has just come; without more, the next is due a whole period from now."""
        self._idle.begin(time.monotonic())
        self._tick(time_of(stamp, self._now(), self._tolerance), time.monotonic_ns(), came)

    def wait(self) -> float:
        """Return for how long nothing is due unless something comes [s]."""
        return self._idle.wait(time.monotonic())

    def keep_up(self) -> None:
        """Tick where nothing came for a period: limits, deadlines and commands go on."""
        if self._idle.due(time.monotonic()):
            self._poll()
            self._tick(self._now(), time.monotonic_ns())

    def _on_request(self, message: Header) -> None:
        """Note that the world waits for the command of a stamp."""
        try:
            self._request = Request.of(message)
        except SensorError as error:
            self._sensors.reject('requests_rejected', str(error))
            return
        self._answer()

    def _answer(self) -> None:
        """Answer the world when everything that it sent before asking has come."""
        if self._request is None:
            return
        stamp = self._request.stamp_ns
        if self._answered is not None and reached(
                messages.stamp_ns(self._answered.header.stamp), stamp):
            self._command.publish(self._answered)       # it did not arrive
            self._request = None
            return
        if not self._is_here(self._request):
            return
        self._request = None
        self._answered = self._tick(stamp, stamp)

    def _is_here(self, request: Request) -> bool:
        """Tell whether everything has come that the world sent before asking."""
        stamp, newest, frame = request.stamp_ns, self._sensors.newest_ns, self._sensors.frame
        if not reached(newest('imu'), stamp):
            return False
        if request.frame and (frame is None or frame.stamp_ns != stamp or not (
                reached(newest('odom'), stamp) or not self._extras.needs_odometry)):
            return False
        return (request.flow_ns is None or not self._extras.uses_flow
                or reached(newest('flow'), request.flow_ns))

    def _tick(self, now: int, steady: int, came: Arrival | None = None) -> TwistStamped:
        """
        Tick once and publish the command, unless it is one to keep silent about.

        :param now: clock of the stamps [ns].
        :param steady: steady clock [ns].
        :param came: when what is ticked on did.
        """
        inputs, before = self._sensors.take(), self._controller.last_step
        self._record.begin(self._controller)
        started = time.monotonic_ns()
        command = self._controller.tick(inputs, now, steady)
        ticked = time.monotonic_ns()
        message = messages.twist_stamped(command.values, self._names, command.stamp_ns,
                                         self._prefix)
        # A world in lockstep waits for every answer; nothing goes by a shadow.
        self._silent = (not self._lockstep and self.shadow is None
                        and is_silent(command, self._controller.late))
        if not self._silent:
            self._command.publish(message)
        sent = time.monotonic_ns()
        tick = Ticked(command, None if inputs.frame is None else inputs.frame.stamp_ns, came,
                      (before, self._controller.last_step), started, ticked, sent)
        if tick.stepped is not None:
            heard = started if came is None else came.steady_ns
            self._pacing.stepped(tick.stepped.stamp_ns, sent - heard)
        self._reporter.ticked(tick, self._controller)
        self._record.end(inputs, now, steady, self._sensors.own)
        return message

    # Diagnostics

    def diagnose(self, name: str, more: Mapping[str, object]) -> DiagnosticStatus:
        """
        Return reason, policy, rates, figures and counters.

        :param name: of the status.
        :param more: values of the node.
        """
        steady, now = time.monotonic_ns(), self._node.get_clock().now().nanoseconds
        late = self._sensors.complaints(now, steady) if self._running else ['not active']
        if self._silent:
            late.append('silent on cmd_vel_policy until all is well')
        return self._reporter.diagnose(name, self._controller, self._sensors, self._pacing, late,
                                       more, steady)
