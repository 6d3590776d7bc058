# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Steps of the mean wind: the standard's discrete gust, at the times that were drawn."""

from liquid_control.errors import ConfigError
from liquid_control.sim.wind.composition import build_wind, load_wind
from liquid_control.sim.wind.schedule import Schedule, ScheduleConfig, StepConfig
import numpy as np
import pytest

HERE = np.array([0.0, 0.0, 1.0])


def schedule(*steps: StepConfig, heading: float = 0.0, seed: int = 0) -> Schedule:
    return Schedule(ScheduleConfig(steps), heading, np.random.default_rng(seed))


def test_a_step_is_the_discrete_gust_of_the_standard() -> None:
    wind = schedule(StepConfig(along=3.0, up=-4.0, after=(2.0, 2.0), over=1.5))
    # V_m / 2 (1 - cos(pi x / d_m)) up to d_m, then V_m.
    share = {0.0: 0.0, 1.999: 0.0, 2.0: 0.0, 2.5: 0.25, 2.75: 0.5, 3.0: 0.75, 3.5: 1.0, 99.0: 1.0}
    for t, expected in share.items():
        np.testing.assert_allclose(wind.velocity(t, HERE), expected * np.array([3.0, 0.0, -4.0]),
                                   atol=1e-5)


def test_steps_follow_each_other_from_value_to_value() -> None:
    wind = schedule(StepConfig(along=4.0), StepConfig(left=2.0, after=(1.0, 1.0), over=2.0),
                    StepConfig(after=(1.0, 1.0)), heading=np.pi / 2)
    for t, expected in {0.0: [0, 4, 0], 0.9: [0, 4, 0], 2.0: [-1, 2, 0], 3.5: [-2, 0, 0],
                        3.99: [-2, 0, 0], 4.0: [0, 0, 0]}.items():
        np.testing.assert_allclose(wind.velocity(t, HERE), expected, atol=1e-12)


def test_waits_are_drawn_from_their_range() -> None:
    step = StepConfig(along=1.0, after=(2.0, 5.0))
    times = np.arange(0.0, 6.0, 0.02)
    onsets = np.array([times[int(np.argmax([schedule(step, seed=seed).velocity(t, HERE)[0]
                                            for t in times]))] for seed in range(60)])
    assert 2.0 <= onsets.min() < 2.5 and 4.5 < onsets.max() <= 5.02
    assert len(set(onsets.tolist())) > 30


@pytest.mark.parametrize(('name', 'first', 'extremes'), [
    ('reversal', [4, 0, 0], {0: (-4, 4)}), ('onset', [0, 0, 0], {0: (0, 6)}),
    ('updraught', [1, 0, 0], {0: (1, 1), 2: (-3, 3)})])
def test_the_shipped_shapes(name: str, first: list[float],
                            extremes: dict[int, tuple[float, float]]) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        heading = np.random.default_rng(seed).uniform(-np.pi, np.pi)
        along = np.array([[np.cos(heading), np.sin(heading), 0],
                          [-np.sin(heading), np.cos(heading), 0], [0, 0, 1]])
        wind = build_wind(load_wind(name), rng)
        series = np.array([along @ wind.velocity(t, HERE) for t in np.arange(0, 12, 0.05)])
        np.testing.assert_allclose(series[0], first, atol=1e-12)
        for axis in range(3):
            found = series[:, axis].min(), series[:, axis].max()
            assert found == pytest.approx(extremes.get(axis, (0, 0)), abs=1e-9)


def test_a_schedule_without_steps_is_refused() -> None:
    with pytest.raises(ConfigError, match='steps: expected at least one, found none'):
        ScheduleConfig(())
