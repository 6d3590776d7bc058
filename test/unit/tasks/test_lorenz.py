# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Lorenz's equations against what is known of them and against SciPy; gaps and splits."""

from liquid_control.tasks import lorenz
from liquid_control.tasks.task import TaskOptions
import numpy as np
import pytest
from scipy.integrate import solve_ivp
import torch


@pytest.fixture(scope='module')
def data() -> lorenz.TaskData:
    """Return a tenth of it."""
    return lorenz.load(TaskOptions(quick=True))


def test_the_equations_rest_where_they_are_known_to() -> None:
    """At the origin and in the middle of each wing, (+-sqrt 72, +-sqrt 72, 27)."""
    middle = 72 ** 0.5
    points = np.array([[0, 0, 0], [middle, middle, 27], [-middle, -middle, 27]])
    assert lorenz.slope(points) == pytest.approx(np.zeros((3, 3)), abs=1e-12)


def test_the_integration_agrees_with_scipys() -> None:
    """Over several gaps of each of some trajectories, to far less than a network could tell."""
    start = np.array([[1.0, 2.0, 20.0], [-8.0, -3.0, 30.0], [12.0, 9.0, 35.0]])
    gaps = np.array([[0.02], [0.2], [0.11]])
    ours = start
    for _ in range(5):
        ours = lorenz.advance(ours, gaps)
    for row, gap, end in zip(start, gaps, ours):
        fine = solve_ivp(lambda _, state: lorenz.slope(state), (0, 5 * gap[0]), row,
                         method='DOP853', rtol=1e-11, atol=1e-11).y[:, -1]
        assert end == pytest.approx(fine, abs=2e-5)


def test_a_step_tells_the_gap_to_what_is_to_be_told(data: lorenz.TaskData) -> None:
    """The next step's observation is this step's target, the next step's dt this step's gap."""
    for split in (data.train, data.validation, data.test):
        assert torch.equal(split.targets[:, :-1], split.inputs[:, 1:, :1])
        assert split.dt[:, 1:, 0] == pytest.approx(split.inputs[:, :-1, 1] * lorenz.GAPS[1])
        assert torch.equal(split.base, split.inputs[..., :1])
        assert float(split.dt.min()) >= lorenz.GAPS[0]
        assert float(split.dt.max()) <= lorenz.GAPS[1]
    assert float(data.train.inputs[..., 0].std()) == pytest.approx(1, abs=0.02)
    assert data.scale == pytest.approx((data.train.targets - data.train.base).std()[None],
                                       rel=0.02)


def test_trajectories_are_on_the_attractor_and_no_split_has_anothers(
        data: lorenz.TaskData) -> None:
    """Both wings, about equally; and the same ones every time."""
    x, _ = lorenz.observe(40, 1)
    assert np.abs(x).max() < 21 and 0.35 < (x > 0).mean() < 0.65
    first = [split.inputs[:, 0, 0] for split in (data.train, data.validation, data.test)]
    assert len(torch.unique(torch.cat(first))) == sum(map(len, first))
    again = lorenz.load(TaskOptions(seed=1, quick=True))
    assert torch.equal(again.test.inputs, data.test.inputs)


def test_floors(data: lorenz.TaskData) -> None:
    """Persistence by hand; straight ahead by the last slope is worse than what is fitted."""
    test = data.test
    assert data.floors['persistence'] == pytest.approx(
        float((test.targets - test.inputs[..., :1]).square().mean()), rel=1e-4)
    slope = (test.inputs[:, 1:, 0] - test.inputs[:, :-1, 0]) / test.dt[:, 1:, 0]
    straight = test.inputs[:, 1:, 0] + slope * test.inputs[:, 1:, 1] * lorenz.GAPS[1]
    by_hand = float((straight - test.targets[:, 1:, 0]).square().mean())
    assert data.floors['AR(8) with dt'] < data.floors['AR(2) with dt'] * 1.05 < by_hand
