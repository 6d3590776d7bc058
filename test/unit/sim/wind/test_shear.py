# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Wind grows with height by the power law, from still air on the ground."""

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.shear import Shear, ShearConfig
import numpy as np
import pytest


def test_power_law() -> None:
    wind = Shear(ShearConfig(6.0, reference_height=10.0, exponent=0.2), np.deg2rad(90.0))
    # By hand: 0.1^0.2 = 0.630957, 0.5^0.2 = 0.870551, 2^0.2 = 1.148698.
    for height, share in ((10.0, 1.0), (1.0, 0.630957), (5.0, 0.870551), (20.0, 1.148698),
                          (0.0, 0.0), (-1.0, 0.0)):
        for place in (np.array([0.0, 0.0, height]), np.array([7.0, -3.0, height])):
            np.testing.assert_allclose(wind.velocity(3.0, place), [0.0, 6.0 * share, 0.0],
                                       atol=1e-5)


def test_one_seventh_is_the_default() -> None:
    wind = Shear(ShearConfig(10.0, reference_height=128.0), 0.0)
    np.testing.assert_allclose(wind.velocity(0.0, np.array([0.0, 0.0, 1.0])), [5.0, 0.0, 0.0])


@pytest.mark.parametrize('values', [
    {'speed': -1.0}, {'speed': 900.0}, {'speed': 1.0, 'reference_height': 0.0},
    {'speed': 1.0, 'exponent': 2.0}])
def test_out_of_range_is_refused_by_key(values: dict) -> None:
    with pytest.raises(ConfigError, match=f'{list(values)[-1]}: expected .*, found'):
        ShearConfig(**values)
