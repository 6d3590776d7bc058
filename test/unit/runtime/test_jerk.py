# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A limit of jerk: an S against its closed form, and what it must not delay."""

from liquid_control.runtime.jerk import JerkLimit
from liquid_control.runtime.limits import Limits
from liquid_control.signals import Axis, CommandSpec
import pytest

SPEC = CommandSpec((Axis('vx', 4.0, 4.0, 5.0),))
JERK = 8.0


def shaped(wanted: float, dt: float, seconds: float) -> list[float]:
    """Return the speeds at which a wish is approached from rest."""
    jerk = JerkLimit([JERK])
    limits = Limits(SPEC, jerk=jerk)
    values, speeds = [0.0], []
    for _ in range(round(seconds / dt)):
        before, values = values, limits.change(values, [wanted], dt, dt)
        jerk.note(before, values, dt)
        speeds.append(values[0])
    return speeds


@pytest.mark.parametrize('wanted', [1.0, 3.0])
def test_the_way_to_a_wish_is_an_s(wanted: float) -> None:
    """
    As long as theory says, at most as steep as the acceleration, and never beyond.

    Without reaching the acceleration a, a speed v takes 2 sqrt(v / j), else v / a + a / j.
    """
    dt = 0.001
    speeds = shaped(wanted, dt, 3.0)
    takes = 2 * (wanted / JERK) ** 0.5 if wanted < 4.0 ** 2 / JERK else wanted / 4.0 + 4.0 / JERK
    arrived = next(i for i, speed in enumerate(speeds) if speed > 0.999 * wanted) * dt
    assert arrived == pytest.approx(takes, abs=0.04)
    accelerations = [(b - a) / dt for a, b in zip(speeds, speeds[1:])]
    jerks = [(b - a) / dt for a, b in zip(accelerations, accelerations[1:])]
    assert max(accelerations) <= 4.0 + 1e-6
    assert max(map(abs, jerks)) <= JERK * 1.01
    assert max(speeds) <= wanted and speeds[-1] == wanted


@pytest.mark.parametrize('dt', [0.004, 0.033, 0.1])
def test_any_rate_of_ticks_arrives(dt: float) -> None:
    """Exactly, and without overshoot."""
    speeds = shaped(2.0, dt, 3.0)
    assert speeds[-1] == 2.0
    assert speeds == sorted(speeds)


def test_losing_speed_is_not_shaped() -> None:
    """A brake, a smaller wish in the midst of an acceleration, and a reversal to zero."""
    jerk = JerkLimit([JERK])
    limits = Limits(SPEC, jerk=jerk)
    plain = Limits(SPEC)
    assert limits.change([2.0], [0.5], 0.1, 0.1) == plain.change([2.0], [0.5], 0.1, 0.1)
    jerk.note([0.0], [0.3], 0.1)
    assert limits.change([0.3], [0.3], 0.1, 0.1) == [0.3]
    braked = limits.change([0.5], [-1.0], 0.15, 0.15)[0]        # zero after 0.1 s
    assert braked == pytest.approx(-JERK * 0.05 ** 2)


def test_what_was_gained_counts_on_and_what_was_lost_does_not() -> None:
    """The acceleration may grow by jerk times time, from where it was."""
    jerk = JerkLimit([JERK])
    jerk.note([0.0], [0.2], 0.1)            # 2 m/s2
    assert jerk.growth(0, 9.0, 0.1) == pytest.approx((2.0 + JERK * 0.1) * 0.1)
    assert jerk.growth(0, -9.0, 0.1) == pytest.approx(JERK * 0.1 * 0.1)
    jerk.note([0.2], [0.1], 0.1)
    assert jerk.growth(0, 9.0, 0.1) == pytest.approx(JERK * 0.1 * 0.1)
    assert JerkLimit([0.0]).growth(0, 9.0, 0.1) == 9.0
    assert jerk.growth(0, 9.0, 0.0) == 0.0
