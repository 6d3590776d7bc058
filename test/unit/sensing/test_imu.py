# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What counts as an IMU measurement."""

from liquid_control.sensing.imu import LARGEST, mean, reading
from liquid_control.signals import ImuSample
import numpy as np
import pytest


def test_a_reading_is_the_six_numbers_in_order() -> None:
    """Specific force first, then angular velocity."""
    sample = ImuSample(0, np.array([1.0, 2, 3]), np.array([4.0, 5, 6]))
    assert reading(sample) == (1, 2, 3, 4, 5, 6)


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 1.01 * LARGEST, -1e300])
@pytest.mark.parametrize('axis', range(6))
def test_one_bad_number_makes_a_sample_unusable(bad: float, axis: int) -> None:
    """NaN, Inf, and what would overflow in the network."""
    values = np.zeros(6)
    values[axis] = bad
    assert reading(ImuSample(0, values[:3], values[3:])) is None


@pytest.mark.parametrize('axes', [(2, 3), (3, 4), (0, 0)])
def test_a_wrong_number_of_axes_is_unusable(axes: tuple[int, int]) -> None:
    """Nothing is padded."""
    assert reading(ImuSample(0, np.zeros(axes[0]), np.zeros(axes[1]))) is None


def test_the_mean_is_taken_over_each_channel() -> None:
    """Two samples, halfway between."""
    average = mean([(0.0, 1.0, 2.0, 3.0, 4.0, 5.0), (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)])
    assert average.dtype == np.float32
    assert average.tolist() == [1, 2, 3, 4, 5, 6]
