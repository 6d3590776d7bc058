# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A second publisher that floods a topic: `python -m liquid_control.nodes.faults.flood imu`."""

import sys
import time

from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.signals import ImuSample
import numpy as np
import rclpy
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image, Imu

RATE = 10_000.0         # at most [Hz]
AT_ONCE = 20            # messages between two looks at the clock


def flood(what: str) -> None:
    """
    Publish until the process is ended.

    :param what: imu or images, well stamped; or manual, which are no numbers.
    """
    rclpy.init()
    node = rclpy.create_node('flood')
    newest = [0]

    def on_clock(message: Clock) -> None:
        newest[0] = messages.stamp_ns(message.clock)

    node.create_subscription(Clock, '/clock', on_clock, qos.CLOCK)
    kind, topic, profile = {'imu': (Imu, 'imu/data', qos.IMU),
                            'images': (Image, 'camera/image_raw', qos.CAMERA),
                            'manual': (TwistStamped, 'cmd_vel_manual', qos.COMMAND)}[what]
    publisher = node.create_publisher(kind, topic, profile)
    message = {
        'imu': messages.imu_to_message(ImuSample(0, np.array([0.0, 0.0, 9.81]), np.zeros(3))),
        'images': messages.image_to_message(np.full((48, 64, 3), 128, np.uint8), 0),
        'manual': messages.twist_stamped([float('nan')] * 4, ('vx', 'vy', 'vz', 'yaw_rate'), 0),
    }[what]
    due = time.monotonic()
    while True:
        rclpy.spin_once(node, timeout_sec=0.0)
        message.header.stamp = messages.to_time(newest[0])
        for _ in range(AT_ONCE):
            publisher.publish(message)
        due = max(due + AT_ONCE / RATE, time.monotonic() - 0.1)
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == '__main__':
    flood(sys.argv[1])
