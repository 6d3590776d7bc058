# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A camera that is upside down, by three witnesses."""

from dataclasses import replace
import math
from typing import Any

from liquid_control.nodes.doctor.checks.view import (
    agreement_with_gyroscope,
    nearness_turned,
    shift,
)
from liquid_control.nodes.doctor.evidence import Evidence, Picture
from liquid_control.runtime.bundle import Bundle, find
import numpy as np
import pytest

FOV = math.pi / 2


def turn(image: np.ndarray) -> np.ndarray:
    """Return an image upside down."""
    return np.ascontiguousarray(image[::-1, ::-1])


def panorama(headings: np.ndarray, times: list[int], bright_sky: bool = True) -> list[Picture]:
    """Return what a camera sees that turns left by headings [rad] in a ring of posts."""
    rng = np.random.default_rng(8)
    ring = np.repeat(rng.uniform(40, 200, 90), 4)       # one column a degree
    rays = np.arctan((np.arange(96) + 0.5 - 48) / 48.0)     # to the right of the axis
    light = np.linspace(60 if bright_sky else 0, 0, 72)[:, None]
    pictures = []
    for heading, time in zip(headings, times):
        degrees = np.degrees(rays - heading) % 360
        row = np.interp(degrees, np.arange(361), np.append(ring, ring[0]))
        image = np.repeat((row[None] + light).clip(0, 255)[:, :, None], 3, axis=2)
        pictures.append(Picture(time, image.astype(np.uint8)))
    return pictures


def test_shift_is_that_of_the_pattern() -> None:
    pattern = np.random.default_rng(1).uniform(0, 255, 100)
    for moved in (-7, 0, 12):
        assert shift(pattern[20:80], pattern[20 - moved:80 - moved] + 15.0) == moved


@pytest.mark.parametrize('upside_down', [False, True])
def test_the_gyroscope_knows_which_way_the_scene_must_move(
        well: Evidence, faults: Any, notes: Any, upside_down: bool) -> None:
    """Turned left and right by hand, with no light from above to go by."""
    rate = 0.9 * np.sin(3.0 * well.imu.stamps)
    well.imu.rate[:, 2] += rate
    times = [arrival.stamp_ns for arrival in well.topics['image'].arrivals]
    seconds = (np.array(times) - well.imu.origin_ns) / 1e9
    pictures = panorama(0.3 * (1 - np.cos(3.0 * seconds)), times, bright_sky=False)
    if upside_down:
        pictures = [replace(picture, image=turn(picture.image)) for picture in pictures]
    well.images.thin, well.images.whole = pictures, pictures[::10]
    agreement = agreement_with_gyroscope(pictures, well.imu, FOV)
    assert agreement == pytest.approx(-1.0 if upside_down else 1.0, abs=0.1)
    found = faults(well)
    assert bool(found) == upside_down and notes(well) == []
    assert all('looks upside down: the scene moves against the turn' in text for text in found)


def test_without_a_turn_the_gyroscope_says_nothing(well: Evidence) -> None:
    assert agreement_with_gyroscope(well.images.thin, well.imu, FOV) is None


def test_light_from_below_alone_is_no_proof(well: Evidence, faults: Any, notes: Any) -> None:
    well.images.whole = [replace(picture, image=turn(picture.image))
                         for picture in well.images.whole]
    assert faults(well) == []
    text, = notes(well)
    assert text.startswith('the camera may be upside down: the lower third is brighter')


def test_images_of_the_forest_are_nearer_to_training_upright(
        well: Evidence, faults: Any, forest_views: list[np.ndarray]) -> None:
    """Of flights of validation seeds, by the statistics of the policy that ships."""
    policy = Bundle.load(find('forest_liquid'))
    upright = [Picture(index, image) for index, image in enumerate(forest_views)]
    turned = [replace(picture, image=turn(picture.image)) for picture in upright]
    ratio = nearness_turned(policy, upright, FOV)
    assert ratio is not None and ratio > 1.1
    assert nearness_turned(policy, turned, FOV) == pytest.approx(1 / ratio, rel=1e-3)
    well.policy, well.camera = policy, None
    well.nodes['/controller']['horizontal_fov_deg'] = 90.0
    well.images.whole, well.images.kinds = upright, {('rgb8', 64, 48)}
    assert faults(well) == []
    well.images.whole = turned
    text, = faults(well)
    assert 'nearer to what the policy was trained on' in text and 'brighter' in text


@pytest.fixture(scope='module')
def forest_views() -> list[np.ndarray]:
    """Return frames of a flight of the expert."""
    pytest.importorskip('pybullet', reason='the images are simulated')
    from liquid_control.sim.episode import ExpertPilot, run_episode
    from liquid_control.sim.simulation import Simulation
    from liquid_control.sim.wind.composition import load_wind
    from liquid_control.sim.world_config import load_world
    simulation = Simulation(load_world('forest'), load_wind('W2'), 500101)
    try:
        flight = run_episode(simulation, ExpertPilot(simulation), policy='expert', keep_frames=10)
    finally:
        simulation.close()
    return list(flight.frames)
