# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Lorenz's equations, of which one coordinate is observed at irregular times.

dx/dt = 10 (y - x), dy/dt = x (28 - z) - y, dz/dt = x y - 8/3 z (Lorenz, "Deterministic nonperiodic
flow", Journal of the Atmospheric Sciences 20, 1963). From x alone, and the time to the next
observation, x at that time is to be told; y and z have to be inferred from what came before.
Trajectories begin on the attractor, each split at places of its own.
"""

from dataclasses import replace

from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.floors import autoregression, persistence
from liquid_control.tasks.task import Model, Recipe, Sequences, Task, TaskData, TaskOptions
import numpy as np
from numpy.typing import NDArray
import torch

STEPS = 64
GAPS = (0.02, 0.2)        # between observations, uniform; a turn of the attractor takes 0.75
SPIN_UP = 10.0            # from anywhere to the attractor
LONGEST_STEP = 0.005      # of the integration, whose error over a gap is then below 1e-6
COUNTS = (512, 128, 256)  # sequences of train, validation, test
SEEDS = (0, 500_000, 600_000)     # of the splits, as everywhere in this package
ORDERS = (2, 8)           # observations that linear forecasts see

Floats = NDArray[np.float64]


def slope(state: Floats) -> Floats:
    """
    Return the right-hand side of Lorenz's equations.

    :param state: (..., 3), x, y, z.
    :returns: (..., 3), a unit of time.
    """
    x, y, z = np.moveaxis(state, -1, 0)
    return np.stack([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z], axis=-1)


def advance(state: Floats, duration: Floats) -> Floats:
    """
    Integrate by the classical Runge-Kutta method, in equal steps of `LONGEST_STEP` at most.

    :param state: (n, 3).
    :param duration: (n, 1).
    :returns: (n, 3).
    """
    count = int(np.ceil(duration.max() / LONGEST_STEP))
    part = duration / count
    for _ in range(count):
        first = slope(state)
        second = slope(state + part / 2 * first)
        third = slope(state + part / 2 * second)
        fourth = slope(state + part * third)
        state = state + part / 6 * (first + 2 * (second + third) + fourth)
    return state


def observe(count: int, seed: int) -> tuple[Floats, Floats]:
    """
    Draw trajectories and look at them now and then.

    :param count: n, trajectories.
    :param seed: of places and gaps.
    :returns: x (n, STEPS + 1), and the gap before each observation (n, STEPS + 1).
    """
    random = np.random.default_rng(seed)
    state = advance(random.normal([0.0, 0.0, 25.0], 8.0, (count, 3)), np.full((count, 1), SPIN_UP))
    gaps = random.uniform(*GAPS, (count, STEPS + 1))
    seen = []
    for gap in gaps.T:
        state = advance(state, gap[:, None])
        seen.append(state[:, 0])
    return np.stack(seen, axis=1), gaps


def load(options: TaskOptions) -> TaskData:
    """
    Generate the three splits; x is in units of its standard deviation over train.

    :param options: quick: a tenth of the sequences.
    """
    counts = [count // 10 for count in COUNTS] if options.quick else COUNTS
    drawn = [observe(count, seed) for count, seed in zip(counts, SEEDS)]
    unit = drawn[0][0].std()
    splits = [(x / unit, gaps) for x, gaps in drawn]
    change = np.diff(splits[0][0]).std()
    train, validation, test = (_sequences(x, gaps) for x, gaps in splits)
    return TaskData(train, validation, test, outputs=1,
                    floors=_floors(splits[0], splits[2]),
                    scale=torch.tensor([change], dtype=torch.float32))


def _floors(train: tuple[Floats, Floats], test: tuple[Floats, Floats]) -> dict[str, float]:
    """Tell how far one gets linearly from the last observations and the gaps between them."""
    (seen, ahead), (test_seen, test_ahead) = _linear(*train), _linear(*test)
    floors = {'persistence': persistence(test_seen[..., :1], test_ahead)}
    for order in ORDERS:
        floors[f'AR({order}) with dt'] = autoregression(order, seen, ahead, test_seen, test_ahead)
    return floors


def _linear(x: Floats, gaps: Floats) -> tuple[Floats, Floats]:
    """List what a linear forecast sees (n, T, 4) and what it is to tell (n, T, 1)."""
    slopes = np.diff(x, prepend=x[:, :1]) / gaps
    now, ahead = x[:, :-1], gaps[:, 1:]
    seen = np.stack([now, ahead, now * ahead, slopes[:, :-1] * ahead], axis=-1)
    return seen, x[:, 1:, None]


def _sequences(x: Floats, gaps: Floats) -> Sequences:
    """Pair each observation, and the gap to the next one, with the next one."""
    seen, ahead = (torch.tensor(x[:, part, None], dtype=torch.float32)
                   for part in (slice(None, -1), slice(1, None)))
    before, after = (torch.tensor(gaps[:, part, None], dtype=torch.float32)
                     for part in (slice(None, -1), slice(1, None)))
    inputs = torch.cat([seen, after / GAPS[1]], dim=-1)
    mask = torch.ones(inputs.shape[:2], dtype=torch.bool)
    return Sequences(inputs, before, mask, targets=ahead, base=seen)


# About as many parameters each; the baselines are built to those of cfc.
SETTINGS = CellSettings(time_constants=(0.02, 2.0), nominal_dt=0.1)
TASK = Task(
    name='lorenz',
    title='Lorenz-63: x at the next irregular time, from x alone; its variance is 1',
    metric='mse', published=(),
    recipe=Recipe(epochs=120, batch=32, learning_rate=1e-2),
    models=(Model('ltc', 'ltc', 45, SETTINGS), Model('cfc', 'cfc', 32, SETTINGS),
            Model('cfc_mixed_memory', 'cfc', 22, replace(SETTINGS, mixed_memory=True)),
            Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS)),
    reference='cfc', load=load, time_unit='of the equations', skip=True)
