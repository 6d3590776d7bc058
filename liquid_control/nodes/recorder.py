# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The recorder: writes what a vehicle hears, decides and does into a rosbag2 folder.

It only listens. Its subscriptions ask nobody to wait or to send again, its queues are bounded,
it runs behind everything else, and where the disk is full it says so and lets the vehicle fly on.
Killed, it loses what it had not flushed: a second of messages.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import os
from pathlib import Path
import shutil
import sys
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped, Twist, TwistStamped, Vector3Stamped
from liquid_control.bags.writer import BagWriter, COMPRESSION, Qos
from liquid_control.nodes import messages, qos
from liquid_control.nodes.clock_topic import ClockGuardedNode
from liquid_control.nodes.definitions import message_type
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.parameters import declare, Parameter
from liquid_control.nodes.polled import taken
from liquid_control.nodes.process import run
from nav_msgs.msg import Odometry
from rclpy.clock import Clock, ClockType
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock as ClockMessage
from sensor_msgs.msg import CameraInfo, Imu, JointState
from std_msgs.msg import Bool
from visualization_msgs.msg import MarkerArray

FLUSH_PERIOD = 1.0      # what a kill loses at most [s]
NICENESS = 10           # behind the nodes that fly
MEGABYTE = 1_000_000
FOREVER = {'sec': 9223372036, 'nsec': 854775807}

PARAMETERS = (
    Parameter('bag', '', 'folder of the bag, new or empty; empty names one by the time, here'),
    Parameter('compression', 'none', 'of the chunks: none costs the least time; lz4 or zstd the '
              'least space', choices=tuple(COMPRESSION)),
    Parameter('stamped', True, 'cmd_vel and cmd_vel_manual are TwistStamped; otherwise Twist'),
    Parameter('images', True, 'record the camera, which is most of a bag'),
    Parameter('image_transport', 'raw', 'as the controller takes camera images',
              choices=tuple(messages.IMAGES)),
    Parameter('reserve_mb', 200, 'stop recording when the disk has less left', 0, 1_000_000,
              unit='MB'),
    Parameter('join', 0.0, 'record images when a controller has ticked, but after so long in any '
              'case: for a simulation that waits for its listeners', 0.0, 60.0, unit='s'),
)

TICKS, IMAGES = 'controller/ticks', 'camera/image_raw'


def topics(stamped: bool, images: str) -> dict[str, tuple[type, QoSProfile]]:
    """
    List what is recorded: type, and how it is asked for.

    :param stamped: commands are TwistStamped.
    :param images: the transport of the camera's: raw or compressed; '' leaves them out.
    """
    command = TwistStamped if stamped else Twist
    listed = {
        'imu/data': (Imu, qos.RECORD_SENSOR), 'odom': (Odometry, qos.RECORD_SENSOR),
        'flow': (TwistStamped, qos.RECORD_SENSOR),
        'camera/camera_info': (CameraInfo, qos.RECORD_SENSOR),
        'cmd_vel_policy': (TwistStamped, qos.RECORD_SENSOR),
        'cmd_vel_manual': (command, qos.RECORD_SENSOR), 'cmd_vel': (command, qos.RECORD_SENSOR),
        'controller/ticks': (DiagnosticArray, qos.RECORD_SENSOR),
        'controller/configuration': (DiagnosticArray, qos.LATCHED),
        'controller/shadow': (TwistStamped, qos.RECORD_SENSOR),
        'controller/status': (DiagnosticArray, qos.RECORD_SENSOR),
        'controller/neurons': (JointState, qos.RECORD_SENSOR),
        'guard/status': (DiagnosticArray, qos.RECORD_SENSOR),
        'guard/engaged': (Bool, qos.RECORD_SENSOR),
        '/diagnostics': (DiagnosticArray, qos.RECORD_SENSOR),
        # Of a simulation: its truth and its clock.
        'world/status': (DiagnosticArray, qos.RECORD_SENSOR),
        'wind': (Vector3Stamped, qos.RECORD_SENSOR), 'target': (PoseStamped, qos.LATCHED),
        'markers': (MarkerArray, qos.LATCHED), '/clock': (ClockMessage, qos.RECORD_SENSOR)}
    if images:
        topic, kind = messages.IMAGES[images]
        listed[topic] = kind, qos.RECORD_IMAGE
    return listed


