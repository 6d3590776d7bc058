# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
When a world takes its next step: by the steady clock, or after another world of a swarm.

A swarm has one clock. Its leader keeps pace by itself, makes `/clock` and tells the others how far
it is; they step up to that, never past it, and tell it how far they are. Where one is late the
leader waits, and time slows for all; nobody skips physics.
"""

import time
from typing import Protocol

from liquid_control.nodes import messages, qos
from liquid_control.signals import NANOSECONDS
from rclpy.node import Node
from rosgraph_msgs.msg import Clock as ClockMessage
from std_msgs.msg import Header

LATE = 0.05       # later than this the simulated clock slows [s]
LISTEN = 0.05     # who waits for another handles messages for so long [s]
AHEAD_NS = NANOSECONDS // 20      # the leader runs ahead of the slowest by at most so much
TELL_EVERY = 4    # steps between two reports of a follower
GONE = 2.0        # a follower that is silent for so long is not waited for [s]


class Pace(Protocol):
    """What says when the next step is due."""

    makes_clock: bool       # whether this world tells the time to the nodes

    def ready(self) -> bool:
        """Say whether all that step with this world are there; asked when it could begin."""

    def begin(self, now: float) -> None:
        """
        Begin a flight.

        :param now: steady clock [s].
        """

    def wait(self, now: float, time_ns: int) -> float:
        """
        Return for how long not to step [s]; at 0 a step is taken.

        :param now: steady clock [s].
        :param time_ns: simulated time.
        """

    def stepped(self, time_ns: int) -> None:
        """
        Take note of a step.

        :param time_ns: simulated time after it.
        """


class FreeRun:
    """Keeps pace with the steady clock; others may follow."""

    makes_clock = True

    def __init__(self, node: Node, period: float, followers: int) -> None:
        """
        Make the topic that others follow, if there are any.

        :param node: of the world.
        :param period: of a substep, by the steady clock [s].
        :param followers: worlds that step after this one; the start waits for them.
        """
        self._period, self._followers = period, followers
        self._due = self._begun = 0.0
        self._publisher = None
        self._progress: dict[str, tuple[int, float]] = {}   # who -> simulated [ns], heard at [s]
        if followers:
            self._publisher = node.create_publisher(ClockMessage, '~/pace', qos.COMMAND)
            node.create_subscription(Header, '~/progress', self._on_progress, qos.STATUS)

    def ready(self) -> bool:
        """Say whether every follower listens."""
        return (self._publisher is None
                or self._publisher.get_subscription_count() >= self._followers)

    def begin(self, now: float) -> None:
        """
        Begin a flight.

        :param now: steady clock [s].
        """
        self._due = self._begun = now

    def wait(self, now: float, time_ns: int) -> float:
        """
        Return for how long not to step [s]; at 0 a step is taken.

        :param now: steady clock [s].
        :param time_ns: simulated time.
        """
        if now < self._due:
            return self._due - now
        reached = [at for at, heard in self._progress.values() if now - heard < GONE]
        if len(self._progress) < self._followers and now - self._begun < GONE:
            reached.append(0)       # of one that has not told yet
        if reached and time_ns - min(reached) > AHEAD_NS:
            return LISTEN
        self._due = max(self._due + self._period, now - LATE)
        return 0.0

    def stepped(self, time_ns: int) -> None:
        """
        Tell the followers how far they may step.

        :param time_ns: simulated time after it.
        """
        if self._publisher is not None:
            self._publisher.publish(ClockMessage(clock=messages.to_time(time_ns)))

    def _on_progress(self, message: Header) -> None:
        self._progress[message.frame_id] = messages.stamp_ns(message.stamp), time.monotonic()


class Following:
    """Steps as far as the leader has."""

    makes_clock = False

    def __init__(self, node: Node, leader: str) -> None:
        """
        Know whom to follow; listening begins when this world could fly.

        :param node: of the world.
        :param leader: topic on which the leader tells its time.
        """
        self._node, self._leader = node, leader
        self._name = node.get_fully_qualified_name()
        self._steps = 0
        self._publisher = node.create_publisher(
            Header, f'{leader.removesuffix("/pace")}/progress', qos.STATUS)
        self._listening = False
        self._allowed_ns = -1

    def ready(self) -> bool:
        """Tell the leader, by listening, that this world could fly; wait for its first step."""
        if not self._listening:
            self._listening = True
            self._node.create_subscription(ClockMessage, self._leader, self._on_pace, qos.COMMAND)
        return self._allowed_ns >= 0

    def begin(self, now: float) -> None:
        """
        Begin a flight.

        :param now: steady clock [s].
        """

    def wait(self, now: float, time_ns: int) -> float:
        """
        Return for how long not to step [s]; at 0 a step is taken.

        :param now: steady clock [s].
        :param time_ns: simulated time.
        """
        return 0.0 if time_ns < self._allowed_ns else LISTEN

    def stepped(self, time_ns: int) -> None:
        """
        Tell the leader how far this world is.

        :param time_ns: simulated time after a step.
        """
        self._steps += 1
        if self._steps % TELL_EVERY == 0:
            self._publisher.publish(Header(stamp=messages.to_time(time_ns), frame_id=self._name))

    def _on_pace(self, message: ClockMessage) -> None:
        self._allowed_ns = messages.stamp_ns(message.clock)
