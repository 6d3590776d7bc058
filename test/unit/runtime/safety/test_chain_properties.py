# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every part of the safety layer at once, under sequences of whatever can happen."""

from dataclasses import dataclass, replace
import math

from hypothesis import given, settings
from hypothesis import strategies as st
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

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0),
                    Axis('vz', 1.0, 4.0, 4.0), Axis('yaw_rate', 1.5, 15.0, 15.0)))
LIMITS = np.array([axis.limit for axis in SPEC.axes])
HARDEST = np.array([max(axis.acceleration, axis.stop_deceleration) for axis in SPEC.axes])
RISING = np.array([axis.acceleration for axis in SPEC.axes])
JERK = np.array([25.0, 25.0, 25.0, 90.0])
EVERYTHING = SafetyConfig(
    deadband=0.02, yaw_deadband=0.02, jerk_limit=25.0, yaw_jerk_limit=90.0, engage_after=0.1,
    fence=FenceConfig('cylinder', (1.0, -2.0), radius=6.0, altitude=(0.5, 4.0), margin=0.2),
    proximity=ProximityConfig('forward'), separation=SeparationConfig(('other',)),
    fallback=FallbackConfig('land'))
BOX = replace(EVERYTHING, fence=FenceConfig('box', (1.0, -2.0), size=(10.0, 6.0),
                                            altitude=(0.5, 4.0)))

NUMBERS = st.one_of(st.floats(-3, 3), st.floats())       # the latter: NaN, Inf, 1e308, 5e-324
PLACES = st.one_of(st.floats(-8, 8), st.floats())
COMMANDS = st.one_of(st.none(), st.lists(NUMBERS, min_size=4, max_size=4).map(np.array))
JUMPS_MS = st.one_of(st.integers(0, 60), st.sampled_from([0, 301, -101, -5_000, 3_600_000]))
HEARD = st.one_of(
    st.tuples(st.sampled_from(['camera', 'imu']), st.none()),
    st.tuples(st.sampled_from(['odom', 'other']), st.lists(PLACES, min_size=7, max_size=7)),
    st.tuples(st.just('range'), st.one_of(st.floats(0, 5), st.floats())),
    st.tuples(st.just('manual'), st.lists(NUMBERS, min_size=4, max_size=4)),
    st.tuples(st.just('do'), st.sampled_from(['engage', 'disengage', 'fall_back', 'forget'])))
HAPPENINGS = st.lists(st.tuples(JUMPS_MS, st.integers(0, 400), COMMANDS,
                                st.lists(st.tuples(HEARD, JUMPS_MS), max_size=6)),
                      min_size=1, max_size=40)


def state(numbers: list[float], stamp: int) -> VehicleState:
    """Return odometry: position, velocity, yaw."""
    half = 0.5 * numbers[6]
    level = np.array([0.0, 0.0, math.sin(half), math.cos(half)]) if math.isfinite(half) else (
        np.full(4, np.nan))
    return VehicleState(stamp, np.array(numbers[:3]), level, np.array(numbers[3:6]), np.zeros(3))


def tell(safety: SafetyFilter, what: str, value: object, stamp: int, now: int,
         steady: int) -> None:
    """Let one thing happen."""
    assert safety.clearance is not None
    if what == 'do':
        {'engage': lambda: safety.engage(True), 'disengage': lambda: safety.engage(False),
         'fall_back': safety.fall_back, 'forget': safety.forget}[str(value)]()
    elif what == 'odom':
        safety.clearance.heard_odometry(state(value, stamp), steady)
    elif what == 'other':
        safety.clearance.heard_neighbour('other', state(value, stamp), steady)
    elif what == 'range':
        safety.clearance.heard_range(value, stamp, steady)
    elif what == 'manual':
        safety.heard_manual(np.array(value), stamp, now, steady)
    else:
        safety.heard(what, stamp, steady)


