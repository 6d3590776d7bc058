# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Another policy in flight: `ros2 param set /controller policy NAME`, beside played drivers."""

from collections.abc import Callable
from pathlib import Path
import shutil
import time
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from lifecycle_msgs.srv import ChangeState
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.runtime.bundle import Bundle, seal
from liquid_control.signals import VehicleState
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from rcl_interfaces.msg import Parameter, ParameterValue, SetParametersResult
from rcl_interfaces.srv import GetParameters, SetParameters, SetParametersAtomically
from rclpy.task import Future
import yaml

SWAPS = 5       # of a test run; test/campaign/swaps.py makes 200
CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = 1, 2, 3, 4


def policy_message(name: str) -> Parameter:
    """Return the parameter as `ros2 param set` sends it."""
    return Parameter(name='policy', value=ParameterValue(type=4, string_value=name))


def ask(probe: Any, name: str) -> Future:
    """Ask for a policy; the answer comes when it is loaded."""
    client = probe.node.create_client(SetParameters, 'controller/set_parameters')
    probe.until(client.service_is_ready, 'service')
    future: Future = client.call_async(SetParameters.Request(parameters=[policy_message(name)]))
    return future


def swap(probe: Any, driver: Any, name: str) -> SetParametersResult:
    """Ask for a policy while the drivers send."""
    future = ask(probe, name)
    driver.until(future.done, 'answer')
    return future.result().results[0]


@pytest.fixture
def flying(graph: Graph, probe: Any, driver: Any, policy: str) -> Graph:
    """Return controller and guard, engaged and moving."""
    graph.start('controller', {'policy': policy})
    graph.start('guard', {'policy': policy})
    driver.until(lambda: probe.engage().success, 'engage')

    def flies() -> bool:
        if probe.counted('guard').get('engaged') == 'False':
            probe.engage()      # on a busy machine, the first call took too long for the camera
        return probe.moving() and all(
            probe.counted(node).get('reason') == 'ok' for node in ('controller', 'guard'))

    driver.until(flies, 'flight')
    return graph


@pytest.fixture
def other(bundle_writer: Callable[..., Path], tmp_path: Path) -> Path:
    """Return another policy for the same vehicle, with more neurons."""
    return bundle_writer(tmp_path / 'other', nets={'neurons': 12}, stir=0.2)


@pytest.fixture
def bad(other: Path, bundle_writer: Callable[..., Path]) -> dict[str, tuple[str, str]]:
    """Return ways in which a bundle may not be as it should be: a name, and what is said."""
    made: dict[str, tuple[str, str]] = {
        'missing': (str(other.parent / 'nowhere'), 'nothing there'),
        'misspelt': ('forest_liqid', "did you mean 'forest_liquid'"),
        'empty name': ('', "unknown policy ''"),
    }

    def spoil(name: str, said: str) -> Path:
        folder = other.parent / name.replace(' ', '_')
        shutil.copytree(other, folder)
        made[name] = (str(folder), said)
        return folder

    path = spoil('corrupt', 'core.onnx was altered') / 'core.onnx'
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    path = spoil('cut off', 'encoder.onnx was altered') / 'encoder.onnx'
    path.write_bytes(path.read_bytes()[:1000])
    (spoil('incomplete', 'golden.npz is missing') / 'golden.npz').unlink()
    folder = spoil('no network', 'ONNX Runtime')
    (folder / 'core.onnx').write_bytes(b'nothing')
    seal(folder)
    folder = spoil('no numbers', 'golden')
    (folder / 'golden.npz').write_bytes(b'PK')
    seal(folder)
    folder = spoil('no statistics', 'ValueError')
    (folder / 'statistics.npz').write_bytes(b'PK nothing')
    seal(folder)
    folder = spoil('deeply nested', 'RecursionError')
    (folder / 'bundle.yaml').write_text('[' * 20_000)
    seal(folder)
    folder = spoil('faster', 'vx has limit 9 for 1.6')
    specification = yaml.safe_load((folder / 'bundle.yaml').read_text())
    specification['command'][0]['limit'] = 9.0
    (folder / 'bundle.yaml').write_text(yaml.safe_dump(specification))
    seal(folder)
    rover = bundle_writer(other.parent / 'rover', axes=(
        ('vx', 1.6, 4.0, 5.0), ('yaw_rate', 2.0, 12.0, 12.0)))
    made['rover'] = (str(rover), 'axes vx, yaw_rate')
    return made


def assert_nothing_stopped(told: list[dict[str, str]]) -> None:
    """
    Check that no swap was a reason to stop.

    Where the machine was too busy to bring a frame for a while, the vehicle is rightly stopped,
    until a moment after the frames come again; that is not judged.
    """
    newest = judged_from = judged = 0       # until a frame is named, nobody knows how old it is
    for values in told:
        now = int(values['stamp_ns'])
        newest = max(newest, int(values.get('source_stamp_ns', 0)))
        if now - newest > 150_000_000:
            judged_from = now + 500_000_000
        if now >= judged_from:
            judged += 1
            assert values['reason'] in ('ok', 'limited'), values
    assert judged > len(told) // 4, 'a machine too busy to tell anything'


