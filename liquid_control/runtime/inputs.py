# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a tick is given."""

from collections.abc import Sequence
from dataclasses import dataclass

from liquid_control.signals import CameraFrame, ImuSample, VehicleState


@dataclass(frozen=True, slots=True)
class Inputs:
    """What has arrived since the previous tick."""

    frame: CameraFrame | None = None
    imu: Sequence[ImuSample] = ()
    odometry: VehicleState | None = None
