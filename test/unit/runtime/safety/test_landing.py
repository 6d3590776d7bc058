# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A landing ends on the ground, whatever holds it up; and time may jump meanwhile."""

from dataclasses import replace

from liquid_control.runtime.safety import (
    FallbackConfig,
    FenceConfig,
    ProximityConfig,
    SafetyConfig,
    SafetyFilter,
    SeparationConfig,
)
from liquid_control.signals import Axis, CommandSpec, Reason, VehicleState
import numpy as np
import pytest

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0),
                    Axis('vz', 1.0, 4.0, 4.0)))
LEVEL = np.zeros(3)
RATE = 0.3
LAND = SafetyConfig(fallback=FallbackConfig('land', land_rate=RATE, land_timeout=60.0))
DOWN = replace(LAND, proximity=ProximityConfig('down'))
SWARM = replace(LAND, separation=SeparationConfig(('other',)))


class Landing:
    """A vehicle at 5 m that lands, and does what it is told at once; the ground is at 0."""

    def __init__(self, config: SafetyConfig, x: float = 0.0) -> None:
        self.filter = SafetyFilter(SPEC, config, ())
        self.position = np.array([x, 0.0, 5.0])
        self.other: list[float] | None = [90.0, 0.0, 0.0] if config.separation else None
        self.odometry = True
        self.distance: float | None = None      # that the range finder claims
        self.now = 50_000 * MS
        self.steady = 7_000 * MS
        self.sent = np.zeros(3)
        self.filter.engage(True)
        self.filter.fall_back()

    @property
    def altitude(self) -> float:
        """Return what is under it [m]."""
        return float(self.position[2])

    def tick(self, manual: np.ndarray | None = None) -> Reason:
        """Let 20 ms pass."""
        clear = self.filter.clearance
        assert clear is not None
        self.now, self.steady = self.now + 20 * MS, self.steady + 20 * MS
        self.position = self.position + 0.02 * self.sent
        self.position[2] = max(0.0, self.position[2])
        if self.odometry:
            clear.heard_odometry(self.state(self.position), self.steady)
        if self.other is not None:
            clear.heard_neighbour('other', self.state(self.other), self.steady)
        clear.heard_range(self.altitude if self.distance is None else self.distance, self.now,
                          self.steady)
        if manual is not None:
            self.filter.heard_manual(manual, self.now, self.now, self.steady)
        self.sent, reason = self.filter.filter(None, self.now, self.steady)
        assert (self.sent[:2] == 0.0).all() or manual is not None or self.other is not None
        return reason

    def state(self, position: object) -> VehicleState:
        """Return odometry of now."""
        return VehicleState(self.now, np.array(position), np.array([0.0, 0, 0, 1]), np.zeros(3),
                            np.zeros(3))

    def run(self, seconds: float, manual: np.ndarray | None = None) -> set[Reason]:
        """Return all reasons of a time."""
        return {self.tick(manual) for _ in range(round(seconds * 50))}

    def lands(self, seconds: float) -> bool:
        """Go on until it says so, and say whether that is true, and stays."""
        for _ in range(round(seconds * 50)):
            if self.tick() is Reason.LANDED:
                altitude = self.altitude
                assert self.run(2.0) == {Reason.LANDED} and not self.sent.any()
                return altitude < 0.12
        raise AssertionError(f'not landed in {seconds} s, at {self.position}')


@pytest.mark.parametrize('fence', [
    FenceConfig('cylinder', radius=10.0), FenceConfig('box', size=(9.0, 9.0)),
    FenceConfig('cylinder', radius=10.0, altitude=(1.0, 3.0))])
@pytest.mark.parametrize('x', [0.0, 12.0])
def test_it_lands_inside_and_outside_the_fence(fence: FenceConfig, x: float) -> None:
    """Outside, too, the ground is below; and so it is under the altitude band."""
    assert Landing(replace(LAND, fence=fence), x).lands(5.0 / RATE + 3.0)


@pytest.mark.parametrize(('change', 'seconds'), [
    ({'velocity_scale': 0.05}, 3.0), ({'deadband': 0.4}, 3.0), ({'jerk_limit': 0.01}, 12.0)])
def test_what_shapes_commands_does_not_hold_it_up(change: dict, seconds: float) -> None:
    """A gentle jerk limit draws the beginning out, no more."""
    assert Landing(replace(LAND, **change)).lands(5.0 / RATE + seconds)


def test_a_scale_that_is_lowered_in_flight_does_not_hold_it_up() -> None:
    """It is for the policy."""
    landing = Landing(LAND)
    landing.run(2.0)
    landing.filter.reconfigure(replace(LAND, velocity_scale=0.05))
    assert landing.tick() is Reason.LANDING and landing.sent[2] == -RATE
    assert landing.lands(5.0 / RATE + 3.0)


