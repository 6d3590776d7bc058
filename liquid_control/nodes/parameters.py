# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Node parameters: declared once, with a description and a range; unknown ones are refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
import math
from typing import Any, TYPE_CHECKING

from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor

if TYPE_CHECKING:
    from rclpy.node import Node

# Those that rclpy itself declares, or reads by prefix.
BUILT_IN = ('use_sim_time', 'start_type_description_service')
BUILT_IN_PREFIX = 'qos_overrides.'

# What a person writes for each type.
KINDS = {bool: 'true or false', int: 'a whole number', float: 'a number with a decimal point',
         str: 'a text'}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a node."""

    name: str
    default: bool | int | float | str
    description: str
    low: float | None = None        # smallest value allowed, for a number
    high: float | None = None       # largest value allowed
    choices: tuple[str, ...] = ()   # values allowed, for a string
    read_only: bool = True          # read at the start; else it may change while the node runs
    unit: str = ''                  # of a number

    @property
    def text(self) -> str:
        """Return the description with the unit."""
        return f'{self.description} [{self.unit}]' if self.unit else self.description

    def descriptor(self) -> ParameterDescriptor:
        """Describe this parameter the way that ROS tools show and enforce it."""
        descriptor = ParameterDescriptor(description=self.text, read_only=self.read_only)
        if self.choices:
            descriptor.additional_constraints = 'one of ' + ', '.join(self.choices)
        if self.low is None or self.high is None:
            return descriptor
        if isinstance(self.default, int):
            descriptor.integer_range = [
                IntegerRange(from_value=int(self.low), to_value=int(self.high))]
        else:
            descriptor.floating_point_range = [
                FloatingPointRange(from_value=float(self.low), to_value=float(self.high))]
        return descriptor

    def require(self, value: object, where: str) -> None:
        """
        Check a value, at the start or later.

        :param value: as ROS gives it.
        :param where: name of the node, for the error.
        :raises ConfigError: for another type, a number out of range, or no choice.
        """
        expected = ''
        if type(value) is not type(self.default):
            expected = f'{KINDS[type(self.default)]} like {self.default!r}'
        elif isinstance(value, (int, float)) and self.low is not None and self.high is not None:
            if not self.low <= value <= self.high:
                expected = f'a value from {self.low} to {self.high}'
        elif isinstance(value, float) and not math.isfinite(value):
            expected = 'a finite number'
        if self.choices and value not in self.choices:
            expected = f'one of {", ".join(self.choices)}'
        if expected:
            unit = f' {self.unit}' if self.unit else ''
            raise ConfigError(f'{where}: parameter {self.name!r}: expected {expected}{unit}, '
                              f'found {value!r:.80}')


def declare(node: 'Node', parameters: Iterable[Parameter]) -> dict[str, Any]:
    """
    Declare parameters and return their values by name.

    :param node: made with `automatically_declare_parameters_from_overrides=True`, which is how
        overrides that nobody declares come to light.
    :param parameters: all that the node has.
    :raises ConfigError: for an unknown parameter, or one of the wrong type or out of range.
    """
    table = {parameter.name: parameter for parameter in parameters}
    given = [name for name in node.get_parameters_by_prefix('')
             if name not in BUILT_IN and not name.startswith(BUILT_IN_PREFIX)]
    where = node.get_fully_qualified_name()
    for name in given:
        if name not in table:
            raise ConfigError(f'{where}: unknown parameter {name!r}{nearest(name, table)}')
        table[name].require(node.get_parameter(name).value, where)
        node.undeclare_parameter(name)  # to declare it below with its type and range
    return {name: node.declare_parameter(name, parameter.default, parameter.descriptor()).value
            for name, parameter in table.items()}


def refuse_outside_simulation(values: Mapping[str, Any]) -> None:
    """
    Refuse what is safe in simulation only.

    :param values: of the node's parameters; sim, auto_engage and lockstep are looked at.
    :raises ConfigError: if a vehicle would move unasked, or on a time that messages make.
    """
    if values['sim']:
        return
    if values['auto_engage']:
        raise ConfigError('auto_engage is for simulation: expected sim:=true beside it; '
                          'on a vehicle call the service guard/engage instead')
    if values['lockstep']:
        raise ConfigError('lockstep is for simulation: expected sim:=true beside it; on a '
                          'vehicle that waits for nobody, deadlines need a clock')
