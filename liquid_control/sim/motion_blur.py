# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a turning camera smears while its shutter is open."""

import math

from liquid_control.signals import FloatArray, ImageArray
from liquid_control.sim.inner_loop import rotation_matrix
from numba import njit
import numpy as np

_LEAST = 0.05     # shorter smears than so many pixels are none


class MotionBlur:
    """
    Smears an image along the path that turning moves it by.

    A small turn by w T moves the image of a pinhole camera by f w T, f in pixels; that is exact in
    its middle. Roll about the optical axis and translation, which moves near things, are left out.
    """

    def __init__(self, shutter_s: float, focal_px: float, pitch: float) -> None:
        """
        Prepare for a camera.

        :param shutter_s: how long the shutter is open [s].
        :param focal_px: focal length [pixels].
        :param pitch: of the camera in base_link, down positive [rad].
        """
        self._factor = shutter_s * focal_px
        self._up = np.array([math.sin(pitch), 0.0, math.cos(pitch)])   # of the image, in base_link

    def __call__(self, image: ImageArray, orientation: FloatArray,
                 angular_velocity: FloatArray) -> ImageArray:
        """
        Return the image as it is smeared.

        :param image: (height, width, 3).
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        :param angular_velocity: (3,) world [rad/s].
        """
        turning = rotation_matrix(orientation).T @ angular_velocity
        # A turn to the left moves the image to the right; nose down moves it up.
        right = self._factor * float(self._up @ turning)
        up = self._factor * float(turning[1])
        if math.hypot(right, up) < _LEAST:
            return image
        return _smeared(image, right, -up)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _smeared(image: ImageArray, right: float, down: float) -> ImageArray:
    """Average over a path (right, down) in pixels about each pixel; the border is repeated."""
    height, width, _ = image.shape
    count = 2 * int(np.ceil(np.hypot(right, down))) + 1
    total = np.zeros(image.shape, np.float32)
    for index in range(count):
        share = (index + 0.5) / count - 0.5
        x, y = share * right, share * down
        column, row = int(np.floor(x)), int(np.floor(y))
        u, v = np.float32(x - column), np.float32(y - row)
        one = np.float32(1.0)
        for i in range(height):
            above = min(height - 1, max(0, i + row))
            below = min(height - 1, max(0, i + row + 1))
            for j in range(width):
                left = min(width - 1, max(0, j + column))
                other = min(width - 1, max(0, j + column + 1))
                for k in range(3):
                    total[i, j, k] += (
                        (one - v) * ((one - u) * image[above, left, k]
                                     + u * image[above, other, k])
                        + v * ((one - u) * image[below, left, k] + u * image[below, other, k]))
    result = np.empty(image.shape, np.uint8)
    for i in range(height):
        for j in range(width):
            for k in range(3):
                result[i, j, k] = np.uint8(total[i, j, k] / count + np.float32(0.5))
    return result
