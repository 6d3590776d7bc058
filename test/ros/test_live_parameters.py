# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Parameters set while a node runs: all that come together, or none; and it says why."""

from collections.abc import Callable, Iterator, Mapping, Set
import math
from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.nodes.graph import Graph
from liquid_control.nodes.live_parameters import LiveParameters
from liquid_control.nodes.parameters import declare, Parameter
import pytest
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import ParameterType, ParameterValue, SetParametersResult
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.node import Node

TABLE = (
    Parameter('low', 1.0, 'the lower bound', 0.0, 10.0, read_only=False, unit='m'),
    Parameter('high', 2.0, 'the upper bound', 0.0, 10.0, read_only=False, unit='m'),
    Parameter('free', 0.0, 'any finite number', read_only=False),
    Parameter('mode', 'hover', 'what to do', choices=('hover', 'land'), read_only=False),
    Parameter('fixed', 3, 'of the start', 0, 5),
)


def message(name: str, value: object) -> ParameterMessage:
    """Return one parameter as a client sends it."""
    kinds = {bool: ('BOOL', 'bool_value'), int: ('INTEGER', 'integer_value'),
             float: ('DOUBLE', 'double_value'), str: ('STRING', 'string_value')}
    kind, field = kinds[type(value)]
    return ParameterMessage(name=name, value=ParameterValue(
        type=getattr(ParameterType, f'PARAMETER_{kind}'), **{field: value}))


class Bounds:
    """A node of the test with a rule between two of its parameters."""

    def __init__(self, probe: Any) -> None:
        self.node = Node('bounds', context=probe.context,
                         automatically_declare_parameters_from_overrides=True)
        self.values = declare(self.node, TABLE)
        self.live = LiveParameters(self.node, TABLE, self.values, self.propose)
        self.in_force: list[dict[str, Any]] = []

    def propose(self, values: Mapping[str, Any], changed: Set[str]) -> Callable[[], None]:
        """Keep low below high."""
        if values['low'] >= values['high']:
            raise ConfigError(f'low: expected less than high, {values["high"]}, found '
                              f'{values["low"]}; raise high with it')
        return lambda: self.in_force.append({name: values[name] for name in changed})


@pytest.fixture
def bounds(probe: Any) -> Iterator[Bounds]:
    """Return it, spun with the probe."""
    made = Bounds(probe)
    probe._executor.add_node(made.node)
    yield made
    probe._executor.remove_node(made.node)
    made.node.destroy_node()


def set_together(probe: Any, node: str, **values: object) -> SetParametersResult:
    """Set parameters of a node in one request."""
    answer = probe.call(
        SetParametersAtomically, f'{node}/set_parameters_atomically',
        SetParametersAtomically.Request(parameters=[
            message(name, value) for name, value in values.items()]))
    return answer.result


def test_what_comes_together_changes_together_or_not_at_all(probe: Any, bounds: Bounds) -> None:
    """By one bad value, by a rule between two, or by a name that is not there."""
    before = dict(bounds.values)
    for wrong, text in (
            ({'low': 1.5, 'high': 99.0}, 'expected a value from 0.0 to 10.0 m, found 99.0'),
            ({'low': 5.0}, 'expected less than high'),
            ({'free': 1.0, 'low': 6.0, 'high': 5.0}, 'expected less than high'),
            ({'low': 1.5, 'fixed': 4}, 'read at its start; set it in the parameter file'),
            ({'low': 1.5, 'hihg': 4.0}, "did you mean 'high'"),
            ({'low': 1.5, 'mode': 'lnad'}, 'expected one of hover, land'),
            ({'low': 1.5, 'free': math.nan}, 'expected a finite number'),
            ({'low': math.nan}, 'expected a value from 0.0 to 10.0 m, found nan'),
            ({'free': 1.0, 'low': 2}, 'expected a number with a decimal point like 1.0'),
            ({'use_sim_time': True}, 'read at its start')):
        result = set_together(probe, 'bounds', **wrong)
        assert not result.successful and text in result.reason, wrong
        assert 'bounds' in result.reason or 'low' in result.reason
        assert bounds.values == before and not bounds.in_force, wrong
        assert [bounds.node.get_parameter(name).value for name in before] == list(before.values())
    assert set_together(probe, 'bounds', low=5.0, high=6.0, mode='land').successful
    assert bounds.in_force == [{'low': 5.0, 'high': 6.0, 'mode': 'land'}]
    assert bounds.values == before | {'low': 5.0, 'high': 6.0, 'mode': 'land'}
    figures = bounds.live.figures()
    assert (figures['parameters_changed'], figures['parameters_refused']) == (3, 10)


