# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Two vehicles that share odometry and fly at each other."""

import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter, SeparationConfig
from liquid_control.signals import Axis, CommandSpec, Reason, VehicleState
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0),
                    Axis('vz', 1.0, 4.0, 4.0), Axis('yaw_rate', 1.5, 15.0, 15.0)))


class Member:
    """One vehicle of two, which does what it is told."""

    def __init__(self, name: str, other: str, place: list[float], yaw: float) -> None:
        self.name, self.other = name, other
        self.filter = SafetyFilter(SPEC, SafetyConfig(separation=SeparationConfig((other,))), ())
        self.filter.engage(True)
        self.place, self.yaw = np.array(place), yaw
        self.velocity = np.zeros(3)
        self.reason = Reason.OK
        self.now = 50_000 * MS

    def state(self, now: int) -> VehicleState:
        """Return odometry."""
        half = 0.5 * self.yaw
        return VehicleState(now, self.place, np.array([0, 0, math.sin(half), math.cos(half)]),
                            self.velocity, np.zeros(3))

    def tick(self, wanted: list[float], now: int, other: VehicleState | None) -> None:
        """Hear, command, and fly 20 ms."""
        assert self.filter.clearance is not None
        self.filter.clearance.heard_odometry(self.state(now), now)
        if other is not None:
            self.filter.clearance.heard_neighbour(self.other, other, now)
        (x, y, z, _), self.reason = self.filter.filter(np.array(wanted), now, now)
        cosine, sine = math.cos(self.yaw), math.sin(self.yaw)
        self.velocity = np.array([cosine * x - sine * y, sine * x + cosine * y, z])
        self.place = self.place + 0.02 * self.velocity


@pytest.fixture
def pair() -> tuple[Member, Member]:
    """Return two vehicles that face each other, 8 m apart."""
    return (Member('one', 'two', [0.0, 0.0, 1.0], 0.0),
            Member('two', 'one', [8.0, 0.0, 1.0], math.pi))


def fly(pair: tuple[Member, Member], wanted: list[float], other_wants: list[float],
        seconds: float) -> list[float]:
    """Let both fly, and return how far apart they were."""
    one, two = pair
    gaps = []
    for _ in range(round(seconds * 50)):
        one.now = now = one.now + 20 * MS
        of_one, of_two = one.state(now), two.state(now)
        one.tick(wanted, now, of_two)
        two.tick(other_wants, now, of_one)
        gaps.append(float(np.linalg.norm(one.place - two.place)))
    return gaps


def test_head_on_both_stop_at_the_distance(pair: tuple[Member, Member]) -> None:
    """Not before, and neither is pushed back."""
    gaps = fly(pair, [2.0, 0.0, 0.0, 0.0], [2.0, 0.0, 0.0, 0.0], 12.0)
    assert min(gaps) >= 1.0 - 1e-3
    assert gaps[-1] == pytest.approx(1.0, abs=0.05)
    assert {member.reason for member in pair} == {Reason.SEPARATION}


def test_a_standing_neighbour_is_passed_but_not_met(pair: tuple[Member, Member]) -> None:
    """What leads past it is left of the command; a metre to the side nothing is cut."""
    assert min(fly(pair, [2.0, 0.0, 0.0, 0.0], [0.0] * 4, 10.0)) >= 1.0 - 1e-3
    one, two = pair
    one.place = two.place - np.array([1.5, 1.4, 0.0])
    assert min(fly(pair, [1.0, 0.4, 0.0, 0.0], [0.0] * 4, 6.0)) >= 1.0 - 1e-3
    assert one.place[0] > two.place[0] + 1.0, 'it came past'


def test_nearer_than_the_distance_only_away_passes(pair: tuple[Member, Member]) -> None:
    """Somebody was carried there by wind."""
    one, two = pair
    one.place = two.place - np.array([0.6, 0.0, 0.0])
    assert np.diff(fly(pair, [1.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], 2.0)).min() >= -1e-9
    assert fly(pair, [-1.0, 0.0, 0.0, 0.0], [0.0] * 4, 2.0)[-1] > 2.0


def test_a_neighbour_that_is_not_heard_stops_the_vehicle(pair: tuple[Member, Member]) -> None:
    """It may be anywhere: from the start, and when it falls silent."""
    one, two = pair
    now = 50_000 * MS
    for index in range(100):
        now += 20 * MS
        one.tick([1.0, 0.0, 0.0, 0.0], now, two.state(now) if 20 < index < 60 else None)
        if index == 10:
            assert one.reason is Reason.NEIGHBOUR_STALE and not one.velocity.any()
        if index == 55:
            assert one.velocity[0] == 1.0
    assert one.reason is Reason.NEIGHBOUR_STALE and not one.velocity.any()


@pytest.mark.parametrize('bad', [{'neighbours': ()}, {'neighbours': ('a', 'a')},
                                 {'neighbours': ('',)}, {'distance': 0.0}, {'deadline': math.inf}])
def test_what_makes_no_sense_is_refused(bad: dict) -> None:
    """At construction."""
    with pytest.raises(ConfigError, match='expected'):
        SeparationConfig(**{'neighbours': ('a',)} | bad)
