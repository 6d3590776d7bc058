# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""World files: the shipped ones load, wrong ones are refused by file, key and remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from liquid_control.config import share_directory
from liquid_control.errors import ConfigError
from liquid_control.sim.world_config import load_world, world_names
import pytest
import yaml

WriteWorld = Callable[[str, Any], str]


@pytest.fixture
def write_world(tmp_path: Path) -> WriteWorld:
    """Return a writer of forest with one key (section.key) replaced, or dropped for `...`."""
    def write(where: str, value: Any) -> str:
        values = yaml.safe_load((share_directory() / 'sim_worlds' / 'forest.yaml').read_text())
        *sections, key = where.split('.')
        section = values
        for name in sections:
            section = section[name]
        section.pop(key, None) if value is ... else section.update({key: value})
        path = tmp_path / 'mine.yaml'
        path.write_text(yaml.safe_dump(values))
        return str(path)
    return write


def test_every_shipped_world_loads_under_its_name() -> None:
    assert {'empty', 'forest'} <= set(world_names())
    for name in world_names():
        world = load_world(name)
        assert world.name == name and world.description
    assert load_world('empty').obstacles is None
    camera = load_world('forest').camera
    assert (camera.width, camera.height, camera.rate_hz) == (64, 48, (30.0, 30.0))


@pytest.mark.parametrize('end', ['.yaml', '.yml'])
def test_a_world_can_be_a_path(write_world: WriteWorld, end: str) -> None:
    path = Path(write_world('name', 'mine'))
    assert load_world(str(path.rename(path.with_suffix(end)))).name == 'mine'


@pytest.mark.parametrize(('name', 'message'), [
    ('forrest', "unknown world 'forrest'; did you mean 'forest'"),
    ('zzz', "unknown world 'zzz'; known: circuit, corridor, empty, forest"),
    ('no/such.yaml', 'no/such.yaml: cannot be read')])
def test_unknown_world(name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_world(name)


@pytest.mark.parametrize(('where', 'value', 'message'), [
    ('camera', ..., "missing key 'camera'; add it"),
    ('camera.width', ..., "camera: missing key 'width'; add it"),
    ('camera.widht', 64, "camera: unknown key 'widht'; did you mean 'width'"),
    ('camera.width', 64.5, 'camera: width: expected int, found 64.5'),
    ('camera.width', 2, 'camera: width and height: expected 8 pixels or more, found 2x48'),
    ('camera.horizontal_fov_deg', 170.0, 'camera: horizontal_fov_deg: expected 10 to 150'),
    ('camera.rate_hz', [40.0, 30.0], 'camera: rate_hz: expected 1 <= low <= high <= 240'),
    ('camera.rate_hz', 30.0, 'camera: rate_hz: expected a list, found 30.0'),
    ('camera.drop', 1.0, 'camera: jitter, drop, stale: expected shares of 1'),
    ('camera.noise_std', -1.0, 'camera: noise_std: expected 0 or more, found -1.0'),
    ('camera.pitch_deg', 120.0, 'camera: pitch_deg: expected -90 to 90, found 120.0'),
    ('format', 2, 'format: expected 1, found 2'),
    ('start.position', [0.0, 0.0], 'start: position: expected 3 values, found 2'),
    ('start.position', [0.0, 0.0, 0.0], 'start: position: expected a height above 0 m'),
    ('start.yaw_deg', [10.0, -10.0], 'start: yaw_deg: expected low <= high'),
    ('target.radius', 0.0, 'target: radius: expected more than 0 m, found 0.0'),
    ('target.color', [255, 0, 0], 'target: color: expected red, green and blue from 0 to 1'),
    ('target.distance', [0.0, 5.0], 'target: distance: expected 0 < low <= high'),
    ('target.distance', [9.0, 5.0], r'target: distance: expected 0 < low <= high'),
    ('target.bearing_deg', [9.0, 5.0], 'target: bearing_deg: expected low <= high'),
    ('target.height', [-1.0, 5.0], 'target: height: expected 0 < low <= high'),
    ('obstacles.pillars', [15, 8], 'obstacles: pillars: expected 0 <= low <= high'),
    ('obstacles.distractors', [-1, 8], 'obstacles: distractors: expected 0 <= low <= high'),
    ('obstacles.pillar_radius', [0.3, 0.1], 'obstacles: pillar_radius: expected 0 < low <= high'),
    ('obstacles.pillar_height', [0.0, 0.1], 'obstacles: pillar_height: expected 0 < low <= high'),
    ('obstacles.gap', -0.1, 'obstacles: gap: expected 0 m or more, found -0.1'),
    ('obstacles.on_path', 1.5, 'obstacles: on_path: expected a share from 0 to 1, found 1.5'),
    ('success.radius', 0.0, 'success: radius: expected more than 0, found 0.0'),
    ('success.time_limit', -1.0, 'success: time_limit: expected more than 0, found -1.0'),
    ('imu.specific_force_noise', -1.0, 'imu: specific_force_noise: expected 0 or more'),
    ('vehicle.drag', 'some', "vehicle: drag: expected one of none, rotor_and_body, found 'some'"),
    ('vehicle.velocity_integral', -0.3, 'vehicle: velocity_integral: expected 0 or more'),
    ('vehicle.body_drag_area', -0.3, 'vehicle: body_drag_area: expected 0 or more'),
    ('vehicle.command_timeout', 0.0, 'vehicle: command_timeout: expected more than 0 s')])
def test_wrong_values_are_refused_by_file_and_key(write_world: WriteWorld, where: str, value: Any,
                                                  message: str) -> None:
    path = write_world(where, value)
    with pytest.raises(ConfigError) as caught:
        load_world(path)
    assert str(caught.value).startswith(f'{path}: {message}')
