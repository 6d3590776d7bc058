# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Looks are drawn on their own: nothing else of a flight depends on them, and red stays alone."""

from dataclasses import replace

from liquid_control.sim.scene import draw_scene
from liquid_control.sim.scenery.appearance import (
    Appearance,
    AppearanceConfig,
    draw_appearance,
    SEASONS,
    SKIES,
)
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

ALL = AppearanceConfig((0.6, 0.6), tuple(SEASONS), ('clear', *SKIES))   # type: ignore[arg-type]


def test_every_season_and_sky_is_drawn_and_nothing_asked_for_is_plain() -> None:
    drawn = [draw_appearance(ALL, np.random.default_rng(seed)) for seed in range(60)]
    assert {look.season for look in drawn} == set(SEASONS)
    assert {look.sky for look in drawn} == {'clear', *SKIES}
    plain = draw_appearance(AppearanceConfig(), np.random.default_rng(0))
    assert plain == Appearance() == draw_appearance(None, np.random.default_rng(0))
    color = np.array([0.3, 0.4, 0.2])
    np.testing.assert_array_equal(plain.ground(color), color)
    assert plain.elevation(0.9) == 0.9


@pytest.mark.parametrize('contrast', [0.2, 0.9])
def test_textures_have_their_contrast_and_join_at_their_edges(contrast: float) -> None:
    look = draw_appearance(replace(ALL, texture=(contrast, contrast)), np.random.default_rng(3))
    assert look.textures is not None
    for image in look.textures:
        grey = image[..., 0].astype(float)
        assert image.max() > 240 and grey.min() / 255 == pytest.approx(1 - contrast, abs=0.05)
        for axis in (0, 1):
            steps = np.abs(np.diff(grey, axis=axis)).mean()
            seam = np.abs(np.take(grey, 0, axis) - np.take(grey, -1, axis)).mean()
            assert seam < 2 * steps


def test_red_is_the_targets_alone_in_every_season_and_sky() -> None:
    for seed in range(60):
        scene = draw_scene(load_world('seasons'), np.random.default_rng(seed))
        for color in (scene.ground_color, *scene.sky_color):
            assert color[0] - max(color[1], color[2]) < 0.25


def test_a_season_changes_what_is_seen_and_nothing_that_stands() -> None:
    plain, dressed = load_world('forest'), load_world('seasons')
    scenes = [draw_scene(world, np.random.default_rng(5)) for world in (plain, dressed)]
    np.testing.assert_array_equal(scenes[0].pillars, scenes[1].pillars)
    np.testing.assert_array_equal(scenes[0].target, scenes[1].target)
    images = []
    for world in (plain, replace(plain, appearance=replace(ALL, seasons=('winter',),
                                                           skies=('overcast',)))):
        clean = replace(world, camera=replace(world.camera, noise_std=0.0))
        simulation = Simulation(clean, load_wind('W0'), 5)
        frame = simulation.sense().frame
        simulation.close()
        assert frame is not None
        images.append(frame.image.astype(float))
    ground = [image[40:].reshape(-1, 3) for image in images]
    assert ground[1].mean() > ground[0].mean() + 15, 'snow is bright'
    assert np.abs(np.diff(ground[1], axis=1)).mean() < 15, 'and grey'
    assert len(np.unique(ground[1][:, 0])) > 2 * len(np.unique(ground[0][:, 0])), 'and textured'
    sky = [image[:5].reshape(-1, 3).mean(axis=0) for image in images]
    assert sky[0][2] - sky[0][0] > sky[1][2] - sky[1][0], 'less blue'
