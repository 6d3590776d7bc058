# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A steady wind blows to where it is told, everywhere and always."""

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.constant import Constant, ConstantConfig
import numpy as np
import pytest


def test_blows_to_its_heading_everywhere_and_always() -> None:
    wind = Constant(ConstantConfig(4.0), np.deg2rad(30.0))
    for t, place in ((0.0, np.zeros(3)), (17.3, np.array([5.0, -2.0, 3.0]))):
        np.testing.assert_allclose(wind.velocity(t, place), [4 * np.sqrt(3) / 2, 2.0, 0.0])


def test_what_is_not_physical_is_refused() -> None:
    with pytest.raises(ConfigError, match='speed: expected 0 to 120 m/s, found -1'):
        ConstantConfig(-1.0)
    with pytest.raises(ConfigError, match='found 900'):
        ConstantConfig(900.0)
