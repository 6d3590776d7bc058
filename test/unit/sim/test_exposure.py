# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Light that changes, and an exposure that follows it as a first-order lag does."""

from liquid_control.sim.exposure import Exposure, LightChanges
from liquid_control.sim.sensor_config import ExposureConfig, LightChangeConfig
import numpy as np
import pytest


def levels(config: LightChangeConfig | None, seconds: float, seed: int = 0) -> np.ndarray:
    """Return the level at 100 Hz."""
    changes = LightChanges(config, np.random.default_rng(seed))
    return np.array([changes.level(0.01 * k) for k in range(round(100 * seconds))])


def test_without_changes_the_level_is_exactly_one() -> None:
    assert set(levels(None, 3.0)) == {1.0}
    assert Exposure(None).gain(3.0, 0.2) == 1.0


def test_levels_hold_and_go_over_along_a_straight_logarithm() -> None:
    found = np.log(levels(LightChangeConfig(5.0, (0.2, 3.0), (0.5, 0.5)), 3000.0))
    assert found[0] == 0.0
    assert np.log(0.2) <= found.min() < np.log(0.25) and np.log(2.4) < found.max() <= np.log(3.0)
    slopes = np.diff(found)
    assert np.mean(slopes == 0) == pytest.approx(5.0 / 5.5, abs=0.03)
    # In a change every step is as large as the next.
    inside = (slopes[1:] != 0) & (slopes[:-1] != 0)
    assert np.mean(np.isclose(slopes[1:][inside], slopes[:-1][inside])) > 0.9
    held = found[:-1][slopes == 0]
    values = np.unique(np.round(held, 9))
    assert np.mean(values) == pytest.approx(np.log(0.6) / 2, abs=0.1)       # log-uniform
    np.testing.assert_array_equal(
        levels(LightChangeConfig(), 50.0, 3), levels(LightChangeConfig(), 50.0, 3))


@pytest.mark.parametrize('factor', [0.4, 2.5])
def test_after_a_step_of_light_the_image_comes_back_exponentially(factor: float) -> None:
    exposure = Exposure(ExposureConfig(lag_s=0.3))
    assert exposure.gain(0.0, 1.0) == 1.0
    for t in np.cumsum(np.random.default_rng(0).uniform(0.01, 0.1, 20)):   # at any frame rate
        shown = factor * exposure.gain(t, factor)
        assert np.log(shown) == pytest.approx(np.log(factor) * np.exp(-t / 0.3))


def test_exposure_begins_settled_and_has_bounds() -> None:
    assert Exposure(ExposureConfig()).gain(0.0, 0.5) == pytest.approx(2.0)
    for level, gain in ((0.01, 4.0), (100.0, 0.25), (0.0, 4.0)):
        assert Exposure(ExposureConfig()).gain(0.0, level) == pytest.approx(gain)
