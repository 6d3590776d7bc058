# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/worlds.md, from the dataclasses that read worlds and winds."""

import dataclasses
import inspect
from pathlib import Path
import re
import types
import typing
from typing import Any

from liquid_control.sim.wind.composition import WindConfig
from liquid_control.sim.world_config import WorldConfig

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'worlds.md'
SCHEMAS = {'world': WorldConfig, 'wind': WindConfig}
COMMENT = r'#\s*(.*?)\s*(?:#\s*noqa.*)?$'


def sections(kind: type, path: str = '', root: str = 'world') -> dict[str, type]:
    """List a dataclass and those below it, each by the keys that lead to it."""
    found = {path or root: kind}
    for name, hint in typing.get_type_hints(kind).items():
        for inner in parts(hint):
            key = f'{path}.{name}' if path else name
            if dataclasses.is_dataclass(inner) and inner not in found.values():
                if key in found:      # the second of two that a section may be
                    kinds = typing.get_args(typing.get_type_hints(inner)['kind'])
                    key = f'{key} ({" or ".join(kinds)})'
                found |= {where: below for where, below in sections(inner, key).items()
                          if below not in found.values()}
    return found


def parts(hint: Any) -> list[Any]:
    """List the types inside a type hint, itself included."""
    return [hint, *(inner for argument in typing.get_args(hint) for inner in parts(argument))]


def shape(hint: Any, known: dict[type, str]) -> str:
    """Say what a value is made of."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in known:
        return f'keys of `{known[hint]}`'
    if origin in (typing.Union, types.UnionType):
        return ' or '.join(shape(argument, known) for argument in arguments)
    if origin is typing.Literal:
        return ' or '.join(f'`{argument}`' for argument in arguments)
    if origin is tuple and arguments[-1] is Ellipsis:
        return f'list of {shape(arguments[0], known)}'
    if origin is tuple:
        names = [shape(argument, known) for argument in arguments]
        if len(names) == 2 and names[0] == names[1]:
            return '[low, high]' + (', integers' if names[0] == 'integer' else '')
        return f'[{", ".join(names)}]'
    return {float: 'number', int: 'integer', bool: 'true or false', str: 'text', Path: 'path',
            types.NoneType: 'null'}.get(hint, str(hint))


def default(field: dataclasses.Field) -> str:
    """Write the default of a field as YAML has it; nothing for a key that must be given."""
    if field.default is dataclasses.MISSING:
        return '' if field.default_factory is dataclasses.MISSING else '{}'
    return written(field.default)


def written(value: Any) -> str:
    """Write a default."""
    if dataclasses.is_dataclass(value):
        return '{}'
    if isinstance(value, tuple):
        return f'[{", ".join(written(item) for item in value)}]'
    if value is None:
        return 'null'
    return str(value).lower() if isinstance(value, bool) else str(value)


def comments(kind: type) -> dict[str, str]:
    """Return the comment beside each field of a dataclass, or else above it."""
    found, above = {}, ''
    for line in inspect.getsource(kind).splitlines():
        match = re.match(r'    (\w+): [^#]*?' + COMMENT, line)
        bare = re.match(r'    (\w+): ', line)
        if match:
            found[match[1]] = match[2]
        elif bare and above:
            found[bare[1]] = above
        lone = re.match(r'    ' + COMMENT, line)
        above = lone[1] if lone else ''
    return found


def tables(schema: str) -> str:
    """Write a table a section of a world or a wind."""
    below = sections(SCHEMAS[schema], root=schema)
    known = {kind: path for path, kind in below.items()}
    text = ''
    for path, kind in below.items():
        hints, notes = typing.get_type_hints(kind), comments(kind)
        text += f'\n### `{path}`\n\n{inspect.getdoc(kind).splitlines()[0]}\n\n'
        text += '| key | value | default | meaning, bounds, [unit] |\n|---|---|---|---|\n'
        for field in dataclasses.fields(kind):
            if field.metadata.get('key', True):
                text += (f'| `{field.name}` | {shape(hints[field.name], known)} '
                         f'| {default(field)} | {notes.get(field.name, "")} |\n')
    return text + '\n'


def marks(schema: str) -> tuple[str, str]:
    """Return what begins and ends the tables of a schema."""
    return f'<!-- keys of a {schema} -->\n', f'<!-- end keys of a {schema} -->'


def main() -> None:
    """Write the tables into the document."""
    text = DOCUMENT.read_text('utf-8')
    for schema in SCHEMAS:
        begin, end = marks(schema)
        before, rest = text.split(begin)
        text = before + begin + tables(schema) + end + rest.split(end)[1]
    DOCUMENT.write_text(text, 'utf-8')


if __name__ == '__main__':
    main()
