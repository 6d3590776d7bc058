# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Controller and guard beside drivers that the test plays: life cycle and bad input."""

from collections.abc import Callable
import copy
import math
from pathlib import Path
import shutil
import signal
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from lifecycle_msgs.srv import ChangeState
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
import numpy as np
import pytest
from rcl_interfaces.msg import Parameter, ParameterValue
from rcl_interfaces.srv import DescribeParameters, SetParameters
from sensor_msgs.msg import JointState
from std_msgs.msg import Bool
from std_srvs.srv import SetBool, Trigger

CONFIGURE, ACTIVATE, DEACTIVATE = 1, 3, 4
AXES = ('vx', 'vy', 'vz', 'yaw_rate')


@pytest.fixture
def flying(graph: Graph, probe: Any, driver: Any, policy: str) -> Graph:
    """Return controller and guard, engaged by one call of the controller's own service."""
    graph.start('controller', {'policy': policy})
    graph.start('guard', {'policy': policy})
    driver.until(lambda: 'camera_rate_hz' in probe.counted('controller')
                 and probe.said('controller').startswith('not_engaged'), 'controller')
    driver.run(0.5)
    assert not probe.moving()
    driver.until(lambda: probe.engage().success, 'engage')
    driver.until(probe.moving, 'motion')
    return graph


def make_bad(driver: Any, what: str) -> None:
    """Spoil what the drivers send."""
    good = driver.message
    if what == 'zero size':
        good.width = good.height = good.step = 0
        good.data = b''
    elif what == 'encoding':
        good.encoding = 'yuv422'
    elif what == 'short data':
        good.data = bytes(good.data)[:100]
    elif what == 'field of view':
        driver.fov = math.radians(60.0)
    elif what == 'not calibrated':
        driver.fov = math.pi - 1e-13        # a focal length of zero
    elif what == 'a hair below 180 degrees':
        driver.fov = math.pi - 1e-8
    elif what == 'imu not a number':
        driver.force = np.array([0.0, math.nan, 9.81])
    elif what == 'stamps of the past':
        driver.offset_ns = -500_000_000
    elif what == 'stamps of the future':
        driver.offset_ns = 60_000_000_000
    elif what == 'another size':
        good.width = 16


@pytest.mark.parametrize(('what', 'text'), [
    ('zero size', '0x0'),
    ('encoding', 'yuv422'),
    ('field of view', 'field of view'),
    ('imu not a number', 'imu_stale'),
    ('stamps of the past', 'camera/image_raw are 0.5 s behind'),
    ('stamps of the future', 'ahead of the clock'),
    ('another size', 'camera_info'),
    ('a hair below 180 degrees', '0.01 pixels or more'),
])
def test_bad_input_stops_the_vehicle_and_diagnostics_say_why(
        flying: Graph, probe: Any, driver: Any, what: str, text: str) -> None:
    make_bad(driver, what)
    driver.until(lambda: not probe.moving(), 'stop')
    driver.until(lambda: text in probe.said('controller'), 'diagnosis')
    assert not probe.moving()
    driver.run(0.5)
    assert not probe.moving()


@pytest.mark.parametrize('what', ['encoding', 'imu not a number', 'another size'])
def test_what_only_the_controller_sees_ends_the_engagement(
        flying: Graph, probe: Any, driver: Any, what: str) -> None:
    """Good again, nothing moves until somebody engages; a short gap ends nothing."""
    message, force = copy.deepcopy(driver.message), driver.force
    make_bad(driver, what)
    driver.run(0.25)
    driver.message, driver.force = copy.deepcopy(message), force
    driver.until(probe.moving, 'goes on')
    driver.run(0.5)
    assert probe.counted('guard')['disengaged_by_guard'] == '0'

    make_bad(driver, what)
    driver.until(lambda: probe.counted('guard').get('disengaged_by_guard') == '1', 'taken back')
    assert not probe.moving()
    driver.message, driver.force = message, force
    driver.until(lambda: probe.said('controller').startswith('not_engaged')
                 and probe.said('guard').startswith('not_engaged'), 'all is well')
    del probe.commands[:]
    driver.run(1.0)
    assert probe.commands and not any(np.any(values) for _, values in probe.commands)
    driver.until(lambda: probe.engage().success, 'engage')
    driver.until(probe.moving, 'motion')


