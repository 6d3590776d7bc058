# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with a world's sensors or vehicle: file, key, expected and found are named."""

from collections.abc import Iterator
import dataclasses
from pathlib import Path
import types
import typing
from typing import Any

from hypothesis import given, HealthCheck, settings, strategies
from liquid_control.config import build, share_directory
from liquid_control.errors import ConfigError
from liquid_control.sim.sensor_config import CameraConfig, ImuConfig, RangeFinderConfig
from liquid_control.sim.vehicle_config import GroundVehicleConfig, VehicleConfig
from liquid_control.sim.world_config import load_world
import pytest
import yaml

SECTIONS = {'camera': CameraConfig, 'imu': ImuConfig, 'vehicle': VehicleConfig,
            'range_finder': RangeFinderConfig}
MAY_BE_NEGATIVE = {'pitch_deg'}
WRONG: dict[Any, list[Any]] = {
    float: ['fast', True, [1.0], {'a': 1.0}, float('nan'), float('inf'), '1e-3'],
    int: [1.5, 'many', True, [3]],
    bool: [1, 'maybe', 0.0],
    tuple: [3.0, [1.0], [1.0, 2.0, 3.0], ['a', 2.0], [True, 2.0], [2.0, 1.0], 'ab',
            [float('nan'), 1.0]],
    'section': [3, 'on', [1.0], True],
    'literal': ['else', 3, None],
}


class Key(typing.NamedTuple):
    """A key of the schema."""

    path: tuple[str, ...]
    hint: Any                    # without its None
    optional: bool
    beside: dict[str, Any] = {}  # what its section needs as well


def keys_of(kind: Any, above: tuple[str, ...]) -> Iterator[Key]:
    """List the keys of a dataclass, and of those inside it."""
    for name, hint in typing.get_type_hints(kind).items():
        options = typing.get_args(hint)
        optional = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
        if optional:
            hint, = (option for option in options if option is not type(None))
        yield Key((*above, name), hint, optional)
        if dataclasses.is_dataclass(hint):
            yield from keys_of(hint, (*above, name))


KEYS = [key for name, kind in SECTIONS.items() for key in keys_of(kind, (name,))]
KEYS += [key._replace(beside={'kind': 'racecar'})
         for key in keys_of(GroundVehicleConfig, ('vehicle',)) if key.path[-1] != 'kind']