def test_one_after_the_other_each_for_itself(probe: Any, bounds: Bounds) -> None:
    """As `ros2 param load` sends them; an order that works may be found by nobody else."""
    answer = probe.call(SetParameters, 'bounds/set_parameters', SetParameters.Request(
        parameters=[message('low', 5.0), message('high', 6.0), message('low', 5.0)]))
    assert [result.successful for result in answer.results] == [False, True, True]
    assert (bounds.values['low'], bounds.values['high']) == (5.0, 6.0)


def test_a_type_that_there_is_not_ends_no_process(probe: Any, bounds: Bounds) -> None:
    """The service of rclpy raises there, which ends the node, and lands the vehicle."""
    for kind in (0, 9, 99):
        wrong = ParameterMessage(name='low', value=ParameterValue(type=kind))
        answer = probe.call(SetParameters, 'bounds/set_parameters',
                            SetParameters.Request(parameters=[wrong]))
        assert not answer.results[0].successful
        assert 'expected a' in answer.results[0].reason
    assert bounds.values['low'] == 1.0


def test_descriptions_say_range_unit_and_what_may_change(probe: Any, bounds: Bounds) -> None:
    """As `ros2 param describe` shows them."""
    low, mode, fixed = probe.call(
        DescribeParameters, 'bounds/describe_parameters',
        DescribeParameters.Request(names=['low', 'mode', 'fixed'])).descriptors
    assert low.description == 'the lower bound [m]' and not low.read_only
    assert low.type == ParameterType.PARAMETER_DOUBLE
    assert (low.floating_point_range[0].from_value, low.floating_point_range[0].to_value) == (
        0.0, 10.0)
    assert mode.additional_constraints == 'one of hover, land'
    assert fixed.read_only and fixed.integer_range[0].to_value == 5


def test_the_guard_takes_a_shorter_deadline_at_once(graph: Graph, probe: Any, driver: Any,
                                                    policy: str) -> None:
    """Its commands end by the new one; what is refused changes nothing."""
    graph.start('guard', {'policy': policy, 'command_deadline': 5.0})
    forward = [0.5, 0.0, 0.0, 0.0]
    driver.until(lambda: probe.engage().success, 'engage', forward)
    driver.until(probe.moving, 'motion', forward)
    refused = set_together(probe, 'guard', velocity_scale=0.5, command_deadline=0.0)
    assert not refused.successful and 'command_deadline' in refused.reason
    driver.until(lambda: 'command_deadline' in
                 probe.counted('guard').get('parameter_refused', ''), 'diagnostics', forward)
    got = probe.call(GetParameters, 'guard/get_parameters',
                     GetParameters.Request(names=['velocity_scale']))
    assert got.values[0].double_value == 1.0
    assert set_together(probe, 'guard', velocity_scale=0.25, command_deadline=0.2).successful
    driver.until(lambda: abs(probe.commands[-1][1][0] - 0.4) < 1e-6, 'slower', forward)
    assert probe.moving()
    driver.until(lambda: not probe.moving(), 'stop', limit=4.0)
    driver.until(lambda: 'command_stale' in probe.said('guard'), 'reason')
