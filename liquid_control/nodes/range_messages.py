# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Messages of sensors that measure distances, as the safety layer takes them."""

from liquid_control.errors import SensorError
from liquid_control.signals import Float32Array
import numpy as np
from sensor_msgs.msg import Image, Range


def distance_from_message(message: Range) -> float:
    """
    Return what a range finder measured (REP-117).

    :return: [m]; inf where nothing is in range, 0 where something is too near to measure, or
        a driver says 0 for a failure (a reason to brake, but alone no ground); NaN where the
        measurement failed.
    """
    value = float(message.range)
    if value > message.max_range:
        return float('inf')
    if value < message.min_range:
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
