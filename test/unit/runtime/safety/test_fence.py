# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The geometry of a fenced space, and what it does to a command."""

import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety import FenceConfig, SafetyConfig, SafetyFilter
from liquid_control.runtime.safety.fence import Fence
from liquid_control.signals import Axis, CommandSpec, Reason, VehicleState
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0),
                    Axis('vz', 1.0, 4.0, 4.0), Axis('yaw_rate', 1.5, 15.0, 15.0)))
CYLINDER = FenceConfig('cylinder', (1.0, 0.0), radius=5.0, altitude=(0.5, 3.0))
BOX = FenceConfig('box', (0.0, 0.0), size=(10.0, 4.0), margin=0.5)


class Flown:
    """A filter at a place that does not change, and a command that is given time."""

    def __init__(self, config: SafetyConfig, place: list[float], yaw: float = 0.0,
                 velocity: list[float] | None = None) -> None:
        self.filter = SafetyFilter(SPEC, config, ())
        self.filter.engage(True)
        self.place, self.yaw, self.now = place, yaw, 50_000 * MS
        self.velocity = velocity or [0.0, 0.0, 0.0]

    def tick(self, wanted: list[float], *, hear: bool = True) -> tuple[list[float], Reason]:
        """Let 20 ms pass."""
        assert self.filter.clearance is not None
        self.now += 20 * MS
        half = 0.5 * self.yaw
        if hear:
            self.filter.clearance.heard_odometry(VehicleState(
                self.now, np.array(self.place), np.array([0, 0, math.sin(half), math.cos(half)]),
                np.array(self.velocity), np.zeros(3)), self.now)
        values, reason = self.filter.filter(np.array(wanted), self.now, self.now)
        return values.tolist(), reason

    def settle(self, wanted: list[float]) -> tuple[list[float], Reason]:
        """Let two seconds pass."""
        for _ in range(100):
            values, reason = self.tick(wanted)
        return values, reason


def test_distances_to_the_borders() -> None:
    """Of a box, less its margin, and of a cylinder around home."""
    box = Fence(BOX)
    assert [barrier.distance for barrier in box.barriers((1.0, 0.5, 0.0))] == [3.5, 5.5, 1.0, 2.0]
    assert box.outward((1.0, 0.5, 0.0)) is None
    assert box.outward((5.5, 2.5, 0.0)) == pytest.approx((0.5 ** 0.5, 0.5 ** 0.5, 0.0))
    assert box.ahead((1.0, 0.5, 0.0), (0.6, 0.8, 0.0))[0] == pytest.approx(1.0 / 0.8)
    cylinder = Fence(CYLINDER)
    low, high, side = cylinder.barriers((4.0, 0.0, 1.0))
    assert (low.distance, high.distance, side.distance) == (0.5, 2.0, 2.0)
    assert cylinder.ahead((4.0, 0.0, 1.0), (0.0, 1.0, 0.0)) == (4.0, Reason.GEOFENCE)
    assert cylinder.ahead((4.0, 0.0, 1.0), (0.0, 0.0, -1.0)) == (0.5, Reason.ALTITUDE)
    assert cylinder.ahead((4.0, 0.0, 1.0), (-1.0, 0.0, 0.0))[0] == pytest.approx(8.0)


@pytest.mark.parametrize(('distance', 'speed'), [(9.0, 2.0), (0.5, 2.0), (0.18, 1.2), (0.02, 0.4),
                                                 (0.0, 0.0)])
def test_speed_toward_a_border_can_stop_before_it(distance: float, speed: float) -> None:
    """Without reaction time: v^2 / (2 a) = distance, with a = 4 m/s2."""
    config = SafetyConfig(fence=FenceConfig('cylinder', radius=10.0), reaction_time=0.0)
    flown = Flown(config, [10.0 - distance, 0.0, 0.0])
    values, reason = flown.settle([2.0, 0.0, 0.0, 1.0])
    assert values == pytest.approx([speed, 0.0, 0.0, 1.0])
    assert reason is (Reason.OK if speed == 2.0 else Reason.GEOFENCE)


def test_the_time_until_a_command_has_an_effect_counts() -> None:
    """By v t + v^2 / (2 a) = distance: 0.1 s at 1.2 m/s are 0.12 m more."""
    config = SafetyConfig(fence=FenceConfig('cylinder', radius=10.0), reaction_time=0.1)
    values, _ = Flown(config, [10.0 - 0.18 - 0.12, 0.0, 0.0]).settle([2.0, 0.0, 0.0, 0.0])
    assert values[0] == pytest.approx(1.2)


def test_a_border_is_followed_and_the_heading_counts() -> None:
    """At the border of a box, facing along y: forward leads out, to the right leads along."""
    flown = Flown(SafetyConfig(fence=BOX), [0.0, 1.5, 0.0], yaw=math.pi / 2)
    values, reason = flown.settle([1.0, -1.0, 0.0, 0.0])
    assert values == pytest.approx([0.0, -1.0, 0.0, 0.0], abs=1e-6)
    assert reason is Reason.GEOFENCE
    assert flown.settle([-1.0, 0.0, 0.0, 0.0]) == ([-1.0, 0.0, 0.0, 0.0], Reason.OK)