def world_with(path: tuple[str, ...], value: Any,
               beside: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the empty world with one value set, and the sections that lead there."""
    world: dict[str, Any] = yaml.safe_load(
        (share_directory() / 'sim_worlds' / 'empty.yaml').read_text('utf-8'))
    section = world
    for name in path[:-1]:
        section = section.setdefault(name, {})
    section.update({**(beside or {}), path[-1]: value})
    return world


def refused(folder: Path, world: dict[str, Any]) -> str:
    """Write a world and return why it is refused, behind the name of its file."""
    path = folder / 'mine.yaml'
    path.write_text(yaml.safe_dump(world))
    with pytest.raises(ConfigError) as caught:
        load_world(str(path))
    text = str(caught.value)
    assert text.startswith(f'{path}: ')
    return text.removeprefix(f'{path}: ')


def wrong_values(key: Key) -> list[Any]:
    """Return values that do not fit a key."""
    if dataclasses.is_dataclass(key.hint):
        return WRONG['section'] + ([] if key.optional else [None])
    if typing.get_origin(key.hint) is typing.Literal:
        return WRONG['literal']
    kind = typing.get_origin(key.hint) or key.hint
    if key.path[-1] == 'mount':     # three numbers, of any sign
        return ['ab', 3.0, [1.0, 2.0], [1.0, 2.0, 'a'], None]
    below = {float: [-1.0], int: [-1], tuple: [[-2.0, -1.0]]}.get(kind, [])
    return (WRONG[kind] + ([] if key.optional else [None])
            + ([] if key.path[-1] in MAY_BE_NEGATIVE else below))


def test_a_kind_that_there_is_not_and_a_key_of_another_kind(tmp_path: Path) -> None:
    text = refused(tmp_path, world_with(('vehicle', 'kind'), 'boat'))
    assert text == "vehicle: kind: expected one of drone, rover, racecar, found 'boat'"
    text = refused(tmp_path, world_with(('vehicle', 'friction'), [0.5, 1.0]))
    assert text.startswith("vehicle: unknown key 'friction'")
    text = refused(tmp_path, world_with(('vehicle', 'motors'), {}, {'kind': 'rover'}))
    assert text.startswith("vehicle: unknown key 'motors'")
    text = refused(tmp_path, world_with(('vehicle', 'knd'), 'rover', {'friction': [0.5, 1.0]}))
    assert text.startswith("vehicle: unknown key 'knd'; did you mean 'kind'?")
    assert refused(tmp_path, world_with(('vehicle',), 'rover')) == (
        "vehicle: expected keys and values, found 'rover'")


def test_the_schema_is_as_large_as_it_looks() -> None:
    names = {key.path[-1] for key in KEYS}
    assert {'mass', 'one_strength', 'empty_v', 'dropout', 'shutter_s', 'specific_force_walk',
            'lag_s', 'range_m'} <= names
    for kind in SECTIONS.values():
        required = {'width': 64, 'height': 48, 'horizontal_fov_deg': 90.0}
        plain = kind(**required) if kind is CameraConfig else kind()
        assert build(kind, dataclasses.asdict(plain), 'round trip') == plain


@settings(max_examples=150, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture])
@given(key=strategies.sampled_from(KEYS), draw=strategies.data())
def test_a_value_that_does_not_fit_is_refused_by_its_key(tmp_path: Path, key: Key,
                                                         draw: strategies.DataObject) -> None:
    value = draw.draw(strategies.sampled_from(wrong_values(key)))
    text = refused(tmp_path, world_with(key.path, value, key.beside))
    for word in (*key.path, 'expected', 'found'):
        assert word in text, text


@settings(max_examples=60, deadline=None, suppress_health_check=[
    HealthCheck.function_scoped_fixture])
@given(key=strategies.sampled_from(KEYS), place=strategies.integers(0, 30),
       letter=strategies.sampled_from('aeqz_'))
def test_a_misspelt_key_is_refused_and_the_nearest_is_named(tmp_path: Path, key: Key, place: int,
                                                            letter: str) -> None:
    name = key.path[-1]
    place %= len(name)
    typo = name[:place] + letter + name[place:]
    text = refused(tmp_path, world_with((*key.path[:-1], typo), 1.0, key.beside))
    # A section may lack keys that it needs beside: the unknown one is found first.
    assert f'unknown key {typo!r}' in text and 'did you mean' in text, text
    for section in key.path[:-1]:
        assert section in text


def test_two_estimates_at_once_and_none_are_refused(tmp_path: Path) -> None:
    for kinds, found in (({}, 'neither'), ({'noisy': {}, 'drifting': {}}, 'both')):
        text = refused(tmp_path, world_with(('vehicle', 'velocity_estimate'), kinds))
        assert text.startswith('vehicle: velocity_estimate: expected either noisy or drifting, '
                               f'found {found}')


@pytest.mark.parametrize(('path', 'value', 'text'), [
    ('vehicle.battery.empty_v', 5.0, 'vehicle: battery: full_v: expected at least empty_v, 5.0 V'),
    ('vehicle.battery.hover_sag_v', 4.0, 'battery: empty_v: expected more than hover_sag_v'),
    ('vehicle.battery.charge', [0.5, 1.2],
     'charge: expected shares from 0 to 1, found [0.5, 1.2]'),
    ('vehicle.motors.max_speed', 1.1, 'max_speed: expected a share above 0, at most 1, found 1.1'),
    ('vehicle.mass', [0.0, 1.0], 'vehicle: mass: expected 0 < low <= high, found [0.0, 1.0]'),
    ('vehicle.ground_effect', 'yes', "vehicle: ground_effect: expected bool, found 'yes'"),
    ('camera.shutter_s', 0.5, 'camera: shutter_s: expected 0 to 0.1 s, found 0.5'),
    ('imu.latency_s', [0.2, 0.1], 'imu: latency_s: expected low <= high, found [0.2, 0.1]'),
    ('imu.specific_force_limit', 0.0, 'imu: specific_force_limit: expected more than 0, found 0'),
    ('range_finder.rate_hz', 500.0, 'range_finder: rate_hz: expected 0 < rate <= 240'),
    ('vehicle.velocity_estimate', {'noisy': {'rate_hz': 960.0}}, 'rate_hz: expected 0 < rate'),
])
def test_what_is_out_of_range_is_refused(tmp_path: Path, path: str, value: Any,
                                         text: str) -> None:
    assert text in refused(tmp_path, world_with(tuple(path.split('.')), value))
