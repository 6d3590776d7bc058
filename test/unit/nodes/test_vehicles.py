# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every parameter file that ships says only what the nodes declare, in values that they take."""

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip('rclpy', reason='nodes declare their parameters by rclpy')

CONFIG = Path(__file__).resolve().parents[3] / 'config'
FILES = [*sorted(CONFIG.glob('*.yaml')), *sorted(CONFIG.joinpath('vehicles').glob('*.yaml'))]


def declared(node: str) -> dict[str, Any]:
    """Return the parameters that a node declares, by name."""
    name = f'liquid_control.nodes.{node}'
    module = import_module(name if find_spec(name) else f'liquid_control.bridges.{node}')
    return {parameter.name: parameter for parameter in module.PARAMETERS}


def sections(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the nodes that a file is about, with their values."""
    content = yaml.safe_load(path.read_text('utf-8'))
    for key, value in content.items():
        assert key.startswith('/**/'), f'{key}: in any namespace'
        assert list(value) == ['ros__parameters']
    return [(key.removeprefix('/**/'), value['ros__parameters'])
            for key, value in content.items()]


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_every_value_is_one_that_the_node_takes(path: Path) -> None:
    """Of its name, type, range and choices; unknown ones would end the node."""
    for node, values in sections(path):
        table = declared(node)
        assert set(values) <= set(table), node
        for name, value in values.items():
            known = table[name]
            assert type(value) is type(known.default), f'{node}.{name}'
            if known.choices:
                assert value in known.choices, f'{node}.{name}'
            if known.low is not None and known.high is not None:
                assert known.low <= value <= known.high, f'{node}.{name}'


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_controller_and_guard_agree(path: Path) -> None:
    """One that limits by another policy, or more slowly, would alter what the other commands."""
    nodes = dict(sections(path))
    shared = {name for name in nodes['controller'] if name in nodes['guard']}
    assert {'policy', 'velocity_scale'} <= shared
    for name in shared:
        assert nodes['controller'][name] == nodes['guard'][name], name


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.stem)
def test_every_policy_is_one_that_ships(path: Path) -> None:
    """Or neither controller nor guard would start."""
    named = {values['policy'] for _, values in sections(path) if 'policy' in values}
    shipped = {file.parent.name for file in CONFIG.glob('policies/*/bundle.yaml')}
    assert named and named <= shipped


@pytest.mark.parametrize('path', FILES[1:], ids=lambda path: path.stem)
def test_nothing_of_a_vehicle_is_for_simulation(path: Path) -> None:
    """No vehicle moves unasked, or flies its first flight at the full speed of the simulation."""
    if path.parent == CONFIG:
        return      # of a simulated one
    for _, values in sections(path):
        assert not {'sim', 'auto_engage', 'lockstep'} & set(values)
        assert values.get('velocity_scale', 0.0) <= 0.5
