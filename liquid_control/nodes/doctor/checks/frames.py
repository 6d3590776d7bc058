# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Are vectors given in the frames that our nodes take them in (REP-103, REP-105)."""

from collections.abc import Iterator
import re

from liquid_control.nodes.doctor.evidence import Evidence, Role, Topic
from liquid_control.nodes.doctor.finding import Finding, note, wrong

COMMAND_FRAME, IMU_FRAME, BASE_FRAME = 'base_stabilized', 'imu_link', 'base_link'
# Axes that a name of a frame gives away: right or down is positive, or z looks forward.
OTHER_AXES = re.compile(r'(^|[_/])(ned|frd|optical)([_/]|$|_frame)')


def named(topic: Topic) -> str:
    """Return the frame of the newest message."""
    return topic.arrivals[-1].frame_id


def is_frame(found: str, expected: str, prefix: str | None) -> bool:
    """Compare names; where nobody tells the prefix, any will do."""
    if prefix is None:
        return found == expected or found.endswith(('/' + expected, '_' + expected))
    return found == prefix + expected


def check_commands(evidence: Evidence) -> Iterator[Finding]:
    """Say which command is not in base_stabilized: the body frame turned by yaw alone."""
    roles: tuple[Role, ...] = ('command', 'policy', 'manual')
    for topic in (evidence.topics[role] for role in roles):
        stamped = [end for end in topic.publishers if end.type.endswith('Stamped')]
        if not stamped or not topic.arrivals:
            continue
        found, prefix = named(topic), evidence.prefix
        if not is_frame(found, COMMAND_FRAME, prefix):
            yield wrong('frames', f'{topic.name} from {topic.publisher} is in frame {found!r}, '
                        f'and is taken in {(prefix or "") + COMMAND_FRAME!r}: forward, left and '
                        'up of a level body',
                        'turn the command into that frame, and name it in header.frame_id')


def check_imu(evidence: Evidence) -> Iterator[Finding]:
    """Say where axes may not be those of imu_link: x forward, y left, z up."""
    topic = evidence.topics['imu']
    if not topic.arrivals or is_frame(named(topic), IMU_FRAME, evidence.prefix):
        return
    found = named(topic)
    text = (f'{topic.name} is in frame {found!r}; its axes are taken as those of {IMU_FRAME}, x '
            'forward, y left, z up, without TF')
    if OTHER_AXES.search(found.lower()):
        yield wrong('frames', text + ', and the name says that they are others',
                    'let the driver turn its axes (REP-145), or put a node between that does')
    else:
        yield note('frames', text)


def check_odometry(evidence: Evidence) -> Iterator[Finding]:
    """Say where odometry has z down by the name of its frame."""
    topic = evidence.topics['odom']
    if topic.arrivals and OTHER_AXES.search(named(topic).lower()):
        yield wrong('frames', f'{topic.name} is in frame {named(topic)!r}, whose name says that '
                    'z is down; it is taken as x forward, y left, z up',
                    'let the estimator publish ENU or FLU odometry (REP-103)')


def check_flow(evidence: Evidence) -> Iterator[Finding]:
    """Say where optical flow is not in the level body: a velocity in odom would mislead."""
    topic = evidence.topics['flow']
    if not evidence.uses_flow or not topic.arrivals:
        return
    if not any(is_frame(named(topic), frame, evidence.prefix)
               for frame in (COMMAND_FRAME, BASE_FRAME)):
        yield wrong('frames', f'{topic.name} is in frame {named(topic)!r}; it is taken as forward '
                    'and left of a level body', 'turn it into base_stabilized, and name that in '
                    'header.frame_id')
