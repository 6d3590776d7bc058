# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Sensor messages that lie, and what becomes of them."""

import math
from typing import Any

from liquid_control.nodes import messages
from liquid_control.nodes.sensors import Sensors
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import ImuSample
import numpy as np
import pytest
from sensor_msgs.msg import Image

IMAGE = np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)


def make(**options: Any) -> tuple[Sensors, list[str]]:
    """Return sensors, and the list that they log to."""
    log: list[str] = []
    return Sensors(SafetyConfig(), {'lockstep': False, 'horizontal_fov_deg': 0.0} | options,
                   log.append), log


def image(stamp: int = 1, **changes: Any) -> Image:
    """Return an image message, parts of it changed."""
    message = messages.image_to_message(IMAGE, stamp)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def test_a_frame_needs_a_camera_info() -> None:
    sensors, log = make()
    assert sensors.wants_camera_info
    assert not sensors.on_image(image(), 0)
    assert not sensors.on_image(image(2), 0)
    assert len(log) == 1 and 'camera_info' in log[0], 'said once'
    sensors.on_camera_info(messages.camera_info(32, 24, math.pi / 2, 3))
    assert sensors.on_image(image(3), 0)
    frame = sensors.take().frame
    assert frame is not None and frame.horizontal_fov == pytest.approx(math.pi / 2)
    assert sensors.take().frame is None, 'a frame is taken once'


def test_a_field_of_view_by_parameter_needs_none() -> None:
    sensors, _ = make(horizontal_fov_deg=80.0)
    assert not sensors.wants_camera_info
    assert sensors.on_image(image(), 0)


def test_an_image_of_another_size_than_camera_info_says_is_refused() -> None:
    """A crop or another mode of the camera sees another angle."""
    sensors, log = make()
    sensors.on_camera_info(messages.camera_info(64, 48, math.pi / 2, 1))
    assert not sensors.on_image(image(), 0)
    assert '64x48' in log[-1] and '32x24' in log[-1]
    binned = messages.camera_info(64, 48, math.pi / 2, 1)
    binned.binning_x = binned.binning_y = 2
    sensors.on_camera_info(binned)
    assert sensors.on_image(image(2), 0)


def test_a_region_of_interest_is_refused() -> None:
    sensors, log = make()
    info = messages.camera_info(64, 48, math.pi / 2, 1)
    info.roi.width, info.roi.height = 32, 24
    sensors.on_camera_info(info)
    assert 'region' in log[-1]
    assert not sensors.on_image(image(), 0)


def test_a_camera_info_that_became_unusable_is_worth_none() -> None:
    sensors, _ = make()
    sensors.on_camera_info(messages.camera_info(32, 24, math.pi / 2, 1))
    broken = messages.camera_info(32, 24, math.pi / 2, 1)
    broken.k = [math.nan] * 9
    sensors.on_camera_info(broken)
    assert not sensors.on_image(image(), 0)


@pytest.mark.parametrize('lie', [
    {'step': 0}, {'step': 2**32 - 1}, {'height': 2**32 - 1}, {'width': 0}, {'data': b''},
    {'encoding': ''}, {'height': 25}, {'step': 97},
])
def test_an_image_that_lies_about_itself_is_refused(lie: dict[str, Any]) -> None:
    sensors, log = make(horizontal_fov_deg=90.0)
    assert not sensors.on_image(image(**lie), 0)
    assert 'expected' in log[-1] and 'found' in log[-1]
    assert sensors.take().frame is None


def test_in_lockstep_what_is_sent_again_is_no_news() -> None:
    sensors, _ = make(lockstep=True, horizontal_fov_deg=90.0)
    sample = messages.imu_to_message(ImuSample(5, np.zeros(3), np.zeros(3)))
    for _ in range(2):
        sensors.on_imu(sample, 0)
        sensors.on_image(image(5), 0)
    assert len(sensors.take().imu) == 1
    assert sensors.watched['camera'].received == 1
