# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Shadow mode: a policy runs on live sensors while a pilot or another stack flies.

What it would command goes to `~/shadow`, which no vehicle listens to, and is compared with what
is really flown. A controller in shadow mode has no publisher on `cmd_vel_policy` at all.
"""

from collections.abc import Mapping, Sequence
import math
import time
from typing import Any, TYPE_CHECKING

from diagnostic_msgs.msg import DiagnosticStatus
from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.errors import ConfigError, SensorError
from liquid_control.nodes import messages, qos
from liquid_control.runtime.comparison import Comparison
from liquid_control.sensing.extra import stabilized_velocity
from liquid_control.signals import FloatArray, VehicleState
from nav_msgs.msg import Odometry
import numpy as np

if TYPE_CHECKING:
    from rclpy.node import Node

TOPIC = '~/shadow'
REFUSAL = ('not engaged: the controller is in shadow mode, which moves nothing; start it with '
           'shadow:=false to fly')


class Shadow:
    """Compares the commands that a controller shows with what is flown."""

    def __init__(self, node: 'Node', names: Sequence[str], options: Mapping[str, Any]) -> None:
        """
        Start with nothing heard.

        :param node: the controller.
        :param names: axes of its command specification.
        :param options: shadow_against and stamped of the node's parameters.
        """
        self._node = node
        self._names = tuple(names)
        self._of_odometry = options['shadow_against'] == 'odom'
        self._stamped: bool = options['stamped']
        self._comparison = Comparison(names)
        self._listening: list[Any] = []

    def start(self) -> None:
        """Listen to what is shown and to what is flown."""
        kind = TwistStamped if self._stamped else Twist
        flown = ((Odometry, 'odom', self._on_odometry) if self._of_odometry
                 else (kind, 'cmd_vel', self._on_flown))
        for entry in ((TwistStamped, TOPIC, self._on_shown), flown):
            # Best effort hears every publisher, whatever it offers.
            self._listening.append(self._node.create_subscription(*entry, qos.SENSOR))

    def stop(self) -> None:
        """Listen no more."""
        for subscription in self._listening:
            self._node.destroy_subscription(subscription)
        self._listening.clear()
        self._comparison.forget()

    def describe(self, entry: DiagnosticStatus) -> None:
        """
        Add to the controller's diagnostics how far its commands are from what is flown.

        :param entry: as the control loop wrote it, for which it is engaged.
        """
        added = messages.status('', DiagnosticStatus.OK, '', {
            'engaged': False, 'shadow': True, **self._comparison.figures(time.monotonic_ns())})
        entry.message = f'in shadow mode, moves nothing; {entry.message}'
        entry.values = [*(pair for pair in entry.values if pair.key != 'engaged'), *added.values]

    def _on_shown(self, message: TwistStamped) -> None:
        """Compare what the policy would command."""
        self._comparison.compare(messages.command_values(message.twist, self._names),
                                 time.monotonic_ns())

    def _on_flown(self, message: TwistStamped | Twist) -> None:
        """Take the command that the vehicle is given."""
        twist = message.twist if isinstance(message, TwistStamped) else message
        self._comparison.heard(messages.command_values(twist, self._names), time.monotonic_ns())

    def _on_odometry(self, message: Odometry) -> None:
        """Take how the vehicle moves."""
        try:
            velocity = flown_velocity(messages.odometry_from_message(message), self._names)
        except SensorError:
            velocity = np.full(len(self._names), math.nan)
        self._comparison.heard(velocity, time.monotonic_ns())


def flown_velocity(state: VehicleState, names: Sequence[str]) -> FloatArray:
    """
    Return how a vehicle moves, as the command that asks for just that.

    :param state: odometry.
    :param names: axes of the command.
    :return: (axes,) in base_stabilized [m/s, rad/s]; NaN where odometry has no number.
    :raises SensorError: if the quaternion has no length.
    """
    velocity = stabilized_velocity(state)
    if velocity is None:
        return np.full(len(names), math.nan)
    # Rates are about axes that are level too: the same turn, by yaw alone.
    turned = messages.rotation(state.orientation) @ state.angular_velocity
    rates = stabilized_velocity(VehicleState(
        state.stamp_ns, state.position, state.orientation, turned, state.angular_velocity))
    known = dict(zip(('vx', 'vy', 'vz'), velocity.tolist()))
    if rates is not None:
        known.update(zip(('roll_rate', 'pitch_rate', 'yaw_rate'), rates.tolist()))
    return np.array([known.get(name, math.nan) for name in names])


def refuse_contradictions(values: Mapping[str, Any]) -> None:
    """
    Refuse what shadow mode is the opposite of.

    :param values: of the node's parameters; shadow, auto_engage and lockstep are looked at.
    :raises ConfigError: if the controller would also have to move the vehicle.
    """
    for name in ('auto_engage', 'lockstep'):
        if values['shadow'] and values[name]:
            raise ConfigError(f'shadow: expected {name}:=false beside shadow:=true, which moves '
                              f'nothing, found {name}:=true; leave one of them out')
