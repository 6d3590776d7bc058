# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An offset that is known is found, however uneven the delays."""

from liquid_control.bridges.mavlink_clock import RemoteClock
import numpy as np

MS = 1_000_000
OFFSET = 1_700_000_000_123_456_789


def follow(clock: RemoteClock, seconds: float, drift: float = 0.0,
           booted: int = OFFSET) -> list[int]:
    """Send at 200 Hz with delays of 1 to 9 ms; return the errors of the stamps [ns]."""
    delays = np.random.default_rng(0).uniform(1 * MS, 9 * MS, int(seconds * 200)).astype(int)
    errors = []
    for number, delay in enumerate(delays):
        remote = number * 5 * MS
        true = booted + round(remote * (1 + drift))
        stamp = clock.stamp(remote, true + int(delay))
        assert stamp <= true + delay, 'a stamp is never after its arrival'
        errors.append(stamp - true)
    return errors


def test_the_offset_is_found_up_to_the_least_delay() -> None:
    errors = follow(RemoteClock(), 5.0)
    assert all(0 <= error <= 9 * MS for error in errors)
    assert max(errors[200:]) < 1.2 * MS


def test_a_drifting_clock_is_followed() -> None:
    errors = follow(RemoteClock(), 120.0, drift=50e-6)
    assert max(map(abs, errors[200:])) < 3 * MS


def test_a_restart_begins_anew() -> None:
    clock = RemoteClock()
    follow(clock, 5.0)
    errors = follow(clock, 5.0, booted=OFFSET + 60_000 * MS)
    assert clock.restarts == 1
    assert max(map(abs, errors)) < 10 * MS
