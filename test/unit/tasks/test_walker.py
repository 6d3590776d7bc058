# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The walker: what is dropped and told, on a walker that counts its steps; and the real one."""

from types import SimpleNamespace
from typing import Any

import gymnasium
from liquid_control.errors import TaskUnavailableError
from liquid_control.tasks import walker
from liquid_control.tasks.task import TaskOptions
import numpy as np
import pytest
import torch


class Counter:
    """A walker whose observation tells its episode and its step, and that falls now and then."""

    def __init__(self) -> None:
        """Remember actions."""
        self.actions: list[np.ndarray] = []

    def reset(self, seed: int) -> tuple[np.ndarray, dict[str, Any]]:
        """Begin episode `seed`."""
        self.random, self.seed, self.step_number = np.random.default_rng(seed), seed, 0
        return self._observe(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Count; the third episode falls after 30 steps, the fourth after 150."""
        self.actions.append(action)
        self.step_number += 1
        fallen = self.step_number == {2: 30, 3: 150}.get(self.seed)
        return self._observe(), 0.0, fallen, False, {}

    def close(self) -> None:
        """Do nothing."""

    def _observe(self) -> np.ndarray:
        return np.array([self.seed, self.step_number, *self.random.normal(size=15)])


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Let Gymnasium make a counter, and four episodes be enough to train on."""
    made = Counter()
    monkeypatch.setattr(gymnasium, 'make', lambda name: made)
    monkeypatch.setattr(walker, 'COUNTS', (4, 1, 1))
    return made


def test_what_is_to_be_told_is_the_simulators_next_observation(counter: Counter) -> None:
    """One step ahead, whatever was dropped; dt tells how long nothing was seen."""
    data = walker.load(TaskOptions())
    for split in (data.train, data.validation, data.test):
        seen, told = split.base, split.targets
        assert torch.equal(told[..., 0], seen[..., 0])
        assert torch.equal(told[..., 1], seen[..., 1] + 1)
        steps = seen[:, 1:, 1] - seen[:, :-1, 1]
        assert split.dt[:, 1:, 0] == pytest.approx(steps * walker.STEP, abs=1e-6)
        assert split.inputs.shape[1:] == (walker.STEPS, 17)
        assert bool(split.mask.all())
    dropped = float((data.train.dt / walker.STEP - 1).mean())
    assert dropped == pytest.approx(0.1 / 0.9, abs=0.03)


def test_splits_share_no_episode_and_short_ones_are_left_out(counter: Counter) -> None:
    """Episode 2 falls too early; seeds are the package's."""
    data = walker.load(TaskOptions())
    episodes = [split.base[..., 0].unique().tolist()
                for split in (data.train, data.validation, data.test)]
    assert episodes == [[0, 1, 3], [500_000], [600_000]]
    flat = data.train.inputs[..., 1:].flatten(0, 1)
    assert flat.mean(dim=0) == pytest.approx(torch.zeros(16), abs=0.3)
    assert flat.std(dim=0) == pytest.approx(torch.ones(16), abs=0.3)


def test_actions_are_the_gaits_but_for_a_few(counter: Counter) -> None:
    """A joint that is where the gait wants it, at rest, gets no torque; 5 % are random."""
    walker.episode(counter, seed=0)
    seen = np.array(counter.actions)
    assert seen.shape == (walker.LENGTH, 6) and np.abs(seen).max() <= 1
    # By proportional and derivative torque of noise: nearly always at a limit.
    inside = (np.abs(seen) < 1).all(axis=1).mean()
    assert inside == pytest.approx(walker.OVERWRITTEN, abs=0.03)


def test_floors_of_a_counter(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise aside, the number of the step grows by 1: persistence knows less than a line."""
    monkeypatch.setattr(walker, 'FIRST_SEEDS', (0, 5, 6))     # a line goes on, but not so far
    floors = walker.load(TaskOptions()).floors
    assert list(floors) == ['persistence', 'AR(1) with dt', 'AR(2) with dt', 'AR(4) with dt']
    # Fifteen independent normal numbers: 2 where the last is held, 1 where the mean is told.
    assert floors['persistence'] == pytest.approx((1 + 15 * 2) / 17, rel=0.1)
    assert floors['AR(1) with dt'] == pytest.approx(15 / 17, rel=0.1)


def test_a_real_walk() -> None:
    """The gait does not fall in most episodes, and a seed is a walk."""
    pytest.importorskip('mujoco')
    pytest.importorskip('imageio')
    env = gymnasium.make('Walker2d-v5')
    walk, again, other = (walker.episode(env, seed) for seed in (0, 0, 1))
    assert env.unwrapped.dt == walker.STEP
    env.close()
    assert np.array_equal(walk, again) and not np.array_equal(walk[:50], other[:50])
    assert len(walk) > walker.STEPS and walk.shape[1] == 17
    forward = walk[:, 8].mean()       # m/s
    assert 0.2 < forward < 5
    hip = walk[100:, 2]
    assert hip.max() - hip.min() > 0.2     # it steps


@pytest.mark.parametrize('missing', [ImportError('imageio'),
                                     gymnasium.error.DependencyNotInstalled('mujoco')])
def test_without_mujoco(monkeypatch: pytest.MonkeyPatch, missing: Exception) -> None:
    """A sentence that says what to install."""
    def make(name: str) -> SimpleNamespace:
        raise missing

    monkeypatch.setattr(gymnasium, 'make', make)
    with pytest.raises(TaskUnavailableError, match=r'MuJoCo.*pip install \.\[tasks\]'):
        walker.load(TaskOptions(quick=True))
