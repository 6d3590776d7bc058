# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A controller in shadow mode beside drivers and a pilot: it shows, and moves nothing."""

from collections.abc import Callable
from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.signals import VehicleState
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from std_msgs.msg import Bool
from std_srvs.srv import SetBool

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
PILOT = [0.7, -0.2, 0.1, 0.3]


def differences(probe: Any) -> np.ndarray:
    """Return the newest difference of each axis that diagnostics tell."""
    return np.array([float(probe.counted('controller')[f'difference_{name}']) for name in AXES])


def publishers(probe: Any, topic: str) -> list[str]:
    """Name the nodes that publish on a topic, without the test's own."""
    return [info.node_name for info in probe.node.get_publishers_info_by_topic(topic)
            if info.node_name != 'probe']


def test_it_shows_what_it_would_command_and_how_far_that_is(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    """The test is the pilot; a guard that is engaged changes nothing."""
    shown = probe.listen(TwistStamped, 'controller/shadow', qos.RECORD_COMMAND)
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    pilot = probe.node.create_publisher(TwistStamped, 'cmd_vel', qos.COMMAND)
    engaged = probe.node.create_publisher(Bool, 'guard/engaged', qos.STATUS)
    graph.start('controller', {'policy': policy, 'shadow': True})

    def compared() -> bool:
        now = probe.node.get_clock().now().nanoseconds
        pilot.publish(messages.twist_stamped(PILOT, AXES, now))
        return 'rms_vx' in probe.counted('controller')

    driver.until(compared, 'comparison')
    for on in (False, True, False):
        engaged.publish(Bool(data=on))
        driver.until(lambda: compared() and len(shown) > 30, 'commands')
        del shown[:-1]
    driver.until(lambda: compared() and len(shown) > 45, 'ramped up')
    steps = [messages.command_values(message.twist, AXES) for message in shown]
    assert np.any(steps[-1]), 'the policy of the tests wants to move, engaged or not'
    np.testing.assert_allclose(differences(probe), steps[-1] - PILOT, atol=0.05)
    assert 'in shadow mode' in probe.said('controller')
    assert probe.counted('controller')['engaged'] == 'False'
    assert wanted == [] and publishers(probe, 'cmd_vel_policy') == []
    assert publishers(probe, 'cmd_vel') == []
    answer = probe.call(SetBool, 'controller/engage', SetBool.Request(data=True))
    assert not answer.success and 'shadow' in answer.message


def test_it_is_compared_with_a_twist_without_stamp(graph: Graph, probe: Any, driver: Any,
                                                   policy: str) -> None:
    probe.node.destroy_subscription(probe.cmd_vel)      # one type a topic
    pilot = probe.node.create_publisher(Twist, 'cmd_vel', qos.COMMAND)
    graph.start('controller', {'policy': policy, 'shadow': True, 'stamped': False})

    def compared() -> bool:
        pilot.publish(messages.twist(PILOT, AXES))
        return 'rms_vx' in probe.counted('controller')

    driver.until(compared, 'comparison')
    assert np.all(np.abs(differences(probe) + PILOT) < 0.5), 'from what the pilot flies'


def test_it_is_compared_with_how_the_vehicle_moves(graph: Graph, probe: Any, driver: Any,
                                                   policy: str) -> None:
    """By odometry of a vehicle that faces along y."""
    odometry = probe.node.create_publisher(Odometry, 'odom', qos.SENSOR)
    graph.start('controller', {'policy': policy, 'shadow': True, 'shadow_against': 'odom'})
    state = VehicleState(0, np.zeros(3), np.array([0.0, 0.0, np.sqrt(0.5), np.sqrt(0.5)]),
                         np.array([-0.2, 5.0, 0.0]), np.array([0.0, 0.0, 3.0]))

    def compared() -> bool:
        odometry.publish(messages.odometry_to_message(state))
        return 'rms_vx' in probe.counted('controller')

    driver.until(compared, 'comparison')
    assert np.all(np.abs(differences(probe) + [5.0, 0.2, 0.0, 3.0]) < 0.5)


@pytest.mark.parametrize('words', [['-p', 'sim:=true', '-p', 'auto_engage:=true'],
                                   ['-p', 'sim:=true', '-p', 'lockstep:=true']])
def test_what_would_move_it_is_refused(refused: Callable[..., str], policy: str,
                                       words: list[str]) -> None:
    text = refused('controller', '-p', f'policy:={policy}', '-p', 'shadow:=true', *words)
    assert 'beside shadow:=true' in text
