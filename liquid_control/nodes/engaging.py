# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How the guard is engaged, and tells it: two services and the topic that a controller follows."""

from collections.abc import Callable
import math
from typing import TYPE_CHECKING

from liquid_control.nodes import qos
from liquid_control.nodes.engagement import Engagement
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import Reason
from rclpy.clock import Clock, ClockType
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

if TYPE_CHECKING:
    from rclpy.node import Node

PERIOD = 0.2     # between two repetitions of the engage state [s]


class Engaging:
    """The engage state of a safety filter, as others see and set it."""

    def __init__(self, node: 'Node', safety: SafetyFilter, config: SafetyConfig,
                 disengage_after: float, missing: Callable[[], list[str]],
                 begin_anew: Callable[[], None]) -> None:
        """
        Offer the services; not engaged.

        :param node: the guard.
        :param safety: its filter.
        :param config: of the filter.
        :param disengage_after: a longer stop for a late input ends an engagement [s].
        :param missing: says what is wrong with the inputs; nothing, if flying may begin.
        :param begin_anew: forgets everything, for `~/reset`.
        """
        self._node, self._safety, self._config = node, safety, config
        self._missing, self._begin_anew = missing, begin_anew
        self._engagement = Engagement(self._patience(disengage_after))
        self.taken_back = 0     # how often the guard itself has disengaged
        self._engaged = node.create_publisher(Bool, '~/engaged', qos.STATUS)
        node.create_service(SetBool, '~/engage', self._on_engage)
        node.create_service(Trigger, '~/reset', self._on_reset)
        node.create_timer(PERIOD, self._tell, clock=Clock(clock_type=ClockType.STEADY_TIME))

    @property
    def on(self) -> bool:
        """Whether the vehicle is engaged."""
        return self._engagement.on

    def _patience(self, disengage_after: float) -> float:
        """Return how long a stop may last [s]; who hovers waits, however long it takes."""
        return math.inf if self._config.fallback.kind == 'hover' else disengage_after

    def allow(self, disengage_after: float) -> None:
        """Change how long a stop for a late input may last [s]."""
        self._engagement.allow(self._patience(disengage_after))

    def withdraw(self) -> None:
        """Be disengaged, as the filter is when it forgets; a fallback goes on."""
        self._engagement.set(False)
        self._tell()

    def set(self, on: bool, *, waits: bool = False) -> None:  # noqa: A003
        """Set the engage state, end a fallback, tell the controller; see `Engagement.set`."""
        self._safety.engage(on)
        self._engagement.set(on, waits=waits)
        self._tell()

    def outlasted(self, reason: Reason, steady_ns: int) -> bool:
        """Take note of a reason; see `Engagement.outlasted`."""
        return self._engagement.outlasted(reason, steady_ns)

    def take_back(self, why: str) -> None:
        """
        Disengage, for what is wrong; it takes a person to go on.

        :param why: in words, for the log.
        """
        if self.on:
            self.taken_back += 1
            self._node.get_logger().warning(
                f'{why}: disengaged, fallback {self._config.fallback.kind}; call guard/engage to '
                'go on')
            self.set(False)
            self._safety.fall_back()

    def _on_engage(self, request: SetBool.Request,
                   response: SetBool.Response) -> SetBool.Response:
        """Allow motion, or forbid it; refused while something that flying needs is missing."""
        if not request.data and self._safety.handed_over:
            # Zeros now would be against whoever flies.
            response.success = True
            response.message = ('not engaged, as before: the vehicle is handed over, and the '
                                'guard silent, until it is engaged again or guard/reset is called')
            return response
        missing = self._missing()
        if not missing and not self._safety.settled:
            missing = ['every input must have been fresh for '
                       f'{self._config.engage_after:g} s (engage_after)']
        if request.data and missing:
            response.success = False
            response.message = 'not engaged: ' + '; '.join(missing)
            return response
        if request.data:
            # The controller begins afresh at a change to engaged; this makes it one for
            # a controller that has just come, or is engaged already.
            self._engaged.publish(Bool(data=False))
        self.set(request.data)
        response.success = True
        response.message = 'engaged' if request.data else 'not engaged: the vehicle stops'
        return response

    def _on_reset(self, _request: Trigger.Request,
                  response: Trigger.Response) -> Trigger.Response:
        """Forget everything; the vehicle must be engaged again."""
        self._begin_anew()
        response.success = True
        response.message = 'reset; not engaged'
        return response

    def _tell(self) -> None:
        """Tell the controller; the repetition is for one that has just come."""
        self._engaged.publish(Bool(data=self.on))