class RecorderNode(ClockGuardedNode):
    """Records one vehicle; see the module."""

    def __init__(self) -> None:
        """
        Begin the bag and listen.

        :raises ConfigError: for a parameter that is unknown or out of range.
        :raises BagError: if the folder holds something, or a definition is not installed.
        """
        super().__init__('recorder', automatically_declare_parameters_from_overrides=True)
        self.exit_code: int | None = None
        self._values = values = declare(self, PARAMETERS)
        LiveParameters(self, PARAMETERS, values)
        folder = Path(values['bag'] or f'flight_{datetime.now():%Y_%m_%d-%H_%M_%S}')
        wanted = topics(values['stamped'],
                        values['image_transport'] if values['images'] else '')
        self._types = {kind: message_type(_name(kind)) for kind, _ in wanted.values()}
        self._bag: BagWriter | None = None
        self._stopped = ''      # why nothing is written any more
        self._heard: set[str] = set()     # topics of which a message has come
        self._lost = 0          # messages that came faster than they were written
        self._announced = False     # every topic so far stands in metadata.yaml
        self._diagnostics = self.create_publisher(DiagnosticArray, '/diagnostics', qos.STATUS)
        self.create_timer(FLUSH_PERIOD, self._on_time,
                          clock=Clock(clock_type=ClockType.STEADY_TIME))
        try:
            self._bag = BagWriter(folder, os.environ.get('ROS_DISTRO', 'jazzy'),
                                  values['compression'])
        except OSError as error:
            self._stop(f'{folder}: {error}')
            return
        self._images = [item for item in wanted.items() if item[0].startswith(IMAGES)]
        for topic, (kind, profile) in wanted.items():
            if not topic.startswith(IMAGES):
                self._listen(topic, kind, profile)
        self._begun = time.monotonic()
        self._joining = self.create_timer(0.02, self._join,
                                          clock=Clock(clock_type=ClockType.STEADY_TIME))
        self._guarded(self._bag.describe)
        self.get_logger().info(f'recording into {folder}')

    def _join(self) -> None:
        """
        Listen to images when the ticks of the controller are heard, or there seem to be none.

        A simulated world begins when its camera has listeners: a recording that misses the first
        ticks cannot be replayed.
        """
        if TICKS not in self._heard and time.monotonic() - self._begun < self._values['join']:
            return
        self._joining.cancel()
        for topic, (kind, profile) in self._images:
            self._listen(topic, kind, profile)

    def _listen(self, topic: str, kind: type, profile: QoSProfile) -> None:
        """Write what comes on a topic; it is announced in the bag with its first message."""
        channel: int | None = None

        def write(data: bytes, info: Mapping[str, Any]) -> None:
            nonlocal channel
            bag = self._bag
            if bag is None:
                return
            if channel is None:
                channel = bag.add_topic(subscription.topic_name, self._types[kind],
                                        offered(profile))
                self._announced = False
                self._heard.add(topic)
            number, now = channel, info['received_timestamp'] or time.time_ns()
            self._guarded(lambda: bag.write(number, bytes(data), now,
                                            info['source_timestamp'] or now))

        def take(data: bytes, info: Mapping[str, Any]) -> None:
            # All that waits, not one a turn: on a busy machine a fast topic would fall behind.
            write(data, info)
            for waiting in taken(subscription):
                write(*waiting)

        subscription = self.create_subscription(
            kind, topic, take, profile, raw=True, event_callbacks=SubscriptionEventCallbacks(
                message_lost=lambda event: self._on_lost(event.total_count_change)))

    def _on_lost(self, count: int) -> None:
        """Count what the middleware dropped."""
        self._lost += count

    def _on_time(self) -> None:
        """Flush, look at the disk, and tell how it goes."""
        bag = self._bag
        if bag is not None:
            self._guarded(lambda: self._look_after(bag))
        level = DiagnosticStatus.ERROR if self._stopped else (
            DiagnosticStatus.WARN if self._lost else DiagnosticStatus.OK)
        text = f'not recording: {self._stopped}' if self._stopped else 'recording'
        self._diagnostics.publish(messages.status_array(
            self.get_clock().now().nanoseconds,
            messages.status(f'{self.get_fully_qualified_name()}: bag', level, text, {
                'messages': bag.messages if bag else 0, 'lost': self._lost})))

    def _look_after(self, bag: BagWriter) -> None:
        """Flush, and stop while the disk has room for others."""
        free = shutil.disk_usage(bag.folder).free / MEGABYTE
        if free < self._values['reserve_mb']:
            bag.close()
            self._stop(f'{bag.folder}: {free:.0f} MB are free, less than reserve_mb = '
                       f'{self._values["reserve_mb"]}')
            return
        bag.flush()
        if not self._announced:
            self._announced = True
            bag.describe()

    def _guarded(self, write: Callable[[], None]) -> None:
        """Do something that the disk may refuse: then recording ends, and nothing else does."""
        try:
            write()
        except OSError as error:
            bag = self._bag
            if bag is not None:
                bag.abandon()
                self._stop(f'{bag.folder}: {error}')

    def _stop(self, why: str) -> None:
        """Write no more, and say why."""
        self._bag = None
        if not self._stopped:
            self._stopped = why
            self.get_logger().error(f'recording stopped, the vehicle flies on: {why}')

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next."""
        executor.spin_once(timeout_sec=0.1)

    def close(self) -> None:
        """Finish the bag."""
        if self._bag is not None:
            self._guarded(self._bag.close)


def offered(profile: QoSProfile) -> Qos:
    """
    Return a profile as rosbag2 writes it, for who plays the bag.

    :param profile: that is asked for, which our publishers offer or better.
    """
    latched = profile.durability == DurabilityPolicy.TRANSIENT_LOCAL
    reliable = profile.reliability == ReliabilityPolicy.RELIABLE
    return {'history': 'keep_last', 'depth': profile.depth,
            'reliability': 'reliable' if reliable else 'best_effort',
            'durability': 'transient_local' if latched else 'volatile',
            'deadline': FOREVER, 'lifespan': FOREVER, 'liveliness': 'automatic',
            'liveliness_lease_duration': FOREVER, 'avoid_ros_namespace_conventions': False}


def _name(kind: type) -> str:
    """Return the name of a message class, such as sensor_msgs/msg/Imu."""
    return f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'


def main() -> int:
    """Run the recorder as a process."""
    os.nice(NICENESS)
    return run(RecorderNode)


if __name__ == '__main__':
    sys.exit(main())
