# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Launch file and vehicle files of the MAVLink bridge name what exists."""

import ast
from importlib import import_module
from pathlib import Path

from liquid_control.bridges.mavlink_permission import AUTOPILOTS
import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODULES = {'controller': 'nodes.controller', 'guard': 'nodes.guard', 'mavlink': 'bridges.mavlink'}


def called(name: str) -> list[ast.Call]:
    """Return the calls of a function in the launch file."""
    tree = ast.parse((ROOT / 'launch' / 'mavlink.launch.py').read_text(encoding='utf-8'))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name) and node.func.id == name]


def first(call: ast.Call) -> str:
    """Return the first argument of a call, a string."""
    assert isinstance(call.args[0], ast.Constant)
    return str(call.args[0].value)


def test_the_launch_file_starts_what_the_package_has() -> None:
    assert sorted(first(call) for call in called('vehicle_node')) == sorted(MODULES)
    setup = (ROOT / 'setup.py').read_text(encoding='utf-8')
    assert 'mavlink = {NAME}.bridges.mavlink:main' in setup
    declared = {first(call) for call in called('DeclareLaunchArgument')}
    assert declared == {first(call) for call in called('LaunchConfiguration')}


@pytest.mark.parametrize('vehicle', AUTOPILOTS)
def test_a_vehicle_file_sets_what_is_declared_and_in_range(vehicle: str) -> None:
    path = ROOT / 'config' / 'vehicles' / f'{vehicle}.yaml'
    nodes = yaml.safe_load(path.read_text(encoding='utf-8'))
    assert set(nodes) == {f'/**/{name}' for name in MODULES}
    for name, module in MODULES.items():
        table = {parameter.name: parameter for parameter in
                 import_module(f'liquid_control.{module}').PARAMETERS}
        for key, value in nodes[f'/**/{name}']['ros__parameters'].items():
            assert isinstance(value, type(table[key].default)), (name, key)
            if table[key].low is not None:
                assert table[key].low <= value <= table[key].high, (name, key)
    mine = nodes['/**/mavlink']['ros__parameters']
    assert mine['autopilot'] == vehicle
    assert not mine['request_mode'] and not mine['request_arming'], 'the pilot does'
