# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The jet of a fan decays, widens and conserves momentum as free round jets are measured to."""

from liquid_control.sim.wind.jet import Jet, JetConfig
import numpy as np
import pytest

SPEED, DIAMETER = 5.0, 0.5
FAN = Jet(JetConfig((0.0, 0.0, 2.0), SPEED, DIAMETER), 0.0)


def at(x: float, r: float = 0.0) -> float:
    """Return the speed at a distance from the fan, and one from its axis."""
    return float(FAN.velocity(0.0, np.array([x, r * 0.6, 2.0 - r * 0.8]))[0])


def test_speed_on_the_axis() -> None:
    assert at(0.0) == at(1.0) == at(6.2 * DIAMETER) == SPEED       # the potential core
    for x in (4.0, 8.0, 20.0):
        assert at(x) == pytest.approx(6.2 * SPEED * DIAMETER / x)


@pytest.mark.parametrize('x', [6.0, 15.0])
def test_half_width_grows_as_measured(x: float) -> None:
    # Measured: 0.094 x (Hussein et al. 1994), 0.096 x (Panchapakesan and Lumley 1993).
    radii = np.linspace(0.0, 0.2 * x, 2001)
    half = radii[int(np.argmax([at(x, r) < at(x) / 2 for r in radii]))]
    assert half / x == pytest.approx(0.095, abs=0.001)


@pytest.mark.parametrize('x', [0.0, 2.0, 3.5, 10.0])
def test_momentum_is_that_of_the_fan(x: float) -> None:
    radii = np.linspace(0.0, 1.0 + 0.5 * x, 4001)
    flux = np.trapezoid([at(x, r) ** 2 * 2 * np.pi * r for r in radii], radii)
    assert flux == pytest.approx(SPEED ** 2 * np.pi * DIAMETER ** 2 / 4, rel=1e-3)


def test_place_and_direction_turn_with_the_heading() -> None:
    fan = Jet(JetConfig((-2.0, 1.0, 0.5), SPEED, DIAMETER, elevation_deg=30.0), np.pi / 2)
    origin, direction = np.array([-1.0, -2.0, 0.5]), np.array([0.0, np.sqrt(0.75), 0.5])
    np.testing.assert_allclose(fan.velocity(0.0, origin + 1.5 * direction), SPEED * direction,
                               atol=1e-12)
    assert not np.any(fan.velocity(0.0, origin - 0.01 * direction))      # behind it