def test_to_disengage_takes_no_guard(flying: Graph, probe: Any, driver: Any) -> None:
    """One that hangs answers nothing; the controller stops at once, and says so."""
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    guard = flying.processes['guard']
    guard.send_signal(signal.SIGSTOP)
    try:
        client = probe.node.create_client(SetBool, 'controller/engage')
        probe.until(client.service_is_ready, 'the service')
        called = client.call_async(SetBool.Request(data=False))
        probe.until(called.done, 'an answer')
        answer = called.result()
        assert not answer.success and 'the guard has not answered' in answer.message
        wanted.clear()
        driver.until(lambda: wanted and not np.any(
            messages.command_values(wanted[-1].twist, AXES)), 'zero')
    finally:
        guard.send_signal(signal.SIGCONT)
    driver.until(lambda: probe.engage().success, 'engage')
    driver.until(probe.moving, 'motion')


def test_status_neurons_and_diagnostics(flying: Graph, probe: Any, driver: Any,
                                        policy: str) -> None:
    neurons = probe.listen(JointState, 'controller/neurons')
    status = probe.listen(DiagnosticArray, 'controller/status', qos.RECORD_COMMAND)
    driver.until(lambda: len(neurons) > 3, 'neurons')
    assert neurons[-1].name[0] == 'neuron_0'
    assert len(neurons[-1].position) == len(neurons[-1].effort) == len(neurons[-1].name)
    assert all(effort > 0 for effort in neurons[-1].effort), 'time constants'
    stamps = [messages.stamp_ns(message.header.stamp) for message in neurons]
    assert len(set(stamps)) == len(stamps), 'a frame was stepped twice'
    answers = [values for values in map(messages.status_values, status)
               if 'source_stamp_ns' in values]
    sources = [values['source_stamp_ns'] for values in answers]
    assert len(set(sources)) == len(sources)
    assert all(float(values['tick_ms']) > 0 for values in answers)
    driver.until(lambda: float(probe.counted('controller')['camera_rate_hz']) > 5, 'rate')
    counted = probe.counted('controller')
    assert counted['policy'] == 'tiny' and len(counted['policy_sha256']) == 64
    driver.until(lambda: probe.counted('controller')['reason'] in ('ok', 'limited'), 'reason')


