# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Figures against numbers that are known beforehand."""

from liquid_control.runtime.performance import Performance
from liquid_control.signals import Axis, Reason
import numpy as np
import pytest

MS = 1_000_000
SECOND = 1000 * MS
AXES = (Axis('vx', 2.0, 4.0, 4.0), Axis('yaw_rate', 1.0, 4.0, 4.0))


@pytest.fixture
def performance() -> Performance:
    return Performance(0.005, AXES)


def test_jitter_and_bias_of_the_interval(performance: Performance) -> None:
    """Intervals of 5 and 7 ms by turns: 6 ms, 1 ms of jitter, 1 ms more than nominal."""
    for index in range(100):
        performance.stepped(0.005 if index % 2 else 0.007, index * 6 * MS)
    found = performance.figures(SECOND)
    assert found['dt_mean_ms'] == pytest.approx(6.0)
    assert found['dt_jitter_ms'] == pytest.approx(1.0)
    assert found['dt_bias_ms'] == pytest.approx(1.0)


def test_percentiles_of_what_is_recent(performance: Performance) -> None:
    """1 to 101 ms; a stage that was slow eleven seconds ago is not slow now."""
    performance.took('step', 5000.0, 0)
    for value in range(1, 102):
        performance.took('step', float(value), 11 * SECOND)
    found = performance.figures(11 * SECOND)
    assert found['step_ms_p50'] == pytest.approx(51.0)
    assert found['step_ms_p99'] == pytest.approx(100.0)
    assert performance.figures(22 * SECOND) == {}


def test_saturation_is_the_share_at_a_limit(performance: Performance) -> None:
    """One of velocity, one of acceleration, backward too; two of five are free."""
    for values, reason in (([2.0, 0.0], Reason.OK), ([0.5, 0.2], Reason.LIMITED),
                           ([0.0, -0.995], Reason.OK), ([1.9, 0.9], Reason.OK),
                           ([0.0, 0.0], Reason.NOT_ENGAGED)):
        performance.commanded(np.array(values), reason, 0)
    assert performance.figures(0)['saturation'] == pytest.approx(0.6)


def test_memory_is_bounded(performance: Performance) -> None:
    """At any rate."""
    for index in range(20_000):
        performance.took('tick', 1.0, index)
    assert len(performance._times['tick']._values) == 8192
