# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One IMU sample as six numbers, or none: what is not a measurement never reaches a network."""

from collections.abc import Sequence
from typing import TypeAlias

from liquid_control.signals import Float32Array, ImuSample
import numpy as np

IMU_NAMES = ('ax', 'ay', 'az',     # specific force in imu_link [m/s^2]
             'wx', 'wy', 'wz')     # angular velocity [rad/s]
LARGEST = 1.0e4     # [m/s^2, rad/s]: a thousand g; beyond it a number is a fault, not motion

Reading: TypeAlias = tuple[float, float, float, float, float, float]


def reading(sample: ImuSample) -> Reading | None:
    """
    Return specific force [m/s^2] and angular velocity [rad/s] as numbers, None if unusable.

    :param sample: as it arrived.
    :return: six numbers in the order of IMU_NAMES; None for NaN, Inf, a magnitude that no
        sensor can measure, or a wrong number of axes.
    """
    values = (*sample.specific_force.tolist(), *sample.angular_velocity.tolist())
    if len(values) != 6:
        return None
    for value in values:
        if not -LARGEST <= value <= LARGEST:      # false for NaN too
            return None
    return values


def mean(readings: Sequence[Reading]) -> Float32Array:
    """
    Average over an interval.

    :param readings: at least one.
    :return: (6,) in the order of IMU_NAMES, SI.
    """
    count = len(readings)
    return np.array([sum(axis) / count for axis in zip(*readings)], np.float32)
