# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The monitor: watches one flight over its topics, tells how it goes, draws and films it at the end.

It ends with exit code 0 exactly when the world says that the target was reached.
"""

from collections.abc import Generator
from importlib import import_module
from pathlib import Path
import sys
import time

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped, Twist, TwistStamped, Vector3Stamped
from liquid_control.errors import SensorError
from liquid_control.flight import Flight
from liquid_control.nodes import messages, qos
from liquid_control.nodes.clock_topic import ClockGuardedNode
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.markers import (
    boxes_from_markers,
    goals_from_markers,
    pillars_from_markers,
)
from liquid_control.nodes.parameters import declare, Parameter
from liquid_control.nodes.process import run
from liquid_control.nodes.recording import Recording, write_record
from nav_msgs.msg import Odometry
import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Image, JointState
from visualization_msgs.msg import MarkerArray

LINE_PERIOD = 0.2       # between two live lines on a terminal [s]
LINGER = 0.3            # after the outcome, for commands that are on their way [s]
LOG_PERIOD = 2.0        # and in a file or a pipe [s]
ENDED = ('reached', 'collision', 'timeout', 'out_of_bounds', 'off_lane')

PARAMETERS = (
    Parameter('out', '', 'folder for flight.png and flight.json; empty writes nothing'),
    Parameter('video', '', 'film of the flight, a .gif or .mp4; empty films nothing'),
    Parameter('policy', '', 'name of the policy, for the record'),
    Parameter('live', True, 'write a live line to standard output'),
    Parameter('stamped', True, 'cmd_vel is TwistStamped; otherwise Twist'),
)


class MonitorNode(ClockGuardedNode):
    """Records a flight until its outcome; see the module."""

    def __init__(self) -> None:
        """
        Subscribe to the flight.

        :raises ConfigError: for a parameter that is unknown or out of range, or a film that
            cannot be written.
        :raises DependencyError: for an MP4 that needs what is not installed.
        """
        super().__init__('monitor', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        values = declare(self, PARAMETERS)
        LiveParameters(self, PARAMETERS, values)
        self._out = Path(values['out']) if values['out'] else None
        self._live: bool = values['live']
        self._video = Path(values['video']) if values['video'] else None
        self._recording = Recording(policy=values['policy'], film=self._video is not None)
        self._filming: Generator[float, None, None] | None = None
        self._said_at = 0.0
        self._truth: dict[str, str] = {}
        self._terminal = sys.stdout.isatty()
        self._concluded = False
        self._ends_at: float | None = None
        self.create_subscription(
            DiagnosticArray, 'world/status', self._on_world, qos.RECORD_COMMAND)
        self.create_subscription(
            DiagnosticArray, 'guard/status', self._on_guard, qos.RECORD_COMMAND)
        self.create_subscription(
            DiagnosticArray, 'controller/status', self._on_controller, qos.RECORD_COMMAND)
        self.create_subscription(Odometry, 'odom', self._on_odometry, qos.RECORD_SENSOR)
        self.create_subscription(Vector3Stamped, 'wind', self._on_wind, qos.RECORD_SENSOR)
        self.create_subscription(PoseStamped, 'target', self._on_target, qos.LATCHED)
        self.create_subscription(MarkerArray, 'markers', self._on_markers, qos.LATCHED)
        self.create_subscription(TwistStamped if values['stamped'] else Twist, 'cmd_vel',
                                 self._on_command, qos.RECORD_COMMAND)
        self.create_subscription(Image, 'camera/image_raw', self._on_image, qos.RECORD_SENSOR)
        if self._video is not None:
            import_module('liquid_control.viz.film').check_film(self._video)
            self.create_subscription(JointState, 'controller/neurons', self._on_neurons,
                                     qos.RECORD_SENSOR)
        self.create_timer(LINE_PERIOD if self._terminal else LOG_PERIOD, self._say,
                          clock=Clock(clock_type=ClockType.STEADY_TIME))

    def _on_odometry(self, message: Odometry) -> None:
        try:
            self._recording.add_state(messages.odometry_from_message(message))
        except SensorError as error:
            self.get_logger().error(str(error), throttle_duration_sec=1.0)

    def _on_wind(self, message: Vector3Stamped) -> None:
        vector = message.vector
        self._recording.add_wind(messages.stamp_ns(message.header.stamp),
                                 np.array([vector.x, vector.y, vector.z]))

    def _on_target(self, message: PoseStamped) -> None:
        place = message.pose.position
        self._recording.add_target(messages.stamp_ns(message.header.stamp),
                                   np.array([place.x, place.y, place.z]))

    def _on_markers(self, message: MarkerArray) -> None:
        recording = self._recording
        recording.pillars = pillars_from_markers(message)
        recording.boxes = boxes_from_markers(message)
        recording.goals = goals_from_markers(message)

    def _on_image(self, message: Image) -> None:
        try:
            self._recording.add_frame(messages.frame_from_message(message, 0.0))
        except SensorError as error:
            self.get_logger().error(str(error), throttle_duration_sec=1.0)

    def _on_neurons(self, message: JointState) -> None:
        self._recording.add_network(messages.stamp_ns(message.header.stamp), message.name,
                                    message.position)

    def _on_command(self, message: TwistStamped | Twist) -> None:
        twist = message.twist if isinstance(message, TwistStamped) else message
        stamp = (messages.stamp_ns(message.header.stamp)
                 if isinstance(message, TwistStamped) else None)
        self._recording.add_command(
            messages.command_values(twist, ('vx', 'vy', 'vz', 'yaw_rate')), stamp)

    def _on_guard(self, message: DiagnosticArray) -> None:
        self._recording.add_reason(messages.status_values(message).get('reason', ''),
                                   messages.stamp_ns(message.header.stamp))

    def _on_controller(self, message: DiagnosticArray) -> None:
        values = messages.status_values(message)
        if 'source_stamp_ns' in values and 'tick_ms' in values:
            self._recording.add_tick(int(values['source_stamp_ns']), values.get('reason', ''),
                                     float(values['tick_ms']))

    def _on_world(self, message: DiagnosticArray) -> None:
        """Follow the truth; the outcome ends the flight."""
        self._truth = messages.status_values(message)
        outcome = self._truth.get('outcome', '')
        if outcome in ENDED and self._ends_at is None:
            self._ends_at = time.monotonic() + LINGER

    def _say(self) -> None:
        """Write the live line."""
        if not self._live or self._truth.get('outcome') not in ('waiting', 'flying'):
            return
        if self._truth['outcome'] == 'waiting':
            text = 'waiting for controller and guard'
        else:
            time_s, distance, speed, wind, factor = (
                float(self._truth[key]) for key in (
                    'time_s', 'distance_m', 'speed_mps', 'wind_mps', 'real_time_factor'))
            goals, done = int(self._truth['goals']), int(self._truth['goals_done'])
            name = 'target' if goals == 1 else f'goal {min(done + 1, goals)}/{goals}'
            text = (f't {time_s:5.1f} s   {name} {distance:5.2f} m   speed {speed:4.2f} m/s   '
                    f'wind {wind:4.2f} m/s   x{factor:.2f}   {self._recording.reason}')
        self._write_line(text)

    def _write_line(self, text: str) -> None:
        """Write over the live line of a terminal, or below what a file already holds."""
        print(f'\r\033[K{text}' if self._terminal else text,
              end='' if self._terminal else '\n', flush=True)

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next; when the last answers have come, too, conclude and film."""
        if self._filming is not None:
            self._film(self._filming)
            return
        executor.spin_once(timeout_sec=0.1)
        if self._ends_at is None or time.monotonic() < self._ends_at:
            return
        flight = self._conclude()
        if self._video is None or flight is None or len(flight.t) < 2:
            self._end()
            return
        film = import_module('liquid_control.viz.film')
        self._filming = film.write_film_in_steps(
            film.Footage(flight, self._recording.neurons, *self._recording.network()),
            self._video)

    def _end(self) -> None:
        """End the process with the world's verdict."""
        self.exit_code = 0 if self._truth['outcome'] == 'reached' else 1

    def _film(self, filming: Generator[float, None, None]) -> None:
        """Draw the next picture of the film; a film that fails does not change the verdict."""
        try:
            done = next(filming, None)
        except OSError as error:
            print(f'error: {self._video}: the film cannot be written: {error}', file=sys.stderr,
                  flush=True)
            self._end()
            return
        if done is None:
            self._clear_line()
            if self._live:
                print(self._video, flush=True)
            self._end()
        elif self._live and time.monotonic() > self._said_at + (
                LINE_PERIOD if self._terminal else LOG_PERIOD):
            self._said_at = time.monotonic()
            self._write_line(f'filming {self._video}: {100 * done:.0f} %')

    def _clear_line(self) -> None:
        """Make room on a terminal, where the live line stands."""
        if self._live:
            print('\r\033[K' if self._terminal else '', end='')

    def close(self) -> None:
        """Conclude, finished or not; a film that is not finished is left out."""
        if self._filming is not None:
            self._filming.close()
        self._conclude()
        if self._video is not None and self.exit_code is None and self._live:
            self._clear_line()
            print('interrupted: no film', flush=True)

    def _conclude(self) -> Flight | None:
        """
        Give the verdict and draw the flight, once.

        :returns: the flight; None if there was none, or it was concluded before.
        """
        if self._concluded:
            return None
        self._concluded = True
        started = time.monotonic()
        flight = self._recording.flight(self._truth)
        self._clear_line()
        if not len(flight.t):
            # Nothing to draw, and the picture of an earlier flight is not to be lost for it.
            if self._live:
                print('no flight took place', flush=True)
            return None
        if self._live:
            print(f'{flight.outcome} after {flight.time_s:.1f} s, '
                  f'{float(self._truth.get("distance_m", "nan")):.2f} m from the target, '
                  f'{flight.path_length:.1f} m flown', flush=True)
        if self._out is None:
            return flight
        self._out.mkdir(parents=True, exist_ok=True)
        write_record(flight, self._truth, self._out / 'flight.json')
        import_module('liquid_control.viz.flight').draw_flight(flight, self._out / 'flight.png')
        self.get_logger().info(f'drawn in {time.monotonic() - started:.1f} s')
        if self._live:
            print(self._out / 'flight.png', flush=True)
        return flight


def main() -> int:
    """Run the monitor as a process."""
    return run(MonitorNode)


if __name__ == '__main__':
    sys.exit(main())
