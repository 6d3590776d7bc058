# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The next observation of a walking robot, samples of which are missing.

Gymnasium's Walker2d-v5 (MuJoCo), 17 observations, in the way of Lechner and Hasani, "Learning
long-term dependencies in irregularly-sampled time series" (2020), and of the CfC paper's code: a
tenth of the observations is dropped, and at each that is left the simulator's next one is to be
told, 8 ms ahead; sequences of 64. Their walker was driven by trained policies and theirs are other
rollouts, so figures compare only in kind. Here the policy is a fixed gait, found by a random
search: each joint follows a sine by proportional and derivative torque, varied from episode to
episode, and 5 % of the actions are random instead.
"""

from dataclasses import replace
from typing import Any

from liquid_control.errors import TaskUnavailableError
from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.floors import autoregression, persistence
from liquid_control.tasks.task import (
    Model,
    Published,
    Recipe,
    Sequences,
    Task,
    TaskData,
    TaskOptions,
)
import numpy as np
from numpy.typing import NDArray
import torch

STEP = 0.008                # of the simulator, four of MuJoCo's [s]
STEPS = 64                  # of a sequence, those dropped not counted
STRIDE = 32                 # between the beginnings of sequences of an episode
LENGTH = 400                # of an episode, in steps of the simulator, unless the walker falls
KEPT = 0.9                  # share of the observations that are not dropped
OVERWRITTEN = 0.05          # share of the actions that are random
COUNTS = (50, 8, 16)        # episodes of train, validation, test
QUICK = (3, 1, 1)
UNAVAILABLE = ('walker: needs Gymnasium and MuJoCo, which simulate it; run '
               '"pip install .[tasks]" in the checkout')
FIRST_SEEDS = (0, 500_000, 600_000)     # of the splits' episodes, as everywhere in this package

# The gait of one leg, joint by joint (hip, knee, ankle): amplitude and middle [rad], phase [rad];
# the other leg is half a period later.
AMPLITUDE, MIDDLE = (0.57, 0.31, 0.43), (0.26, -0.51, 0.62)
PHASE = (5.63, 5.62, 5.45)
FREQUENCY = 15.4            # [rad/s]
STIFFNESS, DAMPING = 3.8, 0.04      # torque of 1 a radian, and a radian a second
VARIATION = 0.05            # of amplitude and middle from episode to episode, as a share
JOINTS, SPEEDS = slice(2, 8), slice(11, 17)     # of an observation

Floats = NDArray[np.float64]


def episode(env: Any, seed: int) -> Floats:
    """
    Let the walker walk until it falls, or `LENGTH` steps.

    :param env: Walker2d.
    :param seed: of the start, of the gait's variation and of what is overwritten.
    :returns: (steps + 1, 17), observations.
    """
    random = np.random.default_rng(seed)
    amplitude, middle = (np.tile(legs, 2) * random.normal(1, VARIATION, 6)
                         for legs in (AMPLITUDE, MIDDLE))
    phase = np.concatenate([PHASE, np.add(PHASE, np.pi)])
    seen = [env.reset(seed=seed)[0]]
    for step in range(LENGTH):
        wanted = middle + amplitude * np.sin(FREQUENCY * step * STEP + phase)
        action = STIFFNESS * (wanted - seen[-1][JOINTS]) - DAMPING * seen[-1][SPEEDS]
        if random.random() < OVERWRITTEN:
            action = random.uniform(-1, 1, 6)
        observation, _, fallen, _, _ = env.step(np.clip(action, -1, 1))
        seen.append(observation)
        if fallen:
            break
    return np.stack(seen)


def thin(walk: Floats, seed: int) -> tuple[Floats, Floats, Floats]:
    """
    Drop observations at random, the first one never.

    :param walk: (steps + 1, 17).
    :param seed: of what is dropped.
    :returns: (k, 17) what is seen, (k,) the time since what was seen before [s], (k, 17) the
        simulator's next observation.
    """
    kept = np.random.default_rng(seed).random(len(walk) - 1) < KEPT
    kept[0] = True
    places = np.flatnonzero(kept)
    return walk[places], STEP * np.diff(places, prepend=-1), walk[places + 1]


def load(options: TaskOptions) -> TaskData:
    """
    Simulate the three splits; the error is in the observations' own units, as published.

    :param options: quick: five episodes.
    :raises TaskUnavailableError: if there is no Gymnasium with MuJoCo.
    """
    env = _walker()
    counts = QUICK if options.quick else COUNTS
    walks = [[thin(episode(env, seed), seed) for seed in range(first, first + count)]
             for first, count in zip(FIRST_SEEDS, counts)]
    env.close()
    seen = np.concatenate([walk[0] for walk in walks[0]])
    ahead = np.concatenate([walk[2] for walk in walks[0]])
    centre, spread = seen.mean(axis=0), seen.std(axis=0)
    train, validation, test = (_sequences(split, centre, spread) for split in walks)
    return TaskData(train, validation, test, outputs=seen.shape[1], floors=_floors(train, test),
                    scale=torch.tensor((ahead - seen).std(axis=0), dtype=torch.float32))


def _walker() -> Any:
    """Make the environment."""
    try:
        from gymnasium import error, make
    except ImportError as missing:
        raise TaskUnavailableError(UNAVAILABLE) from missing
    try:
        return make('Walker2d-v5')
    except (ImportError, error.DependencyNotInstalled) as missing:     # of MuJoCo, of imageio
        raise TaskUnavailableError(UNAVAILABLE) from missing


def _floors(train: Sequences, test: Sequences) -> dict[str, float]:
    """Tell how far one gets linearly from the last observations and the time between them."""
    seen, test_seen = (torch.cat([part.inputs, part.dt / STEP], dim=-1).double().numpy()
                       for part in (train, test))
    ahead, test_ahead = (part.targets.double().numpy() for part in (train, test))
    assert test.base is not None
    floors = {'persistence': persistence(test.base.double().numpy(), test_ahead)}
    for order in (1, 2, 4):
        floors[f'AR({order}) with dt'] = autoregression(order, seen, ahead, test_seen, test_ahead)
    return floors


def _sequences(walks: list[tuple[Floats, Floats, Floats]], centre: Floats,
               spread: Floats) -> Sequences:
    """Cut walks into sequences; those of one walk overlap."""
    parts = [[signal[first:first + STEPS] for signal in walk] for walk in walks
             for first in range(0, len(walk[0]) - STEPS + 1, STRIDE)]
    seen, elapsed, ahead = (torch.tensor(np.stack(signals), dtype=torch.float32)
                            for signals in zip(*parts))
    inputs = (seen - torch.tensor(centre)) / torch.tensor(spread)
    mask = torch.ones(seen.shape[:2], dtype=torch.bool)
    return Sequences(inputs.float(), elapsed[..., None], mask, targets=ahead, base=seen)


# About as many parameters each; the baselines are built to those of cfc.
SETTINGS = CellSettings(time_constants=(0.005, 1.0), nominal_dt=STEP)
SOURCE = "authors' code of CfC, train_walker.py: other rollouts"
TASK = Task(
    name='walker', title='Next observation of a walker, 10 % of the observations dropped',
    metric='mse',
    published=(Published('CfC, mixed memory', 0.61654, 0.00634, SOURCE),
               Published('CfC', 0.64038, 0.00574, SOURCE),
               Published('ODE-LSTM', 0.883, None,
                         'Lechner and Hasani, arXiv 2006.04418: other rollouts')),
    recipe=Recipe(epochs=60, batch=32, learning_rate=1e-2),
    models=(Model('ltc', 'ltc', 69, SETTINGS), Model('cfc', 'cfc', 48, SETTINGS),
            Model('cfc_mixed_memory', 'cfc', 32, replace(SETTINGS, mixed_memory=True)),
            Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS)),
    reference='cfc', load=load, skip=True)
