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
from rclpy.duration import Duration

if TYPE_CHECKING:
    from rclpy.node import Node

REFUSAL = ('not engaged: the controller is in shadow mode, which moves nothing; start it with '
           'shadow:=false to fly')


class Shadow:
    """Takes the place of the publisher of commands; nothing that it sends can move a vehicle."""

    def __init__(self, node: 'Node', names: Sequence[str], options: Mapping[str, Any]) -> None:
        """
        Make the publisher of `~/shadow`.

        :param node: the controller.
        :param names: axes of its command specification.
        :param options: shadow_against and stamped of the node's parameters.
        """
        self._node = node
        self._names = tuple(names)
        self._of_odometry = options['shadow_against'] == 'odom'
        self._stamped: bool = options['stamped']
        self._comparison = Comparison(names)
        self._publisher = node.create_publisher(TwistStamped, '~/shadow', qos.COMMAND)
        self._listening: Any = None

    def start(self) -> None:
        """Listen to what is flown."""
        if self._of_odometry:
            self._listening = self._node.create_subscription(
                Odometry, 'odom', self._on_odometry, qos.SENSOR)
        else:       # best effort hears every publisher, whatever it offers
            kind = TwistStamped if self._stamped else Twist
            self._listening = self._node.create_subscription(
                kind, 'cmd_vel', self._on_command, qos.SENSOR)

    def stop(self) -> None:
        """Let go of what is flown."""
        if self._listening is not None:
            self._node.destroy_subscription(self._listening)
            self._listening = None
        self._comparison.forget()

    def publish(self, message: TwistStamped) -> None:
        """Show a command, and compare it with what is flown."""
        self._comparison.compare(messages.command_values(message.twist, self._names),
                                 time.monotonic_ns())
        self._publisher.publish(message)

    def wait_for_all_acked(self, timeout: Duration) -> bool:
        """Wait for nobody: a command that moves nothing need not arrive."""
        return True

    def describe(self, entry: DiagnosticStatus) -> None:
        """
        Add to the controller's diagnostics how far its commands are from what is flown.

        :param entry: as the control loop wrote it, for which it is engaged.
        """
        added = messages.status('', DiagnosticStatus.OK, '', {
            'engaged': False, 'shadow': True, **self._comparison.figures(time.monotonic_ns())})
        entry.message = f'in shadow mode, moves nothing; {entry.message}'
        entry.values = [*(pair for pair in entry.values if pair.key != 'engaged'), *added.values]

    def _on_command(self, message: TwistStamped | Twist) -> None:
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