@pytest.mark.parametrize('scale', [1.0, 0.05])
def test_a_neighbour_underneath_is_waited_for(scale: float) -> None:
    """However long: neither standing still nor the time mean the ground while it waits."""
    landing = Landing(replace(SWARM, velocity_scale=scale))
    landing.other = [0.0, 0.0, 3.0]
    assert landing.run(80.0) == {Reason.LANDING}
    assert landing.altitude == pytest.approx(4.0, abs=0.05)
    landing.other = [90.0, 0.0, 0.0]
    assert landing.lands(4.1 / RATE + 3.0)


@pytest.mark.parametrize('seconds', [0.6, 2.4, 70.0])
def test_a_pilot_who_held_level_was_not_on_the_ground(seconds: float) -> None:
    """What was seen before does not count after, nor does the time."""
    landing = Landing(LAND)
    landing.run(2.1)
    assert landing.run(seconds, LEVEL) == {Reason.MANUAL}
    assert landing.lands(5.0 / RATE + 3.0)


def test_a_pilot_who_lifts_a_landed_vehicle_has_it_land_again() -> None:
    """It does not hover where it was left."""
    landing = Landing(LAND)
    assert landing.lands(5.0 / RATE + 3.0)
    landing.run(2.0, np.array([0.0, 0.0, 0.8]))
    assert landing.altitude > 1.0
    assert landing.lands(2.0 / RATE + 4.0)


@pytest.mark.parametrize('odometry', [True, False])
def test_an_echo_is_not_the_ground(odometry: bool) -> None:
    """Neither one of 0, which many drivers say for a failure, nor a short one of 5 cm."""
    landing = Landing(DOWN)
    landing.odometry = odometry
    for distance, seconds in ((0.0, 0.02), (0.05, 0.02), (0.05, 0.28), (0.0, 3.0)):
        landing.run(1.0)
        landing.distance = distance
        assert landing.run(seconds) == {Reason.LANDING}, distance
        landing.distance = None
    assert landing.lands(5.0 / RATE + 3.0)


def test_a_range_that_stays_is_the_ground() -> None:
    """Before standing still would tell; and so it is where it gets too near to measure."""
    landing = Landing(DOWN)
    landing.odometry, landing.distance = False, 0.09
    assert landing.run(0.2) == {Reason.LANDING}
    landing.distance = 0.0
    assert landing.run(0.1) == {Reason.LANDING}
    assert landing.run(0.08) == {Reason.LANDING, Reason.LANDED}


def test_the_time_is_that_of_the_descent() -> None:
    """Without odometry and range nothing else ends it."""
    landing = Landing(replace(LAND, fallback=FallbackConfig('land', RATE, land_timeout=4.0)))
    landing.odometry = False
    landing.run(3.0)
    landing.run(1.0, LEVEL)
    assert landing.run(0.5) == {Reason.MANUAL}      # a pilot's command holds for a while
    assert landing.run(4.0) == {Reason.LANDING}
    assert landing.run(0.3) == {Reason.LANDING, Reason.LANDED}


def test_it_descends_no_faster_than_the_vehicle_may() -> None:
    """A rate beyond the limit is the limit."""
    landing = Landing(replace(LAND, fallback=FallbackConfig('land', land_rate=5.0)))
    landing.run(1.0)
    assert landing.sent.tolist() == [0.0, 0.0, -1.0]
    assert landing.lands(8.0)


@pytest.mark.parametrize('forgets', [True, False])
@pytest.mark.parametrize('step_ms', [-150, -20_000])
def test_a_clock_that_steps_back_does_not_end_a_landing(forgets: bool, step_ms: int) -> None:
    """What was heard may be forgotten, not that it lands."""
    landing = Landing(LAND)
    landing.run(3.0)
    landing.now += step_ms * MS
    if forgets:
        landing.filter.forget()
    assert landing.run(3.0) == {Reason.LANDING} and not landing.filter.engaged
    assert landing.sent[2] == -RATE
    assert landing.lands(5.0 / RATE + 3.0)


def test_a_clock_that_steps_back_breaks_no_silence() -> None:
    """Whoever took over is not fought; a new engagement, or a restart, ends it."""
    config = SafetyConfig(fallback=FallbackConfig('handover'), fence=FenceConfig(
        'cylinder', radius=90.0))
    landing = Landing(config)
    assert landing.run(0.5) == {Reason.HANDED_OVER}
    landing.now -= 20_000 * MS
    assert landing.run(0.5) == {Reason.HANDED_OVER}
    landing.filter.forget()
    assert landing.run(0.5) == {Reason.HANDED_OVER} and not landing.filter.engaged
    landing.filter.restart()
    assert landing.run(0.5) == {Reason.NOT_ENGAGED}


@pytest.mark.parametrize('end', [lambda safety: safety.restart(),
                                 lambda safety: safety.engage(True),
                                 lambda safety: safety.engage(False)])
def test_a_person_ends_it(end: object) -> None:
    """By a restart, or by engaging or not."""
    landing = Landing(LAND)
    landing.run(3.0)
    end(landing.filter)         # type: ignore[operator]
    assert landing.run(1.0) & {Reason.LANDING, Reason.LANDED} == set()
