# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong in a world's file, the error names file, key, what was expected and found."""

import copy
from pathlib import Path
from typing import Any

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
from liquid_control.config import read_yaml, share_directory
from liquid_control.errors import ConfigError, SimulationError
from liquid_control.sim.scene import draw_scene
from liquid_control.sim.world_config import load_world, world_names
import numpy as np
import pytest
import yaml

WORLDS = {name: read_yaml(share_directory() / 'sim_worlds' / f'{name}.yaml')
          for name in world_names()}
JUNK = (-3, 0, 0.5, 2, 'text', None, True, [], {}, [1.0], [2.0, 1.0], ['a', 'b'], float('nan'),
        float('inf'), {'key': 1})
REQUIRED = ('format', 'name', 'description', 'start', 'obstacles', 'success', 'camera', 'imu',
            'vehicle', 'radius', 'color', 'distance', 'height', 'opening', 'pillars', 'gap',
            'time_limit', 'position', 'width')
pytestmark = pytest.mark.filterwarnings('ignore::hypothesis.errors.NonInteractiveExampleWarning')


def places(values: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths to all keys below."""
    below = (values.items() if isinstance(values, dict) else
             enumerate(values) if isinstance(values, list) else ())
    return [path + (key,) for key, _ in below] + [
        deeper for key, value in below for deeper in places(value, path + (key,))]


def keys_of(name: str) -> list[tuple[Any, ...]]:
    """List the paths to all keys of a world's mappings; items of plain lists are left out."""
    return [path for path in places(WORLDS[name]) if isinstance(path[-1], str)]


def inner(values: Any, path: tuple[Any, ...]) -> Any:
    """Follow a path."""
    for key in path:
        values = values[key]
    return values


ANYWHERE = st.sampled_from([(name, path) for name in WORLDS for path in keys_of(name)])
CHECKED = settings(max_examples=150, deadline=None, derandomize=True,
                   suppress_health_check=[HealthCheck.function_scoped_fixture])


def written(folder: Path, values: Any) -> str:
    """Write a file and return its path."""
    path = folder / 'mine.yaml'
    path.write_text(yaml.safe_dump(values))
    return str(path)


def refused(path: str) -> str:
    """Return the error of a file, without its name."""
    with pytest.raises(ConfigError) as caught:
        load_world(path)
    assert str(caught.value).startswith(f'{path}: ')
    return str(caught.value)[len(path) + 2:]


@given(ANYWHERE)
@CHECKED
def test_an_unknown_key(tmp_path: Path, place: tuple[str, tuple[Any, ...]]) -> None:
    values = copy.deepcopy(WORLDS[place[0]])
    section = inner(values, place[1][:-1])
    section[place[1][-1] + 'x'] = section.pop(place[1][-1])
    text = refused(written(tmp_path, values))
    assert f"unknown key '{place[1][-1]}x'; did you mean" in text
    for key in place[1][:-1]:
        assert str(key) in text


@given(ANYWHERE)
@CHECKED
def test_a_missing_key_is_named_or_has_a_default(tmp_path: Path,
                                                 place: tuple[str, tuple[Any, ...]]) -> None:
    values = copy.deepcopy(WORLDS[place[0]])
    inner(values, place[1][:-1]).pop(place[1][-1])
    path = written(tmp_path, values)
    if place[1][-1] in REQUIRED:
        assert f"missing key '{place[1][-1]}'; add it" in refused(path)
        return
    try:
        load_world(path)
    except ConfigError as error:
        assert str(error).startswith(f'{path}: ') and place[1][-1] in str(error)


@given(ANYWHERE, st.sampled_from(JUNK))
@CHECKED
def test_any_value_is_used_or_refused_by_name(tmp_path: Path, place: tuple[str, tuple[Any, ...]],
                                              junk: Any) -> None:
    values = copy.deepcopy(WORLDS[place[0]])
    inner(values, place[1][:-1])[place[1][-1]] = junk
    path = written(tmp_path, values)
    try:
        world = load_world(path)
    except ConfigError as error:
        text = str(error)
        assert text.startswith(f'{path}: ')
        assert any(str(key) in text for key in (place[1][-1], 'mission', 'leg'))
        assert 'expected' in text and 'found' in text or 'known' in text or 'missing key' in text
        return
    try:
        draw_scene(world, np.random.default_rng(0))
    except SimulationError as error:          # it cannot be built, and says which file's it is
        assert str(error).startswith(f'{path}: no ') and 'ask for' in str(error)


@pytest.mark.parametrize(('where', 'value', 'message'), [
    (('target',), ..., 'target, mission, lane: expected one of them, found none'),
    (('mission',), [{'corner': {'distance': [1.0, 2.0], 'bearing_deg': [0.0, 0.0]}}],
     'target, mission, lane: expected one of them, found target and mission'),
    (('target', 'motion'), {'path': 'square', 'speed': [1.0, 1.0], 'size': [1.0, 1.0]},
     "target: motion: path: expected one of line, circle, found 'square'"),
    (('corridor',), {'width': [2.0, 1.0], 'height': 2.0},
     'corridor: width: expected 0 < low <= high, found [2.0, 1.0]'),
    (('screens',), {'number': [2, 1], 'width': [1, 2], 'height': [1, 2], 'edge': [0, 1]},
     'screens: number: expected 0 <= low <= high, found [2, 1]'),
    (('fixed',), {'walls': [[0.0, 0.0, 1.0, 0.0]]},
     'fixed: walls[0]: expected 5 values, found 4: [0.0, 0.0, 1.0, 0.0]'),
    (('fixed',), {'walls': [[1.0, 0.0, 1.0, 0.0, 2.0]]},
     'fixed: walls[0]: expected x, y of two ends that differ, height above 0, found '
     '[1.0, 0.0, 1.0, 0.0, 2.0]'),
    (('fixed',), {'pillars': [[1.0, 0.0, 0.0, 2.0]]},
     'fixed: pillars[0]: expected x, y, radius above 0'),
    (('source',), 'elsewhere', "unknown key 'source'"),
])
def test_what_the_sections_of_their_own_refuse(tmp_path: Path, where: tuple[str, ...], value: Any,
                                               message: str) -> None:
    values = copy.deepcopy(WORLDS['forest'])
    section = inner(values, where[:-1])
    section.pop(where[-1]) if value is ... else section.update({where[-1]: value})
    assert refused(written(tmp_path, values)).startswith(message)


def test_the_last_leg_leads_to_a_goal(tmp_path: Path) -> None:
    values = copy.deepcopy(WORLDS['corridor'])
    values['mission'].pop()
    assert refused(written(tmp_path, values)).startswith(
        'mission: expected a ball or a gate at its end, found a corner')


def test_no_room_names_the_file(tmp_path: Path) -> None:
    crowded = copy.deepcopy(WORLDS['forest'])
    crowded['obstacles'] |= {'pillars': [80, 80], 'gap': 4.0}
    wide = copy.deepcopy(WORLDS['corridor'])
    wide['corridor']['width'] = [9.0, 9.0]
    for values, text in ((crowded, 'no room for obstacle'), (wide, 'no corridor that keeps')):
        path = written(tmp_path, values)
        with pytest.raises(SimulationError) as caught:
            draw_scene(load_world(path), np.random.default_rng(0))
        assert str(caught.value).startswith(f'{path}: {text}')
