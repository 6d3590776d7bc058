# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Every liquid cell on every wiring beside ncps and PyTorch: a step, training, work a step.

    python benchmarks/cells.py

All have 38 inputs and 34 neurons (NCP: 18, 12 and 4). A step is one call, batch 1, eager, in
inference mode, state carried on. Training is forward and backward over 64 sequences of 32 steps,
with elapsed times of their own, which ncps cannot be given for a batch and has none of here;
nn.LSTM and nn.GRU have them as an input. ncps' LTC is the cell that is called synaptic_ltc here,
with the same solver in 6 sub-steps.

Work a step stands for energy, and counts what the wiring leaves: a multiply-accumulate for every
product with a number that a synapse holds or has learned, as often as the step looks at it, and
three for a synapse that learns; and the bytes of all weights, biases and neurons' parameters in
single precision, once. What follows a neuron's sums is not counted.
"""

from collections.abc import Callable, Mapping, Sequence
import sys
from typing import get_args

from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.catalogue import build_cell, LiquidName
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.nets.cells.ode import OdeCell
from liquid_control.nets.cells.plastic import Plastic
from liquid_control.nets.cells.synaptic import SynapticCell
from liquid_control.nets.policy import build_wiring, NetConfig, parameter_count
from measure import compare, latency, parse, Row, show, throughput
from ncps.torch import CfC, LTC
from ncps.wirings import AutoNCP, FullyConnected
import numpy as np
import torch
from torch import nn, Tensor

BATCH, STEPS = 64, 32
INPUTS, NEURONS, MOTORS = 38, 34, 4
WIRINGS = ('ncp', 'random', 'dense')
TRAINING_BAR = 3.0


def liquid_cells() -> dict[str, LayeredCell]:
    """Build every cell on every wiring, and mixed memory before a CfC and an LTC."""
    cells = {}
    for wiring in WIRINGS:
        for name in get_args(LiquidName):
            for memory in ((False, True) if name in ('cfc', 'ltc') else (False,)):
                config = NetConfig(cell=name, wiring=wiring, neurons=NEURONS, mixed_memory=memory)
                label = f'{name}{", mixed memory" if memory else ""}, {wiring}'
                cells[label] = build_cell(name, build_wiring(config), config)
    return cells


def published_cells() -> dict[str, nn.Module]:
    """Build what ncps has, by the names that ours have."""
    return {
        'cfc, ncp': CfC(INPUTS, AutoNCP(NEURONS, MOTORS)),
        'cfc, mixed memory, ncp': CfC(INPUTS, AutoNCP(NEURONS, MOTORS), mixed_memory=True),
        'synaptic_ltc, ncp': LTC(INPUTS, AutoNCP(NEURONS, MOTORS)),
        'cfc, dense': CfC(INPUTS, NEURONS, backbone_layers=0),
        'cfc_no_gate, dense': CfC(INPUTS, NEURONS, mode='no_gate', backbone_layers=0),
        'cfc_pure, dense': CfC(INPUTS, NEURONS, mode='pure', backbone_layers=0),
        'cfc, mixed memory, dense': CfC(INPUTS, NEURONS, mixed_memory=True, backbone_layers=0),
        'synaptic_ltc, dense': LTC(INPUTS, FullyConnected(NEURONS, MOTORS)),
    }


def step_of(call: Callable[[object], object], state: object) -> Callable[[], None]:
    """Return a step that carries its state on."""
    carried = [state]

    def step() -> None:
        with torch.inference_mode():
            carried[0] = call(carried[0])
    return step


def steps(ours: Mapping[str, Cell],
          theirs: Mapping[str, nn.Module]) -> dict[str, Callable[[], None]]:
    """Return one step of each, batch 1."""
    inputs, dt = torch.randn(1, INPUTS), torch.full((1, 1), 1 / 30)
    timed, empty = torch.cat([inputs, dt], 1), torch.zeros(1, NEURONS)
    found = {f'ours {name}': step_of(lambda state, cell=cell: cell(inputs, state, dt)[1],
                                     cell.initial_state(1)) for name, cell in ours.items()}
    for name, module in theirs.items():
        if 'mixed memory' in name:
            found[f'ncps {name}'] = step_of(
                lambda state, module=module: module(inputs[:, None], state, dt[:, None])[1],
                (empty, empty))
        else:
            found[f'ncps {name}'] = step_of(
                lambda state, cell=module.rnn_cell: cell(inputs, state, dt)[1], empty)
    lstm, gru = nn.LSTMCell(INPUTS + 1, NEURONS), nn.GRUCell(INPUTS + 1, NEURONS)
    return found | {'torch LSTMCell': step_of(lambda state: lstm(timed, state), (empty, empty)),
                    'torch GRUCell': step_of(lambda state: gru(timed, state), empty)}


def training_of(module: nn.Module, forward: Callable[[], Tensor]) -> Callable[[], float]:
    """Return forward and backward over the batch."""
    def work() -> float:
        module.zero_grad(set_to_none=True)
        forward().square().mean().backward()
        return BATCH * STEPS
    return work


def trainings(ours: Mapping[str, Cell],
              theirs: Mapping[str, nn.Module]) -> dict[str, Callable[[], float]]:
    """Return a training pass of each."""
    inputs = torch.randn(BATCH, STEPS, INPUTS)
    dt = torch.empty(BATCH, STEPS, 1).uniform_(1 / 60, 1 / 10)
    timed = torch.cat([inputs, dt], 2)
    works = {f'ours {name}': training_of(
        cell, lambda cell=cell: cell.scan(inputs, dt, cell.initial_state(BATCH))[0])
        for name, cell in ours.items()}
    works |= {f'ncps {name}': training_of(module, lambda module=module: module(inputs)[0])
              for name, module in theirs.items()}
    for kind in (nn.LSTM, nn.GRU):
        layer = kind(INPUTS + 1, NEURONS, batch_first=True)
        works[f'torch {kind.__name__}'] = training_of(layer, lambda layer=layer: layer(timed)[0])
    return works


def products(cell: LayeredCell) -> int:
    """Count the multiply-accumulates of a step; see the head of the file."""
    looks = 1
    if isinstance(cell, OdeCell):
        looks = cell.substeps if cell._solve is not None else 4 * cell.substeps
    total = sum(layer.feeding.count + looks * layer.recurrent.count for layer in cell.typed_layers)
    if isinstance(cell, SynapticCell):      # the centre of a synapse is added, not multiplied
        total -= sum(layer.feeding.count // layer.feeding.gates
                     + looks * layer.recurrent.count // layer.recurrent.gates
                     for layer in cell.typed_layers)
    if isinstance(cell, Plastic):           # used, correlated, moved
        total += 3 * sum(block.count for block in cell.typed_reach)
    return total + products(cell.cell) if isinstance(cell, MixedMemory) else total


def work_a_step(ours: Mapping[str, LayeredCell]) -> list[Row]:
    """Count multiply-accumulates and bytes, ours and those of an LSTM and a GRU."""
    counts = {f'ours {name}': (products(cell), parameter_count(cell))
              for name, cell in ours.items()}
    for kind in (nn.LSTMCell, nn.GRUCell):
        weights = list(kind(INPUTS + 1, NEURONS).parameters())
        counts[f'torch {kind.__name__}'] = (sum(weight.numel() for weight in weights
                                                if weight.dim() == 2),
                                            sum(weight.numel() for weight in weights))
    return [Row(f'{name}, work', np.array([float(count)]), unit)
            for name, (macs, numbers) in counts.items()
            for count, unit in ((macs, 'MAC a step'), (4 * numbers, 'bytes a step'))]


def notes(stepped: Sequence[Row], trained: Sequence[Row], published: Sequence[str]) -> list[str]:
    """Say how ours stand to ncps, to PyTorch, and a CfC to an LTC."""
    times = {row.name: row.median for row in stepped}
    rates = {row.name: row.median for row in trained}
    found = [f'{name} against ncps: a step {times[f"ncps {name}"] / times[f"ours {name}"]:.2f} '
             f'times as fast, training '
             f'{rates[f"ours {name}"] / rates[f"ncps {name}"]:.2f} times' for name in published]
    for name in ('cfc', 'synaptic_ltc'):
        found.append(compare(f'training of {name}, ncp, against ncps',
                             rates[f'ours {name}, ncp'] / rates[f'ncps {name}, ncp'],
                             TRAINING_BAR))
    for wiring in WIRINGS:
        for ltc in ('ltc', 'synaptic_ltc'):
            one, other = f'ours cfc, {wiring}', f'ours {ltc}, {wiring}'
            found.append(f'cfc against {ltc}, {wiring}: a step {times[other] / times[one]:.2f} '
                         f'times as fast, training {rates[one] / rates[other]:.2f} times')
    for peer in ('LSTM', 'GRU'):
        found.append(f'cfc, dense, against torch {peer}: a step '
                     f'{times[f"torch {peer}Cell"] / times["ours cfc, dense"]:.2f} times as fast, '
                     f'training {rates["ours cfc, dense"] / rates[f"torch {peer}"]:.2f} times')
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ours, theirs = liquid_cells(), published_cells()
    stepped = latency(steps(ours, theirs), *((1, 3) if arguments.quick else (20, 25)))
    trained = throughput(trainings(ours, theirs), 1 if arguments.quick else 9, 'frame-steps/s')
    show([Row(f'{row.name}, step', row.values, row.unit, row.tail) for row in stepped]
         + [Row(f'{row.name}, training', row.values, row.unit) for row in trained]
         + work_a_step(ours), arguments.json, notes(stepped, trained, list(theirs)))
    return 0


if __name__ == '__main__':
    sys.exit(main())
