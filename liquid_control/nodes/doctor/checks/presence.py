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
REFUSED = {'controller': ('imu_dropped', 'frames_unreadable', 'frames_rejected',
                          'camera_info_rejected', 'odometry_rejected', 'odometry_dropped',
                          'flow_dropped'),
           'guard': ('commands_refused', 'manual_refused', 'stamps_ahead')}
ONLOOKERS = ('/controller', '/monitor')    # who hears cmd_vel, and moves nothing by it


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
            others = [name for name in evidence.elsewhere.get(TYPES[role][0], ())
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


def check_flow(evidence: Evidence) -> Iterator[Finding]:
    """Say where the policy could have optical flow, and flies without."""
    topic = evidence.topics['flow']
    if not evidence.uses_flow or topic.arrivals:
        return
    yield note('presence', f'nothing has come on {topic.name}: the policy flies without optical '
               'flow, and holds its course less well where odometry drifts',
               f'publish the velocity over ground ({TYPES["flow"][0]}, base_stabilized), if the '
               'vehicle has such a sensor')


def check_robot(evidence: Evidence) -> Iterator[Finding]:
    """Say where nobody would follow a command."""
    topic = evidence.topics['command']
    listening = [end for end in topic.subscribers if not end.node.endswith(ONLOOKERS)]
    if not evidence.shadow and not listening:
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


def check_doubles(evidence: Evidence) -> Iterator[Finding]:
    """Say which name several nodes have."""
    for name in evidence.doubles:
        yield wrong('nodes', f'several nodes are called {name}',
                    'end the one that was left behind, or give each vehicle a namespace')


def check_own_words(evidence: Evidence) -> Iterator[Finding]:
    """Pass on what our nodes say of their state, and of inputs that they could not use."""
    said = evidence.said_by('controller')
    name = f'{evidence.namespace}/controller'
    if said is not None and 'engaged' not in said.values:
        if said.level >= 2:
            yield wrong('nodes', f'the controller has no policy: {said.text}',
                        'mend what it says, and start it again')
        else:
            yield wrong('nodes', 'the controller has no policy yet: it is loading, or waits to '
                        'be configured', f'wait; or: ros2 lifecycle set {name} configure')
    elif said is not None and 'not active' in said.text:
        yield wrong('nodes', 'the controller is not active', f'ros2 lifecycle set {name} activate')
    for node, counters in REFUSED.items():
        said = evidence.said_by(node)
        grown = {} if said is None else {
            counter: said.grown(counter) for counter in counters if said.grown(counter) > 0}
        if said is not None and grown:
            last = said.values.get('rejected', '')
            yield wrong('nodes', f'the {node} refused inputs: '
                        + ', '.join(f'{counter} {count}' for counter, count in grown.items())
                        + (f'; the last: {last}' if last else ''),
                        'mend what sends them; each counter is in /diagnostics')
