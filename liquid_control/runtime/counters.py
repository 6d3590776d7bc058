# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a controller counts: nothing that it drops, holds or bends goes unreported."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Events since the controller was made."""

    frames: int = 0                # that arrived
    steps: int = 0                 # of the network
    frames_dropped_dt: int = 0     # stamp not after the previous one's
    frames_rejected: int = 0       # unusable: size, type, field of view, stamp in the future
    frames_unpaired: int = 0       # came before any IMU sample or odometry that a step needs
    dt_clamped: int = 0            # steps that elapsed more than the policy was trained in
    dt_below: int = 0              # steps that elapsed less
    resets: int = 0                # of the hidden state
    swaps: int = 0                 # of the policy, in flight or not
    non_finite: int = 0            # steps whose outputs were not finite
    state_alarms: int = 0          # steps while the hidden state was out of its bounds
    observation_alarms: int = 0    # steps while image or IMU were unlike those of training
    imu_dropped: int = 0           # samples with NaN, Inf, or a stamp in the future
    imu_late: int = 0              # samples whose interval was over
    imu_gaps: int = 0              # steps without a sample of their own
    odometry_dropped: int = 0      # NaN, Inf, no velocity or orientation, a stamp in the future
    flow_dropped: int = 0          # NaN, no velocity, a stamp before the last or in the future
    depth_rejected: int = 0        # depth images that are none
    reasons: Counter[str] = field(default_factory=Counter)     # of every tick
