# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""docs/parameters.md is held against the code: every parameter, as its node declares it."""

import importlib
from importlib.util import find_spec
import math
from typing import Any

import pytest

if find_spec('rclpy') is None:
    pytest.skip('the declarations are in the nodes, which need rclpy', allow_module_level=True)
parameter_tables = importlib.import_module('parameter_tables')
Parameter = parameter_tables.Parameter
DECLARED = [(node, parameter) for node, module in parameter_tables.NODES.items()
            for parameter in importlib.import_module(module).PARAMETERS]


def test_every_parameter_stands_in_the_tables_as_the_code_declares_it() -> None:
    """Generated: `python test/parameter_tables.py` writes them."""
    text = parameter_tables.DOCUMENT.read_text('utf-8')
    begin, end = parameter_tables.BEGIN, parameter_tables.END
    assert text.split(begin)[1].split(end)[0] == parameter_tables.tables()


def test_a_row_against_one_written_by_hand() -> None:
    """With everything that a row can have."""
    assert parameter_tables.row(Parameter('height', 2.5, 'above ground', 0.5, 20.0,
                                          read_only=False, unit='m')) == (
        '| `height` | double | `2.5` | m | 0.5 to 20 | any time | above ground |')
    assert parameter_tables.row(Parameter('mode', 'a', 'which', choices=('a', 'b'))) == (
        '| `mode` | string | `a` |  | `a`, `b` | at the start | which |')


@pytest.mark.parametrize(('node', 'parameter'), DECLARED,
                         ids=[f'{node}-{parameter.name}' for node, parameter in DECLARED])
def test_a_declaration_is_whole(node: str, parameter: Any) -> None:
    """A description without a unit of its own, a range around the default of every number."""
    assert parameter.description and parameter.description[0].islower()
    assert '[' not in parameter.description, 'the unit has a field'
    parameter.require(parameter.default, node)
    if type(parameter.default) in (int, float):
        assert parameter.low is not None and parameter.high is not None
        assert parameter.low < parameter.high and math.isfinite(parameter.high)


def test_what_may_change_in_flight_is_named_here() -> None:
    """So that nobody makes a parameter live in passing."""
    live = {f'{node}.{parameter.name}' for node, parameter in DECLARED
            if not parameter.read_only}
    assert live == {
        'controller.policy', 'controller.camera_deadline', 'controller.imu_deadline',
        'controller.odom_deadline', 'controller.velocity_scale', 'guard.camera_deadline',
        'guard.imu_deadline', 'guard.command_deadline', 'guard.manual_timeout',
        'guard.velocity_scale', 'guard.disengage_after', 'world.wind', 'world.camera',
        'world.imu', 'world.world', 'world.seed', 'world.vehicle'}
