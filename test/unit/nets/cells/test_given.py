# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every cell and baseline refuses what it was not made for, and takes a dt of zero."""

from collections.abc import Callable
import io
from typing import get_args
import warnings

from liquid_control.errors import NetworkError
from liquid_control.nets.baselines.build import BASELINES, make_baseline
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.catalogue import build_cell, CellSettings, LiquidName
from liquid_control.wiring.ncp import ncp_of_size
import onnx
import pytest
import torch
from torch import Tensor

INPUTS, NEURONS, BATCH, STEPS = 4, 9, 3, 5
WIRING = ncp_of_size(INPUTS, NEURONS, 2, sparsity=0.5, seed=1)
MORE = {'cfc, log time': ('cfc', CellSettings(time_gate='log')),
        'cfc, mixed memory': ('cfc', CellSettings(mixed_memory=True)),
        'ltc, Runge-Kutta': ('ltc', CellSettings(solver='runge_kutta', substeps=2))}
KINDS = (*get_args(LiquidName), *MORE, *BASELINES)
Given = tuple[Tensor, Tensor, Tensor]


def make(kind: str) -> Cell:
    if kind in BASELINES:
        return make_baseline(kind, INPUTS, NEURONS, seed=2)
    name, settings = MORE.get(kind, (kind, CellSettings()))
    return build_cell(name, WIRING, settings)


@pytest.fixture(params=KINDS)
def cell(request: pytest.FixtureRequest) -> Cell:
    """Build every cell and baseline there is."""
    return make(request.param)


def step(cell: Cell, rows: int = BATCH) -> Given:
    """Return inputs, state and dt as they should be."""
    return torch.randn(rows, INPUTS), cell.initial_state(rows), torch.full((rows, 1), 0.03)


def entries(cell: Cell) -> list[Callable[[Tensor, Tensor, Tensor], object]]:
    """Return all that may be asked of a cell for a step."""
    return [cell, cell.observe, cell.time_constants]


SHAPES: dict[str, Callable[[Given], Given]] = {
    'inputs of another cell': lambda g: (torch.zeros(BATCH, INPUTS + 1), *g[1:]),
    'inputs without a batch': lambda g: (g[0][0], *g[1:]),
    'inputs with steps': lambda g: (g[0].unsqueeze(1), *g[1:]),
    'no row': lambda g: (g[0][:0], g[1][:0], g[2][:0]),
    'a state of another net': lambda g: (g[0], torch.zeros(BATCH, g[1].shape[1] + 1), g[2]),
    'one state for all rows': lambda g: (g[0], g[1][:1], g[2]),
    'dt squeezed': lambda g: (*g[:2], g[2][:, 0]),
    'one dt for all rows': lambda g: (*g[:2], g[2][:1]),
    'a dt for every neuron': lambda g: (*g[:2], g[2].expand(-1, NEURONS)),
}


@pytest.mark.parametrize('spoil', SHAPES.values(), ids=SHAPES)
def test_another_shape_is_refused(cell: Cell, spoil: Callable[[Given], Given]) -> None:
    given = spoil(step(cell))
    words = (rf'expected inputs \(B, {INPUTS}\), state \(B, {cell.state_size}\) and dt \(B, 1\), '
             'none empty, found .*; give each row its own state')
    for entry in entries(cell):
        with pytest.raises(NetworkError, match=words):
            entry(*given)


@pytest.mark.parametrize('dt', [-0.25, float('nan'), float('inf'), float('-inf')])
def test_an_impossible_dt_is_refused(cell: Cell, dt: float) -> None:
    for rows in (1, BATCH):
        inputs, state, elapsed = step(cell, rows)
        elapsed[-1] = dt
        for entry in entries(cell):
            with pytest.raises(NetworkError, match=rf'expected dt \[s\] of 0 or more and finite, '
                               rf'found {dt} in 1 of {rows} places; drop that sample'):
                entry(inputs, state, elapsed)


