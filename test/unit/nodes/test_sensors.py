# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Sensor messages that lie, and what becomes of them."""

import io
import math
from typing import Any

from liquid_control.nodes import messages
from liquid_control.nodes.arrival import Arrival
from liquid_control.nodes.inputs import Input
from liquid_control.nodes.sensors import Sensors
from liquid_control.runtime.safety import SafetyConfig
from liquid_control.signals import FlowSample, ImuSample, VehicleState
import numpy as np
import PIL.Image
import pytest
from sensor_msgs.msg import CompressedImage, Image

OPTIONS = {'lockstep': False, 'horizontal_fov_deg': 0.0, 'image_transport': 'raw',
           'correct_clocks': False}
CAME = Arrival(0, 0, None)
SECOND = 1_000_000_000
IMAGE = np.arange(24 * 32 * 3, dtype=np.uint8).reshape(24, 32, 3)


def make(**options: Any) -> tuple[Sensors, list[str]]:
    """Return sensors, and the list that they log to."""
    log: list[str] = []
    return Sensors(SafetyConfig(), OPTIONS | options, log.append), log


def image(stamp: int = 1, **changes: Any) -> Image:
    """Return an image message, parts of it changed."""
    message = messages.image_to_message(IMAGE, stamp)
    for name, value in changes.items():
        setattr(message, name, value)
    return message


def test_a_frame_needs_a_camera_info() -> None:
    sensors, log = make()
    assert sensors.wants_camera_info
    assert not sensors.on_image(image(), CAME)
    assert not sensors.on_image(image(2), CAME)
    assert len(log) == 1 and 'camera_info' in log[0], 'said once'
    sensors.on_camera_info(messages.camera_info(32, 24, math.pi / 2, 3))
    assert sensors.on_image(image(3), CAME)
    frame = sensors.take().frame
    assert frame is not None and frame.horizontal_fov == pytest.approx(math.pi / 2)
    assert sensors.take().frame is None, 'a frame is taken once'


def test_a_field_of_view_by_parameter_needs_none() -> None:
    sensors, _ = make(horizontal_fov_deg=80.0)
    assert not sensors.wants_camera_info
    assert sensors.on_image(image(), CAME)


def test_an_image_of_another_size_than_camera_info_says_is_refused() -> None:
    """A crop or another mode of the camera sees another angle."""
    sensors, log = make()
    sensors.on_camera_info(messages.camera_info(64, 48, math.pi / 2, 1))
    assert not sensors.on_image(image(), CAME)
    assert '64x48' in log[-1] and '32x24' in log[-1]
    binned = messages.camera_info(64, 48, math.pi / 2, 1)
    binned.binning_x = binned.binning_y = 2
    sensors.on_camera_info(binned)
    assert sensors.on_image(image(2), CAME)


def test_a_region_of_interest_is_refused() -> None:
    sensors, log = make()
    info = messages.camera_info(64, 48, math.pi / 2, 1)
    info.roi.width, info.roi.height = 32, 24
    sensors.on_camera_info(info)
    assert 'region' in log[-1]
    assert not sensors.on_image(image(), CAME)


def test_a_camera_info_that_became_unusable_is_worth_none() -> None:
    sensors, _ = make()
    sensors.on_camera_info(messages.camera_info(32, 24, math.pi / 2, 1))
    broken = messages.camera_info(32, 24, math.pi / 2, 1)
    broken.k = [math.nan] * 9
    sensors.on_camera_info(broken)
    assert not sensors.on_image(image(), CAME)


@pytest.mark.parametrize('lie', [
    {'step': 0}, {'step': 2**32 - 1}, {'height': 2**32 - 1}, {'width': 0}, {'data': b''},
    {'encoding': ''}, {'height': 25}, {'step': 97},
])
def test_an_image_that_lies_about_itself_is_refused(lie: dict[str, Any]) -> None:
    sensors, log = make(horizontal_fov_deg=90.0)
    assert not sensors.on_image(image(**lie), CAME)
    assert 'expected' in log[-1] and 'found' in log[-1]
    assert sensors.take().frame is None


def test_in_lockstep_what_is_sent_again_is_no_news() -> None:
    sensors, _ = make(lockstep=True, horizontal_fov_deg=90.0)
    sample = messages.imu_to_message(ImuSample(5, np.zeros(3), np.zeros(3)))
    for _ in range(2):
        sensors.on_imu(sample, CAME)
        sensors.on_image(image(5), CAME)
    assert len(sensors.take().imu) == 1
    assert sensors.watched['camera'].received == 1


