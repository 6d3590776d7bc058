# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The life cycle in full: whatever is asked, in any order, is answered, and zero is sent last."""

import random
import signal
import subprocess
import sys
import time
from typing import Any

from geometry_msgs.msg import TwistStamped
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
import numpy as np
import pytest
from rclpy.event_handler import SubscriptionEventCallbacks

AXES = ('vx', 'vy', 'vz', 'yaw_rate')
LOAD = 0.25     # between the moments at which a start is cut short [s]

# What each request leads to, by state and number; every other request is refused.
UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = 'unconfigured', 'inactive', 'active', 'finalized'
TABLE = {
    (UNCONFIGURED, Transition.TRANSITION_CONFIGURE): INACTIVE,
    (INACTIVE, Transition.TRANSITION_CLEANUP): UNCONFIGURED,
    (INACTIVE, Transition.TRANSITION_ACTIVATE): ACTIVE,
    (ACTIVE, Transition.TRANSITION_DEACTIVATE): INACTIVE,
    (UNCONFIGURED, Transition.TRANSITION_UNCONFIGURED_SHUTDOWN): FINALIZED,
    (INACTIVE, Transition.TRANSITION_INACTIVE_SHUTDOWN): FINALIZED,
    (ACTIVE, Transition.TRANSITION_ACTIVE_SHUTDOWN): FINALIZED,
}
LABELS = {'configure': 1, 'cleanup': 2, 'activate': 3, 'deactivate': 4}
SHUTDOWNS = (5, 6, 7)


def change(probe: Any, number: int, label: str = '') -> bool:
    """Ask for a transition; return whether it was made."""
    request = ChangeState.Request(transition=Transition(id=number, label=label))
    return bool(probe.call(ChangeState, 'controller/change_state', request).success)


def state(probe: Any) -> str:
    """Return the label of the controller's state."""
    answer = probe.call(GetState, 'controller/get_state', GetState.Request())
    return str(answer.current_state.label)


def is_zero(message: TwistStamped) -> bool:
    """Whether a command is zero."""
    return not np.any(messages.command_values(message.twist, AXES))


@pytest.mark.parametrize('seed', [0, 1])
def test_any_requests_in_any_order(graph: Graph, probe: Any, driver: Any, policy: str,
                                   seed: int) -> None:
    """
    Against the table above, in a real process; numbers and labels that there are not among them.

    Only an active controller commands, and what it commanded last before it was not any more is
    zero, though it was engaged.
    """
    draw = random.Random(seed)
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    graph.start('controller', {'policy': policy, 'autostart': False, 'sim': True,
                               'auto_engage': True})
    expected, moved = UNCONFIGURED, 0
    for _ in range(40):
        if draw.random() < 0.2:
            label = draw.choice([*LABELS, 'shutdwon', 'create'])
            number, asked = draw.randrange(256), (expected, LABELS.get(label, -1))
        else:
            label, number = '', draw.choice([0, 1, 1, 2, 3, 3, 3, 4, 8, 10, 51, 99, 255])
            asked = (expected, number)
        assert change(probe, number, label) is (asked in TABLE), (asked, label)
        before, expected = expected, TABLE.get(asked, expected)
        assert state(probe) == expected
        if expected is ACTIVE and before is not ACTIVE:
            wanted.clear()
            driver.until(lambda: any(not is_zero(message) for message in wanted), 'motion')
            moved += 1
        elif before is ACTIVE and expected is not ACTIVE:
            driver.run(0.2)
            assert is_zero(wanted[-1]), 'the last command'
            wanted.clear()
        elif expected is not ACTIVE:
            driver.run(0.1)
            assert not wanted, 'commands while not active'
    assert moved > 0
    shutdown = {UNCONFIGURED: 5, INACTIVE: 6, ACTIVE: 7}
    assert change(probe, shutdown[expected])
    assert state(probe) == FINALIZED
    assert not change(probe, Transition.TRANSITION_CONFIGURE)
    assert graph.ended() == {}


