# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a tick is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from liquid_control.signals import CameraFrame, Float32Array, FlowSample, ImuSample, VehicleState


@dataclass(frozen=True, slots=True)
class Around:
    """What the optional parts of the safety layer hear, beside odometry."""

    distance: tuple[int, float] | None = None         # of a range finder: stamp [ns], [m]
    depth: tuple[int, Float32Array] | None = None     # stamp [ns], (height, width) [m]
    neighbours: Mapping[str, VehicleState] = field(default_factory=dict)     # odometry, by name


@dataclass(frozen=True, slots=True)
class Inputs:
    """What has arrived since the previous tick."""

    frame: CameraFrame | None = None
    imu: Sequence[ImuSample] = ()
    odometry: VehicleState | None = None
    around: Around | None = None
    flow: FlowSample | None = None         # the newest
