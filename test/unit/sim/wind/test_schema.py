# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whatever stands in a wind's file: it blows finite and the same twice, or it is named."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.errors import ConfigError
from liquid_control.sim.wind.composition import build_wind, load_wind, WindConfig
import numpy as np
import pytest
import yaml

# Every number of the schema with its range, a pair of them where two values are drawn between.
NUMBERS: dict[str, dict[str, tuple[float, float]]] = {
    'constant': {'speed': (0, 120)},
    'gust': {'amplitude': (0, 120), 'duration': (0.01, 3600), 'mean_interval': (0.01, 3600),
             'spread_deg': (0, 180)},
    'ornstein_uhlenbeck': {'std': (0, 30), 'time_constant': (0.01, 3600),
                           'vertical_ratio': (0, 2)},
    'shear': {'speed': (0, 120), 'reference_height': (1, 300), 'exponent': (0, 0.6)},
    'dryden': {'wind_at_20ft': (0, 60), 'airspeed': (0.5, 100), 'altitude': (3.048, 304.8)},
    'jet': {'position': (-1000, 1000), 'speed': (0, 120), 'diameter': (0.01, 10),
            'elevation_deg': (-90, 90)},
    'wake': {'drag_coefficient': (0, 2.5), 'turbulence': (0, 1), 'eddy_time': (0.01, 3600)},
    'step': {'along': (-120, 120), 'left': (-120, 120), 'up': (-120, 120), 'after': (0, 3600),
             'over': (0, 3600)},
    'recorded': {'start': (0, 3600)},
}
RANGES = {('gust', 'amplitude'), ('gust', 'duration'), ('step', 'after'), ('recorded', 'start')}
REQUIRED = {'constant': ['speed'], 'gust': ['amplitude', 'duration', 'mean_interval'],
            'ornstein_uhlenbeck': ['std', 'time_constant'], 'shear': ['speed'],
            'dryden': ['wind_at_20ft', 'airspeed'], 'jet': ['position', 'speed', 'diameter']}
PILLARS = np.array([[0.0, 0.0, 0.2, 3.0], [0.5, 0.3, 0.3, 2.0]])


