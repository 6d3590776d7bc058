# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Metrics against answers known by other means."""

from hypothesis import given
from hypothesis import strategies as st
from liquid_control.evaluation.metrics import command_rate, path_efficiency, wilson_interval
from liquid_control.flight import Flight
import numpy as np
import pytest
from scipy.stats import binomtest


def flight(t: list[float], position: list[list[float]], command: list[list[float]],
           target: list[float]) -> Flight:
    """Make a flight of what the metrics look at."""
    places, count = np.array(position, dtype=float), len(t)
    return Flight(
        world='w', wind='W0', seed=0, policy='p', outcome='reached', time_s=t[-1],
        t=np.array(t), position=places, yaw=np.zeros(count), velocity=np.zeros((count, 3)),
        command=np.array(command, dtype=float), reasons=('ok',) * count,
        wind_velocity=np.zeros((count, 3)),
        distance=np.linalg.norm(places - np.array(target), axis=1), target=np.array(target),
        pillars=np.empty((0, 4)), frames=np.empty((0, 4, 4, 3), dtype=np.uint8),
        frame_times=np.empty(0))


@pytest.mark.parametrize(('successes', 'trials', 'low', 'high'), [
    (15, 20, 0.5313, 0.8881),
    (10, 10, 0.7225, 1.0),
    (0, 10, 0.0, 0.2775),
    (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
])
def test_wilson_interval_gives_published_values(successes: int, trials: int, low: float,
                                                high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=6e-5)


@given(st.integers(1, 2000).flatmap(
    lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_interval_agrees_with_scipy(case: tuple[int, int]) -> None:
    ours = wilson_interval(*case)
    theirs = binomtest(*case).proportion_ci(0.95, method='wilson')
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)
    assert 0.0 <= ours[0] <= case[0] / case[1] <= ours[1] <= 1.0


def test_wilson_interval_of_nothing_knows_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(ValueError, match='expected 0 to 3, found 4'):
        wilson_interval(4, 3)


def test_path_efficiency_of_known_paths() -> None:
    still = [[0.0] * 4] * 3
    straight = flight([0, 1, 2], [[0, 0, 1], [1, 0, 1], [2, 0, 1]], still, [2, 0, 1])
    corner = flight([0, 1, 2], [[0, 0, 0], [3, 0, 0], [3, 4, 0]], still, [3, 4, 0])
    away = flight([0, 1, 2], [[0, 0, 0], [-1, 0, 0], [-2, 0, 0]], still, [5, 0, 0])
    hover = flight([0, 1, 2], [[0, 0, 1]] * 3, still, [5, 0, 1])
    assert path_efficiency(straight) == pytest.approx(1.0)
    assert path_efficiency(corner) == pytest.approx(5 / 7)
    assert path_efficiency(away) == pytest.approx(-1.0)
    assert path_efficiency(hover) == 0.0


def test_command_rate_is_in_seconds_whatever_the_rate_of_frames() -> None:
    here = [[0.0, 0.0, 1.0]]
    for times in ([0.0, 0.5, 1.0], [0.0, 0.1, 1.0], list(np.linspace(0, 1, 30))):
        ramp = [[3 * t, 4 * t, 0.0, 9 * t * t] for t in times]  # 5 m/s2; yaw does not count
        assert command_rate(flight(times, here * len(times), ramp, [1, 0, 1])) \
            == pytest.approx(5.0)
    assert command_rate(flight([0.0, 1.0], here * 2, [[1.0, 0, 0, 0]] * 2, [1, 0, 1])) == 0.0
    assert command_rate(flight([0.0], here, [[1.0, 0, 0, 0]], [1, 0, 1])) == 0.0
