# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The optional named inputs of a policy beside camera and IMU."""

from dataclasses import dataclass
import math
from typing import Any

from liquid_control.signals import Float32Array, heading, ImageArray, VehicleState
import numpy as np
from numpy.typing import NDArray

VELOCITY_NAMES = ('velocity_x', 'velocity_y', 'velocity_z')   # in base_stabilized [m/s]
EXTRA_NAMES = (*VELOCITY_NAMES,
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

    def collect(self, frame_age: float, velocity: NDArray[Any] | None,
                image: ImageArray) -> Float32Array:
        """
        Put the inputs in order.

        :param frame_age: [s].
        :param velocity: (3,) in base_stabilized [m/s]; may be None if none is listed.
        :param image: the frame, as the policy sees it.
        :return: (len(names),).
        """
        values = {'frame_age': frame_age}
        if 'frame_brightness' in self.names:
            values['frame_brightness'] = float(image.mean()) / 255.0
        if velocity is not None:
            values.update(zip(VELOCITY_NAMES, velocity.tolist()))
        return np.array([values[name] for name in self.names], np.float32)


def stabilized_velocity(state: VehicleState) -> NDArray[np.float64] | None:
    """
    Turn a vehicle's velocity from `odom` into `base_stabilized`, that is, by yaw alone.

    :param state: odometry.
    :return: (3,) [m/s]; None if a number in it is NaN or Inf, or the quaternion has no length.
    """
    x, y, z, w = (float(value) for value in state.orientation)
    velocity = np.asarray(state.velocity, np.float64)
    length = x * x + y * y + z * z + w * w
    if not (math.isfinite(length) and length > 1e-6 and np.isfinite(velocity).all()):
        return None
    yaw = heading(state.orientation)
    cosine, sine = math.cos(yaw), math.sin(yaw)
    return np.array([cosine * velocity[0] + sine * velocity[1],
                     -sine * velocity[0] + cosine * velocity[1], velocity[2]])