def section(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return any right section, each optional key there or not."""
    keys: dict[str, st.SearchStrategy[Any]] = {}
    for key, (low, high) in NUMBERS[name].items():
        number = st.floats(low, high)
        if (name, key) in RANGES:
            keys[key] = st.tuples(number, number).map(sorted)
        elif key == 'position':
            keys[key] = st.lists(number, min_size=3, max_size=3)
        else:
            keys[key] = number
    required = {key: keys.pop(key) for key in REQUIRED.get(name, [])}
    return st.fixed_dictionaries(required, optional=keys)


SECTIONS = {name: section(name) for name in NUMBERS if name not in ('step', 'recorded', 'wake')}
SECTIONS['schedule'] = st.fixed_dictionaries(
    {'steps': st.lists(section('step'), min_size=1, max_size=4)})
SECTIONS['recorded'] = st.builds(
    lambda values, rows: {**values, 'rows': [[float(t), *row] for t, row in enumerate(rows)]},
    section('recorded'),
    st.lists(st.lists(st.floats(-60, 60), min_size=3, max_size=3), min_size=2, max_size=5))
WINDS = st.fixed_dictionaries(
    {'name': st.just('mine'), 'description': st.text('abc: #', max_size=9),
     'constant': section('constant')},
    optional={**{name: drawn for name, drawn in SECTIONS.items() if name != 'constant'},
              'heading_deg': st.floats(-360, 360), 'wake': section('wake')})
WRONG = st.sampled_from(['fast', True, None, [], [1.0], {'a': 1}, float('nan'), float('inf'),
                         '3', '1e3'])


@pytest.fixture(scope='module')
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where winds are written."""
    return tmp_path_factory.mktemp('winds') / 'mine.yaml'


def refusal(path: Path, values: dict[str, Any]) -> str:
    """Return what a file is refused with."""
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(ConfigError) as caught:
        load_wind(str(path))
    text = str(caught.value)
    assert text.startswith(f'{path}: '), text
    return text


def test_the_table_is_the_schema() -> None:
    """A model or a key that is added must be added above."""
    models = {name for name in WindConfig.__dataclass_fields__
              if name not in ('name', 'description', 'heading_deg')}
    assert models == {*NUMBERS, 'schedule'} - {'step'}


@settings(max_examples=60, deadline=None)
@given(values=WINDS, seed=st.integers(0, 2 ** 32))
def test_a_right_file_blows_finite_and_the_same_twice(path: Path, values: dict[str, Any],
                                                      seed: int) -> None:
    path.write_text(yaml.safe_dump(values))
    places = [np.array([x, 0.2, z]) for x, z in ((0.0, 1.0), (2.0, 0.0), (-3.0, 300.0))]
    blown = []
    for _ in range(2):
        wind = build_wind(load_wind(str(path)), np.random.default_rng(seed), PILLARS)
        blown.append([wind.velocity(t, place) for t in (0.0, 1.37, 12.0) for place in places])
    assert np.all(np.isfinite(blown))
    np.testing.assert_array_equal(blown[0], blown[1])


@settings(max_examples=80, deadline=None)
@given(values=WINDS, data=st.data())
def test_a_number_out_of_its_range_is_named(path: Path, values: dict[str, Any],
                                            data: st.DataObject) -> None:
    place = data.draw(st.sampled_from([(name, key) for name in NUMBERS for key in NUMBERS[name]]))
    name, key = place
    low, high = NUMBERS[name][key]
    number = data.draw(st.floats(high * (1 + 1e-9) + 1e-9, 1e9)
                       | st.floats(-1e9, low - 1e-9 - 1e-9 * abs(low)))
    found: Any = [number, number] if place in RANGES else [0.0, number, 0.0] \
        if key == 'position' else number
    values = deepcopy(values)
    values.setdefault('schedule', {'steps': [{}]})
    filled = values['schedule']['steps'][0] if name == 'step' else values.setdefault(
        name, data.draw(SECTIONS[name] if name in SECTIONS else section(name)))
    filled[key] = found
    text = refusal(path, values)
    assert key in text and 'expected' in text and repr(number) in text


@settings(max_examples=80, deadline=None)
@given(values=WINDS, wrong=WRONG, data=st.data())
def test_a_value_of_the_wrong_kind_is_named(path: Path, values: dict[str, Any], wrong: Any,
                                            data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([name for name in NUMBERS if name != 'step']))
    key = data.draw(st.sampled_from(list(NUMBERS[name])))
    values = deepcopy(values)
    values.setdefault(name, data.draw(SECTIONS.get(name, section(name))))[key] = wrong
    text = refusal(path, values)
    assert f'{name}: {key}' in text and 'expected' in text and 'found' in text


@settings(max_examples=60, deadline=None)
@given(values=WINDS, data=st.data())
def test_a_key_that_is_unknown_or_missing_is_named(path: Path, values: dict[str, Any],
                                                   data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(REQUIRED)))
    values = deepcopy(values)
    filled = values.setdefault(name, data.draw(SECTIONS[name]))
    key = data.draw(st.sampled_from(REQUIRED[name]))
    assert f"{name}: unknown key '{key}s'" in refusal(
        path, {**values, name: {**filled, f'{key}s': 1.0}})
    del filled[key]
    assert f"{name}: missing key '{key}'" in refusal(path, values)


@pytest.mark.parametrize('values', [
    {'heading_deg': 361.0}, {'heading_deg': 'north'}, {'name': 3}, {'constant': 3.0},
    {'schedule': {'steps': []}}, {'schedule': {'steps': [{'along': 'x'}]}}, {'wake': [1]},
    {'recorded': {}}, {'recorded': {'rows': [[0, 1, 2], [1, 2, 3]]}}])
def test_what_is_left(path: Path, values: dict[str, Any]) -> None:
    text = refusal(path, {'name': 'mine', 'description': 'x', **values})
    assert next(iter(values)) in text and 'expected' in text and 'found' in text