def test_lifecycle_ends_with_zero(graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    graph.start('controller', {'policy': policy, 'autostart': False})
    graph.start('guard', {'policy': policy})

    def change(transition: int) -> bool:
        request = ChangeState.Request()
        request.transition.id = transition
        return bool(probe.call(ChangeState, 'controller/change_state', request).success)

    assert not change(DEACTIVATE), 'refused, and answered'
    assert change(CONFIGURE)
    assert not change(CONFIGURE)
    driver.run(0.3)
    assert not wanted, 'commands while inactive'
    assert change(ACTIVATE)
    driver.until(lambda: len(wanted) > 3, 'commands')
    answer: list[Any] = []

    def engage() -> bool:
        answer[:] = [probe.call(SetBool, 'controller/engage', SetBool.Request(data=True))]
        return bool(answer[0].success)

    driver.until(engage, 'engage by the controller')
    driver.until(probe.moving, 'motion')
    assert probe.call(Trigger, 'controller/reset', Trigger.Request()).success
    driver.until(lambda: np.any(messages.command_values(wanted[-1].twist, AXES)), 'motion')
    assert change(DEACTIVATE)
    driver.run(0.2)
    count = len(wanted)
    assert not np.any(messages.command_values(wanted[-1].twist, AXES)), 'last command'
    driver.until(lambda: not probe.moving(), 'stop')
    assert len(wanted) == count, 'commands while inactive'
    assert change(ACTIVATE)
    driver.run(0.5)
    assert not probe.moving(), 'engaged by being activated'


def test_a_controller_that_comes_late_waits_to_be_engaged(
        graph: Graph, probe: Any, driver: Any, policy: str) -> None:
    """The test plays a guard that was engaged before the controller came."""
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    engaged = probe.node.create_publisher(Bool, 'guard/engaged', qos.STATUS)

    def moves(on: bool) -> bool:
        engaged.publish(Bool(data=on))
        return bool(wanted) and bool(np.any(messages.command_values(wanted[-1].twist, AXES)))

    graph.start('controller', {'policy': policy})
    driver.until(lambda: moves(True) or len(wanted) > 50, 'commands')
    assert not moves(True), 'moved by an engagement older than itself'
    driver.until(lambda: not moves(False), 'not engaged')
    driver.run(0.2)
    driver.until(lambda: moves(True), 'motion')


def test_one_frame_of_the_future_is_not_stepped(flying: Graph, probe: Any,
                                                driver: Any) -> None:
    """Nor does it make the controller's clock, and its commands' stamps, jump."""
    driver.run(1.2)     # until the diagnostics know of engaging
    before = probe.counted('controller')['resets']
    assert int(before) >= 1, 'of engaging'
    wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
    driver.offset_ns = 60_000_000_000
    driver.send(None, camera=True, imu=False)
    driver.offset_ns = 0
    driver.until(lambda: probe.counted('controller').get('frames_rejected', '0') != '0', 'count')
    driver.run(0.2)
    stamps = [messages.stamp_ns(message.header.stamp) for message in wanted]
    assert max(stamps) < stamps[0] + 50_000_000_000
    # A machine that stood still for a second resets the state too, and rightly so.
    stalled = max(np.diff(stamps)) > 900_000_000
    assert stalled or probe.counted('controller')['resets'] == before
    assert probe.moving()


@pytest.mark.parametrize('compiler', ['cc', 'no-such-compiler'])
def test_a_compiled_core_flies_or_onnx_does(graph: Graph, probe: Any, driver: Any, policy: str,
                                            compiler: str, tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """Diagnostics name what steps."""
    monkeypatch.setenv('CC', compiler)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    graph.start('controller', {'policy': policy, 'stepper': 'compiled'})
    graph.start('guard', {'policy': policy})
    expected = 'compiled' if shutil.which(compiler) else 'onnx'
    driver.until(lambda: probe.counted('controller').get('stepper') == expected, 'diagnosis')
    driver.until(lambda: probe.engage().success, 'engage')
    driver.until(probe.moving, 'motion')


def test_parameters_at_run_time(flying: Graph, probe: Any) -> None:
    described = probe.call(DescribeParameters, 'controller/describe_parameters',
                           DescribeParameters.Request(names=['camera_deadline']))
    descriptor = described.descriptors[0]
    assert descriptor.description and descriptor.floating_point_range[0].to_value == 5.0
    for name in ('camera_deadline', 'unheard_of'):
        value = ParameterValue(type=3, double_value=99.0)
        answer = probe.call(SetParameters, 'controller/set_parameters', SetParameters.Request(
            parameters=[Parameter(name=name, value=value)]))
        assert not answer.results[0].successful
        assert answer.results[0].reason


@pytest.mark.parametrize(('words', 'text'), [
    (['-p', 'auto_engage:=true'], 'sim:=true'),
    (['-p', 'velocity_scale:=1.5'], 'velocity_scale'),
    (['-p', 'polcy:=x'], "did you mean 'policy'"),
    (['-p', 'policy:=nowhere'], 'nowhere'),
    (['-p', 'stepper:=compild'], 'expected one of onnx, compiled, auto'),
])
def test_wrong_parameters_are_refused(refused: Callable[..., str], policy: str,
                                      words: list[str], text: str) -> None:
    given = [] if 'nowhere' in words[1] else ['-p', f'policy:={policy}']
    assert text in refused('controller', *given, *words)
