# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A vehicle's drivers, played: a camera and an IMU that send on time by the system clock.

    python benchmarks/drivers.py --seconds 10 --camera 640x480 --imu-hz 200

It waits until controller and guard listen, sends for so long, and prints as JSON what it sent.
`latency.py` runs it in a process of its own.
"""

import argparse
from collections.abc import Sequence
import json
import math
import sys
import time

from liquid_control.nodes import messages, qos
from liquid_control.signals import ImuSample, NANOSECONDS
import numpy as np
import rclpy
from sensor_msgs.msg import CameraInfo, Image, Imu

FOV = math.radians(90.0)     # of the camera of the shipped policies
LISTENERS = 2                # controller and guard
SETTLE = 1.0                 # the other ends may match later [s]
VARIETY = 8                  # images, sent by turns


class Drivers:
    """Publishers of one camera and one IMU."""

    def __init__(self, width: int, height: int) -> None:
        self.node = rclpy.create_node('drivers')
        self._imu = self.node.create_publisher(Imu, 'imu/data', qos.IMU)
        self._image = self.node.create_publisher(Image, 'camera/image_raw', qos.CAMERA)
        self._info = self.node.create_publisher(CameraInfo, 'camera/camera_info', qos.SENSOR)
        numbers = np.random.default_rng(0)
        self._images = [messages.image_to_message(
            numbers.integers(0, 256, (height, width, 3), dtype=np.uint8), 0)
            for _ in range(VARIETY)]
        self._size = width, height
        self._rest = np.array([0.0, 0.0, 9.81]), np.zeros(3)
        self.sent = {'frames': 0, 'samples': 0, 'samples_sent_late': 0}
        self._patience_ns = 0

    def wait(self, limit: float) -> None:
        """Wait for those who listen."""
        end = time.monotonic() + limit
        while min(self._imu.get_subscription_count(),
                  self._image.get_subscription_count()) < LISTENERS:
            if time.monotonic() > end:
                raise SystemExit(f'no controller and guard within {limit:g} s')
            rclpy.spin_once(self.node, timeout_sec=0.05)
        time.sleep(SETTLE)

    def send_sample(self, due_ns: int) -> None:
        """Send an IMU sample, stamped by when it was due: an IMU samples by its own clock."""
        late_ns = time.monotonic_ns() - due_ns
        self._imu.publish(messages.imu_to_message(
            ImuSample(time.time_ns() - late_ns, *self._rest)))
        self.sent['samples'] += 1
        self.sent['samples_sent_late'] += late_ns > self._patience_ns

    def send_frame(self, _due_ns: int) -> None:
        """Send a frame of now, and what describes it."""
        stamp = time.time_ns()
        message = self._images[self.sent['frames'] % VARIETY]
        message.header.stamp = messages.to_time(stamp)
        self._image.publish(message)
        self._info.publish(messages.camera_info(*self._size, FOV, stamp))
        self.sent['frames'] += 1

    def run(self, seconds: float, camera_hz: float, imu_hz: float) -> None:
        """Send at both rates; what is late is sent at once, nothing is left out."""
        self._info.publish(messages.camera_info(*self._size, FOV, time.time_ns()))
        time.sleep(0.1)
        self.send_frame(0)      # the first sample is stepped on, too: a frame is there
        time.sleep(0.1)
        self._patience_ns = round(NANOSECONDS / imu_hz)
        begun = time.monotonic_ns()
        end = begun + round(seconds * NANOSECONDS)
        due = {self.send_frame: (begun, camera_hz), self.send_sample: (begun, imu_hz)}
        while (now := time.monotonic_ns()) < end:
            send, (when, rate) = min(due.items(), key=lambda item: item[1][0])
            if when > now:
                time.sleep((when - now) / NANOSECONDS)
            send(when)
            due[send] = when + round(NANOSECONDS / rate), rate


def main(argv: Sequence[str] | None = None) -> int:
    """Send, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--seconds', type=float, default=10.0)
    parser.add_argument('--camera', default='64x48', help='width x height [px]')
    parser.add_argument('--camera-hz', type=float, default=30.0)
    parser.add_argument('--imu-hz', type=float, default=200.0)
    parser.add_argument('--wait', type=float, default=60.0, help='for controller and guard [s]')
    arguments = parser.parse_args(argv)
    width, height = map(int, arguments.camera.split('x'))
    rclpy.init(args=[])
    drivers = Drivers(width, height)
    try:
        drivers.wait(arguments.wait)
        drivers.run(arguments.seconds, arguments.camera_hz, arguments.imu_hz)
    finally:
        drivers.node.destroy_node()
        rclpy.shutdown()
    print(json.dumps(drivers.sent))
    return 0


if __name__ == '__main__':
    sys.exit(main())
