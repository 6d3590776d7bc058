# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of sensors that measure distances, as the safety layer takes them."""

import math

from liquid_control.errors import SensorError
from liquid_control.signals import Float32Array
import numpy as np
from sensor_msgs.msg import Image, Range


def distance_from_message(message: Range) -> float:
    """
    Return what a range finder measured (REP-117).

    A finite reading above max_range is taken for nothing in range, as drivers older than REP-117
    say it; so a range that is no range, like one that was never set, must not be believed. One
    of no width is a sensor that tells only nearer (-inf) from farther (inf), as sensor_msgs has
    it.

    :return: [m]; inf where nothing is in range, 0 where something is too near to measure, or
        a driver says 0 for a failure (a reason to brake, but alone no ground); NaN where the
        measurement failed.
    :raises SensorError: if min_range and max_range are not those of a sensor.
    """
    low, high = float(message.min_range), float(message.max_range)
    if not (0.0 <= low <= high and 0.0 < high < math.inf):
        raise SensorError('range: expected 0 <= min_range <= max_range, finite and above 0, found '
                          f'min_range {low:g} and max_range {high:g}; let the driver set them')
    value = float(message.range)
    if value > high:
        return math.inf
    if value < low:
        return 0.0
    return value


def depth_from_message(message: Image) -> Float32Array:
    """
    Return a depth image (REP-118).

    :param message: 32FC1.
    :return: (height, width) along the optical axis [m]; inf, -inf and NaN are kept.
    :raises SensorError: for another encoding, no pixels, or too few bytes.
    """
    if message.encoding != '32FC1':
        raise SensorError('depth image: expected encoding 32FC1, found '
                          f'{message.encoding!r}; depth_image_proc converts others')
    height, width, step = message.height, message.width, message.step or 4 * message.width
    if min(height, width) < 1 or step % 4 or step < 4 * width:
        raise SensorError(f'depth image: expected pixels of 4 bytes, found {width}x{height} in '
                          f'rows of {step} bytes')
    if len(message.data) < height * step:
        raise SensorError(f'depth image: expected {height * step} bytes, found '
                          f'{len(message.data)}')
    kind = np.dtype('>f4' if message.is_bigendian else '<f4')
    rows = np.frombuffer(message.data, kind, height * step // 4).reshape(height, step // 4)
    return rows[:, :width].astype(np.float32)