def test_policies_swapped_in_flight(flying: Graph, probe: Any, driver: Any, policy: str,
                                    other: Path) -> None:
    """Every frame has its command, none is zero, and the policy is the one that was asked for."""
    digests = {policy: Bundle.load(Path(policy)).digest, str(other): Bundle.load(other).digest}
    status = probe.listen(DiagnosticArray, 'controller/status', qos.RECORD_COMMAND)
    before = probe.counted('controller')

    def more(name: str) -> int:     # the first frames may have come before any IMU sample
        return int(probe.counted('controller')[name]) - int(before[name])

    for number in range(SWAPS):
        name = (str(other), policy)[number % 2]
        assert swap(probe, driver, name).successful
        driver.until(lambda name=name: probe.counted('controller')['policy_sha256']
                     == digests[name], 'diagnostics')
    counted = probe.counted('controller')
    assert counted['swaps'] == counted['parameters_changed'] == str(SWAPS)
    assert more('camera_received') > 5 * SWAPS
    assert more('steps') == more('camera_received'), 'a frame was not stepped on'
    assert_nothing_stopped([messages.status_values(message) for message in status])


def test_every_bad_bundle_is_refused_and_the_old_one_flies_on(
        bad: dict[str, tuple[str, str]], other: Path, flying: Graph, probe: Any,
        driver: Any) -> None:
    before = probe.counted('controller')['policy_sha256']
    for name, (path, said) in bad.items():
        result = swap(probe, driver, path)
        assert not result.successful, name
        assert said in result.reason, (name, result.reason)
        assert probe.moving(), name
    driver.until(lambda: 'axes' in probe.counted('controller')['parameter_refused'], 'says why')
    counted = probe.counted('controller')
    assert counted['policy_sha256'] == before and counted['swaps'] == '0'
    got = probe.call(GetParameters, 'controller/get_parameters',
                     GetParameters.Request(names=['policy']))
    assert got.values[0].string_value.endswith('tiny')
    assert swap(probe, driver, str(other)).successful, 'a good one afterwards'


def test_a_policy_and_a_scale_come_together_or_not_at_all(
        flying: Graph, probe: Any, driver: Any, other: Path) -> None:
    client = probe.node.create_client(SetParametersAtomically,
                                      'controller/set_parameters_atomically')
    probe.until(client.service_is_ready, 'service')
    for scale, successful in ((7.0, False), (0.5, True)):
        future = client.call_async(SetParametersAtomically.Request(parameters=[
            policy_message(str(other)),
            Parameter(name='velocity_scale', value=ParameterValue(type=3, double_value=scale))]))
        driver.until(future.done, 'answer')
        assert future.result().result.successful is successful
        stamp = probe.node.get_clock().now()
        driver.until(lambda stamp=stamp: (probe.node.get_clock().now() - stamp).nanoseconds > 2e9,
                     'new diagnostics')
        assert probe.counted('controller')['swaps'] == str(int(successful))


def test_a_storm_of_requests_is_answered_one_by_one(flying: Graph, probe: Any, driver: Any,
                                                    other: Path, policy: str) -> None:
    """Good and bad ones from several clients at once; the last good one flies."""
    futures = [ask(probe, name) for name in (str(other), 'nowhere', policy, str(other)) * 3]
    driver.until(lambda: all(future.done() for future in futures), 'answers')
    assert [future.result().results[0].successful for future in futures].count(True) == 9
    driver.until(lambda: probe.counted('controller')['swaps'] == '9', 'swaps')
    assert probe.moving()


def test_odometry_is_heard_after_its_policy_has_gone(
        graph: Graph, probe: Any, driver: Any, policy: str, bundle_writer: Callable[..., Path],
        tmp_path: Path) -> None:
    """The safety filter goes on waiting for it, so it is subscribed to again when activated."""
    odometry = probe.node.create_publisher(Odometry, 'odom', qos.SENSOR)

    def with_odometry(condition: Callable[[], Any]) -> Callable[[], Any]:
        def look() -> Any:
            odometry.publish(messages.odometry_to_message(VehicleState(
                time.time_ns(), np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3),
                np.zeros(3))))
            return condition()
        return look

    first = bundle_writer(tmp_path / 'drifting', extra=('velocity_x',))
    graph.start('controller', {'policy': str(first)})
    graph.start('guard', {'policy': str(first)})
    driver.until(with_odometry(lambda: probe.engage().success and probe.moving()), 'flight')
    future = ask(probe, policy)
    driver.until(with_odometry(future.done), 'answer')
    assert future.result().results[0].successful, future.result().results[0].reason
    for transition in (DEACTIVATE, ACTIVATE):
        request = ChangeState.Request()
        request.transition.id = transition
        assert probe.call(ChangeState, 'controller/change_state', request).success
    probe.commands.clear()
    driver.until(with_odometry(lambda: probe.engage().success and probe.moving()), 'flies again')
    future = ask(probe, str(first))
    driver.until(with_odometry(future.done), 'answer')
    assert future.result().results[0].successful, future.result().results[0].reason
    driver.until(with_odometry(lambda: probe.counted('controller').get('swaps') == '1'),
                 'taken back')
    assert probe.moving()


def test_cleaned_up_while_it_is_loaded_it_is_for_the_next_time(
        flying: Graph, probe: Any, driver: Any, other: Path) -> None:
    future = ask(probe, str(other))
    for transition in (DEACTIVATE, CLEANUP):
        request = ChangeState.Request()
        request.transition.id = transition
        assert probe.call(ChangeState, 'controller/change_state', request).success
    driver.until(future.done, 'answer')
    assert future.result().results[0].successful
    driver.until(lambda: probe.node.count_publishers('cmd_vel_policy') == 1,
                 "no publisher but the driver's own")
    for transition in (CONFIGURE, ACTIVATE):
        request = ChangeState.Request()
        request.transition.id = transition
        assert probe.call(ChangeState, 'controller/change_state', request).success
    driver.until(lambda: probe.counted('controller').get('policy') == 'other', 'diagnostics')
    assert not probe.moving()
