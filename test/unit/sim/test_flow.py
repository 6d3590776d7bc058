# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Optical flow: rate, errors, the dark, and the frame that it arrives in."""

from collections.abc import Callable

from liquid_control.sim.flow import Flow
from liquid_control.sim.sensor_config import BlackoutConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import FlowConfig
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest

Simulate = Callable[..., Simulation]
MakeWorld = Callable[..., WorldConfig]
DT = 1 / 240


def flow(seed: int = 0, **config: object) -> Flow:
    return Flow(FlowConfig(**config), np.random.default_rng(seed))      # type: ignore[arg-type]


@pytest.mark.parametrize('rate', [30.0, 50.0, 240.0])
def test_it_measures_at_its_rate(rate: float) -> None:
    sensor = flow(rate_hz=rate)
    due = [k for k in range(1, 2401) if sensor.due(DT)]
    assert len(due) == 10 * rate
    assert due[0] == np.ceil(240 / rate)


def test_its_noise_is_as_stated_and_its_scale_that_of_a_flight() -> None:
    velocity, sensor = np.array([2.0, -1.0, 0.5]), flow(noise_std=0.2, scale=(0.8, 1.2))
    found = np.array([sensor.measure(velocity, False).velocity for _ in range(8000)])
    np.testing.assert_allclose(found.std(axis=0), 0.2, rtol=0.05)
    scale = found.mean(axis=0) / velocity
    assert 0.8 < scale[0] < 1.2 and abs(scale[0] - 1) > 0.01
    assert scale[1] == pytest.approx(scale[0], abs=0.01)
    assert scale[2] == pytest.approx(1.0, abs=0.02)      # of the range finder


def test_what_is_lost_shifts_nothing_that_follows() -> None:
    clear, dim = flow(3, dropout=0.3), flow(3, dropout=0.3)
    pairs = [(clear.measure(np.ones(3), False), dim.measure(np.ones(3), k % 2 == 0))
             for k in range(2000)]
    for k, (one, other) in enumerate(pairs):
        np.testing.assert_array_equal(one.velocity, other.velocity)
        assert other.seen == (one.seen and k % 2 == 1)
    assert np.mean([one.seen for one, _ in pairs]) == pytest.approx(0.7, abs=0.04)


def test_a_simulation_delivers_it_in_base_stabilized(simulate: Simulate,
                                                     make_world: MakeWorld) -> None:
    simulation = simulate(make_world(vehicle={'flow': FlowConfig(noise_std=0.0)}), 'W3', 4)
    came = 0
    for k in range(480):
        if k % 24 == 0:
            simulation.command(np.array([1.0, 0.4, 0.0, 1.2]))      # along a circle
        sample = simulation.step().flow
        if sample is None:
            continue
        came += 1
        assert sample.stamp_ns == simulation.time_ns
        yaw = simulation.yaw
        ahead, left = np.array([np.cos(yaw), np.sin(yaw)]), np.array([-np.sin(yaw), np.cos(yaw)])
        over_ground = simulation.velocity[:2]
        np.testing.assert_allclose(sample.velocity, [ahead @ over_ground, left @ over_ground])
    assert came == 60
    assert abs(simulation.yaw) > 0.5 and np.linalg.norm(simulation.velocity) > 0.5


def test_none_comes_in_the_dark_nor_from_a_vehicle_without(simulate: Simulate,
                                                           make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera={'blackout': BlackoutConfig(0.5, (0.4, 0.4))}))
    seen = 0
    for _ in range(720):
        came = simulation.step().flow is not None
        assert not (came and simulation.camera.dark(simulation.time_ns))
        seen += came
    assert 10 < seen < 80
    bare = simulate(make_world(vehicle={'flow': None}))
    assert all(bare.step().flow is None for _ in range(240))


def test_a_rover_has_none(simulate: Simulate) -> None:
    simulation = simulate(load_world('yard'))
    assert all(simulation.step().flow is None for _ in range(60))
