# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Differences from what is flown, against numbers that are known."""

import math

from liquid_control.runtime.comparison import Comparison, HOLDS, MEMORY
import numpy as np
import pytest

SECOND = 1_000_000_000


def test_difference_and_root_mean_square_of_each_axis() -> None:
    comparison = Comparison(('vx', 'yaw_rate'))
    comparison.heard(np.array([1.0, 0.0]), 0)
    for wanted in ([1.3, 0.2], [0.6, 0.2]):
        comparison.compare(np.array(wanted), 0)
    figures = comparison.figures(SECOND // 10)
    assert figures['difference_vx'] == pytest.approx(-0.4)
    assert figures['rms_vx'] == pytest.approx(math.sqrt((0.3**2 + 0.4**2) / 2))
    assert figures['difference_yaw_rate'] == figures['rms_yaw_rate'] == pytest.approx(0.2)
    assert figures['flown_age_s'] == pytest.approx(0.1)
    assert figures['compared'] == 2


def test_the_root_mean_square_forgets() -> None:
    """Of a square from +-1 to nothing, after one time constant 1/e is left."""
    comparison = Comparison(('vx',))
    roots = []
    for step in range(20_000):
        steady = step * SECOND // 100
        comparison.heard(np.zeros(1), steady)
        comparison.compare(np.array([float(step < 10_000)]), steady)
        roots.append(comparison.figures(steady)['rms_vx'])
    assert roots[9_999] == pytest.approx(1.0)
    after = 10_000 + round(100 * MEMORY)
    assert roots[after] == pytest.approx(math.sqrt(math.exp(-1.0)), rel=1e-2)


def test_what_was_flown_long_ago_is_compared_with_nothing() -> None:
    comparison = Comparison(('vx',))
    comparison.compare(np.ones(1), 0)
    assert comparison.figures(0) == {'compared': 0, 'unpaired': 1, 'flown_refused': 0}
    comparison.heard(np.zeros(1), 0)
    comparison.compare(np.ones(1), round((HOLDS + 0.01) * SECOND))
    assert comparison.unpaired == 2 and comparison.compared == 0


def test_not_a_number_is_refused_and_forgetting_keeps_the_counts() -> None:
    comparison = Comparison(('vx',))
    comparison.heard(np.array([2.0]), 0)
    comparison.heard(np.array([math.nan]), 0)
    comparison.compare(np.array([2.5]), 0)
    assert comparison.figures(0)['rms_vx'] == pytest.approx(0.5)
    comparison.forget()
    assert comparison.figures(0) == {'compared': 1, 'unpaired': 0, 'flown_refused': 1}
