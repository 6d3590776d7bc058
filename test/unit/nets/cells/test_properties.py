# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What holds for every cell, wired or not, for any batch, intervals, resets and training."""

from collections.abc import Callable
from typing import get_args

from hypothesis import given, settings, strategies
from liquid_control.nets.baselines.build import BASELINES, make_baseline
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.catalogue import build_cell, CellSettings, LiquidName
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp_of_size
from liquid_control.wiring.random_wiring import random_wiring
from liquid_control.wiring.wiring import Wiring
import pytest
import torch
from torch import Tensor

INPUTS, NEURONS, STEPS = 4, 9, 4
WIRINGS: dict[str, Wiring] = {
    'dense': dense(INPUTS, NEURONS, 2, seed=1),
    'ncp': ncp_of_size(INPUTS, NEURONS, 2, sparsity=0.5, seed=1),
    'random': random_wiring(INPUTS, NEURONS, 2, sparsity=0.5, seed=1),
}
SETTINGS = {**{name: (name, CellSettings()) for name in get_args(LiquidName)},
            'cfc, mixed memory': ('cfc', CellSettings(mixed_memory=True)),
            'ltc, fused': ('ltc', CellSettings(solver='fused', substeps=3)),
            'plastic, deaf': ('plastic', CellSettings(senses='state'))}
CELLS: dict[str, Callable[[], Cell]] = {
    **{f'{kind}, {wiring}': lambda kind=kind, wiring=wiring: build_cell(
        SETTINGS[kind][0], WIRINGS[wiring], SETTINGS[kind][1])
       for kind in SETTINGS for wiring in WIRINGS},
    **{kind: lambda kind=kind: make_baseline(kind, INPUTS, NEURONS) for kind in BASELINES}}
SEEDS = strategies.integers(0, 2 ** 31)


def sequence(cell: Cell, batch: int, seed: int, longest: float) -> tuple[Tensor, Tensor, Tensor]:
    """Draw inputs (B, T, I), dt (B, T, 1) with some zeros, and a state that the cell came to."""
    generator = torch.Generator().manual_seed(seed)
    like = next(cell.parameters())

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=like.dtype)

    dt = longest * draw(batch, STEPS, 1) * (draw(batch, STEPS, 1) > 0.1)
    with torch.no_grad():
        _, state = cell.scan(6 * draw(batch, 3, INPUTS) - 3, draw(batch, 3, 1),
                             cell.initial_state(batch))
    return 6 * draw(batch, STEPS, INPUTS) - 3, dt, state


@pytest.mark.parametrize('kind', CELLS)
@given(seed=SEEDS, batch=strategies.sampled_from([1, 3, NEURONS]),
       longest=strategies.sampled_from([1e-4, 0.1, 10.0]))
@settings(max_examples=12, deadline=None)
def test_a_batch_is_a_loop_over_its_rows(kind: str, seed: int, batch: int,
                                         longest: float) -> None:
    """Each row with its own dt at each step, whatever the size of the batch is."""
    cell = CELLS[kind]().double()
    inputs, dt, state = sequence(cell, batch, seed, longest)
    with torch.no_grad():
        together = cell.scan(inputs, dt, state)
        times = cell.time_constants(inputs[:, 0], state, dt[:, 0])
        for row in range(batch):
            one = slice(row, row + 1)
            alone = cell.scan(inputs[one], dt[one], state[one])
            torch.testing.assert_close(alone, (together[0][one], together[1][one]))
            torch.testing.assert_close(
                cell.time_constants(inputs[one, 0], state[one], dt[one, 0]), times[one])


@pytest.mark.parametrize('kind', CELLS)
@given(seed=SEEDS, batch=strategies.sampled_from([1, 3, NEURONS]),
       marks=strategies.floats(0.05, 0.5))
@settings(max_examples=12, deadline=None)
def test_a_reset_is_a_fresh_start_and_leaves_other_rows_alone_to_the_bit(
        kind: str, seed: int, batch: int, marks: float) -> None:
    """Any rows at any steps; single precision, as it trains."""
    cell = CELLS[kind]()
    inputs, dt, state = sequence(cell, batch, seed, 0.3)
    reset = torch.rand(batch, STEPS, generator=torch.Generator().manual_seed(seed)) < marks
    with torch.no_grad():
        plain, plain_last = cell.scan(inputs, dt, state)
        outputs, last = cell.scan(inputs, dt, state, reset)
        for row in range(batch):
            steps = reset[row].nonzero().flatten().tolist()
            first, final = (steps[0], steps[-1]) if steps else (STEPS, STEPS)
            assert torch.equal(outputs[row, :first], plain[row, :first])
            if steps:
                one = slice(row, row + 1)
                fresh = cell.scan(inputs[one, final:], dt[one, final:], cell.initial_state(1))
                torch.testing.assert_close(outputs[one, final:], fresh[0], rtol=1e-4, atol=1e-5)
                torch.testing.assert_close(last[one], fresh[1], rtol=1e-4, atol=1e-5)
            else:
                assert torch.equal(last[row], plain_last[row])


OPTIMISERS: dict[str, Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]] = {
    'AdamW': lambda weights: torch.optim.AdamW(weights, lr=0.05, weight_decay=0.3),
    'SGD': lambda weights: torch.optim.SGD(weights, lr=0.01, momentum=0.9, weight_decay=0.3),
}


@pytest.mark.parametrize('optimiser', OPTIMISERS)
@pytest.mark.parametrize('kind', [kind for kind in CELLS if kind not in BASELINES])
def test_masked_synapses_stay_zero_through_training(kind: str, optimiser: str) -> None:
    """Weight decay, momentum and all: what is stored is zero, not only what is used."""
    cell = CELLS[kind]()
    inputs, dt, state = sequence(cell, 5, 0, 0.1)
    blocks = {name: part for name, part in cell.named_modules() if isinstance(part, MaskedWeight)}
    before = {name: block.values.detach().clone() for name, block in blocks.items()}
    descent = OPTIMISERS[optimiser](list(cell.parameters()))
    for _ in range(3):
        descent.zero_grad()
        outputs, last = cell.scan(inputs, dt, state)
        (outputs.square().mean() + last.square().mean()).backward()
        descent.step()
    for name, block in blocks.items():
        absent = block.mask == 0
        assert not block.values[absent].any() and not block()[absent].any(), name
        assert (block.values != before[name])[~absent].all(), name
