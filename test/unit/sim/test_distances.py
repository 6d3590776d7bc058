# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Distances: the depth image and the beam down, against distances that are known."""

from collections.abc import Callable
import dataclasses

from liquid_control.errors import ConfigError
from liquid_control.sim import renderer
from liquid_control.sim.depth import DepthCamera
from liquid_control.sim.sensor_config import DepthConfig, FARTHEST_DRAWN, RangeFinderConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

Simulate = Callable[..., Simulation]
MakeWorld = Callable[..., WorldConfig]


def test_depth_is_cut_to_its_range_and_noise_grows_with_its_square() -> None:
    true = np.tile([0.05, 1.0, 4.0, 50.0], (4000, 1))
    camera = DepthCamera(DepthConfig((0.2, 10.0), 0.01), np.random.default_rng(0))
    seen = camera.measured(true)
    assert seen.dtype == np.float32
    assert np.all(np.isneginf(seen[:, 0])) and np.all(np.isposinf(seen[:, 3]))
    np.testing.assert_allclose(seen[:, 1:3].std(axis=0), [0.01, 0.16], rtol=0.05)
    np.testing.assert_allclose(seen[:, 1:3].mean(axis=0), [1.0, 4.0], rtol=0.005)
    exact = DepthCamera(DepthConfig((0.2, 10.0)), np.random.default_rng(0)).measured(true)
    np.testing.assert_array_equal(exact[0, 1:3], [1.0, 4.0])


def test_depth_of_the_ground_is_that_of_a_pinhole_camera(simulate: Simulate,
                                                         make_world: MakeWorld) -> None:
    simulation = simulate(make_world(camera={'depth': DepthConfig((0.1, 40.0))}), seed=1)
    sensed = simulation.sense()
    assert sensed.frame is not None and sensed.depth is not None
    assert sensed.depth.shape == (48, 64)
    rows = np.arange(36, 48)
    # A camera 1.01 m high; the rays of a row go down by (row - middle) / f, at its two edges.
    farthest, nearest = 1.01 * 32 / (rows - 24), 1.01 * 32 / (rows + 1 - 24)
    assert np.all(sensed.depth[36:, 0] > nearest - 0.01)
    assert np.all(sensed.depth[36:, 0] < farthest + 0.01)
    assert np.isposinf(sensed.depth[0, 0])                          # the sky
    assert simulation.step().depth is None                          # no frame, no depth


def test_a_depth_that_is_not_drawn_is_refused() -> None:
    """Or the sky would read as a wall at the far plane."""
    assert DepthConfig((0.2, FARTHEST_DRAWN)).range_m[1] < renderer._FAR
    with pytest.raises(ConfigError, match='range_m: expected at most 58.8 m'):
        DepthConfig((0.2, 60.0))


@pytest.mark.parametrize(('name', 'least'), [('empty', 0.012), ('yard', 0.049), ('road', -0.001)])
def test_on_the_ground_the_beam_measures_the_ground(simulate: Simulate, make_world: MakeWorld,
                                                    name: str, least: float) -> None:
    """The hull, or the wheels, are nearer to it than the least that a sensor measures."""
    finder = RangeFinderConfig(rate_hz=240.0, range_m=(0.001, 4.0))
    simulation = simulate(dataclasses.replace(make_world(name), range_finder=finder), seed=1)
    found = []
    for _ in range(600):
        simulation.command(np.array([0.0, 0.0, -1.0, 0.0][:len(simulation.spec.axes)]))
        found.append(simulation.step().ground)
    if name == 'road':      # on its wheels, nearer to the ground than the least that is measured
        assert found[-1] == -np.inf
    else:
        assert found[-1] == pytest.approx(simulation.position[2], abs=1e-3)
    assert least < simulation.position[2] < 0.06
    assert np.inf not in found


def test_plain_worlds_measure_neither(simulate: Simulate) -> None:
    sensed = simulate().sense()
    assert sensed.depth is None and sensed.ground is None


def test_the_beam_goes_along_the_body_to_the_ground(simulate: Simulate,
                                                    make_world: MakeWorld) -> None:
    world = make_world(success={'max_altitude': 9.0})
    finder = RangeFinderConfig(rate_hz=30.0, range_m=(0.3, 4.0))
    simulation = simulate(dataclasses.replace(world, range_finder=finder), seed=1)
    found = [simulation.sense().ground]
    tilted = False
    for k in range(1000):
        if k % 20 == 0:
            simulation.command(np.array([1.5 if k > 300 else 0.0, 0.0, 0.9, 0.0]))
        ground = simulation.step().ground
        found.append(ground)
        if ground is None:
            continue
        x, y, _, _ = simulation.state.orientation
        slant = simulation.position[2] / (1 - 2 * (x * x + y * y))      # over the cosine of tilt
        tilted |= slant > 1.02 * simulation.position[2]
        if slant < 3.99:
            assert ground == pytest.approx(slant, abs=1e-3)
        elif slant > 4.01:
            assert ground == np.inf
    assert tilted and found[-1] in (None, np.inf)
    assert sum(ground is not None for ground in found) == 126           # 4.2 s at 30 Hz


def test_the_beam_hits_what_stands_below_and_knows_its_noise(simulate: Simulate,
                                                             make_world: MakeWorld) -> None:
    world = make_world('forest')
    finder = RangeFinderConfig(rate_hz=240.0, noise_std=0.02, range_m=(0.3, 4.0))
    simulation = simulate(dataclasses.replace(world, range_finder=finder), seed=1)
    block = min(simulation.scene.pillars, key=lambda pillar: pillar[3])
    level = np.array([0.0, 0.0, 0.0, 1.0])

    def read(height: float) -> list[float]:
        place = np.array([block[0], block[1], height])
        return [simulation._range_finder.read(k * 1_000_000_000 // 240, place, level)
                for k in range(300)]
    found = read(block[3] + 1.0)
    assert np.mean(found) == pytest.approx(1.0, abs=0.005)
    assert np.std(found) == pytest.approx(0.02, rel=0.15)
    other = simulate(dataclasses.replace(world, range_finder=finder), seed=1)
    near = other._range_finder.read(0, np.array([block[0], block[1], block[3] + 0.1]), level)
    assert near == -np.inf
