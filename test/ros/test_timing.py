# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Steps on the IMU, commands between frames, clocks that differ, compressed images: over DDS."""

from collections.abc import Callable
import io
from pathlib import Path
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import TwistStamped
from liquid_control.nodes import messages, qos
from liquid_control.nodes.graph import Graph, Value
import numpy as np
import PIL.Image
import pytest
from sensor_msgs.msg import CompressedImage


def start(graph: Graph, probe: Any, driver: Any, policy: str, controller: dict[str, Value],
          both: dict[str, Value], camera: bool = True) -> None:
    """Start controller and guard with parameters, engage, and wait for motion."""
    graph.start('controller', {'policy': policy, **both, **controller})
    graph.start('guard', {'policy': policy, **both})
    driver.until(lambda: probe.said('controller').startswith('not_engaged'), 'controller',
                 camera=camera)
    driver.until(lambda: probe.engage().success, 'engage', camera=camera)
    driver.until(probe.moving, 'motion', camera=camera)


def test_a_policy_steps_on_the_imu(graph: Graph, probe: Any, driver: Any, tmp_path: Path,
                                   bundle_writer: Callable[..., Path]) -> None:
    """A step a sample, also between frames, whose features are held; what is missed is told."""
    policy = bundle_writer(tmp_path / 'imu', extra=('frame_age',), step_on='imu')
    start(graph, probe, driver, str(policy), {}, {})
    status = probe.listen(DiagnosticArray, 'controller/status', qos.RECORD_COMMAND)
    for index in range(60):
        driver.send(None, camera=index % 5 == 0, imu=True)
        probe.spin(1 / 30)
    every = list(map(messages.status_values, status))
    frames = [values for values in every if 'source_stamp_ns' in values]
    told = [values for values in every if 'step_stamp_ns' in values]
    stamps = [int(values['step_stamp_ns']) for values in told]
    assert len(set(stamps)) == len(stamps), 'no sample is stepped on twice'
    assert 0 < len(frames) <= 14 < 30 <= len(stamps), 'steps between frames'
    assert all(float(values['arrival_ms']) >= 0 and float(values['queue_ms']) >= 0
               for values in told)
    assert probe.moving()
    missed = int(probe.counted('controller')['steps_missed'])
    probe.spin(0.2)      # samples that do not come are steps that are not taken
    driver.until(lambda: int(probe.counted('controller')['steps_missed']) >= missed + 4, 'count')
    counted = probe.counted('controller')
    assert counted['step_on'] == 'imu' and float(counted['imu_expected_hz']) == pytest.approx(30)
    assert 0.0 < float(counted['steps_on_time']) < 1.0
    assert {'dt_jitter_ms', 'dt_bias_ms', 'encode_ms_p99', 'step_ms_p50', 'queue_ms_p99',
            'saturation'} <= set(counted)
    driver.until(lambda: 'camera_stale' in probe.said('controller'), 'stop', camera=False)
    driver.until(lambda: not probe.moving(), 'stop', camera=False)


def test_commands_come_at_their_own_rate(graph: Graph, probe: Any, driver: Any,
                                         policy: str) -> None:
    """Between two frames of 30 Hz: several at 200 Hz, hardly any at 5 Hz."""
    share = {}
    for rate in (200.0, 5.0):
        wanted = probe.listen(TwistStamped, 'cmd_vel_policy', qos.RECORD_COMMAND)
        status = probe.listen(DiagnosticArray, 'controller/status', qos.RECORD_COMMAND)
        graph.start('controller', {'policy': policy, 'command_rate': rate})
        driver.until(lambda: len(wanted) > 100, 'commands')    # noqa: B023
        answers = sum('source_stamp_ns' in messages.status_values(one) for one in status)
        share[rate] = len(wanted) / max(1, answers)
        graph.stop()
        probe.node.destroy_subscription(list(probe.node.subscriptions)[-1])
    assert share[200.0] > 1.5 * share[5.0]


def compress(driver: Any) -> Callable[..., None]:
    """Make the driver send its image as JPEG; return what spoils it."""
    image = np.frombuffer(driver.message.data, np.uint8).reshape(24, 32, 3)
    encoded = io.BytesIO()
    PIL.Image.fromarray(image).save(encoded, 'JPEG')
    driver.publish_images(CompressedImage, 'camera/image_raw/compressed',
                          CompressedImage(format='jpeg', data=encoded.getvalue()))

    def spoil() -> None:
        driver.message.data = encoded.getvalue()[:len(encoded.getvalue()) // 2]
    return spoil


def test_compressed_images_fly_and_broken_ones_stop(graph: Graph, probe: Any, driver: Any,
                                                    policy: str) -> None:
    """Controller and guard hear the same topic."""
    spoil = compress(driver)
    start(graph, probe, driver, policy, {}, {'image_transport': 'compressed'})
    driver.until(lambda: float(probe.counted('guard').get('camera_rate_hz', 0)) > 5, 'guard')
    spoil()
    driver.until(lambda: not probe.moving(), 'stop')
    driver.until(lambda: 'whole JPEG or PNG' in probe.said('controller'), 'diagnosis')
    assert 'camera_stale' in probe.said('controller')


@pytest.mark.parametrize('correct', [True, False])
def test_sensors_of_another_clock(graph: Graph, probe: Any, driver: Any, policy: str,
                                  correct: bool) -> None:
    """40 s behind: told in any case, flown only if asked to set them right."""
    driver.offset_ns = -40_000_000_000
    if correct:
        start(graph, probe, driver, policy, {}, {'correct_clocks': True})
    else:
        graph.start('controller', {'policy': policy})
        graph.start('guard', {'policy': policy})
        driver.until(lambda: 'behind the clock' in probe.said('guard'), 'complaint')
        driver.until(lambda: 'behind the clock' in probe.said('controller'), 'complaint')
        assert not probe.engage().success
    for node in ('controller', 'guard'):
        driver.until(lambda: float(probe.counted(node).get(           # noqa: B023
            'imu_clock_offset_ms', 0)) == pytest.approx(40_000, abs=900), 'offset')
    assert probe.moving() is correct


def test_a_clock_that_is_set_in_flight(graph: Graph, probe: Any, driver: Any,
                                       policy: str) -> None:
    """A stop, and neither node is left behind: once engaged again, it flies."""
    start(graph, probe, driver, policy, {}, {'correct_clocks': True})
    driver.offset_ns = -60_000_000_000
    driver.until(lambda: not probe.moving(), 'stop')
    driver.until(lambda: not probe.counted('guard').get('engaged') == 'True', 'disengaged')
    driver.until(lambda: probe.engage().success, 'engage')
    driver.until(probe.moving, 'motion')
    for node in ('controller', 'guard'):
        driver.until(lambda: float(probe.counted(node)[               # noqa: B023
            'imu_clock_offset_ms']) == pytest.approx(60_000, abs=900), 'offset')
        assert int(probe.counted(node)['imu_clock_steps']) >= 1