@pytest.mark.parametrize('end', ['deactivate', 'shutdown', 'SIGTERM', 'SIGINT'])
def test_zero_is_the_last_command(graph: Graph, probe: Any, driver: Any, policy: str,
                                  end: str) -> None:
    """However a controller that moves a vehicle ends in good order."""
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    graph.start('controller', {'policy': policy, 'sim': True, 'auto_engage': True})
    driver.until(lambda: bool(wanted) and not is_zero(wanted[-1]), 'motion')
    if end.startswith('SIG'):
        process = graph.processes['controller']
        process.send_signal(signal.Signals[end])
        driver.until(lambda: process.poll() is not None, 'end of the process')
        assert process.returncode == 0
    else:
        assert change(probe, {'deactivate': 4, 'shutdown': 7}[end])
    driver.run(0.3)
    assert is_zero(wanted[-1])
    count = len(wanted)
    driver.run(0.3)
    assert len(wanted) == count, 'commands after the end'


def test_ended_while_it_loads(domain: int, policy: str) -> None:
    """At any moment of its start: no error, nothing left behind."""
    for number in range(8):
        process = subprocess.Popen(
            [sys.executable, '-m', 'liquid_control.nodes.controller', '--ros-args', '-p',
             f'policy:={policy}'], stderr=subprocess.PIPE, text=True)
        time.sleep(LOAD * number)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
        # Before it has begun to handle signals, it ends by this one.
        assert process.returncode in (0, -signal.SIGTERM)
        assert 'Traceback' not in errors


def test_a_supervisor_is_told_when_the_heart_stops(graph: Graph, probe: Any, policy: str) -> None:
    """By its middleware, at the deadline that the controller offers; and of every state."""
    beats: list[str] = []
    missed: list[int] = []
    probe.node.create_subscription(
        State, 'controller/heartbeat', lambda message: beats.append(message.label), qos.HEARTBEAT,
        event_callbacks=SubscriptionEventCallbacks(
            deadline=lambda info: missed.append(info.total_count_change)))
    graph.start('controller', {'policy': policy, 'autostart': False})
    probe.until(lambda: 'unconfigured' in beats, 'a beat')
    for number, label in ((1, 'inactive'), (3, 'active'), (4, 'inactive')):
        assert change(probe, number)
        probe.until(lambda label=label: beats[-1] == label, label)
    process = graph.processes['controller']
    process.send_signal(signal.SIGSTOP)
    try:
        missed.clear()
        count = len(beats)
        probe.until(lambda: bool(missed), 'missed deadline')
        assert len(beats) <= count + 1
    finally:
        process.send_signal(signal.SIGCONT)
    probe.until(lambda: len(beats) > count + 5, 'beats again')


# A controller whose first activation fails half way.
FAULTY = """
from liquid_control.nodes import control_loop, controller
whole, starts = control_loop.ControlLoop.start, []
def start(self):
    whole(self)
    starts.append(self)
    if len(starts) == 1:
        raise RuntimeError('half way')
control_loop.ControlLoop.start = start
raise SystemExit(controller.main())
"""


def test_an_error_lets_go_of_everything_and_says_so(graph: Graph, probe: Any, driver: Any,
                                                    policy: str) -> None:
    """Zero is commanded, nobody listens any more, and the next try may succeed."""
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    graph.processes['controller'] = subprocess.Popen(
        [sys.executable, '-c', FAULTY, '--ros-args', '-p', f'policy:={policy}', '-p',
         'autostart:=false', '-p', 'sim:=true', '-p', 'auto_engage:=true', '--log-level', 'fatal'],
        start_new_session=True)
    assert change(probe, 1)
    driver.until(lambda: probe.node.count_publishers('cmd_vel_policy') == 2, 'connection')
    assert not change(probe, 3)
    assert state(probe) == UNCONFIGURED
    driver.until(lambda: 'error in the life cycle' in probe.said('controller'), 'diagnostics')
    assert wanted and all(map(is_zero, wanted))
    driver.until(lambda: probe.node.count_subscribers('imu/data') == 0
                 and probe.node.count_publishers('cmd_vel_policy') == 1, 'all is let go of')
    assert change(probe, 1) and change(probe, 3)
    driver.until(lambda: not is_zero(wanted[-1]), 'motion')
