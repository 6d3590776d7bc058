# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Left and right exchanged: what a mirrored image does to everything that goes with it.

The reflection is about the vertical x-z plane of the vehicle: vectors lose the sign of y,
rotations the signs of x and z.
"""

from collections.abc import Sequence

from liquid_control.errors import ConfigError
from liquid_control.signals import Float32Array
import numpy as np

IMU_SIGNS = np.array([1, -1, 1, -1, 1, -1], np.float32)     # of sensing.imu.IMU_NAMES
TARGET_SIGNS = np.array([1, -1, 1, 1], np.float32)  # visible, bearing, elevation, inverse distance

_KEPT = frozenset({'vx', 'vz', 'velocity_x', 'velocity_z', 'flow_x', 'flow_age', 'goal_x',
                   'goal_z', 'goal_speed', 'range', 'frame_age', 'frame_brightness'})
_TURNED = frozenset({'vy', 'yaw_rate', 'velocity_y', 'flow_y', 'goal_y', 'goal_bearing'})


def signs(names: Sequence[str]) -> Float32Array:
    """
    Return +1 or -1 for each named command axis or input, as a mirror turns it.

    :param names: axes of a command, or optional inputs.
    :raises ConfigError: for a name of which the mirror image is not known.
    """
    for name in names:
        if name not in _KEPT | _TURNED:
            raise ConfigError(f'{name!r}: its mirror image is not known; add it to '
                              'training/mirror.py')
    return np.array([-1.0 if name in _TURNED else 1.0 for name in names], np.float32)
