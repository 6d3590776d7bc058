# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Another wind may be set while a drone flies."""

from collections.abc import Callable

from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
import numpy as np


def test_it_blows_as_if_from_the_start(simulate: Callable[..., Simulation]) -> None:
    always, later = simulate('empty', 'W3', 5), simulate('empty', 'W0', 5)
    for _ in range(240):
        always.step()
        later.step()
    assert not np.any(later.wind_velocity)
    later.set_wind(load_wind('W3'))
    assert later.wind.name == 'W3'
    for _ in range(20):
        always.step()
        later.step()
        np.testing.assert_array_equal(later.wind_velocity, always.wind_velocity)
    assert np.linalg.norm(later.velocity) > 0.01        # and it is felt
