# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The life cycle service of a node: it answers whatever it is asked, and configures aside."""

from collections.abc import Awaitable, Callable

from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.lifecycle import LifecycleNode

RCLError = rclpy_implementation.RCLError


def answer_always(node: LifecycleNode, before_configure: Callable[[], Awaitable[None]]) -> None:
    """
    Let a life cycle manager be answered, also where the state does not allow the transition.

    rclpy raises then, which would end the process and leave the client without an answer: a
    wrong word on a command line must not land a vehicle. One request is served after the other,
    in a group of its own: while the node makes ready to be configured, everything else goes on.

    :param node: whose service it is.
    :param before_configure: awaited before each configuration.
    """
    service = node._service_change_state
    change = service.callback

    async def on_change_state(request: ChangeState.Request,
                              response: ChangeState.Response) -> ChangeState.Response:
        if _asks_to_configure(node, request):
            await before_configure()
        try:
            answer: ChangeState.Response = change(request, response)
        except RCLError as error:
            node.get_logger().error(f'refused a life cycle transition: {error}')
            response.success = False
            return response
        return answer

    group = MutuallyExclusiveCallbackGroup()
    group.add_entity(service)
    service.callback_group = group
    service.callback = on_change_state


def _asks_to_configure(node: LifecycleNode, request: ChangeState.Request) -> bool:
    """Whether a request will configure the node; a label goes before a number."""
    transition = request.transition
    return node._state_machine.current_state[1] == 'unconfigured' and (
        transition.label == 'configure' or (
            not transition.label and transition.id == Transition.TRANSITION_CONFIGURE))