def test_stamps_of_another_clock_are_corrected_when_its_offset_is_known() -> None:
    """A camera 40 s behind: nothing for two seconds, then frames of our time; figures say so."""
    sensors, _ = make(horizontal_fov_deg=90.0, correct_clocks=True)
    stamps = {}
    for tenths in range(31):
        ours = (100 + tenths / 10) * SECOND
        came = Arrival(round(ours) + 3_000_000, tenths * SECOND // 10, None)
        stamps[tenths] = sensors.on_image(image(round(ours) - 40 * SECOND), came)
    assert all(stamps[tenths] is None for tenths in range(20))
    frame = sensors.take().frame
    assert frame is not None and frame.stamp_ns == stamps[30]
    assert frame.stamp_ns == pytest.approx(103 * SECOND + 3_000_000, abs=1000)
    found = sensors.figures(3 * SECOND)
    assert found['camera_clock_offset_ms'] == pytest.approx(40_003.0)
    sensors.forget()
    assert sensors.on_image(image(64 * SECOND), Arrival(104 * SECOND, 0, None)) is None


@pytest.mark.parametrize(('ours', 'camera'), [(5, 0), (-5, 0), (0, -60), (0, 5)])
def test_a_clock_that_is_set_stops_for_two_seconds_and_not_for_hours(ours: int,
                                                                     camera: int) -> None:
    """This computer's, by NTP, or the camera's, which starts again; the guard hears likewise."""
    sensors, _ = make(horizontal_fov_deg=90.0, correct_clocks=True)
    guard = Input('camera/image_raw', 0.3, True)

    def hear(tenths: int, ours: int, camera: int) -> tuple[int | None, int | None, int]:
        """Return what both make of the stamp, and the time by our clock."""
        now, steady = (100 * 10 + tenths + 10 * ours) * SECOND // 10, tenths * SECOND // 10
        stamp = (60 * 10 + tenths + 10 * camera) * SECOND // 10
        mine = sensors.on_image(image(stamp), Arrival(now, steady, None))
        return mine, guard.stamp(stamp, now, steady), now
    before = [hear(tenths, 0, 0) for tenths in range(31)]
    assert before[-1] == (before[-1][2],) * 3
    after = [hear(tenths, ours, camera) for tenths in range(31, 62)]
    for mine, its, _ in after[:20]:
        assert mine is None and its is None
    assert 'being measured' in guard.complaint(after[0][2], 5 * SECOND)
    for mine, its, now in after[20:]:
        assert mine == its == now
    assert sensors.figures(7 * SECOND)['camera_clock_steps'] == guard.offset.steps == 1


def test_offsets_are_reported_and_not_corrected_by_default() -> None:
    """For the IMU, and for odometry once there is some."""
    sensors, _ = make()
    came = Arrival(7 * SECOND, 0, None)
    assert sensors.on_imu(messages.imu_to_message(
        ImuSample(5 * SECOND, np.zeros(3), np.zeros(3))), came) == 5 * SECOND
    sensors.on_odometry(messages.odometry_to_message(VehicleState(
        6 * SECOND, np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3), np.zeros(3))), came)
    inputs = sensors.take()
    assert inputs.imu[0].stamp_ns == 5 * SECOND
    assert inputs.odometry is not None and inputs.odometry.stamp_ns == 6 * SECOND
    found = sensors.figures(0)
    assert (found['imu_clock_offset_ms'], found['odom_clock_offset_ms']) == (2000.0, 1000.0)
    assert 'camera_clock_offset_ms' not in found


def test_flow_comes_in_its_newest_and_may_fall_silent() -> None:
    """A policy flies without it; rates are told, and its silence is no fault."""
    sensors, _ = make()
    for tenths in (1, 2):
        sample = FlowSample(SECOND + tenths * SECOND // 10, np.array([tenths, -0.5]))
        sensors.on_flow(messages.flow_to_message(sample),
                        Arrival(sample.stamp_ns, sample.stamp_ns, None))
    taken = sensors.take().flow
    assert taken is not None and taken.stamp_ns == sensors.newest_ns('flow') == 1_200_000_000
    assert taken.velocity.tolist() == [2.0, -0.5]
    assert sensors.take().flow is None
    assert sensors.figures(1_200_000_000)['flow_rate_hz'] == pytest.approx(10.0)
    late = sensors.complaints(9 * SECOND, 9 * SECOND)
    assert len(late) == 2 and not any('flow' in text for text in late)     # camera and IMU
    assert sensors.newest_ns('odom') is None


def test_in_lockstep_what_is_sent_again_is_dropped_and_what_is_of_another_time_is_not() -> None:
    """The world was reset: its clock begins anew."""
    sensors, _ = make(lockstep=True)

    def come(stamp: int) -> int | None:
        sample = ImuSample(stamp, np.zeros(3), np.zeros(3))
        return sensors.on_imu(messages.imu_to_message(sample), Arrival(stamp, 0, None))

    later = 3 * SECOND
    assert [come(stamp) for stamp in (later, later, later - 4_000_000, 0, 0, 4_000_000)] == [
        later, None, None, 0, None, 4_000_000]


def test_every_source_is_judged_by_the_deadline_in_force() -> None:
    """Odometry, too, heard or not before it was set."""
    sensors, _ = make(horizontal_fov_deg=90.0)
    sensors.reconfigure(SafetyConfig(camera_deadline=0.1, imu_deadline=0.2, odom_deadline=2.0))
    sensors.on_odometry(messages.odometry_to_message(VehicleState(
        SECOND, np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(3), np.zeros(3))),
        Arrival(SECOND, SECOND, None))
    odometry = sensors.watched['odom']
    assert {name: source.deadline for name, source in sensors.watched.items()} == {
        'camera': 0.1, 'imu': 0.2, 'odom': 2.0}
    assert odometry.complaint(2 * SECOND, 2 * SECOND) == ''
    sensors.reconfigure(SafetyConfig(odom_deadline=0.5))
    assert 'deadline 0.5 s' in odometry.complaint(2 * SECOND, 2 * SECOND)


def test_compressed_images_are_frames_and_broken_ones_say_so() -> None:
    sensors, log = make(horizontal_fov_deg=90.0, image_transport='compressed')
    assert sensors.camera_topic == 'camera/image_raw/compressed'
    assert sensors.camera_type is CompressedImage
    encoded = io.BytesIO()
    PIL.Image.fromarray(IMAGE).save(encoded, 'PNG')
    message = CompressedImage(format='png', data=encoded.getvalue())
    message.header.stamp = messages.to_time(5)
    assert sensors.on_image(message, CAME) == 5
    frame = sensors.take().frame
    assert frame is not None and np.array_equal(frame.image, IMAGE)
    message.header.stamp = messages.to_time(6)
    message.data = encoded.getvalue()[:100]
    assert sensors.on_image(message, CAME) is None
    assert 'whole JPEG or PNG' in log[-1] and sensors.take().frame is None
    assert sensors.figures(0)['frames_unreadable'] == 1