def sequence(cell: Cell) -> dict[str, Tensor]:
    return {'inputs': torch.randn(BATCH, STEPS, INPUTS), 'dt': torch.full((BATCH, STEPS, 1), 0.03),
            'state': cell.initial_state(BATCH),
            'reset': torch.zeros(BATCH, STEPS, dtype=torch.bool)}


SEQUENCES: dict[str, tuple[dict[str, Callable[[Tensor], Tensor]], str]] = {
    'inputs of one step': ({'inputs': lambda given: given[:, 0]}, r'inputs \(B, T, 4\)'),
    'no step': ({'inputs': lambda given: given[:, :0], 'dt': lambda given: given[:, :0],
                 'reset': lambda given: given[:, :0]}, 'none empty'),
    'dt of one step': ({'dt': lambda given: given[:, 0]}, r'dt \(B, T, 1\)'),
    'dt squeezed': ({'dt': lambda given: given[..., 0]}, r'found .* and \(3, 5\); give each'),
    'one dt for all rows': ({'dt': lambda given: given[:1]}, r'dt \(B, T, 1\)'),
    'a state of another net': ({'state': lambda given: given[:, :-1]}, r'state \(B, '),
    'one state for all rows': ({'state': lambda given: given[:1]}, r'state \(B, '),
    'steps first': ({'inputs': lambda given: given.transpose(0, 1)}, 'give each row its own'),
    'dt negative': ({'dt': lambda given: given.index_fill(1, torch.tensor(2), -0.1)},
                    'found -0.1.* in 3 of 15 places'),
    'dt not a number': ({'dt': lambda given: given * float('nan')}, 'found nan in 15 of 15'),
    'reset in numbers': ({'reset': lambda given: given.float()}, r'reset \(3, 5\) of torch.bool, '
                         r'found \(3, 5\) of torch.float32; give one mark'),
    'reset of one step': ({'reset': lambda given: given[:, 0]}, r'found \(3,\) of torch.bool'),
}


@pytest.mark.parametrize(('spoil', 'words'), SEQUENCES.values(), ids=SEQUENCES)
def test_a_sequence_is_held_against_the_same(
        cell: Cell, spoil: dict[str, Callable[[Tensor], Tensor]], words: str) -> None:
    given = sequence(cell)
    cell.scan(**given)
    for name, change in spoil.items():
        given[name] = change(given[name])
    with pytest.raises(NetworkError, match=words):
        cell.scan(**given)


def test_no_time_at_all_is_a_time(cell: Cell) -> None:
    """Padding and doubled stamps: outputs and gradients stay finite, time constants numbers."""
    given = sequence(cell)
    given['dt'][:, ::2] = 0.0
    outputs, last = cell.scan(**given)
    assert torch.isfinite(outputs).all() and torch.isfinite(last).all()
    (outputs.square().sum() + last.square().sum()).backward()
    for name, weight in cell.named_parameters():
        assert weight.grad is None or torch.isfinite(weight.grad).all(), name
    state = last.detach()
    times = cell.time_constants(given['inputs'][:, 0], state, torch.zeros(BATCH, 1))
    assert (times >= 0).all()


class Observe(torch.nn.Module):
    """One step with its time constants, as a module that can be traced."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, *given: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.cell.observe(*given)


def test_nothing_of_the_check_is_in_an_exported_graph(cell: Cell) -> None:
    """Neither constants of the example's shapes and numbers, nor operations that look at dt."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter('error', torch.jit.TracerWarning)
        warnings.simplefilter('ignore', DeprecationWarning)
        torch.onnx.export(Observe(cell), step(cell, 1), file, opset_version=17, dynamo=False)
    graph = onnx.load_from_string(file.getvalue()).graph
    assert not {'ReduceMin', 'ReduceMax', 'If', 'IsNaN', 'IsInf'} & {
        node.op_type for node in graph.node}
