# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
YAML into frozen dataclasses, strictly: no key is guessed, ignored or converted in silence.

Also the one place that knows where the package's data lies (`share_directory`).
"""

from collections.abc import Mapping
import dataclasses
import difflib
import os
from pathlib import Path
import re
import sys
import types
import typing
from typing import Any, TypeVar

from liquid_control.errors import ConfigError
import yaml

T = TypeVar('T')

NOT_A_KEY: Mapping[str, bool] = {'key': False}   # metadata of a field that no file gives


class _Loader(yaml.SafeLoader):
    """The safe loader, but a key that stands twice in a mapping is an error, not a choice."""

    def compose_mapping_node(self, anchor: Any) -> Any:
        node = super().compose_mapping_node(anchor)  # type: ignore[no-untyped-call,unused-ignore]
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.MarkedYAMLError(problem=f'key {key.value!r} stands there twice',
                                               problem_mark=key.start_mark)
                seen.add(key.value)
        return node


def read_yaml(path: Path) -> dict[str, Any]:
    """
    Read a YAML file whose top level is a mapping.

    :param path: the file.
    :raises ConfigError: if it is missing, not YAML, or not a mapping.
    """
    try:
        text = path.read_text(encoding='utf-8')
    except OSError as error:
        raise ConfigError(f'{path}: cannot be read ({error.strerror}); check the path') from error
    except UnicodeDecodeError as error:
        raise ConfigError(f'{path}: expected UTF-8 text, found byte {error.start} of '
                          'another encoding; save it as UTF-8') from error
    return parse_yaml(text, str(path))


def parse_yaml(text: str, where: str) -> dict[str, Any]:
    """
    Read YAML whose top level is a mapping.

    :param text: for example `{drop: 0.3}`.
    :param where: its file or parameter, for errors.
    :raises ConfigError: if it is not YAML, or not a mapping.
    """
    try:
        values = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError(f'{where}: expected YAML, found {error}') from error
    if not isinstance(values, dict):
        raise ConfigError(f'{where}: expected keys and values at the top level, '
                          f'found {type(values).__name__}')
    return values


def load(kind: type[T], path: Path) -> T:
    """
    Read a YAML file into a dataclass.

    :param kind: a dataclass; its fields are the keys, its types are checked.
    :param path: the file.
    :raises ConfigError: for a missing or unknown key, or a value of the wrong type or range.
    """
    return build(kind, read_yaml(path), str(path))


def names_in(folder: str) -> list[str]:
    """
    Return the names of the YAML files that are shipped in a folder.

    :param folder: below `share_directory()`, such as sim_worlds/wind.
    """
    return sorted(path.stem for path in (share_directory() / folder).glob('*.yaml'))


def load_named(kind: type[T], word: str, folder: str, name: str) -> T:
    """
    Read a YAML file into a dataclass, by the name of a shipped one or by its path.

    :param kind: a dataclass.
    :param word: what errors call it, such as wind.
    :param folder: of the shipped ones, below `share_directory()`.
    :param name: of a shipped one, or a path that ends with .yaml or .yml.
    :raises ConfigError: if there is none of that name, or its file is wrong.
    """
    known = names_in(folder)
    if not name.endswith(('.yaml', '.yml')) and name not in known:
        raise ConfigError(f'unknown {word} {name!r}{nearest(name, known)} '
                          '(or give the path of a .yaml file)')
    return load(kind, named_path(folder, name))


def named_path(folder: str, name: str) -> Path:
    """
    Return the file of a shipped thing's name, or of its path.

    :param folder: of the shipped ones, below `share_directory()`.
    :param name: of a shipped one, or a path that ends with .yaml or .yml.
    """
    return (Path(name) if name.endswith(('.yaml', '.yml'))
            else share_directory() / folder / f'{name}.yaml')


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """
    Make a dataclass of a mapping, checking every key and type.

    :param kind: a dataclass.
    :param values: what was read.
    :param where: how an error names the place, for example the file.
    :raises ConfigError: for a missing or unknown key, or a value of the wrong type or range.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)  # type: ignore[arg-type]
              if field.metadata.get('key', True)}
    for key in values:
        if key not in fields:
            raise ConfigError(f'{where}: unknown key {key!r}{nearest(str(key), fields)}')
    arguments = {}
    for name, field in fields.items():
        if name in values:
            arguments[name] = _convert(hints[name], values[name], f'{where}: {name}')
        elif (field.default is dataclasses.MISSING
                and field.default_factory is dataclasses.MISSING):
            raise ConfigError(f'{where}: missing key {name!r}; add it '
                              f'(keys here: {", ".join(fields)})')
    try:
        return kind(**arguments)
    except ConfigError as error:  # a range check of the dataclass: say where
        raise ConfigError(f'{where}: {error}') from error


