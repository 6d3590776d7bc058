# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What of the world may change in flight: wind, camera and IMU; the rest by a reset."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped, Vector3Stamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
from liquid_control.nodes.markers import TARGET
from liquid_control.nodes.pace import FreeRun, GONE
from liquid_control.nodes.world import WorldNode
from liquid_control.signals import NANOSECONDS
import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image, Imu
from std_msgs.msg import Header
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

FITS, DOES_NOT_FIT = 600_000, 600_017     # seeds of `forest`, two metres to the left


def put(probe: Any, name: str, value: Any) -> SetParametersResult:
    request = SetParameters.Request(
        parameters=[Parameter(name, value=value).to_parameter_msg()])
    return probe.call(SetParameters, 'world/set_parameters', request).results[0]


def test_another_wind_blows_and_what_is_none_is_refused(
        graph: Graph, probe: Any, quick_world: Callable[..., str], tmp_path: Path) -> None:
    mine = tmp_path / 'mine.yaml'
    mine.write_text('{name: mine, description: x, heading_deg: 90, constant: {speed: 3.0}}')
    wind = probe.listen(Vector3Stamped, 'wind')
    status = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)

    def blowing() -> list[float]:
        vector = wind[-1].vector
        return [vector.x, vector.y, vector.z]

    graph.start('world', {'world': quick_world(time_limit=600.0), 'wind': 'W0'})
    probe.until(lambda: len(wind) > 5 and status, 'flight')
    assert blowing() == [0.0, 0.0, 0.0]
    assert put(probe, 'wind', str(mine)).successful
    probe.until(lambda: np.allclose(blowing(), [0.0, 3.0, 0.0]), 'wind')
    probe.until(lambda: messages.status_values(status[-1])['wind'] == 'mine', 'its name')
    for value, reason in (('W22', "did you mean 'W2'"), (3, 'expected a text'), (None, ''),
                          (str(tmp_path / 'none.yaml'), 'cannot be read')):
        result = put(probe, 'wind', value)
        assert not result.successful and reason in result.reason, (value, result.reason)
    assert not put(probe, 'gui', True).successful
    count = len(wind)
    probe.until(lambda: len(wind) > count + 5, 'the flight goes on')
    assert np.allclose(blowing(), [0.0, 3.0, 0.0]), 'a wind that is refused does not blow'
    stamps = [messages.stamp_ns(message.header.stamp) for message in wind]
    assert stamps == sorted(stamps), 'time goes on through the change'


def test_camera_and_imu_fail_in_flight_and_mend(
        graph: Graph, probe: Any, quick_world: Callable[..., str]) -> None:
    images, imu = probe.listen(Image, 'camera/image_raw'), probe.listen(Imu, 'imu/data')
    graph.start('world', {'world': quick_world(time_limit=600.0), 'wind': 'W0'})
    probe.until(lambda: images and any(images[-1].data), 'an image')
    assert put(probe, 'camera', '{blackout: {every_s: 0.01, length_s: [99.0, 100.0]}}').successful
    probe.until(lambda: not any(images[-1].data), 'darkness')
    assert put(probe, 'camera', '{width: 32, height: 24}').successful
    probe.until(lambda: (images[-1].width, images[-1].height) == (32, 24)
                and any(images[-1].data), 'light, and another camera')
    assert put(probe, 'imu', '{specific_force_bias: 500.0}').successful
    probe.until(lambda: abs(imu[-1].linear_acceleration.x) > 50, 'another IMU')
    for name, value, reason in (('camera', '{dorp: 0.5}', "did you mean 'drop'"),
                                ('camera', '{drop: 2.0}', 'expected shares of 1'),
                                ('imu', '[', 'imu: expected YAML'),
                                ('vehicle', '{mass: heavy}', 'vehicle')):
        result = put(probe, name, value)
        assert not result.successful and reason in result.reason, (name, value, result.reason)
    stamps = [messages.stamp_ns(message.header.stamp) for message in images]
    assert stamps == sorted(set(stamps)), 'no frame has the stamp of another'