@settings(max_examples=250, deadline=None)
@given(HAPPENINGS, st.sampled_from([EVERYTHING, BOX]))
def test_whatever_happens_the_command_is_finite_and_within_every_limit(
        happenings: list[tuple], config: SafetyConfig) -> None:
    """Magnitude, acceleration, jerk of what gains speed; and a stop only ever slows down."""
    safety = SafetyFilter(SPEC, config, ('camera', 'imu'))
    now, steady, before, growth = 50_000 * MS, 7 * MS, np.zeros(4), np.zeros(4)
    for now_ms, steady_ms, wanted, heard in happenings:
        now, steady = now + now_ms * MS, steady + steady_ms * MS
        for (what, value), shift_ms in heard:
            tell(safety, what, value, now + shift_ms * MS, now, steady)
        values, reason = safety.filter(wanted, now, steady)
        assert np.isfinite(values).all()
        assert (np.abs(values) <= LIMITS).all()
        # A clock that was set is no time to gain speed in; see the filter.
        elapsed = 1e-3 * max(0, min(now_ms, 300) if now_ms <= 300 or steady_ms > 300
                             else steady_ms)
        grown = np.abs(values) > np.abs(before)
        assert (np.abs(values[grown])
                <= np.abs(before[grown]) + HARDEST[grown] * elapsed + 1e-9).all()
        if elapsed and reason in (Reason.OK, Reason.LIMITED, Reason.LANDING):
            gained = np.where(grown, (np.abs(values) - np.abs(before)) / elapsed, 0.0)
            same = np.sign(values) == np.sign(before)
            held = np.where(same, growth, 0.0)
            assert (gained <= held + JERK * elapsed + 1e-6).all()
        if elapsed or (np.abs(values) < np.abs(before)).any():
            growth = np.where(grown, (np.abs(values) - np.abs(before)) / (elapsed or 1.0), 0.0)
        if reason.value.endswith('_stale') or reason in (
                Reason.NOT_ENGAGED, Reason.NON_FINITE, Reason.SETTLING, Reason.CLOCK_BACKWARD,
                Reason.LANDED):
            assert (np.abs(values) <= np.abs(before)).all()
        if not safety.engaged:
            assert reason not in (Reason.OK, Reason.LIMITED)
        before = values


