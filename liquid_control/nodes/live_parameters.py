# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Parameters of a running node: what comes in one request changes together, or not at all.

A request is answered when it has been decided and is in force. What takes long to decide (a
policy has to be loaded) is awaited, and the node goes on meanwhile: the two services that set
parameters have a callback group of their own, in which one request is served after the other.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence, Set
from typing import Any, TypeAlias

from liquid_control.config import nearest
from liquid_control.errors import ConfigError, LiquidControlError
from liquid_control.nodes.parameters import Parameter
from rcl_interfaces.msg import Parameter as ParameterMessage
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters, SetParametersAtomically
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.parameter import Parameter as RosParameter
from rclpy.qos import qos_profile_parameters

# Given all values as they would be, and which of them change: what puts them in force, which
# cannot fail any more; or a LiquidControlError.
Propose: TypeAlias = Callable[[Mapping[str, Any], Set[str]], Callable[[], None]]
Prepare: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]


def fixed(_values: Mapping[str, Any], _changed: Set[str]) -> Callable[[], None]:
    """Put nothing in force: for a node all of whose parameters are read at its start."""
    return lambda: None


class LiveParameters:
    """Changes the parameters of a node that runs; see the module."""

    def __init__(self, node: Node, parameters: Iterable[Parameter], values: dict[str, Any],
                 propose: Propose = fixed, prepare: Prepare | None = None) -> None:
        """
        Take over the services that set parameters.

        :param node: that has declared them.
        :param parameters: all that it has.
        :param values: what `declare` returned; kept up to date.
        :param propose: checks values against each other; see above.
        :param prepare: awaited before, with what a request asks for; raises LiquidControlError.
        """
        self._refused = ''          # why the last request that was refused was
        self._counts = {'parameters_changed': 0, 'parameters_refused': 0}
        self._node = node
        self._table = {parameter.name: parameter for parameter in parameters}
        self._values = values
        self._propose = propose
        self._prepare = prepare
        self._in_force: Callable[[], None] | None = None
        node.add_on_set_parameters_callback(self._consider)
        node.add_post_set_parameters_callback(self._put_in_force)
        self._serve()

    def _serve(self) -> None:
        """Put services that may await in the place of rclpy's own."""
        handlers = {SetParameters: self._on_set, SetParametersAtomically: self._on_set_together}
        group = MutuallyExclusiveCallbackGroup()
        for service in tuple(self._node.services):
            if service.srv_type in handlers:
                kind, name = service.srv_type, service.srv_name
                self._node.destroy_service(service)
                self._node.create_service(kind, name, handlers[kind], callback_group=group,
                                          qos_profile=qos_profile_parameters)

    def figures(self) -> dict[str, object]:
        """Return counts, and why the last refusal was one, for diagnostics."""
        return {**self._counts, 'parameter_refused': self._refused}

    # Requests

    async def _on_set(self, request: SetParameters.Request,
                      response: SetParameters.Response) -> SetParameters.Response:
        """Set one after the other, each for itself."""
        for message in request.parameters:
            response.results.append(await self._set([message]))
        return response

    async def _on_set_together(
            self, request: SetParametersAtomically.Request,
            response: SetParametersAtomically.Response) -> SetParametersAtomically.Response:
        """Set all, or none."""
        response.result = await self._set(request.parameters)
        return response

    async def _set(self, given: Sequence[ParameterMessage]) -> SetParametersResult:
        """Decide on some parameters that belong together."""
        try:
            wanted = [self._read(message) for message in given]
            if self._prepare is not None:
                await self._prepare({parameter.name: parameter.value for parameter in wanted})
            result = self._node.set_parameters_atomically(wanted)
        except LiquidControlError as error:
            result = SetParametersResult(successful=False, reason=str(error))
        names = ', '.join(message.name for message in given)
        if result.successful:
            self._node.get_logger().info(f'parameters changed: {names:.200}')
        else:
            self._counts['parameters_refused'] += 1
            self._refused = result.reason
            self._node.get_logger().warning(f'parameters refused: {result.reason}',
                                            throttle_duration_sec=1.0)
        return result

    def _read(self, message: ParameterMessage) -> RosParameter:
        """
        Check one parameter of a request for itself.

        rclpy checks too, but does not say what to do; and a type that there is not ends the
        process, which must not be in anybody's power while a vehicle flies.

        :raises ConfigError: if it cannot be set so.
        """
        where, name = self._node.get_fully_qualified_name(), message.name
        known = self._table.get(name)
        if known is None and not self._node.has_parameter(name):
            raise ConfigError(f'{where}: unknown parameter {name!r:.80}'
                              f'{nearest(name, self._table)}')
        if known is None or known.read_only:
            raise ConfigError(f'{where}: parameter {name!r}: expected one that may change while '
                              'the node runs, found one that is read at its start; set it in the '
                              'parameter file, and start the node again')
        try:
            parameter = RosParameter.from_parameter_msg(message)
        except ValueError as error:
            raise ConfigError(f'{where}: parameter {name!r}: expected a value like '
                              f'{known.default!r}, found {error}') from error
        known.require(parameter.value, where)
        return parameter

    # What rclpy asks, on whichever way a parameter is set

    def _consider(self, parameters: Sequence[RosParameter]) -> SetParametersResult:
        """Check what is wanted against everything else; change nothing."""
        changed = {parameter.name: parameter.value for parameter in parameters
                   if parameter.name in self._table}
        try:
            for name, value in changed.items():
                self._table[name].require(value, self._node.get_fully_qualified_name())
            self._in_force = self._propose(self._values | changed, changed.keys())
        except LiquidControlError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _put_in_force(self, parameters: Sequence[RosParameter]) -> None:
        """Change everything that was considered, between two callbacks of the node."""
        self._values.update({parameter.name: parameter.value for parameter in parameters
                             if parameter.name in self._table})
        self._counts['parameters_changed'] += len(parameters)
        if self._in_force is not None:
            self._in_force()
