# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Losses, and the variables that the middleware reads."""

from pathlib import Path
from typing import Any

from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import Evidence
import pytest


def test_images_that_do_not_come_while_camera_info_does(well: Evidence, make: Any) -> None:
    well.topics['image'].arrivals = make.arrivals(4.0, 'c')
    well.images.largest = 640 * 480 * 3
    found = [finding for finding in examine(well) if finding.check == 'transport']
    assert found[0].text == '90 camera_info came and 12 images: images are lost on the way'
    assert found[0].mend.startswith('start the camera driver with FASTRTPS_DEFAULT_PROFILES_FILE')


def test_samples_that_are_lost(well: Evidence, faults: Any, notes: Any) -> None:
    topic = well.topics['imu']
    topic.arrivals = [arrival for index, arrival in enumerate(topic.arrivals) if index % 4]
    text, = notes(well)
    assert text == ('by the stamps, 25 % of the messages on /imu/data are missing: lost on the '
                    'way, or never sent')
    assert faults(well) == []
    topic.lost = 150
    text, = faults(well)
    assert text.endswith('/imu/data are missing; the middleware knows that it lost 150')


@pytest.mark.parametrize(('values', 'text'), [
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCAL'}, "is 'LOCAL', which is none of SUBNET"),
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'SUBNET', 'ROS_LOCALHOST_ONLY': '1'},
     'ROS_LOCALHOST_ONLY=1 overrules'),
    ({'FASTDDS_DEFAULT_PROFILES_FILE': '/no/such.xml'}, '/no/such.xml, which is no file'),
    ({'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_DOMAIN_ID': '7'}, ''),
])
def test_variables(well: Evidence, faults: Any, values: dict[str, str], text: str) -> None:
    well.environment = values
    found = faults(well)
    assert len(found) == bool(text) and all(text in said for said in found)


def test_another_middleware_has_no_use_for_our_profile(well: Evidence, notes: Any,
                                                       tmp_path: Path) -> None:
    well.environment = {'RMW_IMPLEMENTATION': 'rmw_cyclonedds_cpp'}
    assert notes(well) == []
    well.images.largest = 640 * 480 * 3
    assert 'our profile for large images is for Fast DDS' in notes(well)[0]
