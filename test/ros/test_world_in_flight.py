# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What of the world may change in flight: wind, camera and IMU; the rest by a reset."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import Vector3Stamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph
import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image, Imu
from std_srvs.srv import Trigger


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
