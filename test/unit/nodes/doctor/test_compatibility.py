# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Types, quality of service and rivals, held against what the middleware itself says."""

from dataclasses import replace
from itertools import product
from typing import Any

from liquid_control.nodes.doctor.checks.compatibility import mismatches
from liquid_control.nodes.doctor.diagnosis import examine
from liquid_control.nodes.doctor.evidence import Endpoint, Evidence, TWISTS
from liquid_control.signals import Reason
import pytest

RELIABILITY, DURABILITY = ('reliable', 'best_effort'), ('volatile', 'transient_local')


def test_mismatches_are_those_of_the_middleware() -> None:
    qos = pytest.importorskip('rclpy.qos')
    for values in product(RELIABILITY, DURABILITY, RELIABILITY, DURABILITY):
        ends = [Endpoint('/a', 'x', *values[:2]), Endpoint('/b', 'x', *values[2:])]
        profiles = [qos.QoSProfile(
            depth=1, liveliness=qos.LivelinessPolicy.AUTOMATIC,
            reliability=qos.ReliabilityPolicy[end.reliability.upper()],
            durability=qos.DurabilityPolicy[end.durability.upper()]) for end in ends]
        verdict, _ = qos.qos_check_compatible(*profiles)
        assert (not list(mismatches(*ends))) == (verdict == qos.QoSCompatibility.OK), values


def test_a_pilot_who_sends_best_effort_is_not_heard(well: Evidence) -> None:
    well.topics['manual'].publishers = (Endpoint('/joystick', TWISTS[0], 'best_effort'),)
    finding, = examine(well)
    assert finding.text == ('/cmd_vel_manual from /joystick does not reach /guard: it is '
                            'published best effort, and reliable is asked for')
    assert '/joystick to reliable' in finding.mend


def test_a_robot_that_asks_for_too_much_is_found_before_the_guard_runs(
        well: Evidence, faults: Any) -> None:
    robot = Endpoint('/autopilot', TWISTS[0], 'reliable', 'transient_local')
    well.topics['command'].subscribers = (robot,)
    assert '/cmd_vel from /guard does not reach /autopilot' in faults(well)[0]
    del well.nodes['/guard'], well.nodes['/controller']
    well.topics['command'].publishers = ()
    assert faults(well) == [
        '/cmd_vel from the guard does not reach /autopilot: it is published volatile, and '
        'transient local is asked for']


def test_twist_against_twist_stamped(well: Evidence, notes: Any) -> None:
    command = well.topics['command']
    command.subscribers = (replace(command.subscribers[0], type=TWISTS[1]),)
    finding, = examine(well)
    assert finding.text == ('/cmd_vel has 2 types, which never meet: geometry_msgs/Twist '
                            '(/autopilot), geometry_msgs/TwistStamped (/guard)')
    assert 'stamped:=false' in finding.mend
    del well.nodes['/guard'], well.nodes['/controller']
    command.publishers = ()
    assert 'the vehicle takes /cmd_vel as Twist' in notes(well)


def test_a_sensor_of_another_type(well: Evidence, faults: Any) -> None:
    image = well.topics['image']
    image.publishers = (replace(image.publishers[0], type='theora/msg/Packet'),)
    assert any('2 types' in text for text in faults(well))
    image.subscribers = ()
    assert any('/camera/image_raw is theora/Packet' in text for text in faults(well))


@pytest.mark.parametrize('role', ['command', 'policy', 'imu', 'image', 'odom'])
def test_two_publishers(well: Evidence, faults: Any, role: Any) -> None:
    topic = well.topics[role]
    topic.publishers += (replace(topic.publishers[0], node='/other'),)
    assert any(text.startswith(f'{topic.name} has 2 publishers') and '/other' in text
               for text in faults(well))


def test_after_a_hand_over_nobody_is_told_to_end_who_flies(well: Evidence, faults: Any) -> None:
    """The guard is silent then; two publishers of anything else are still one too many."""
    topic, said = well.topics['command'], well.diagnostics['/guard: safety']
    topic.publishers += (Endpoint('/autonomy', TWISTS[0]),)
    assert len(faults(well)) == 1
    well.diagnostics['/guard: safety'] = replace(
        said, values={**said.values, 'reason': Reason.HANDED_OVER.value})
    assert faults(well) == []
    well.topics['policy'].publishers *= 2
    assert faults(well)[0].startswith('/cmd_vel_policy has 2 publishers')


def test_somebody_commands_before_the_guard_does(well: Evidence, faults: Any) -> None:
    del well.nodes['/guard'], well.nodes['/controller']
    well.topics['command'].publishers = (Endpoint('/teleop', TWISTS[0]),)
    assert faults(well) == ['/teleop publishes /cmd_vel, which the guard alone may once it runs']