def nearest(word: str, known: typing.Iterable[str]) -> str:
    """
    Name the nearest known word, or all of them, as the end of an error text.

    :param word: what was found.
    :param known: what would have been right.
    """
    options = [str(option) for option in known]
    close = difflib.get_close_matches(word, options, n=1)
    if close:
        return f'; did you mean {close[0]!r}?'
    return f'; known: {", ".join(options) or "none"}'


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Check one value against its type hint; integers are accepted as floats, nothing else."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _convert_union(arguments, value, where)
    if origin is typing.Literal:
        if value not in arguments:
            raise ConfigError(f'{where}: expected one of {", ".join(map(str, arguments))}, '
                              f'found {value!r}')
        return value
    if dataclasses.is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise ConfigError(f'{where}: expected keys and values, found {value!r}')
        return build(typing.cast(type, hint), value, where)
    if origin is tuple:
        return _convert_tuple(arguments, value, where)
    if origin is dict:
        if not isinstance(value, Mapping):
            raise ConfigError(f'{where}: expected keys and values, found {value!r}')
        return {str(key): _convert(arguments[1], item, f'{where}.{key}')
                for key, item in value.items()}
    return _convert_scalar(hint, value, where)


def _convert_union(arguments: tuple[Any, ...], value: Any, where: str) -> Any:
    """
    Take the first alternative that fits; a single alternative beside None keeps its error.

    Dataclasses that each have a field `kind` of their own literals are told apart by that key,
    so that an error is about the one that was meant.
    """
    if value is None and type(None) in arguments:
        return None
    rest = [argument for argument in arguments if argument is not type(None)]
    if len(rest) == 1:
        return _convert(rest[0], value, where)
    if all(map(dataclasses.is_dataclass, rest)):
        return _convert_kind(rest, value, where)
    for argument in rest:
        try:
            return _convert(argument, value, where)
        except ConfigError:
            continue
    kinds = ', '.join(str(getattr(argument, '__name__', argument)) for argument in rest)
    raise ConfigError(f'{where}: expected one of {kinds}, found {value!r}')


def _convert_kind(options: list[Any], value: Any, where: str) -> Any:
    """Build the dataclass whose `kind` is asked for, or the one that has it as its default."""
    if not isinstance(value, Mapping):
        raise ConfigError(f'{where}: expected keys and values, found {value!r}')
    known = [field.name for option in options for field in dataclasses.fields(option)]
    for key in value:       # first: a misspelt `kind` would make every other key look wrong
        if key not in known:
            raise ConfigError(f'{where}: unknown key {key!r}{nearest(str(key), known)}')
    kinds = {kind: option for option in options
             for kind in typing.get_args(typing.get_type_hints(option)['kind'])}
    defaults = [option.kind for option in options if hasattr(option, 'kind')]
    asked = value.get('kind', *defaults)
    if asked not in list(kinds):     # whatever it is: a list has no hash
        raise ConfigError(f'{where}: kind: expected one of {", ".join(kinds)}, found {asked!r}')
    return build(kinds[asked], value, where)


def _convert_tuple(arguments: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    """Convert a list of any length (`tuple[X, ...]`) or of a fixed one."""
    if not isinstance(value, (list, tuple)):
        raise ConfigError(f'{where}: expected a list, found {value!r}')
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_convert(arguments[0], item, f'{where}[{index}]')
                     for index, item in enumerate(value))
    if len(value) != len(arguments):
        raise ConfigError(f'{where}: expected {len(arguments)} values, '
                          f'found {len(value)}: {value!r}')
    return tuple(_convert(argument, item, f'{where}[{index}]')
                 for index, (argument, item) in enumerate(zip(arguments, value)))


def _convert_scalar(hint: Any, value: Any, where: str) -> Any:
    """Check a number, a truth value or a string; True is not a number, and NaN is no value."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is float and number:
        if value != value or value in (float('inf'), float('-inf')):
            raise ConfigError(f'{where}: expected a finite number, found {value!r}')
        return float(value)
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint in (str, bool) and isinstance(value, hint):
        return value
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is Any:
        return value
    # YAML 1.1 takes 1e-3 for text.
    exponent = hint is float and isinstance(value, str) and re.fullmatch(
        r'[-+]?\d+[eE][-+]?\d+', value)
    remedy = f'; write it with a point, as in {value.lower().replace("e", ".0e")}' \
        if exponent else ''
    raise ConfigError(f'{where}: expected {getattr(hint, "__name__", hint)}, '
                      f'found {value!r}{remedy}')


def share_directory() -> Path:
    """
    Return the folder that holds sim_worlds/, config/ and launch/.

    That is the checkout where the package runs from one, else share/liquid_control of the
    ament prefix or of the Python environment that it is installed in.

    :raises ConfigError: if no such folder exists.
    """
    checkout = Path(__file__).resolve().parent.parent
    prefixes = [Path(prefix) for prefix in os.environ.get('AMENT_PREFIX_PATH', '').split(':')
                if prefix] + [Path(sys.prefix)]
    installed = [prefix / 'share' / 'liquid_control' for prefix in prefixes]
    for folder in [checkout, *installed]:
        if (folder / 'sim_worlds').is_dir():
            return folder
    raise ConfigError('the data of liquid_control (sim_worlds/, config/) was not found; looked in '
                      + ', '.join(str(folder) for folder in [checkout, *installed])
                      + '; install the package again, or source its workspace')
