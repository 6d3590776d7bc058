# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""YAML becomes dataclasses strictly, and every refusal says where, what, and what to do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from liquid_control import config
from liquid_control.config import build, load, nearest, read_yaml, share_directory
from liquid_control.errors import ConfigError
import pytest


@dataclass(frozen=True)
class Engine:
    power: float
    kind: Literal['petrol', 'electric'] = 'electric'

    def __post_init__(self) -> None:
        if self.power < 0:
            raise ConfigError(f'power: expected 0 W or more, found {self.power}')


@dataclass(frozen=True)
class Car:
    name: str
    engine: Engine
    doors: int = 4
    open_top: bool = False
    size: tuple[float, float] = (4.0, 2.0)
    tags: tuple[str, ...] = ()
    spare: Engine | None = None
    label: int | str = 0
    prices: dict[str, float] = field(default_factory=dict)
    manual: Path | None = None


GOOD: dict[str, Any] = {'name': 'a', 'engine': {'power': 3}}


def test_builds_nested_dataclasses_with_their_types() -> None:
    car = build(Car, {**GOOD, 'size': [4, 1.5], 'tags': ['x', 'y'], 'spare': {'power': 1.0},
                      'label': 'b', 'prices': {'new': 2}, 'manual': 'a/b.pdf'}, 'here')
    assert car == Car('a', Engine(3.0), size=(4.0, 1.5), tags=('x', 'y'), spare=Engine(1.0),
                      label='b', prices={'new': 2.0}, manual=Path('a/b.pdf'))
    assert isinstance(car.engine.power, float) and isinstance(car.size, tuple)
    assert build(Car, GOOD, 'here').spare is None


@pytest.mark.parametrize(('changes', 'message'), [
    ({'dors': 4}, "here: unknown key 'dors'; did you mean 'doors'?"),
    ({'qqq': 4}, "here: unknown key 'qqq'; known: name, engine"),
    ({'engine': {}}, "here: engine: missing key 'power'; add it (keys here: power, kind)"),
    ({'engine': 3}, 'here: engine: expected keys and values, found 3'),
    ({'engine': {'power': 'lots'}}, "here: engine: power: expected float, found 'lots'"),
    ({'engine': {'power': True}}, 'here: engine: power: expected float, found True'),
    ({'engine': {'power': None}}, 'here: engine: power: expected float, found None'),
    ({'engine': {'power': float('nan')}}, 'power: expected a finite number, found nan'),
    ({'engine': {'power': float('inf')}}, 'power: expected a finite number, found inf'),
    ({'engine': {'power': -1.0}}, 'here: engine: power: expected 0 W or more, found -1.0'),
    ({'engine': {'power': 1, 'kind': 'steam'}},
     "here: engine: kind: expected one of petrol, electric, found 'steam'"),
    ({'doors': 4.0}, 'here: doors: expected int, found 4.0'),
    ({'doors': True}, 'here: doors: expected int, found True'),
    ({'doors': '4'}, "here: doors: expected int, found '4'"),
    ({'open_top': 1}, 'here: open_top: expected bool, found 1'),
    ({'name': 7}, 'here: name: expected str, found 7'),
    ({'size': [1.0]}, 'here: size: expected 2 values, found 1'),
    ({'size': 'ab'}, "here: size: expected a list, found 'ab'"),
    ({'size': [1.0, 'b']}, "here: size[1]: expected float, found 'b'"),
    ({'tags': ['x', 3]}, 'here: tags[1]: expected str, found 3'),
    ({'tags': 'x'}, "here: tags: expected a list, found 'x'"),
    ({'spare': {'power': 1, 'x': 2}}, "here: spare: unknown key 'x'"),
    ({'label': 1.5}, 'here: label: expected one of int, str, found 1.5'),
    ({'prices': {'new': 'dear'}}, "here: prices.new: expected float, found 'dear'"),
    ({'prices': [1.0]}, 'here: prices: expected keys and values, found [1.0]'),
    ({'manual': 3}, 'here: manual: expected Path, found 3')])
def test_refusals_say_where_and_what(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Car, {**GOOD, **changes}, 'here')
    assert message in str(caught.value)


def test_missing_key_names_the_keys() -> None:
    with pytest.raises(ConfigError, match=r"here: missing key 'name'; add it \(keys here: name"):
        build(Car, {'engine': {'power': 1.0}}, 'here')


def test_yaml_that_reads_an_exponent_as_text_is_explained() -> None:
    # YAML 1.1 takes 1e-3 for text: it wants 1.0e-3.
    with pytest.raises(ConfigError, match="found '1e-3'; write it with a point, as in 1.0e-3"):
        build(Engine, {'power': '1e-3'}, 'here')


@pytest.mark.parametrize(('content', 'message'), [
    (None, 'cannot be read (No such file or directory); check the path'),
    (b'a: [1', 'expected YAML, found'),
    (b'- 1\n- 2\n', 'expected keys and values at the top level, found list'),
    (b'', 'expected keys and values at the top level, found NoneType'),
    (b'a: \xff\xfe', 'expected UTF-8 text, found byte 3'),
    (b'a: 1\nb: 2\na: 3\n', "key 'a' stands there twice"),
    (b'b:\n  a: 1\n  a: 3\n', "key 'a' stands there twice")])
def test_unreadable_files_are_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / 'thing.yaml'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert str(path) in str(caught.value) and message in str(caught.value)


def test_no_yaml_tag_runs_code(tmp_path: Path) -> None:
    path = tmp_path / 'bad.yaml'
    path.write_text('a: !!python/object/apply:os.getcwd []')
    with pytest.raises(ConfigError, match='expected YAML'):
        read_yaml(path)


def test_load_names_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / 'car.yaml'
    path.write_text('{name: a, engine: {power: 2}, doors: 5}')
    assert load(Car, path) == Car('a', Engine(2.0), 5)
    path.write_text('{name: a, engine: {power: -2}}')
    with pytest.raises(ConfigError, match='car.yaml: engine: power: expected 0 W or more'):
        load(Car, path)


def test_anchors_and_merge_keys_are_allowed(tmp_path: Path) -> None:
    path = tmp_path / 'car.yaml'
    path.write_text('name: a\nengine: &e {power: 2}\nspare: {<<: *e, power: 3}\n')
    assert load(Car, path).spare == Engine(3.0)


def test_nearest() -> None:
    assert nearest('forrest', ['forest', 'empty']) == "; did you mean 'forest'?"
    assert nearest('xyz', ['forest', 'empty']) == '; known: forest, empty'
    assert nearest('xyz', []) == '; known: none'


def test_share_directory_is_the_checkout_or_an_installation(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (share_directory() / 'sim_worlds' / 'forest.yaml').is_file()
    share = tmp_path / 'prefix' / 'share' / 'liquid_control'
    elsewhere = tmp_path / 'site' / 'liquid_control' / 'config.py'
    monkeypatch.setattr(config, '__file__', str(elsewhere))
    monkeypatch.setattr(config.sys, 'prefix', str(tmp_path / 'none'))
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'{tmp_path / "other"}:{tmp_path / "prefix"}')
    with pytest.raises(ConfigError, match='was not found; looked in .*prefix.*install'):
        share_directory()
    (share / 'sim_worlds').mkdir(parents=True)
    assert share_directory() == share
