# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Does the middleware carry it all: losses, large images, and how nodes find each other."""

from collections.abc import Iterator
from pathlib import Path

from liquid_control.nodes.doctor.checks.rates import missing_share
from liquid_control.nodes.doctor.evidence import Evidence
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.nodes.graph import PROFILE_VARIABLES

SEGMENT = 512 * 1024      # of Fast DDS's shared memory by default [bytes]
LOST = 0.05               # share of messages
FAST_DDS = 'rmw_fastrtps_cpp'
RANGES = ('SUBNET', 'LOCALHOST', 'OFF', 'SYSTEM_DEFAULT')


def check_losses(evidence: Evidence) -> Iterator[Finding]:
    """Say what was sent and did not come."""
    image, info = evidence.topics['image'], evidence.topics['camera_info']
    large = evidence.images.largest > SEGMENT
    profile = ('start the camera driver with FASTRTPS_DEFAULT_PROFILES_FILE (since Kilted '
               'FASTDDS_DEFAULT_PROFILES_FILE) set to config/fastdds.xml: the memory is the '
               "publisher's")
    few = len(info.arrivals) > 10 and len(image.arrivals) < 0.9 * len(info.arrivals)
    if few and image.publishers:
        yield wrong('transport', f'{len(info.arrivals)} camera_info came and '
                    f'{len(image.arrivals)} images: images are lost on the way',
                    profile if large or not image.arrivals else
                    'look at the load of processor and network; ' + profile)
    for topic in (image, evidence.topics['imu']):
        share = missing_share(topic)
        if share <= LOST or (few and topic is image):
            continue
        text = f'by the stamps, {100 * share:.0f} % of the messages on {topic.name} are missing'
        mend = (profile if large and topic is image else
                'look at the load of processor and network, and at the driver')
        if topic.lost:
            yield wrong('transport', f'{text}; the middleware knows that it lost {topic.lost}',
                        mend)
        else:
            yield note('transport', f'{text}: lost on the way, or never sent', mend)


def check_environment(evidence: Evidence) -> Iterator[Finding]:
    """Judge the variables of this shell; those of other processes cannot be seen from here."""
    values = evidence.environment
    reach = values.get('ROS_AUTOMATIC_DISCOVERY_RANGE', '')
    if reach and reach not in RANGES:
        yield wrong('discovery', f'ROS_AUTOMATIC_DISCOVERY_RANGE is {reach!r}, which is none of '
                    f'{", ".join(RANGES)}', 'set it to LOCALHOST or SUBNET')
    if values.get('ROS_LOCALHOST_ONLY') == '1' and reach not in ('', 'LOCALHOST'):
        yield wrong('discovery', f'ROS_LOCALHOST_ONLY=1 overrules ROS_AUTOMATIC_DISCOVERY_RANGE='
                    f'{reach}', 'unset ROS_LOCALHOST_ONLY, which is deprecated')
    middleware = values.get('RMW_IMPLEMENTATION', FAST_DDS)
    if middleware != FAST_DDS and evidence.images.largest > SEGMENT:
        yield note('transport', f'this shell uses {middleware}; our profile for large images is '
                   'for Fast DDS')
    for name in PROFILE_VARIABLES:
        path = values.get(name, '')
        if path and not Path(path).is_file():
            yield wrong('transport', f'{name} is {path}, which is no file: Fast DDS ignores it',
                        'correct the path, or unset the variable')
