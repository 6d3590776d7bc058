# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the auxiliary targets against the picture itself."""

from collections.abc import Iterator
from dataclasses import replace

from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from liquid_control.training.targets import sectors, shown
import numpy as np
import pytest


def _first_frame(world_name: str, seed: int, pitch: float = 0.0,
                 bearing: tuple[float, float] = (-30.0, 30.0)) -> tuple[Simulation, np.ndarray]:
    world = load_world(world_name)
    world = replace(world, camera=replace(world.camera, noise_std=0.0, pitch_deg=pitch),
                    target=replace(world.target, bearing_deg=bearing, distance=(4.0, 6.0)))
    simulation = Simulation(world, load_wind('W0'), seed)
    frame = simulation.sense().frame
    assert frame is not None  # the first is due at once
    return simulation, frame.image


@pytest.fixture(params=[(1, 0.0), (2, 0.0), (3, 10.0)], ids=str)
def scene(request: pytest.FixtureRequest) -> Iterator[tuple[Simulation, np.ndarray]]:
    """Return a simulation with the target in view, and its first frame."""
    simulation, image = _first_frame('empty', *request.param)
    yield simulation, image
    simulation.close()


def test_the_target_is_where_the_red_pixels_are(scene: tuple[Simulation, np.ndarray]) -> None:
    """Bearing and elevation point at the middle of the red ball in the picture."""
    simulation, image = scene
    colour = image.astype(float)
    rows, columns = np.nonzero(colour[..., 0] > 1.8 * colour[..., 1:].max(2))
    visible, bearing, elevation, inverse = shown(simulation).target
    left = 1.0 - 2.0 * (columns.mean() + 0.5) / 64         # half the width is tan(45 degrees)
    up = (24.0 - (rows.mean() + 0.5)) / 32.0
    assert visible == 1.0
    assert bearing == pytest.approx(np.arctan(left), abs=0.03)
    assert elevation == pytest.approx(np.arctan2(up, np.hypot(1.0, left)), abs=0.03)
    assert 1.0 / inverse == pytest.approx(simulation.distance_to_target, abs=0.05)


def test_a_target_behind_or_beside_is_not_visible() -> None:
    """What is out of the picture is all zeros."""
    for bearing in ((55.0, 58.0), (-58.0, -55.0), (170.0, 175.0)):
        simulation, image = _first_frame('empty', 1, bearing=bearing)
        assert not shown(simulation).target.any()
        assert (image[..., 0] <= 1.8 * image[..., 1:].max(2).astype(float)).all()
        simulation.close()


def test_a_hidden_target_is_not_visible() -> None:
    """Something nearer in front of the target's centre hides it."""
    simulation, _ = _first_frame('empty', 1)
    assert shown(simulation).target[0] == 1.0
    simulation.camera.depth[:] = 1.5     # as if a wall stood there
    assert shown(simulation).target[0] == 0.0
    simulation.close()


def test_sectors_tell_the_nearest_in_each_stripe() -> None:
    """A pillar in the leftmost stripe, level with the camera, counts there and nowhere else."""
    depth = np.full((48, 64), 50.0)
    depth[10:40, 3:5] = 2.0
    depth[44:, :] = 0.5       # the ground at one's feet is no obstacle
    depth[24, 63] = 0.01      # and nothing counts as nearer than 0.2 m
    expected = np.full(8, 1 / 50.0)
    expected[0], expected[7] = 0.5, 5.0
    np.testing.assert_allclose(sectors(depth), expected, rtol=1e-6)
