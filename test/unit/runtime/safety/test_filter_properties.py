# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The safety filter under arbitrary clocks, stamps, commands and engagements."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.runtime.safety import SafetyConfig, SafetyFilter
from liquid_control.signals import Axis, CommandSpec, Reason
import numpy as np

MS = 1_000_000
SPEC = CommandSpec((Axis('vx', 1.6, 4.0, 5.0), Axis('vy', 0.8, 4.0, 3.0),
                    Axis('vz', 0.0, 1.0, 1.0), Axis('yaw_rate', 2.0, 12.0, 8.0)))
LIMITS = np.array([axis.limit for axis in SPEC.axes])
HARDEST = np.array([max(axis.acceleration, axis.stop_deceleration) for axis in SPEC.axes])
MOVING = (Reason.OK, Reason.LIMITED, Reason.MANUAL)
JUMPS_MS = st.one_of(st.integers(0, 60), st.integers(-5_000, 5_000),
                     st.sampled_from([0, 1, 300, 301, -100, -101, 3_600_000, -3_600_000]))
NUMBERS = st.one_of(st.floats(-3, 3), st.floats())       # the latter: NaN, Inf, 1e308, 5e-324
COMMANDS = st.one_of(st.none(), st.lists(NUMBERS, min_size=4, max_size=4).map(np.array))


@st.composite
def events(draw: st.DrawFn) -> list[tuple]:
    """Draw what may happen between ticks, and the ticks."""
    return draw(st.lists(st.tuples(
        JUMPS_MS, st.integers(0, 400), COMMANDS, st.booleans(),
        st.lists(st.tuples(st.sampled_from(['camera', 'imu', 'manual']), JUMPS_MS), max_size=4)),
        min_size=1, max_size=40))


@settings(max_examples=300, deadline=None)
@given(events())
def test_whatever_happens_what_is_sent_is_within_limits(happenings: list[tuple]) -> None:
    """Finite, limited in magnitude and change, and moving off only for a good reason."""
    safety = SafetyFilter(SPEC, SafetyConfig(), ('camera', 'imu'))
    now, steady, before = 50_000 * MS, 7 * MS, np.zeros(4)
    for now_ms, steady_ms, wanted, engaged, heard in happenings:
        now, steady = now + now_ms * MS, steady + steady_ms * MS
        safety.engage(engaged)
        for source, shift_ms in heard:
            if source == 'manual':
                safety.heard_manual(np.array([0.5, 0.0, 0.0, 0.0]), now + shift_ms * MS, now,
                                    steady)
            else:
                safety.heard(source, now + shift_ms * MS, steady)
        values, reason = safety.filter(wanted, now, steady)
        assert np.isfinite(values).all()
        assert (np.abs(values) <= LIMITS).all()
        grown = np.abs(values) > np.abs(before)
        assert (np.abs(values[grown]) <= np.abs(before[grown]) + HARDEST[grown] * 0.3 + 1e-9).all()
        if reason not in MOVING:
            assert (np.abs(values) <= np.abs(before)).all()
        if not engaged:
            assert reason not in (Reason.OK, Reason.LIMITED)
        if reason is Reason.OK:
            assert np.array_equal(values, wanted)
        before = values


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 290), COMMANDS, st.booleans(), st.booleans()),
                min_size=1, max_size=40))
def test_a_second_filter_changes_no_bit(happenings: list[tuple]) -> None:
    """The guard filters what the controller filtered, at the same times."""
    first = SafetyFilter(SPEC, SafetyConfig(), ('camera', 'imu'))
    second = SafetyFilter(SPEC, SafetyConfig(), ())
    second.engage(True)
    now = 50_000 * MS
    for ms, wanted, engaged, heard in happenings:
        now += ms * MS
        first.engage(engaged)
        if heard:
            first.heard('camera', now, now)
            first.heard('imu', now, now)
        sent, _ = first.filter(wanted, now, now)
        again, reason = second.filter(sent, now, now)
        assert again.tobytes() == sent.tobytes()
        assert reason is Reason.OK
        twice, _ = first.filter(sent, now, now)
        assert np.array_equal(twice, sent)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=4, max_size=4), st.integers(1, 100),
       st.integers(0, 1_000_000), st.sampled_from(['now', 'steady', 'both']))
def test_silence_ends_in_zero_in_time(wanted: list[float], period_ms: int, phase_ns: int,
                                      clock: str) -> None:
    """By whichever clock goes on, at any rate of ticks, from any velocity."""
    safety = SafetyFilter(SPEC, SafetyConfig(), ('camera', 'imu'))
    safety.engage(True)
    now = steady = 50_000 * MS
    for _ in range(80):
        now, steady = now + 20 * MS, steady + 20 * MS
        safety.heard('camera', now, steady)
        safety.heard('imu', now, steady)
        values, _ = safety.filter(np.array(wanted), now, steady)
    slowest = max(abs(value) / axis.stop_deceleration for value, axis in zip(values, SPEC.axes))
    bound = 0.3 + slowest + 0.1
    passed = phase_ns
    for _ in range(math.ceil(bound * 1000 / period_ms) + 2):
        passed += period_ms * MS
        values, _ = safety.filter(np.array(wanted), now + (clock != 'steady') * passed,
                                  steady + (clock != 'now') * passed)
        if passed / 1e9 > bound:
            assert not values.any()
    assert not values.any()