def test_a_plain_stop_ends_inside_too() -> None:
    """It keeps its direction: along a border, what leads out takes as long as the rest."""
    config = SafetyConfig(fence=FenceConfig('box', size=(20.0, 90.0)), reaction_time=0.0)
    flown = Flown(config, [9.98, 0.0, 0.0])
    (out, along, _, _), reason = flown.settle([0.4, 1.9, 0.0, 0.0])
    assert reason is Reason.GEOFENCE
    assert 0.5 * out * (max(out, along) / 4.0) <= 0.02 + 1e-9
    assert along > 0.5


@pytest.mark.parametrize(('wanted', 'passes'), [
    ([-1.0, 0.5, 0.2, 0.7], True), ([1.0, 0.0, 0.0, 0.7], False), ([0.0, 1.0, 0.0, 0.7], False),
    ([0.0, 0.0, 0.5, 0.7], False)])
def test_outside_only_what_leads_back_passes(wanted: list[float], passes: bool) -> None:
    """Turning always does: a vehicle must be able to look where it is to go."""
    values, reason = Flown(SafetyConfig(fence=CYLINDER), [7.0, 0.0, 2.0]).settle(wanted)
    assert values == (wanted if passes else [0.0, 0.0, 0.0, 0.7])
    assert reason is (Reason.OK if passes else Reason.GEOFENCE)


@pytest.mark.parametrize(('altitude', 'vz', 'sent'), [(0.1, -0.5, 0.0), (0.1, 0.5, 0.5),
                                                      (3.5, 0.5, 0.0), (3.5, -0.5, -0.5)])
def test_outside_the_band_the_vertical_part_leads_back(altitude: float, vz: float,
                                                       sent: float) -> None:
    """The rest passes: on the ground a vehicle is below its band, and may take off."""
    values, reason = Flown(SafetyConfig(fence=CYLINDER), [1.0, 0.0, altitude]).settle(
        [0.5, 0.0, vz, 0.0])
    assert values == pytest.approx([0.5, 0.0, sent, 0.0])
    assert reason is (Reason.OK if sent else Reason.ALTITUDE)


def test_without_odometry_it_stops_and_the_pilot_does_not() -> None:
    """Who can see may fly it home."""
    flown = Flown(SafetyConfig(fence=CYLINDER), [1.0, 0.0, 1.0])
    assert flown.settle([1.0, 0.0, 0.0, 0.0])[1] is Reason.OK
    for _ in range(60):
        values, reason = flown.tick([1.0, 0.0, 0.0, 0.0], hear=False)
    assert reason is Reason.ODOM_STALE and not any(values)
    flown.filter.heard_manual(np.array([0.5, 0.0, 0.0, 0.0]), flown.now, flown.now, flown.now)
    for _ in range(10):
        values, reason = flown.tick([1.0, 0.0, 0.0, 0.0], hear=False)
    assert reason is Reason.MANUAL and values[0] == 0.5


def test_the_pilot_is_fenced_in_too_while_the_place_is_known() -> None:
    """A limit is a limit."""
    flown = Flown(SafetyConfig(fence=CYLINDER), [7.0, 0.0, 1.0])
    flown.tick([0.0] * 4)
    flown.filter.heard_manual(np.array([0.5, 0.0, 0.0, 0.0]), flown.now, flown.now, flown.now)
    for _ in range(10):
        values, reason = flown.tick([0.0] * 4)
    assert reason is Reason.GEOFENCE and not any(values)


def test_the_vehicle_is_where_it_must_be_by_now() -> None:
    """Odometry of 0.2 s ago at 2 m/s: 0.4 m nearer to the border."""
    config = SafetyConfig(fence=FenceConfig('cylinder', radius=10.0), reaction_time=0.0)
    flown = Flown(config, [0.0, 0.0, 0.0], velocity=[2.0, 0.0, 0.0])
    assert flown.settle([2.0, 0.0, 0.0, 0.0])[1] is Reason.OK
    flown.place = [9.42, 0.0, 0.0]
    flown.tick([2.0, 0.0, 0.0, 0.0])
    for _ in range(10):
        values, reason = flown.tick([2.0, 0.0, 0.0, 0.0], hear=False)
    assert reason is Reason.GEOFENCE
    assert values[0] == pytest.approx(math.sqrt(2 * 4.0 * 0.18), abs=0.02)


@pytest.mark.parametrize('bad', [
    {'radius': 0.0, 'shape': 'cylinder'}, {'shape': 'box', 'size': (1.0, 0.2), 'margin': 0.1},
    {'altitude': (2.0, 1.0)}, {'margin': -1.0}, {'home': (math.nan, 0.0)}])
def test_a_fence_around_nothing_is_refused(bad: dict) -> None:
    """At construction."""
    with pytest.raises(ConfigError, match='expected'):
        FenceConfig(**bad)
