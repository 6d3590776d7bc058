# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A policy is not flown behind a camera that it was not trained with."""

from pathlib import Path

from liquid_control.config import share_directory
from liquid_control.errors import BundleError
from liquid_control.evaluation.plan import make_plan, make_suite_plan
from liquid_control.runtime.bundle import Bundle
import pytest
import yaml

SEEDS = range(600_000, 600_001)


def world(folder: Path, **camera: float) -> str:
    """Write the empty world with another camera."""
    text = yaml.safe_load((share_directory() / 'sim_worlds' / 'empty.yaml').read_text('utf-8'))
    text['camera'] |= camera
    path = folder / 'mine.yaml'
    path.write_text(yaml.safe_dump(text))
    return str(path)


@pytest.mark.parametrize(('camera', 'text'), [
    ({'pitch_deg': 10.0}, 'world empty: .*expected a camera pitched 0 degrees down.*found 10;'),
    ({'pitch_deg': -2.0}, 'found -2; turn the camera'),
    ({'horizontal_fov_deg': 60.0}, 'horizontal field of view: expected at least 90.*found 60'),
    ({'width': 64, 'height': 32}, 'vertical field of view: expected at least 73.*found 53'),
])
def test_another_camera_is_refused_before_anything_flies(
        tiny_bundle: Bundle, tmp_path: Path, camera: dict[str, float], text: str) -> None:
    mine = world(tmp_path, **camera)
    with pytest.raises(BundleError, match=text):
        make_plan([str(tiny_bundle.folder)], ['empty', mine], ['W0'], SEEDS)
    assert len(make_plan(['expert'], [mine], ['W0'], SEEDS)) == 1      # it looks at the truth
    suite = tmp_path / 'suite.yaml'
    suite.write_text('{format: 1, name: mine, description: cameras, cells: [{label: a, wind: W0, '
                     f'camera: {camera}}}]}}')
    with pytest.raises(BundleError, match=text):
        make_suite_plan([str(tiny_bundle.folder)], ['empty'], str(suite), SEEDS)


@pytest.mark.parametrize('camera', [
    {}, {'pitch_deg': 0.5}, {'width': 160, 'height': 120}, {'horizontal_fov_deg': 110.0}])
def test_a_camera_that_sees_enough_serves(tiny_bundle: Bundle, tmp_path: Path,
                                          camera: dict[str, float]) -> None:
    plan = make_plan([str(tiny_bundle.folder)], [world(tmp_path, **camera)], ['W0'], SEEDS)
    assert len(plan) == 1
