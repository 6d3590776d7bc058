# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the vehicles of a swarm are told of each other, and how their worlds keep one time."""

from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.nodes.pace import Following, FreeRun
from liquid_control.nodes.swarm import Swarm
import pytest
from rosgraph_msgs.msg import Clock
from std_msgs.msg import Header


def test_each_is_told_of_all_others() -> None:
    """By their namespaces."""
    swarm = Swarm(3, namespace='/lab/')
    assert swarm.names == ('lab/drone_1', 'lab/drone_2', 'lab/drone_3')
    assert swarm.guard('lab/drone_2') == {
        'neighbours': 'lab/drone_1,lab/drone_3', 'separation': 1.0, 'reaction_time': 0.3}
    assert Swarm(1).guard('drone_1') == {}


def test_one_makes_the_clock_and_the_others_follow() -> None:
    """Side by side, none on the place of another."""
    swarm = Swarm(4, spacing=1.5)
    worlds = [swarm.world(name) for name in swarm.names]
    assert [world['abreast'] for world in worlds] == [0.0, 1.5, -1.5, 3.0]
    assert [world['number'] for world in worlds] == [0, 1, 2, 3]
    assert worlds[0]['followers'] == 3 and 'follow' not in worlds[0]
    assert all(world['follow'] == '/drone_1/world/pace' for world in worlds[1:])
    assert not any('followers' in world for world in worlds[1:])


@pytest.mark.parametrize(('arguments', 'text'), [
    ({'drones': 0}, 'expected 1 to 20, found 0'),
    ({'drones': 21}, 'expected 1 to 20, found 21'),
    ({'drones': 2, 'spacing': 1.0, 'separation': 1.0}, 'nobody could leave')])
def test_a_swarm_that_cannot_be_is_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        Swarm(**arguments)


class Topics:
    """What a pace asks of its node."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.topics: list[str] = []
        self.listeners = 0
        self.callback: Any = None

    def get_fully_qualified_name(self) -> str:
        return '/drone_2/world'

    def create_publisher(self, _kind: Any, topic: str, _profile: Any) -> Any:
        self.topics.append(topic)
        return self

    def publish(self, message: Any) -> None:
        self.sent.append(message)

    def get_subscription_count(self) -> int:
        return self.listeners

    def create_subscription(self, _kind: Any, topic: str, callback: Any, _profile: Any) -> None:
        assert topic in ('/drone_1/world/pace', '~/progress')
        self.callback = callback


def test_the_leader_waits_for_its_followers_and_slows_when_late() -> None:
    node = Topics()
    pace = FreeRun(node, 0.01, followers=2)     # type: ignore[arg-type]
    node.listeners = 1
    assert not pace.ready()
    node.listeners = 2
    assert pace.ready()
    pace.begin(5.0)
    assert pace.wait(5.0, 0) == 0.0
    assert pace.wait(5.0, 0) == pytest.approx(0.01)
    pace.stepped(40)
    assert node.sent[-1].clock.nanosec == 40
    # Ten periods late: it goes on at once for what is forgiven, and then keeps pace.
    steps = 0
    while pace.wait(5.1, 0) == 0.0:
        steps += 1
    assert steps == 6 or steps == 7, '50 ms of lateness are made up for, no more'


def test_a_follower_never_passes_its_leader() -> None:
    node = Topics()
    pace = Following(node, '/drone_1/world/pace')     # type: ignore[arg-type]
    assert node.callback is None, 'who listens is ready to fly'
    assert not pace.ready()
    node.callback(Clock())
    assert pace.ready()
    assert pace.wait(0.0, 0) > 0.0, 'not past time 0'
    message = Clock()
    message.clock.nanosec = 10
    node.callback(message)
    assert pace.wait(0.0, 0) == 0.0
    assert pace.wait(0.0, 10) > 0.0
    for _ in range(4):
        pace.stepped(10)
    told, = node.sent
    assert node.topics == ['/drone_1/world/progress']
    assert (told.frame_id, told.stamp.nanosec) == ('/drone_2/world', 10)


def test_the_leader_waits_for_the_slowest_and_not_for_who_is_gone(
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Time slows for all; a world that has died holds nobody up."""
    now = 5.0
    monkeypatch.setattr('time.monotonic', lambda: now)
    node = Topics()
    pace = FreeRun(node, 0.01, followers=2)     # type: ignore[arg-type]
    pace.begin(now)

    def told(name: str, nanoseconds: int) -> None:
        message = Header(frame_id=name)
        message.stamp.nanosec = nanoseconds
        node.callback(message)

    told('/drone_2/world', 100_000_000)
    told('/drone_3/world', 0)
    assert pace.wait(now, 50_000_000) == 0.0
    assert pace.wait(now + 1.0, 50_000_001) > 0.0, 'the third is 50 ms behind'
    told('/drone_3/world', 20_000_000)
    assert pace.wait(now + 1.0, 50_000_001) == 0.0
    now = 6.9
    told('/drone_2/world', 300_000_000)
    assert pace.wait(now, 300_000_000) > 0.0
    assert pace.wait(now + 0.2, 300_000_000) == 0.0, 'silent for two seconds'
