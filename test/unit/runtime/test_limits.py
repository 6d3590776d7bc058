# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of limits."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from liquid_control.errors import ConfigError
from liquid_control.runtime.limits import Limits
from liquid_control.signals import Axis, CommandSpec
import pytest

DRONE = CommandSpec((Axis('vx', 1.6, 3.0, 5.0), Axis('vy', 0.8, 3.0, 5.0),
                     Axis('vz', 0.8, 2.0, 4.0), Axis('yaw_rate', 2.0, 6.0, 8.0)))
ROVER = CommandSpec((Axis('vx', 1.0, 2.0, 1.0), Axis('yaw_rate', 1.5, 3.0, 3.0)))
NUMBERS = st.floats(-1e6, 1e6)
COMMANDS = st.lists(NUMBERS, min_size=4, max_size=4)


def test_linear_axes_keep_their_direction_and_rates_are_apart() -> None:
    """Twice too fast forward halves sideways and up; yaw is cut alone."""
    assert Limits(DRONE).velocity([3.2, 0.4, -0.2, 9.0]) == pytest.approx([1.6, 0.2, -0.1, 2.0])
    assert Limits(DRONE).velocity([1.0, 0.4, 0.0, -9.0]) == [1.0, 0.4, 0.0, -2.0]


def test_the_velocity_scale_lowers_linear_axes_alone() -> None:
    """Half speed, same turning."""
    assert Limits(DRONE, 0.5).velocity([1.6, 0.0, 0.0, 2.0]) == [0.8, 0.0, 0.0, 2.0]


def test_an_axis_with_a_limit_of_zero_stays_still_and_leaves_the_others() -> None:
    """A drone held at its height still flies."""
    vx, vy, vz, yaw_rate = DRONE.axes
    limits = Limits(CommandSpec((vx, vy, replace(vz, limit=0.0), yaw_rate)))
    assert limits.velocity([1.0, 0.2, 0.5, 1.0]) == [1.0, 0.2, 0.0, 1.0]
    still = Limits(CommandSpec(tuple(replace(axis, limit=0.0) for axis in DRONE.axes)))
    assert still.velocity([1.0, -0.2, 0.5, 1.0]) == [0.0] * 4


def test_a_deadband_swallows_small_wishes_by_their_length() -> None:
    """Of the linear axes together, so that no direction is bent; and of yaw alone."""
    limits = Limits(DRONE, deadband=(0.1, 0.2))
    assert limits.velocity([0.06, 0.06, 0.06, 0.19]) == [0.06, 0.06, 0.06, 0.0]
    assert limits.velocity([0.05, 0.05, 0.05, 0.21]) == [0.0, 0.0, 0.0, 0.21]
    assert Limits(DRONE).velocity([1e-9, 0.0, 0.0, 1e-9]) == [1e-9, 0.0, 0.0, 1e-9]


@settings(max_examples=200, deadline=None)
@given(COMMANDS)
def test_velocity_is_never_out_of_limits_and_limiting_twice_changes_nothing(
        wanted: list[float]) -> None:
    """Not by one bit."""
    once = Limits(DRONE).velocity(wanted)
    assert all(abs(value) <= axis.limit for value, axis in zip(once, DRONE.axes))
    assert Limits(DRONE).velocity(once) == once


@pytest.mark.parametrize('huge', [1.7e308, -1.7e308])
def test_the_largest_numbers_are_limited_too(huge: float) -> None:
    """No overflow on the way."""
    values = Limits(DRONE).velocity([huge, huge, 0.0, huge])
    assert abs(values[0]) == pytest.approx(0.8)
    assert abs(values[3]) == pytest.approx(2.0)


def test_acceleration_limits_the_change_and_keeps_its_direction() -> None:
    """The axis that needs longest sets the pace of all linear ones."""
    values = Limits(DRONE).change([0.0] * 4, [1.6, 0.8, 0.0, 2.0], 0.1, 0.1)
    assert values == pytest.approx([0.3, 0.15, 0.0, 0.6])


def test_braking_may_use_the_stop_deceleration() -> None:
    """Else the guard would draw out a stop that the controller began."""
    values = Limits(DRONE).change([1.6, 0.0, 0.0, 0.0], [0.0] * 4, 0.1, 0.1)
    assert values == pytest.approx([1.1, 0.0, 0.0, 0.0])


def test_reversing_brakes_first_and_then_accelerates() -> None:
    """From 0.2 m/s: 0.04 s of braking at 5, then 0.06 s at 3 m/s2."""
    values = Limits(DRONE).change([0.2, 0.0, 0.0, 0.0], [-1.6, 0.0, 0.0, 0.0], 0.1, 0.1)
    assert values == pytest.approx([-0.18, 0.0, 0.0, 0.0])


