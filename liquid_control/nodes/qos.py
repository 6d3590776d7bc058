# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Quality of service of every topic, in one place."""

from rclpy.duration import Duration
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _profile(depth: int, reliability: ReliabilityPolicy,
             durability: DurabilityPolicy = DurabilityPolicy.VOLATILE) -> QoSProfile:
    return QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=depth, reliability=reliability,
                      durability=durability)


# Sensor data: best effort, as drivers offer it. The IMU's queue holds 0.4 s at 480 Hz, because
# the samples between two frames are all wanted; the camera's a few frames of a late process.
IMU = _profile(200, ReliabilityPolicy.BEST_EFFORT)
# In lockstep a sample that is lost would make another flight, and nobody names it in a request.
LOCKSTEP_IMU = _profile(200, ReliabilityPolicy.RELIABLE)
CAMERA = _profile(5, ReliabilityPolicy.BEST_EFFORT)
# What waits to be polled, 25 times a second and oftener, needs room for what came since.
SENSOR = _profile(20, ReliabilityPolicy.BEST_EFFORT)
CLOCK = _profile(1, ReliabilityPolicy.BEST_EFFORT)

# A command is only worth its newest value, and must arrive.
COMMAND = _profile(1, ReliabilityPolicy.RELIABLE)

STATUS = _profile(10, ReliabilityPolicy.RELIABLE)

# Whoever records wants every message, and may be busy when it comes.
RECORD_SENSOR = _profile(500, ReliabilityPolicy.BEST_EFFORT)
RECORD_COMMAND = _profile(500, ReliabilityPolicy.RELIABLE)
RECORD_IMAGE = _profile(30, ReliabilityPolicy.BEST_EFFORT)    # 28 MB at 640x480

# On demand, for who records: half a second of ticks at 400 Hz; the controller waits for nobody.
TICKS = _profile(200, ReliabilityPolicy.BEST_EFFORT)

# What somebody who comes late must still be told: target, obstacles.
LATCHED = _profile(1, ReliabilityPolicy.RELIABLE, DurabilityPolicy.TRANSIENT_LOCAL)

# A sign of life every 0.1 s; the middleware tells both ends when none came for three periods.
HEARTBEAT = QoSProfile(history=HistoryPolicy.KEEP_LAST, depth=1,
                       reliability=ReliabilityPolicy.RELIABLE, deadline=Duration(seconds=0.3))