def test_another_world_is_flown_after_a_reset_with_the_sensors_that_were_set(
        graph: Graph, probe: Any, quick_world: Callable[..., str]) -> None:
    images = probe.listen(Image, 'camera/image_raw')
    status = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)

    def values() -> dict[str, str]:
        return messages.status_values(status[-1])

    graph.start('world', {'world': quick_world(time_limit=600.0), 'wind': 'W0', 'seed': 500_000})
    probe.until(lambda: status and images and values()['outcome'] == 'flying', 'flight')
    before, size = values()['world'], (images[-1].width, images[-1].height)
    assert not put(probe, 'world', 'gatse').successful
    for name, value in (('world', 'gates'), ('seed', 500_001),
                        ('camera', '{noise_std: 0.0, width: 32, height: 24}')):
        assert put(probe, name, value).successful, name
    probe.until(lambda: (images[-1].width, images[-1].height) == (32, 24), 'its own camera')
    assert size != (32, 24) and values()['world'] == before and values()['seed'] == '500000'
    assert probe.call(Trigger, 'world/reset', Trigger.Request()).success
    probe.until(lambda: values()['world'] == 'gates' and values()['seed'] == '500001', 'gates')
    count = len(images)
    probe.until(lambda: len(images) > count + 2, 'images of it')
    assert (images[-1].width, images[-1].height) == (32, 24)


def test_a_reset_to_what_does_not_fit_is_refused_and_the_flight_goes_on(
        graph: Graph, probe: Any) -> None:
    status = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)

    def flown() -> tuple[str, float]:
        values = messages.status_values(status[-1])
        return values['seed'], float(values['time_s'])

    graph.start('world', {'world': 'forest', 'wind': 'W0', 'seed': FITS, 'abreast': 2.0})
    probe.until(lambda: status and flown()[1] > 0.0, 'flight')
    assert put(probe, 'seed', DOES_NOT_FIT).successful
    answer = probe.call(Trigger, 'world/reset', Trigger.Request())
    assert not answer.success
    assert 'the flight goes on: abreast: expected the goal 2 m to the left' in answer.message
    seed, before = flown()
    assert seed == str(FITS)
    probe.until(lambda: flown()[1] > before + 0.5, 'the flight goes on')


def test_rviz_sees_a_target_that_moves(graph: Graph, probe: Any) -> None:
    heard = probe.listen(MarkerArray, 'markers', qos.LATCHED)
    graph.start('world', {'world': 'moving_target', 'wind': 'W0'})

    def places() -> set[tuple[float, float]]:
        return {(marker.pose.position.x, marker.pose.position.y) for message in heard
                for marker in message.markers if marker.ns == TARGET}
    probe.until(lambda: len(places()) > 3, 'the ball at other places')
    assert all(len(message.markers) == len(heard[0].markers) for message in heard)


def test_the_leader_of_a_swarm_waits_for_who_has_not_told_yet(probe: Any) -> None:
    pace = FreeRun(probe.node, 1.0 / 240.0, 2)
    pace.begin(100.0)
    late = 60 * NANOSECONDS // 1000
    assert pace.wait(100.0, 0) == 0.0
    for name in ('drone_2', 'drone_3'):
        assert pace.wait(100.1, late) > 0.0
        pace._on_progress(Header(stamp=messages.to_time(late), frame_id=name))
    assert pace.wait(100.1, late) == 0.0
    silent = FreeRun(probe.node, 1.0 / 240.0, 2)
    silent.begin(100.0)
    assert silent.wait(100.0 + 1.1 * GONE, late) == 0.0


def test_sensors_that_change_before_the_flight_are_those_of_its_start(
        graph: Graph, probe: Any, quick_world: Callable[..., str]) -> None:
    """With the frame of the first moment: nothing was sensed by the ones before."""
    status = probe.listen(DiagnosticArray, 'world/status', qos.RECORD_COMMAND)
    graph.start('world', {'world': quick_world(time_limit=600.0), 'listeners': 1})
    probe.until(lambda: bool(status), 'a world that waits')
    assert put(probe, 'camera', '{width: 32, height: 24}').successful
    images = probe.listen(Image, 'camera/image_raw')
    probe.node.create_publisher(TwistStamped, 'cmd_vel', qos.COMMAND)
    probe.until(lambda: len(images) > 2, 'the flight')
    assert images[0].width == 32 and messages.stamp_ns(images[0].header.stamp) == 0


def test_a_slow_reset_ends_the_wait_for_an_answer() -> None:
    """It comes while the world waits, which then has nothing to ask again."""
    waiting = SimpleNamespace(_asked=object(), _asked_at=0.0, _sent_at=0.0)

    def reset(timeout_sec: float) -> None:
        waiting._asked = None

    executor = SimpleNamespace(spin_once=reset)
    WorldNode._work_in_lockstep(waiting, executor)      # type: ignore[arg-type]
