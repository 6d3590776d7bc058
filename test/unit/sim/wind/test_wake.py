# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Wakes keep the momentum that drag takes, widen, decay, add no wind, and follow the mean."""

from collections.abc import Callable
from dataclasses import replace

from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import build_wind, WindConfig
from liquid_control.sim.wind.constant import Constant, ConstantConfig
from liquid_control.sim.wind.schedule import ScheduleConfig, StepConfig
from liquid_control.sim.wind.wake import Wake, WakeConfig
import numpy as np
import pytest

SPEED, DIAMETER, DRAG = 4.0, 0.4, 1.2
MEAN = Constant(ConstantConfig(SPEED), 0.0)
PILLAR = np.array([[0.0, 0.0, DIAMETER / 2, 3.0]])
ONE = Wake(WakeConfig(DRAG), MEAN, PILLAR, np.random.default_rng(0))
STEADY = WindConfig('steady', 'x', heading_deg=0.0, constant=ConstantConfig(SPEED))


def deficit(x: float, y: float = 0.0, z: float = 1.0) -> float:
    """Return what is missing of the wind, as a share of it."""
    return float(-ONE.velocity(0.0, np.array([x, y, z]))[0] / SPEED)


@pytest.mark.parametrize('x', [0.4, 1.0, 4.0, 12.0])
def test_momentum_is_what_the_drag_has_taken(x: float) -> None:
    across = np.linspace(-6.0, 6.0, 4001)
    missing = np.array([deficit(x, y) for y in across])
    thickness = np.trapezoid((1 - missing) * missing, across)
    assert thickness == pytest.approx(DRAG * DIAMETER / 2, rel=1e-3)


def test_far_away_it_is_the_plane_wake_of_the_textbook() -> None:
    theta = DRAG * DIAMETER / 2
    for x in (400.0, 1000.0):
        assert deficit(x) == pytest.approx(1.58 * np.sqrt(theta / x), rel=0.06)
        width = 0.252 * np.sqrt(theta * x)
        assert deficit(x, width) / deficit(x) == pytest.approx(np.exp(-0.5), rel=0.02)


def test_it_widens_and_decays_downstream_and_keeps_its_sign() -> None:
    middle = [deficit(x) for x in np.arange(0.4, 30.0, 0.1)]
    assert np.all(np.diff(middle) < 0) and 0 < middle[-1] < middle[0] < 1 / np.sqrt(2)
    across = np.linspace(0.0, 3.0, 601)
    halves = [across[int(np.argmax([deficit(x, y) < deficit(x) / 2 for y in across]))]
              for x in (0.5, 2.0, 8.0, 20.0)]
    assert np.all(np.diff(halves) > 0)
    assert deficit(-0.01) == deficit(-5.0) == 0.0           # nothing upstream
    assert deficit(2.0, 1.5) < 1e-3                         # nor beside it


def test_over_the_top_it_fades() -> None:
    along = [deficit(2.0, z=z) for z in (0.1, 2.0, 3.0, 3.2, 3.5, 5.0)]
    assert along[0] == along[1] == along[2] > along[3] > along[4] > along[5] < 1e-3


def test_in_a_thicket_the_wind_never_turns_round() -> None:
    rng = np.random.default_rng(2)
    pillars = np.column_stack([rng.uniform(-3, 3, (60, 2)), rng.uniform(0.1, 0.4, 60),
                               np.full(60, 3.0)])
    thicket = Wake(WakeConfig(2.5), MEAN, pillars, rng)
    left = np.array([(MEAN.velocity(0, place) + thicket.velocity(0, place))[0]
                     for place in rng.uniform(-3, 3, (2000, 3))])
    assert left.min() > 0 and left.max() <= SPEED and left.min() < 0.1 * SPEED


def test_two_wakes_multiply_what_they_let_pass() -> None:
    second = PILLAR + [1.0, 0.1, 0.1, 0.0]
    both, other = (Wake(WakeConfig(DRAG), MEAN, rows, np.random.default_rng(0))
                   for rows in (np.vstack([PILLAR, second]), second))
    place = np.array([3.0, 0.2, 1.0])
    passed = [1 + wake.velocity(0, place)[0] / SPEED for wake in (ONE, other, both)]
    assert passed[2] == pytest.approx(passed[0] * passed[1], rel=1e-12)


def test_it_is_added_to_the_mean_and_follows_it_round() -> None:
    wake = WakeConfig(DRAG)
    reversal = ScheduleConfig((StepConfig(along=SPEED), StepConfig(along=-SPEED, after=(5, 5))))
    config = WindConfig('back', 'x', heading_deg=0.0, schedule=reversal, wake=wake)
    wind = build_wind(config, np.random.default_rng(0), PILLAR)
    behind, before = np.array([2.0, 0.1, 1.0]), np.array([-2.0, 0.1, 1.0])
    left = SPEED * (1 - deficit(2.0, 0.1))
    for t, place, speed in ((1.0, behind, left), (1.0, before, SPEED),
                            (6.0, behind, -SPEED), (6.0, before, -left)):
        np.testing.assert_allclose(wind.velocity(t, place), [speed, 0, 0], atol=1e-12)


def test_without_pillars_there_is_none() -> None:
    config, place = replace(STEADY, wake=WakeConfig()), np.array([2.0, 0.0, 1.0])
    for pillars in (None, np.empty((0, 4))):
        wind = build_wind(config, np.random.default_rng(0), pillars)
        np.testing.assert_array_equal(wind.velocity(0.0, place), [SPEED, 0.0, 0.0])


def test_turbulence_is_a_share_of_the_deficit() -> None:
    wake = Wake(WakeConfig(DRAG, turbulence=0.3, eddy_time=0.05), MEAN, PILLAR,
                np.random.default_rng(1))
    place = np.array([2.0, 0.1, 1.0])
    series = np.array([wake.velocity(k / 240, place) for k in range(240 * 200)])
    taken = SPEED * deficit(2.0, 0.1)
    np.testing.assert_allclose(series.mean(axis=0), [-taken, 0, 0], atol=0.05 * taken)
    np.testing.assert_allclose(series.std(axis=0), 0.3 * taken, rtol=0.06)
    assert not np.any(wake.velocity(0.0, np.array([-2.0, 0.0, 1.0])))


def test_a_flight_has_the_wakes_of_its_own_pillars(
        simulate: Callable[..., Simulation]) -> None:
    simulation = simulate('forest', STEADY, 3)
    x, y, radius, _ = simulation.scene.pillars[0]
    towards = simulation.position[:2] - [x, y]
    config = replace(STEADY, heading_deg=np.rad2deg(np.arctan2(towards[1], towards[0])))
    simulation.set_wind(config)
    simulation.step()
    assert np.linalg.norm(simulation.wind_velocity) == pytest.approx(SPEED)
    simulation.set_wind(replace(config, wake=WakeConfig(DRAG)))
    simulation.step()
    theta = DRAG * radius
    expected = 1.58 * np.sqrt(theta / np.linalg.norm(towards))
    lost = 1 - np.linalg.norm(simulation.wind_velocity) / SPEED
    assert lost > 0.6 * expected