@dataclass
class Flight:
    """A vehicle that does what it is told, at once, and says where it is."""

    config: SafetyConfig
    position: np.ndarray
    yaw: float = 0.0
    now: int = 50_000 * MS

    def __post_init__(self) -> None:
        self.filter = SafetyFilter(SPEC, self.config, ('camera', 'imu'))
        self.filter.engage(True)
        self.values = np.zeros(4)
        self.gap = 9.0          # to what is ahead [m]

    def velocity(self) -> np.ndarray:
        """Return the velocity in odom."""
        cosine, sine = math.cos(self.yaw), math.sin(self.yaw)
        x, y, z = self.values[:3]
        return np.array([cosine * x - sine * y, sine * x + cosine * y, z])

    def tick(self, wanted: np.ndarray, ms: int, silent: str = '') -> Reason:
        """Fly on for a while, be heard, and command."""
        assert self.filter.clearance is not None
        # In parts of 5 ms or so: the way of a vehicle that turns is curved.
        for _ in range(-(-ms // 5)):
            part = 1e-3 * ms / -(-ms // 5)
            self.position = self.position + part * self.velocity()
            self.yaw += part * self.values[3]
            self.gap -= part * self.values[0]
        self.now += ms * MS
        for source in {'camera', 'imu'} - {silent}:
            self.filter.heard(source, self.now, self.now)
        clear = self.filter.clearance
        if silent != 'odom':
            clear.heard_odometry(state([*self.position, *self.velocity(), self.yaw], self.now),
                                 self.now)
        if silent != 'other':
            clear.heard_neighbour('other', state([90.0, 0, 0, 0, 0, 0, 0], self.now), self.now)
        if silent != 'range':
            clear.heard_range(self.gap, self.now, self.now)
        self.values, reason = self.filter.filter(wanted, self.now, self.now)
        return reason


WISHES = st.lists(st.tuples(st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array),
                            st.integers(1, 120)), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(WISHES, st.sampled_from([EVERYTHING, BOX]), st.integers(5, 50),
       st.sampled_from(['', 'odom', 'camera']))
def test_no_wish_leads_out_of_the_fence(wishes: list[tuple], config: SafetyConfig, ms: int,
                                        lost: str) -> None:
    """At any rate of ticks; not even when odometry is lost in the end, by more than the delay."""
    flight = Flight(config, np.array([1.0, -2.0, 2.0]))
    for wanted, ticks in wishes:
        for _ in range(ticks):
            flight.tick(wanted, ms)
            assert inside(flight, 0.02), flight.position
    for _ in range(round(1.2e3 / ms)):
        flight.tick(wishes[-1][0], ms, lost)
        # Until its deadline is over, 0.3 s, the vehicle flies by old odometry.
        assert inside(flight, 0.02 if lost != 'odom' else 0.25), flight.position


def inside(flight: Flight, slack: float) -> bool:
    """Say whether a vehicle is where it may be."""
    fence = flight.config.fence
    assert fence is not None and fence.altitude is not None
    x, y = flight.position[:2] - fence.home
    flat = (math.hypot(x, y) <= fence.radius + slack if fence.shape == 'cylinder' else
            abs(x) <= 0.5 * fence.size[0] + slack and abs(y) <= 0.5 * fence.size[1] + slack)
    low, high = fence.altitude
    return flat and low - slack <= flight.position[2] <= high + slack


@settings(max_examples=40, deadline=None)
@given(WISHES, st.sampled_from([EVERYTHING, BOX]), st.integers(5, 50), st.floats(-3.1, 3.1),
       st.sampled_from([(12.0, 0.0, 2.0), (-7.0, -9.0, 2.0), (1.0, -2.0, 6.0), (1.0, -2.0, 0.0)]))
def test_outside_nothing_leads_further_out(wishes: list[tuple], config: SafetyConfig, ms: int,
                                           yaw: float, where: tuple) -> None:
    """From anywhere outside, with any heading; what turning brings about is braked at once."""
    flight = Flight(config, np.array(where), yaw)
    fence = flight.config.fence
    assert fence is not None and fence.altitude is not None
    for wanted, ticks in wishes:
        for _ in range(ticks):
            before = np.linalg.norm(flight.values[:3])
            flight.tick(wanted, ms)
            if inside(flight, -0.3):
                return
            if (flight.velocity() @ outward(flight) > 1e-6).any():
                after = np.linalg.norm(flight.values[:3])
                assert after <= before - 4.0 * 1e-3 * ms + 1e-9, (flight.position, flight.yaw)


def outward(flight: Flight) -> np.ndarray:
    """Return unit vectors that lead away from the fenced space: (3, n)."""
    fence = flight.config.fence
    assert fence is not None and fence.altitude is not None
    away = flight.position[:2] - fence.home
    if fence.shape == 'box':
        half = 0.5 * np.array(fence.size)
        away = away - np.clip(away, -half, half)
    elif math.hypot(*away) <= fence.radius:
        away = np.zeros(2)
    low, high = fence.altitude
    up = (flight.position[2] > high) * 1.0 - (flight.position[2] < low) * 1.0
    length = math.hypot(*away)
    flat = away / length if length > 0.05 else np.zeros(2)      # at the border, rounding
    return np.array([[*flat, 0.0], [0.0, 0.0, up]]).T


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-3, 3), min_size=4, max_size=4).map(np.array), st.integers(1, 100),
       st.sampled_from(['camera', 'imu', 'odom', 'other', 'range']))
def test_silence_of_any_input_ends_in_zero_in_time(wanted: np.ndarray, ms: int,
                                                   silent: str) -> None:
    """Within deadline + v / stop_deceleration + 0.1 s, jerk limit or not."""
    config = replace(EVERYTHING, fence=FenceConfig('cylinder', radius=900.0))
    flight = Flight(config, np.zeros(3))
    for _ in range(60):
        flight.gap = 9.0
        flight.tick(wanted, 20)
    flight.gap = 9.0
    slowest = max(abs(value) / axis.stop_deceleration
                  for value, axis in zip(flight.values, SPEC.axes))
    deadline = 0.5 if silent == 'other' else 0.3
    bound, passed = deadline + slowest + 0.1, 0.0
    while passed <= bound:
        flight.tick(wanted, ms, silent)
        passed += 1e-3 * ms
    assert not flight.values.any()
