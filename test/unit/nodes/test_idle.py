# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Commands while nothing comes: steady, and not in bursts."""

from liquid_control.nodes.idle import Idle
import pytest


def due(idle: Idle, *times: float) -> list[float]:
    """Return at which of some times it is due."""
    return [now for now in times if idle.due(now)]


def test_it_is_due_every_period_while_nothing_comes() -> None:
    idle = Idle(0.02)
    idle.begin(1.0)
    assert due(idle, 1.0, 1.019, 1.021, 1.03, 1.0405, 1.0599, 1.0601) == [1.021, 1.0405, 1.0601]


def test_what_comes_puts_it_off() -> None:
    idle = Idle(0.02)
    idle.begin(1.0)
    idle.begin(1.015)
    assert due(idle, 1.021, 1.034, 1.0351) == [1.0351]


def test_a_stall_is_not_made_up_for() -> None:
    """One command at its end, and the next a period later."""
    idle = Idle(0.02)
    idle.begin(1.0)
    assert due(idle, 1.5, 1.5001, 1.51, 1.5199, 1.5201, 1.5399, 1.5402) == [1.5, 1.5201, 1.5402]


def test_it_tells_how_long_to_wait_and_never_begins_by_itself() -> None:
    idle = Idle(0.02)
    assert idle.wait(5.0) == float('inf') and not idle.due(5.0)
    idle.begin(5.0)
    assert idle.wait(5.005) == pytest.approx(0.015) and idle.wait(6.0) == 0.0
    idle.end()
    assert idle.wait(6.0) == float('inf') and not idle.due(6.0)
