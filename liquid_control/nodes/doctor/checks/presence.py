# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Is everybody there: drivers that publish, a robot that listens, controller and guard."""

from collections.abc import Iterator

from liquid_control.nodes.doctor.evidence import Evidence, NAMES, Role, TYPES
from liquid_control.nodes.doctor.finding import Finding, note, wrong
from liquid_control.sensing.extra import Extras

DRIVERS = {'imu': "the IMU's driver", 'image': "the camera's driver",
           'camera_info': "the camera's driver, calibrated (or set the controller's parameter "
           'horizontal_fov_deg)', 'odom': 'an estimator'}


def needed(evidence: Evidence) -> tuple[Role, ...]:
    """List the inputs that flying needs."""
    roles: list[Role] = ['imu', 'image']
    if not (evidence.controller or {}).get('horizontal_fov_deg'):
        roles.append('camera_info')
    policy = evidence.policy
    if policy is not None and Extras(policy.spec.observation.extra).needs_odometry:
        roles.append('odom')
    return tuple(roles)


def check_inputs(evidence: Evidence) -> Iterator[Finding]:
    """Say which input nobody publishes, and which is published and silent."""
    for role in needed(evidence):
        topic = evidence.topics[role]
        if not topic.publishers:
            others = [name for kind in TYPES[role] for name in evidence.elsewhere.get(kind, ())
                      if name != topic.name]
            mend = f'start {DRIVERS[role]}'
            if others:
                mend = (f'{", ".join(others)} has that type: remap it, for example --ros-args -r '
                        f'{NAMES[role]}:={others[0]}')
            yield wrong('presence', f'nobody publishes {topic.name} ({TYPES[role][0]})', mend)
        elif not topic.arrivals and any(
                endpoint.type in TYPES[role] for endpoint in topic.publishers):
            yield wrong('presence', f'{topic.publisher} publishes {topic.name}, but nothing has '
                        f'come on it in {evidence.seconds:g} s',
                        'look at what the driver logs: is the device connected, is it started; '
                        'large images need the Fast DDS profile of config/fastdds.xml on its side')


def check_robot(evidence: Evidence) -> Iterator[Finding]:
    """Say where nobody would follow a command."""
    topic = evidence.topics['command']
    if not evidence.shadow and not topic.subscribers:
        yield wrong('presence', f'nobody listens to {topic.name}: commands would move nothing',
                    'start the driver of the vehicle, or remap the topic that it listens to')


def check_nodes(evidence: Evidence) -> Iterator[Finding]:
    """Say which of our own nodes is missing."""
    controller, guard = evidence.controller is not None, evidence.guard is not None
    if not controller and not guard:
        yield note('nodes', 'neither controller nor guard runs here: the drivers alone were '
                   'looked at')
    elif not controller:
        yield wrong('nodes', f'the guard runs and {evidence.namespace}/controller does not',
                    'start the controller in the same namespace, and look at how it ended')
    elif evidence.shadow:
        yield note('nodes', 'the controller is in shadow mode: it shows what it would command on '
                   '~/shadow, and moves nothing')
    elif not guard:
        yield wrong('nodes', f'the controller runs and {evidence.namespace}/guard does not: '
                    'nothing reaches cmd_vel', 'start the guard in the same namespace')


def check_policy(evidence: Evidence) -> Iterator[Finding]:
    """Say why rates, field of view and limits were held against no policy."""
    if evidence.policy_complaint:
        yield wrong('policy', evidence.policy_complaint,
                    'name a policy that is here with --policy, or copy the bundle to this machine')


def check_own_words(evidence: Evidence) -> Iterator[Finding]:
    """Pass on what the controller says of a policy or an input that it could not use."""
    said = evidence.said_by('controller')
    if said is None or said.level < 2:
        return
    if 'engaged' not in said.values:
        yield wrong('nodes', f'the controller has no policy: {said.text}',
                    'mend what it says, and start it again')
    elif said.values.get('rejected'):
        yield wrong('nodes', 'the controller could not use an input: '
                    + said.values['rejected'], 'mend the driver that sends it')
