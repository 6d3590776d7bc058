# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""First-order random processes: white noise that is remembered, of winds and of sensors."""

from liquid_control.signals import FloatArray
from numba import njit


@njit(cache=True)  # type: ignore[untyped-decorator]
def remember(noise: FloatArray, last: FloatArray, kept: float) -> None:
    """
    Turn white noise into x' = kept x + noise, in place; a kept share of 1 is a random walk.

    :param noise: (n, A), replaced by the process.
    :param last: (A,), the value before the first; unchanged.
    :param kept: share of a value that the next one keeps.
    """
    for axis in range(noise.shape[1]):
        value = last[axis]
        for row in range(len(noise)):
            value = kept * value + noise[row, axis]
            noise[row, axis] = value
