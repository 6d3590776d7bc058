# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The guard: the only publisher of `cmd_vel`, a small process that nothing else can take down.

It passes the controller's command on, limits it again, and stops the vehicle when the
controller falls silent, a sensor is late, or nobody has engaged it. It owns the engage state:
one call of `guard/engage` is enough, the controller follows `guard/engaged`.
"""

from collections.abc import Callable, Mapping, Set
from functools import partial
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import SensorError
from liquid_control.nodes import messages, qos
from liquid_control.nodes.arrival import Arrival, arrival
from liquid_control.nodes.clock_topic import ClockGuardedNode
from liquid_control.nodes.engaging import Engaging
from liquid_control.nodes.guard_parameters import PARAMETERS, safety_config
from liquid_control.nodes.guard_report import Report
from liquid_control.nodes.inputs import BACKWARD, complaints, figures, Input, Stamp
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.parameters import declare, refuse_outside_simulation
from liquid_control.nodes.polled import Polled, taken
from liquid_control.nodes.process import run
from liquid_control.nodes.rivals import rivals
from liquid_control.nodes.standstill import Standstill
from liquid_control.nodes.surroundings import Surroundings
from liquid_control.runtime.bundle import find, read_specification
from liquid_control.runtime.clock import time_of
from liquid_control.runtime.safety import SafetyFilter, Source
from liquid_control.signals import FloatArray, NANOSECONDS, Reason
import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.subscription import Subscription
from sensor_msgs.msg import Imu

SOURCES: tuple[Source, ...] = ('camera', 'imu', 'command')
PERIOD = 0.02          # between commands at the end of this process [s]
REPEAT = 0.04          # an older command is sent again, before the vehicle itself times out [s]
SILENCE = 'the controller has ended, or its diagnostics say what keeps it silent'
LAST_STOP = 2.0        # longest that the end of this process waits for the vehicle to brake [s]


class GuardNode(ClockGuardedNode):
    """Publishes `cmd_vel`; see the module."""

    def __init__(self) -> None:
        """
        Read the command specification and start silent and not engaged.

        :raises ConfigError: for a parameter that is unknown or out of range.
        :raises BundleError: if the policy is not there, or not as it was sealed.
        """
        super().__init__('guard', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        values = declare(self, PARAMETERS)
        refuse_outside_simulation(values)
        self._lockstep: bool = values['lockstep']
        self._stamped: bool = values['stamped']
        self._prefix: str = values['frame_prefix']
        self._spec = read_specification(find(values['policy'])).command_spec
        messages.check_axes(self._spec.names)
        self._config = safety_config(values, self.get_clock().ros_time_is_active)
        self._filter = SafetyFilter(self._spec, self._config, SOURCES)
        images, self._image_type = messages.IMAGES[values['image_transport']]
        correct: bool = values['correct_clocks']
        self._inputs: dict[str, Input] = {
            'camera': Input(images, values['camera_deadline'], correct),
            'imu': Input('imu/data', values['imu_deadline'], correct),
            'command': Input('cmd_vel_policy', values['command_deadline'], hint=SILENCE),
        }
        self._wanted: FloatArray | None = None
        self._held: TwistStamped | None = None
        self._command_ns = 0
        self._sent = np.zeros(len(self._spec.axes))
        self._sent_steady = time.monotonic_ns()
        self._standstill = Standstill()
        self._now = 0
        self._reason = Reason.NOT_ENGAGED
        self._counts = {'commands': 0, 'commands_refused': 0, 'sent': 0, 'manual_refused': 0,
                        'stamps_ahead': 0, 'clock_backward': 0, 'unreadable': 0}
        self._engaging = Engaging(self, self._filter, self._config, values['disengage_after'],
                                  self._hindrances, self._begin_anew)
        self._report = Report(self)
        self._connect()
        self._surroundings: Surroundings | None = None
        if self._filter.clearance is not None:
            self._surroundings = Surroundings(self, self._filter.clearance, self._config,
                                              self._accept, correct)
            self._inputs.update(self._surroundings.required)
        self._live = LiveParameters(self, PARAMETERS, values, self._propose)
        if values['auto_engage']:
            self._engaging.set(True, waits=True)

    def _connect(self) -> None:
        """Create publishers, subscriptions, services and timers."""
        kind = TwistStamped if self._stamped else Twist
        self._cmd_vel = self.create_publisher(kind, 'cmd_vel', qos.COMMAND)
        self.create_subscription(TwistStamped, 'cmd_vel_policy', self._on_command, qos.COMMAND)
        self.create_subscription(kind, 'cmd_vel_manual', self._on_manual, qos.COMMAND)
        polled = None if self._lockstep else Polled()
        self._sensors: dict[Source, Subscription[Any]] = {
            'camera': self.create_subscription(
                self._image_type, self._inputs['camera'].topic, partial(self._on_sensor, 'camera'),
                qos.SENSOR if polled else qos.CAMERA, raw=True, callback_group=polled),
            'imu': self.create_subscription(
                Imu, self._inputs['imu'].topic, partial(self._on_sensor, 'imu'), qos.IMU,
                raw=True, callback_group=polled)}
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0, self._diagnose, clock=steady)

    def _propose(self, values: Mapping[str, Any], _changed: Set[str]) -> Callable[[], None]:
        """Check values that may come in force; return what puts them there."""
        config = safety_config(values, self.get_clock().ros_time_is_active)

        def put_in_force() -> None:
            self._config = config
            self._filter.reconfigure(config)
            self._engaging.allow(values['disengage_after'])
            for source in SOURCES:
                self._inputs[source].deadline = values[f'{source}_deadline']
        return put_in_force

    # Inputs

    def _on_command(self, message: TwistStamped, info: Mapping[str, Any]) -> None:
        """Pass a command of the controller on, limited again."""
        self._counts['commands'] += 1
        if self._inputs['command'].another_publisher(
                info['publication_sequence_number'], time.monotonic_ns()):
            self._engaging.take_back(self._complaint())
        if self._lockstep:
            self._held = message
            self._answer()
        else:
            self._pass_on(message)

    def _pass_on(self, message: TwistStamped) -> None:
        """Limit a command and send it."""
        stamp = messages.stamp_ns(message.header.stamp)
        if not self._heard('command', stamp):
            self._counts['commands_refused'] += 1
            return
        self._wanted = messages.command_values(message.twist, self._spec.names)
        self._command_ns = stamp
        if not np.isfinite(self._wanted).all():
            self._inputs['command'].complain(
                f'cmd_vel_policy: expected numbers, found {self._wanted.tolist()}',
                time.monotonic_ns())
        self._send(stamp)

    def _answer(self) -> None:
        """In lockstep, pass a command on when the sensors that it rests on were heard here."""
        if self._held is None or self._inputs['camera'].newest_ns is None:
            return
        stamp, newest = messages.stamp_ns(self._held.header.stamp), self._inputs['imu'].newest_ns
        if self._wanted is not None and stamp == self._command_ns:
            # Asked for again. Filtered at its own time once more, it would have the filter forget
            # the sensors that are further by now, as stamps of the future.
            self._held = None
            self._answer_again(stamp)
        elif newest is not None and newest >= stamp:
            message, self._held = self._held, None
            self._pass_on(message)

    def _answer_again(self, stamp: int) -> None:
        """Send what was sent last once more, unless nothing was."""
        if self._reason is not Reason.HANDED_OVER:
            self._publish(self._sent, stamp)
            self._counts['sent'] += 1

    def _on_manual(self, message: TwistStamped | Twist, info: Mapping[str, Any]) -> None:
        """Let the pilot's command win for a time."""
        now = self._time(0)
        twist, stamp = messages.twist_and_stamp(message)
        values = messages.command_values(twist, self._spec.names)
        refusal = ''
        if stamp is None and values.any() and self._may_be_old(info):
            refusal = ('expected a command of now, found one without a stamp that had to wait, or '
                       'may have: send it again, or with a stamp')
        refusal = refusal or self._filter.heard_manual(values, stamp, now, self._steady(now))
        if refusal:
            self._counts['manual_refused'] += 1
            self.get_logger().warning(f'cmd_vel_manual: refused: {refusal}',
                                      throttle_duration_sec=1.0)
        else:
            self._send(now)

    def _may_be_old(self, info: Mapping[str, Any]) -> bool:
        """Say whether a message without a stamp may be of a time that is over."""
        if self._lockstep:
            return False
        self._standstill.noted(self._silence())
        return self._standstill.outdated(info, self._config.manual_timeout)

    def _on_sensor(self, source: Source, serialized: bytes) -> None:
        """Note in lockstep that something came; what it says is the controller's affair."""
        self._heard_raw(source, serialized)
        self._answer()

    def _heard_raw(self, source: Source, serialized: bytes, came: Arrival | None = None) -> None:
        """Tell the filter what came, of which the stamp alone is read, if it has one."""
        try:
            stamp = messages.raw_stamp_ns(serialized)
        except SensorError as error:
            self._counts['unreadable'] += 1
            watched = self._inputs[source]
            watched.complain(f'{watched.topic}: {error}', time.monotonic_ns())
            return
        self._heard(source, stamp, came)

    def _poll(self) -> None:
        """Take the images and samples that have waited."""
        if self._lockstep:
            return
        self.read_clock()
        for source, subscription in self._sensors.items():
            for serialized, info in taken(subscription):
                self._heard_raw(source, serialized,
                                arrival(info, self.get_clock().now().nanoseconds))

    def _heard(self, source: Source, stamp: int, came: Arrival | None = None) -> bool:
        """Tell the filter what came, now if not said; return whether it may be used."""
        watched = self._inputs[source]
        clock, steady = ((self._clock_ns(stamp), self._steady(stamp)) if came is None else
                         (came.now_ns, came.steady_ns))
        ours = watched.stamp(stamp, clock, steady)
        if ours is None:
            return False
        stamp = ours
        now = stamp if self._lockstep else self._time(stamp)
        verdict = watched.judge(stamp, now, time.monotonic_ns() if came is None else steady)
        if verdict is Stamp.BACKWARD:
            self._time_went_back(f'stamps on {watched.topic} went back')
        elif verdict is Stamp.AHEAD:
            self._counts['stamps_ahead'] += 1
            self.get_logger().warning(watched.complaint(now, time.monotonic_ns()) + ': refused',
                                      throttle_duration_sec=1.0)
        else:
            self._filter.heard(source, stamp, steady)
        return verdict is Stamp.GOOD

    def _accept(self, watched: Input, stamp: int) -> tuple[int, int] | None:
        """Return stamp and arrival of a message of the surroundings [ns]; None if of no use."""
        ours = watched.stamp(stamp, self._clock_ns(stamp), self._steady(stamp))
        if ours is None:
            return None
        now = self._time(ours)
        if watched.judge(ours, now, time.monotonic_ns()) is Stamp.AHEAD:
            self._counts['stamps_ahead'] += 1
            return None
        return ours, self._steady(ours)

    # Time

    def _time(self, stamp: int) -> int:
        """Return the time that counts: in lockstep a message's own, else the node's clock."""
        if self._lockstep:
            self._now = max(self._now, stamp)
            return self._now
        clock = self._clock_ns(stamp)
        now = time_of(stamp, clock, self._config.stamp_tolerance)
        if now < self._now - BACKWARD * NANOSECONDS:
            self._time_went_back('the clock went back')
        self._now = now
        return now

    def _clock_ns(self, stamp: int) -> int:
        """Return the node's clock; in lockstep the stamp, since that is the time there."""
        if self._lockstep:
            return stamp
        self.read_clock()
        return self.get_clock().now().nanoseconds

    def _steady(self, stamp: int) -> int:
        """Return the steady time; in lockstep the stamps, so that a slow machine is no matter."""
        return stamp if self._lockstep else time.monotonic_ns()

    def _time_went_back(self, what: str) -> None:
        """Disengage; what moves brakes, and a fallback goes on."""
        self._counts['clock_backward'] += 1
        self._engaging.withdraw()
        self._forget()
        self.get_logger().warning(f'{what}: the vehicle must be engaged again',
                                  throttle_duration_sec=1.0)

    def _begin_anew(self) -> None:
        """Forget everything, a fallback too, but not what was sent last."""
        self._engaging.set(False)
        self._forget()

    def _forget(self) -> None:
        """Forget stamps, commands and the engagement."""
        if self._lockstep:
            self._filter.restart()      # the world itself began anew, with the vehicle at rest
        else:
            self._filter.forget()
        self._now = 0
        self._wanted = None
        for source in self._inputs.values():
            source.forget()
        if self._surroundings is not None:
            self._surroundings.forget()     # odometry too that only landing goes by

    # Output

    def _send(self, stamp: int) -> None:
        """Limit what is wanted and publish it."""
        started = time.monotonic_ns()
        self._standstill.noted(self._silence())
        self._poll()
        now = self._time(stamp)
        values, self._reason = self._filter.filter(self._wanted, now, self._steady(now))
        self._sent, self._sent_steady = values, time.monotonic_ns()
        if self._reason is not Reason.HANDED_OVER:
            self._publish(values, now)
            self._counts['sent'] += 1
        # What is late, not what is sent: a pilot's hand must not hide it, and then let go.
        if self._engaging.outlasted(self._filter.late or self._reason, self._steady(now)):
            self._engaging.take_back(self._complaint())
        self._report.command(self._reason, now, {
            'engaged': self._engaging.on,
            'source_stamp_ns': self._command_ns,
            'command_age_ms': (now - self._command_ns) * 1e-6,
            'filter_ms': (time.monotonic_ns() - started) * 1e-6,
        })

    def _publish(self, values: FloatArray, now: int) -> None:
        """Send numbers to the vehicle."""
        stamped = messages.twist_stamped(values, self._spec.names, now, self._prefix)
        self._cmd_vel.publish(stamped if self._stamped else stamped.twist)

    # Diagnostics

    def _complaint(self) -> str:
        """Say in words why the vehicle is stopped."""
        return '; '.join([self._reason.value, *self._missing()])

    def _missing(self) -> list[str]:
        """Say what is wrong; whoever flies a vehicle that was handed over is not."""
        return self._late() if self._filter.handed_over else self._hindrances()

    def _hindrances(self) -> list[str]:
        """Say what engaging must wait for."""
        return self._late() + rivals(self, self._cmd_vel)

    def _late(self) -> list[str]:
        """Say what is wrong with the inputs."""
        self._poll()
        now = self._now if self._lockstep else self.get_clock().now().nanoseconds
        return complaints(self._inputs.values(), now, time.monotonic_ns())

    def _diagnose(self) -> None:
        """Publish reason, rates and counters."""
        texts = [self._complaint()]
        level = DiagnosticStatus.OK if self._engaging.on else DiagnosticStatus.WARN
        if self._reason is Reason.HANDED_OVER:
            texts.append('silent on cmd_vel; call guard/engage to take it back')
        if self._missing() or self._reason is Reason.NON_FINITE:
            level = DiagnosticStatus.ERROR
        refused = self._surroundings.refused if self._surroundings else 0
        self._report.diagnose(level, '; '.join(texts), {
            'reason': self._reason.value, 'engaged': self._engaging.on,
            'fallback': self._config.fallback.kind, 'surroundings_refused': refused,
            'disengaged_by_guard': self._engaging.taken_back,
            **figures(self._inputs.items(), time.monotonic_ns()), **self._counts,
            **self._live.figures()})

    # Process

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next; send again where commands are slow or have stopped."""
        if self._lockstep:
            executor.spin_once(timeout_sec=0.1)
            return
        executor.spin_once(timeout_sec=max(0.0, REPEAT - self._silence()))
        if self._silence() >= REPEAT:
            self._send(0)

    def _silence(self) -> float:
        """Return for how long nothing was sent [s]."""
        return (time.monotonic_ns() - self._sent_steady) / NANOSECONDS

    def close(self) -> None:
        """Brake to zero as the last thing, unless another source has taken over."""
        silent = self._reason is Reason.HANDED_OVER
        self._engaging.set(False)
        if silent:
            return
        try:
            self._filter.forget()
            end = time.monotonic() + (0.0 if self._lockstep else LAST_STOP)
            while self._sent.any() and time.monotonic() < end:
                self._send(0)
                time.sleep(PERIOD)
        finally:    # whatever ended this process may end its braking, too
            self._publish(np.zeros(len(self._spec.axes)), self.get_clock().now().nanoseconds)
            self._cmd_vel.wait_for_all_acked(Duration(seconds=0.2))


def main() -> int:
    """Run the guard as a process."""
    return run(GuardNode)


if __name__ == '__main__':
    sys.exit(main())
