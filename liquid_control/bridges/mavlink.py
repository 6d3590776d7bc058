# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The MAVLink bridge: `cmd_vel` in, PX4 or ArduPilot on the other side; IMU, odometry, flow out.

It moves the vehicle only while the pilot lets it: armed, in OFFBOARD (PX4) or GUIDED (ArduPilot),
with a link that lives. When one of these ends, so do its setpoints; the guard is disengaged, and
it takes a person to go on.
"""

import select
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.bridges.mavlink_link import Answer, Attitude, Heartbeat, MavlinkLink
from liquid_control.bridges.mavlink_permission import AUTOPILOTS, Permission, Watch
from liquid_control.bridges.mavlink_requests import Request, Requests, TRIES
from liquid_control.bridges.mavlink_setpoints import HOVER, LARGEST, Setpoints
from liquid_control.nodes import messages, qos
from liquid_control.nodes.clock_topic import ClockGuardedNode
from liquid_control.nodes.inputs import Input, Stamp
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.parameters import declare, Parameter
from liquid_control.nodes.process import run
from liquid_control.nodes.rivals import rivals
from liquid_control.runtime.safety import VEHICLE_TIMEOUT
from liquid_control.signals import (
    FlowSample,
    heading,
    ImuSample,
    NANOSECONDS,
    Reason,
    VehicleState,
)
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Imu
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
POLL = 0.002            # longest wait for the link before ROS is looked after [s]
SHORTEST = 10_000_000   # between two setpoints: a flood of commands must not fill the line [ns]
HEARTBEATS = 2.5        # fewer a second tell of a change of mode later than 0.4 s [Hz]
SETTLED = 5 * NANOSECONDS   # after the link was found, for rates that were asked for [ns]
ASK_AGAIN = 5.0         # for message rates that are not what was asked for [s]
STREAM_FIRST = 1.5      # setpoints are on their way for so long before a mode is asked for [s]
LAST_STOPS = 3          # zero setpoints that end the process

PARAMETERS = (
    Parameter('url', 'udpin:127.0.0.1:14540', 'the autopilot, as pymavlink names it: '
              'udpin:ADDRESS:PORT, udpout:ADDRESS:PORT, tcp:ADDRESS:PORT, or a serial device'),
    Parameter('baud', 921600, 'of a serial device', 9600, 4_000_000),
    Parameter('autopilot', 'px4', 'what flies: px4 or ardupilot', choices=tuple(AUTOPILOTS)),
    Parameter('target_system', 1, 'of the autopilot, its MAVLink system', 1, 255),
    Parameter('target_component', 1, 'of the autopilot, its MAVLink component', 1, 255),
    Parameter('setpoint_rate', 20.0, 'of setpoints, at least; each command is sent at once too',
              5.0, 100.0, unit='Hz'),
    Parameter('command_timeout', VEHICLE_TIMEOUT, 'hover without a command for so long',
              0.02, 1.0, unit='s'),
    Parameter('attitude_timeout', 0.3, 'hover without an attitude for so long', 0.02, 1.0,
              unit='s'),
    Parameter('link_timeout', 0.4, 'the link is lost without any message for so long',
              0.05, 5.0, unit='s'),
    Parameter('heartbeat_timeout', 3.0, 'the link is lost without a heartbeat for so long',
              0.5, 10.0, unit='s'),
    Parameter('proof_of_life', True, 'send zero setpoints while PX4 is in another mode: it '
              'switches to OFFBOARD only if some are coming'),
    Parameter('request_mode', False, 'ask for OFFBOARD or GUIDED at the start, at most '
              f'{TRIES} times, until it was there once or the vehicle was armed by anybody; '
              'otherwise the pilot switches'),
    Parameter('request_arming', False, 'ask the autopilot to arm at the start, at most '
              f'{TRIES} times, until it was armed once; with request_mode, only in that mode; '
              'otherwise the pilot arms'),
    Parameter('imu_rate', 200.0, 'of HIGHRES_IMU to ask for; 0 leaves it', 0.0, 1000.0, unit='Hz'),
    Parameter('odom_rate', 50.0, 'of attitude and local position to ask for; 0 leaves it',
              0.0, 200.0, unit='Hz'),
    Parameter('flow_rate', 0.0, 'of OPTICAL_FLOW_RAD to ask a PX4 for that has such a sensor, '
              'where the policy uses it; 0 leaves it', 0.0, 200.0, unit='Hz'),
    Parameter('stamps', 'estimate', "estimate: the autopilot's clock counts from its start, and "
              'the offset is estimated; as_sent: its clock is that of ROS (simulation)',
              choices=('estimate', 'as_sent')),
    Parameter('stamped', True, 'cmd_vel is TwistStamped; otherwise Twist'),
    Parameter('frame_prefix', '', 'put before every frame name, for several vehicles'),
)


class MavlinkNode(ClockGuardedNode):
    """Carries commands and measurements across; see the module."""

    def __init__(self) -> None:
        """
        Open the link.

        :raises ConfigError: for a parameter that is unknown or out of range, or a link that
            cannot be opened.
        :raises DependencyError: if pymavlink is not installed.
        """
        super().__init__('mavlink', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        values = declare(self, PARAMETERS)
        LiveParameters(self, PARAMETERS, values)
        self._values: dict[str, Any] = values
        self._prefix: str = values['frame_prefix']
        autopilot = AUTOPILOTS[values['autopilot']]
        self._autopilot = autopilot
        self._watch = Watch(autopilot, values['link_timeout'], values['heartbeat_timeout'])
        self._requests = Requests(autopilot.mode, ask_mode=values['request_mode'],
                                  ask_arming=values['request_arming'])
        self._setpoints = Setpoints(autopilot, values['command_timeout'],
                                    values['attitude_timeout'], values['proof_of_life'])
        self._link = MavlinkLink(
            values['url'], values['baud'],
            (values['target_system'], values['target_component']),
            as_sent=values['stamps'] == 'as_sent')
        self._permission = Permission.NO_LINK
        self._command = Input('cmd_vel', values['command_timeout'])
        self._imu_input = Input('HIGHRES_IMU', values['link_timeout'])
        self._flow_input = Input('OPTICAL_FLOW_RAD', values['link_timeout'])
        self._heartbeats = Input('HEARTBEAT', values['heartbeat_timeout'])
        self._started = time.monotonic_ns()
        self._sent_ns = 0
        self._linked_ns: int | None = None
        self._asked_ns = 0
        self._guard_engaged = False
        self._handed_over = False       # the guard is silent, and another commands
        self._counts = {'setpoints': 0, 'commands': 0, 'commands_refused': 0, 'links_lost': 0,
                        'links_broken': 0, 'modes_left': 0, 'disarmed': 0, 'mode_requests': 0,
                        'arming_requests': 0}
        self._connect()

    def _connect(self) -> None:
        """Create publishers, subscriptions and timers."""
        self._imu = self.create_publisher(Imu, 'imu/data', qos.IMU)
        self._odom = self.create_publisher(Odometry, 'odom', qos.SENSOR)
        self._flow = self.create_publisher(TwistStamped, 'flow', qos.SENSOR)
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', qos.STATUS)
        kind = TwistStamped if self._values['stamped'] else Twist
        self._cmd_vel = self.create_subscription(kind, 'cmd_vel', self._on_command, qos.COMMAND)
        self.create_subscription(Bool, 'guard/engaged', self._on_engaged, qos.STATUS)
        self.create_subscription(DiagnosticArray, 'guard/status', self._on_guard, qos.STATUS)
        self._guard = self.create_client(SetBool, 'guard/engage')
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(1.0 / self._values['setpoint_rate'], self._send, clock=steady)
        self.create_timer(1.0, self._every_second, clock=steady)

    # From ROS

    def _on_command(self, message: TwistStamped | Twist) -> None:
        """Take a command and send it on."""
        self._counts['commands'] += 1
        steady, now = time.monotonic_ns(), self.get_clock().now().nanoseconds
        stamp, twist = now, message
        if isinstance(message, TwistStamped):
            stamp, twist = messages.stamp_ns(message.header.stamp), message.twist
        verdict = self._command.judge(stamp, now, steady)
        late = now - stamp > self._values['command_timeout'] * NANOSECONDS
        if verdict is not Stamp.GOOD or late:
            self._counts['commands_refused'] += 1
            return
        if not self._setpoints.command(messages.command_values(twist, AXES), steady):
            self._counts['commands_refused'] += 1
            self._command.complain(
                f'cmd_vel: expected numbers up to {LARGEST:g}, found others', steady)
        if self._permission is Permission.GRANTED and steady - self._sent_ns >= SHORTEST:
            self._send()

    def _on_engaged(self, message: Bool) -> None:
        """Follow the guard: engaged is only who may move the vehicle."""
        self._guard_engaged = message.data
        if message.data and self._permission is not Permission.GRANTED:
            self._disengage()

    def _on_guard(self, message: DiagnosticArray) -> None:
        """Note whether the guard has left the vehicle to another."""
        reason = messages.status_values(message).get('reason')
        self._handed_over = reason == Reason.HANDED_OVER.value

    def _disengage(self) -> None:
        """Tell the guard that nothing flies, so that a person must engage it again."""
        if self._guard_engaged and self._guard.service_is_ready():
            self._guard.call_async(SetBool.Request(data=False))
            self.get_logger().warning(
                f'{self._watch.explain(time.monotonic_ns())}: the guard is disengaged; engage '
                f'it in {self._autopilot.mode}, armed')

    # From the autopilot

    def _take(self, received: object, steady: int) -> None:
        """Publish a measurement, or note what the autopilot says of itself."""
        if isinstance(received, Heartbeat):
            self._watch.heartbeat(received.make, received.mode, received.armed, steady)
            self._requests.saw(received.mode, received.armed)
            self._heartbeats.heard(0, steady)
        self._watch.heard(steady)
        if isinstance(received, ImuSample):
            self._imu_input.heard(received.stamp_ns, steady)
            self._imu.publish(messages.imu_to_message(received, self._prefix))
        elif isinstance(received, Attitude):
            self._setpoints.yaw(heading(received.orientation), steady)
        elif isinstance(received, VehicleState):
            self._setpoints.yaw(heading(received.orientation), steady)
            self._odom.publish(messages.odometry_to_message(received, self._prefix))
        elif isinstance(received, FlowSample):
            self._flow_input.heard(received.stamp_ns, steady)
            if np.isfinite(received.velocity).all():
                self._flow.publish(messages.flow_to_message(received, self._prefix))
        elif isinstance(received, Answer):
            self.get_logger().info(f'{self._autopilot.name}: {received.text}')

    def _look(self) -> None:
        """Act on a change of permission: stop, disengage, say so."""
        steady = time.monotonic_ns()
        before, self._permission = self._permission, self._watch.permission(steady)
        if self._permission is before:
            return
        if before is Permission.NO_LINK:
            self._linked_ns = steady
            self._ask_rates(steady)
        if before is Permission.GRANTED:
            self._counts[{Permission.NO_LINK: 'links_lost',
                          Permission.NOT_ARMED: 'disarmed'}.get(
                              self._permission, 'modes_left')] += 1
            self._send()
            self._disengage()
        words = self._watch.explain(steady)
        if self._permission is Permission.GRANTED:
            self.get_logger().info(f'{words}: commands move the vehicle')
        else:
            self.get_logger().warning(f'{words}: commands do not move the vehicle')
        self._diagnose()

    # To the autopilot

    def _send(self) -> None:
        """Send what is to be sent now."""
        steady = time.monotonic_ns()
        setpoint = self._setpoints.now(self._watch.permission(steady), steady)
        if setpoint is None:
            return
        self._sent_ns = steady
        self._counts['setpoints'] += 1
        self._link.send_setpoint(setpoint, (steady - self._started) // 1_000_000)

    def _ask_rates(self, steady: int) -> None:
        """Ask for the rates of messages."""
        self._asked_ns = steady
        self._link.request_rates(*(self._values[f'{name}_rate'] for name in (
            'imu', 'odom', 'flow')))

    def _every_second(self) -> None:
        """Show life; ask again for what has not come."""
        steady = time.monotonic_ns()
        self._link.send_heartbeat()
        if self._permission is not Permission.NO_LINK:
            slow = (self._imu_input.rate(steady) < 0.5 * self._values['imu_rate']
                    or self._flow_input.rate(steady) < 0.5 * self._values['flow_rate']
                    or self._heartbeats.rate(steady) < HEARTBEATS)
            if slow and steady - self._asked_ns > ASK_AGAIN * NANOSECONDS:
                self._ask_rates(steady)
        if self._permission is Permission.NOT_ARMED:
            self._ask_for_control(steady)
        self._diagnose()

    def _ask_for_control(self, steady: int) -> None:
        """Ask for mode and arming where a parameter says so, and nobody has decided otherwise."""
        assert self._linked_ns is not None
        if steady - self._linked_ns < STREAM_FIRST * NANOSECONDS:
            return
        due = self._requests.due()
        if due is None:
            return
        request, left = due
        self._counts[f'{request.value}_requests'] += 1
        if request is Request.MODE:
            self._link.request_mode(self._autopilot.mode)
        else:
            self._link.request_arming()
        self.get_logger().info(f'asks for {request.value}; {left} more tries')

    # Diagnostics and process

    def _diagnose(self) -> None:
        """Publish permission, mode, rates and counters."""
        steady, now = time.monotonic_ns(), self.get_clock().now().nanoseconds
        granted = self._permission is Permission.GRANTED
        texts = list(filter(None, (self._watch.explain(steady), self._link.trouble)))
        level = DiagnosticStatus.OK
        if granted and self._setpoints.reason:
            level = DiagnosticStatus.WARN
            texts.append(f'hovers: {self._setpoints.reason}')
        if not granted:
            lost = self._permission in (Permission.NO_LINK, Permission.WRONG_AUTOPILOT)
            level = DiagnosticStatus.ERROR if lost else DiagnosticStatus.WARN
        settled = self._linked_ns is not None and steady - self._linked_ns > SETTLED
        if granted and settled and self._heartbeats.rate(steady) < HEARTBEATS:
            level = DiagnosticStatus.WARN
            texts.append('heartbeats are too slow to tell of a change of mode within 0.5 s')
        others = [] if self._handed_over else rivals(self, self._cmd_vel)
        if others:
            level = DiagnosticStatus.WARN if level == DiagnosticStatus.OK else level
            texts += others
        values = {
            'permission': self._permission.value, 'autopilot': self._autopilot.name,
            'mode': self._watch.mode, 'armed': self._watch.armed,
            'setpoint': self._setpoints.reason or 'command',
            'heartbeat_rate_hz': self._heartbeats.rate(steady),
            'imu_rate_hz': self._imu_input.rate(steady),
            'flow_rate_hz': self._flow_input.rate(steady),
            'command_rate_hz': self._command.rate(steady),
            'messages_refused': self._link.refused, **self._counts}
        if self._link.clocks is not None:
            values['clock_offset_s'] = self._link.clocks[0].offset_ns / NANOSECONDS
            values['autopilot_restarts'] = self._link.clocks[0].restarts
        self._diagnostics.publish(messages.status_array(now, messages.status(
            f'{self.get_fully_qualified_name()}: link', level, '; '.join(texts), values)))

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what has come over the link, then one callback of ROS."""
        descriptor = self._link.fileno()
        if descriptor >= 0:
            select.select([descriptor], [], [], POLL)
        else:
            time.sleep(POLL)
        for received in self._link.receive(self.get_clock().now().nanoseconds):
            self._take(received, time.monotonic_ns())
        if self._link.breaks > self._counts['links_broken']:
            self._counts['links_broken'] = self._link.breaks
            self.get_logger().error(self._link.trouble)
        self._look()
        executor.spin_once(timeout_sec=0.0)

    def close(self) -> None:
        """Leave the vehicle at rest, as far as it obeys."""
        if self._watch.permission(time.monotonic_ns()) is Permission.GRANTED:
            for _ in range(LAST_STOPS):
                self._link.send_setpoint(HOVER, 0)
                time.sleep(0.02)
        self._link.close()


def main() -> int:
    """Run the bridge as a process."""
    return run(MavlinkNode)


if __name__ == '__main__':
    sys.exit(main())
