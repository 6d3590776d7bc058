# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The optional named inputs of a policy beside camera and IMU."""

from dataclasses import dataclass
import math
from typing import Any

from liquid_control.signals import (
    Float32Array,
    FlowSample,
    heading,
    ImageArray,
    NANOSECONDS,
    to_stabilized,
    VehicleState,
)
import numpy as np
from numpy.typing import NDArray

VELOCITY_NAMES = ('velocity_x', 'velocity_y', 'velocity_z')   # in base_stabilized [m/s]
FLOW_NAMES = ('flow_x', 'flow_y',          # over the ground, in base_stabilized [m/s]
              'flow_age')                  # at the step [s]
FLOW_LASTS = 1.0    # [s]; older flow is none: its inputs are 0, 0 and this age
FASTEST = 100.0     # [m/s], [rad/s]; more is a fault, not motion
EXTRA_NAMES = (*VELOCITY_NAMES,
               *FLOW_NAMES,
               'frame_age',                 # at the step [s]
               'frame_brightness')          # mean of all pixels, 0 black to 1 white


@dataclass(frozen=True, slots=True)
class Extras:
    """Collects the optional inputs that a bundle lists, in its order."""

    names: tuple[str, ...]

    @property
    def needs_odometry(self) -> bool:
        """Whether a velocity estimate is among them."""
        return any(name in VELOCITY_NAMES for name in self.names)

    @property
    def uses_flow(self) -> bool:
        """Whether optical flow is among them; where there is none, they say so."""
        return any(name in FLOW_NAMES for name in self.names)

    def collect(self, stamp_ns: int, frame_ns: int, image: ImageArray,
                velocity: NDArray[Any] | None, flow: FlowSample | None) -> Float32Array:
        """
        Put the inputs in order.

        :param stamp_ns: of the step.
        :param frame_ns: stamp of the frame.
        :param image: the frame, as the policy sees it.
        :param velocity: (3,) in base_stabilized [m/s]; may be None if none is listed.
        :param flow: the newest; None for none so far.
        :return: (len(names),).
        """
        values = {'frame_age': max(0, stamp_ns - frame_ns) / NANOSECONDS}
        if 'frame_brightness' in self.names:
            values['frame_brightness'] = float(image.mean()) / 255.0
        if velocity is not None:
            values.update(zip(VELOCITY_NAMES, velocity.tolist()))
        if self.uses_flow:
            values.update(zip(FLOW_NAMES, flow_inputs(flow, stamp_ns)))
        return np.array([values[name] for name in self.names], np.float32)


def usable(flow: FlowSample) -> bool:
    """
    Tell whether optical flow is a velocity at all.

    :param flow: as it arrived.
    """
    return bool((np.abs(flow.velocity) <= FASTEST).all())     # false for NaN too


def flow_inputs(flow: FlowSample | None, stamp_ns: int) -> tuple[float, float, float]:
    """
    Return x, y [m/s] and age [s] of optical flow, as a policy is given them.

    :param flow: the newest; None for none so far.
    :param stamp_ns: of the step.
    """
    if flow is not None:
        age = max(0, stamp_ns - flow.stamp_ns) / NANOSECONDS
        if age < FLOW_LASTS:
            return float(flow.velocity[0]), float(flow.velocity[1]), age
    return 0.0, 0.0, FLOW_LASTS


def stabilized_velocity(state: VehicleState) -> NDArray[np.float64] | None:
    """
    Turn a vehicle's velocity from `odom` into `base_stabilized`, that is, by yaw alone.

    :param state: odometry.
    :return: (3,) [m/s]; None if a number in it is NaN, Inf or faster than anything flies, or the
        quaternion has no length.
    """
    x, y, z, w = (float(value) for value in state.orientation)
    velocity = np.asarray(state.velocity, np.float64)
    length = x * x + y * y + z * z + w * w
    if not (math.isfinite(length) and length > 1e-6 and (np.abs(velocity) <= FASTEST).all()):
        return None
    return to_stabilized(velocity, heading(state.orientation))
