# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The pair that counts its steps: against exact solutions, and what is known of its stability."""

from liquid_control.tasks.dormand_prince import ERROR, FIFTH, integrate, STAGES, TIMES
import numpy as np
import pytest
from scipy.integrate import RK45


def test_the_pair_is_dormand_and_princes() -> None:
    """SciPy holds the same coefficients."""
    assert FIFTH == pytest.approx(RK45.B)
    # Signs may differ: an error is used by its magnitude.
    assert ERROR == pytest.approx(-RK45.E) or ERROR == pytest.approx(RK45.E)
    for stage, (time, weights) in enumerate(zip(TIMES, STAGES), start=1):
        assert weights == pytest.approx(RK45.A[stage, :stage] if stage < 6 else RK45.B)
        assert time == pytest.approx(RK45.C[stage])


def test_a_rotation_is_followed_within_its_tolerance() -> None:
    """Tighter tolerances come nearer the exact solution, in more steps."""
    def slope(_: float, state: np.ndarray) -> np.ndarray:
        return np.array([-state[1], state[0]])

    errors, counts = [], []
    for relative in (1e-3, 1e-6, 1e-9):
        times, states = integrate(slope, np.array([1.0, 0.0]), 10.0, relative=relative,
                                  absolute=relative * 1e-2)
        exact = np.stack([np.cos(times), np.sin(times)], axis=1)
        errors.append(np.abs(states - exact).max())
        counts.append(len(times))
        assert times[-1] == 10.0 and bool((np.diff(times) > 0).all())
    assert errors[0] < 2e-2 and errors[1] < 2e-5 and errors[2] < 2e-8
    assert counts[0] < counts[1] / 2 < counts[2] / 4


def test_time_itself_is_seen_by_the_slope() -> None:
    """The integral of cos t is sin t."""
    times, states = integrate(lambda time, _: np.array([np.cos(time)]), np.zeros(1), 5.0,
                              relative=1e-8, absolute=1e-10)
    assert states[:, 0] == pytest.approx(np.sin(times), abs=1e-7)


def test_nothing_to_follow_takes_ten_steps() -> None:
    """None is longer than a tenth of the duration."""
    times, _ = integrate(lambda _, state: np.zeros_like(state), np.zeros(3), 2.0, relative=1e-2,
                         absolute=1e-4)
    assert times == pytest.approx(np.linspace(0.2, 2.0, 10))


def test_a_fast_leak_is_limited_by_stability() -> None:
    """The pair is stable on the real axis to about 3.3: as many steps as that takes."""
    rate = 1000.0
    times, states = integrate(lambda time, state: -rate * (state - np.cos(time)), np.ones(1), 3.0,
                              relative=1e-2, absolute=1e-4)
    assert rate * 3.0 / 3.6 < len(times) < rate * 3.0 / 2.6
    assert states[-1, 0] == pytest.approx(np.cos(3.0), abs=0.02)
