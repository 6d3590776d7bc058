# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/parameters.md, from the declarations in the nodes."""

import importlib
from pathlib import Path

from liquid_control.nodes.parameters import Parameter

DOCUMENT = Path(__file__).resolve().parents[1] / 'docs' / 'parameters.md'
BEGIN, END = '<!-- parameters -->\n', '<!-- end parameters -->'
NODES = {**{name: f'liquid_control.nodes.{name}'
            for name in ('controller', 'guard', 'world', 'monitor', 'recorder')},
         'mavlink': 'liquid_control.bridges.mavlink'}
HEAD = '| parameter | type | default | unit | allowed | set | meaning |'
TYPES = {bool: 'bool', int: 'integer', float: 'double', str: 'string'}


def row(parameter: Parameter) -> str:
    """Write one parameter as a line of a table."""
    default = str(parameter.default).lower() if isinstance(parameter.default, bool) \
        else str(parameter.default)
    allowed = ', '.join(f'`{choice}`' for choice in parameter.choices)
    if parameter.low is not None:
        allowed = ' to '.join(str(value).removesuffix('.0') for value in
                              (parameter.low, parameter.high))
    cells = (f'`{parameter.name}`', TYPES[type(parameter.default)],
             f'`{default}`' if default else '', parameter.unit, allowed,
             'at the start' if parameter.read_only else 'any time', parameter.description)
    return f'| {" | ".join(cells)} |'


def tables() -> str:
    """Write a table for each node."""
    parts = []
    for node, module in NODES.items():
        declared = importlib.import_module(module).PARAMETERS
        parts += [f'### {node}\n', HEAD, '|---|---|---|---|---|---|---|', *map(row, declared), '']
    return '\n'.join(parts)


def main() -> None:
    """Write the tables into the document."""
    text = DOCUMENT.read_text('utf-8')
    before, rest = text.split(BEGIN)
    DOCUMENT.write_text(before + BEGIN + tables() + END + rest.split(END)[1], 'utf-8')


if __name__ == '__main__':
    main()
