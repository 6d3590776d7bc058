# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Encoding, size and field of view."""

from dataclasses import replace
import math
from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import Evidence, Images
from liquid_control.sensing.camera import CameraView


def test_an_encoding_that_is_not_read(well: Evidence) -> None:
    well.images.kinds = {('yuv422_yuy2', 32, 24)}
    finding, = examine(well)
    assert finding.text == "images are 'yuv422_yuy2', which is not read here"
    assert 'rgb8' in finding.mend


def test_images_that_are_cut_off(well: Evidence, faults: Any) -> None:
    well.images.unreadable = 'image data: expected 2304 bytes, found 100'
    assert faults(well) == ['images cannot be read: image data: expected 2304 bytes, found 100']


def test_camera_info_of_another_size(well: Evidence, faults: Any) -> None:
    well.camera = CameraView(640, 480, 1.5)
    assert faults(well) == ['camera_info is of 640x480, and the images are 32x24: the field of '
                            'view is not theirs']
    well.images.kinds |= {('rgb8', 640, 480)}
    assert faults(well) == ['images come in several sizes: 32x24, 640x480']


def test_a_field_of_view_that_is_too_small(well: Evidence) -> None:
    well.camera = CameraView(32, 24, math.radians(62.0))
    finding, = examine(well)
    assert finding.text.startswith("the camera's horizontal field of view: expected at least 90")
    assert finding.text.endswith('found 62.00') and 'wider lens' in finding.mend


def test_the_parameter_overrules_camera_info(well: Evidence, faults: Any) -> None:
    well.camera, well.camera_complaint = None, 'camera_info: expected a focal length'
    assert faults(well) == ['camera_info: expected a focal length']
    well.nodes['/controller']['horizontal_fov_deg'] = 95.0
    assert faults(well) == []
    well.nodes['/controller']['horizontal_fov_deg'] = 70.0
    assert 'found 70.00' in faults(well)[0]


def test_compressed_images_are_heard_and_not_looked_into(well: Evidence, faults: Any,
                                                         notes: Any) -> None:
    topic = well.topics['image']
    topic.name += '/compressed'
    kind = 'sensor_msgs/msg/CompressedImage'
    topic.publishers, topic.subscribers = (tuple(replace(end, type=kind) for end in ends)
                                           for ends in (topic.publishers, topic.subscribers))
    well.images = Images(compressed='jpeg')
    assert faults(well) == []
    text, = notes(well)
    assert text.startswith('images are compressed (jpeg)')