def test_while_the_clock_stands_still_speed_may_only_fall() -> None:
    """Time passes by the steady clock alone: braking yes, accelerating no."""
    limits = Limits(DRONE)
    assert limits.change([0.0] * 4, [1.0, 0.0, 0.0, 1.0], 0.0, 0.1) == [0.0] * 4
    assert limits.change([1.0, 0.0, 0.0, 0.0], [0.0] * 4, 0.0, 0.1) == pytest.approx(
        [0.5, 0.0, 0.0, 0.0])
    assert limits.change([0.1, 0.0, 0.0, 0.0], [-1.0, 0.0, 0.0, 0.0], 0.0, 1.0) == pytest.approx(
        [0.0] * 4)


@settings(max_examples=300, deadline=None)
@given(COMMANDS, COMMANDS, st.floats(0.0, 10.0), st.floats(0.0, 10.0))
def test_a_change_obeys_every_limit_and_repeats_exactly(
        start: list[float], wanted: list[float], rising: float, more: float) -> None:
    """Whatever is asked for, and the second filter passes what the first returned."""
    limits = Limits(DRONE)
    previous, target = limits.velocity(start), limits.velocity(wanted)
    values = limits.change(previous, target, rising, rising + more)
    for value, before, axis in zip(values, previous, DRONE.axes):
        hardest = max(axis.acceleration, axis.stop_deceleration)
        assert abs(value) <= axis.limit
        assert abs(value - before) <= hardest * (rising + more) * (1 + 1e-6) + 1e-9
        if abs(value) > abs(before) and value * before >= 0:
            assert abs(value) - abs(before) <= axis.acceleration * rising * (1 + 1e-6) + 1e-9
    assert limits.change(previous, values, rising, rising + more) == values


@settings(max_examples=100, deadline=None)
@given(COMMANDS, st.floats(2e-3, 0.3))
def test_a_stop_keeps_its_direction_and_ends_in_exactly_zero(start: list[float],
                                                             period: float) -> None:
    """In the time that the slowest axis of a group needs, plus one tick."""
    limits = Limits(DRONE)
    first = values = limits.velocity(start)
    needed = max(abs(value) / axis.stop_deceleration for value, axis in zip(first, DRONE.axes))
    ticks = 0
    while any(values):
        before, values = values, limits.stop(values, period)
        ticks += 1
        for now, then, axis in zip(values, before, DRONE.axes):
            assert abs(now) <= abs(then)
            assert now * then >= 0
            assert abs(then) - abs(now) <= axis.stop_deceleration * period * (1 + 1e-6) + 1e-9
        if abs(values[0]) > 1e-300:     # subnormal numbers have no direction to keep
            assert values[1] / values[0] == pytest.approx(first[1] / first[0], rel=1e-6, abs=1e-12)
        assert ticks * period <= needed + 2 * period
    assert [str(value) for value in values] == ['0.0'] * 4       # and not -0.0


@pytest.mark.parametrize('elapsed', [0.0, 1e-300, 5e-324, 1e300])
def test_a_stop_by_tiny_and_huge_times(elapsed: float) -> None:
    """Nothing grows, nothing divides by zero, what is at rest stays there."""
    limits = Limits(ROVER)
    assert limits.stop([0.0, 0.0], elapsed) == [0.0, 0.0]
    assert all(abs(value) <= 1.0 for value in limits.stop([1.0, -1.0], elapsed))
    assert all(abs(value) <= 5e-324 for value in limits.stop([5e-324, -5e-324], elapsed))


@pytest.mark.parametrize(('axes', 'text'), [
    ((), 'at least one axis'),
    ((Axis('vx', 1, 1, 1), Axis('vx', 1, 1, 1)), 'each named once'),
    ((Axis('vx', -1, 1, 1),), 'a limit of 0 or more, found -1'),
    ((Axis('vx', float('nan'), 1, 1),), 'a limit of 0 or more'),
    ((Axis('vx', 1, 0, 1),), 'acceleration above 0, found 0'),
    ((Axis('vx', 1, 1, float('inf')),), 'stop_deceleration above 0, found inf')])
def test_limits_that_make_no_sense_are_refused(axes: tuple[Axis, ...], text: str) -> None:
    """At construction."""
    with pytest.raises(ConfigError, match=text):
        Limits(CommandSpec(axes))


def test_what_can_be_reached_from_above_a_lowered_limit_is_no_jump() -> None:
    limits = Limits(CommandSpec((Axis('vx', 2.0, 6.0, 4.0), Axis('vy', 2.0, 6.0, 4.0))))
    limits.rescale(0.1)
    low, high = limits.reachable([-2.0, 2.0], 0.02, 0.02)
    assert low[0] == -2.0 and high[0] == pytest.approx(-1.88)
    assert high[1] == 2.0 and low[1] == pytest.approx(1.88)
