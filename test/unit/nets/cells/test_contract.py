# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What every wired cell promises, on every wiring."""

from collections.abc import Callable

from liquid_control.nets.cells import scan
from liquid_control.nets.cells.base import Cell
from liquid_control.nets.cells.cfc import CfC
from liquid_control.nets.cells.cfc_pure import CfCPure
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.lrc import LRC
from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.masked import MaskedWeight
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.nets.cells.ode import OdeCell
from liquid_control.nets.cells.plastic import Plastic
from liquid_control.nets.cells.synaptic_ltc import SynapticLTC
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
from liquid_control.wiring.wiring import Wiring
import pytest
import torch
from torch import Tensor

INPUTS = 6
NEURONS = 9
STEPS = 7
WIRINGS: dict[str, Wiring] = {
    'ncp': ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
               motor_fanin=2, seed=1),
    'dense': dense(INPUTS, NEURONS, 2, seed=1),
}
SPAN = (0.05, 1.0)
CELLS: dict[str, Callable[[Wiring], LayeredCell]] = {
    'cfc': lambda wiring: CfC(wiring, seed=2, time_constants=SPAN),
    'cfc no gate, log time': lambda wiring: CfC(wiring, mode='no_gate', time_gate='log', seed=2,
                                                time_constants=SPAN),
    'cfc pure': lambda wiring: CfCPure(wiring, seed=2, time_constants=SPAN),
    'ltc': lambda wiring: LTC(wiring, seed=2, time_constants=SPAN),
    'ltc fused, 3 sub-steps': lambda wiring: LTC(wiring, solver='fused', substeps=3, seed=2,
                                                 time_constants=SPAN),
    'ltc Runge-Kutta': lambda wiring: LTC(wiring, solver='runge_kutta', seed=2,
                                          time_constants=SPAN),
    'synaptic ltc': lambda wiring: SynapticLTC(wiring, substeps=1, seed=2, time_constants=SPAN),
    'synaptic ltc exponential': lambda wiring: SynapticLTC(
        wiring, solver='exponential', substeps=2, seed=2, time_constants=SPAN),
    'lrc': lambda wiring: LRC(wiring, seed=2, time_constants=SPAN),
    'plastic': lambda wiring: Plastic(wiring, seed=2, time_constants=SPAN),
    'lrc symmetric': lambda wiring: LRC(wiring, elastance='symmetric', seed=2,
                                        time_constants=SPAN),
    'cfc, mixed memory': lambda wiring: MixedMemory(CfC(wiring, seed=2, time_constants=SPAN)),
    'ltc, mixed memory': lambda wiring: MixedMemory(LTC(wiring, seed=2, time_constants=SPAN)),
    'ltc fused, 2 sub-steps, mixed memory': lambda wiring: MixedMemory(
        LTC(wiring, solver='fused', substeps=2, seed=2, time_constants=SPAN)),
    'synaptic ltc, mixed memory': lambda wiring: MixedMemory(
        SynapticLTC(wiring, substeps=1, seed=2, time_constants=SPAN)),
}
BATCHES = (1, NEURONS, 5)  # a batch of the number of units is where other code mixes up axes


@pytest.fixture(params=[(kind, name) for kind in CELLS for name in WIRINGS],
                ids=lambda param: f'{param[0]}-{param[1]}')
def cell(request: pytest.FixtureRequest) -> LayeredCell:
    """Build a cell in double precision, with time constants of its own."""
    kind, name = request.param
    return CELLS[kind](WIRINGS[name]).double()


def sequence(cell: LayeredCell, batch: int) -> tuple[Tensor, Tensor, Tensor]:
    """Draw inputs (B, T, I), uneven dt (B, T, 1) and a state (B, S)."""
    generator = torch.Generator().manual_seed(batch)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return (draw(batch, STEPS, INPUTS), draw(batch, STEPS, 1).exp() * 0.03,
            draw(batch, cell.state_size) / 3)


@pytest.mark.parametrize('batch', BATCHES)
def test_batched_dt_equals_a_loop_over_the_batch(cell: LayeredCell, batch: int) -> None:
    inputs, dt, state = sequence(cell, batch)
    outputs, new_state = cell(inputs[:, 0], state, dt[:, 0])
    times = cell.time_constants(inputs[:, 0], state, dt[:, 0])
    assert outputs.shape == times.shape == (batch, NEURONS)
    assert new_state.shape == (batch, cell.state_size)
    assert torch.equal(new_state[:, :NEURONS], outputs)
    for row in range(batch):
        one = slice(row, row + 1)
        alone, _ = cell(inputs[one, 0], state[one], dt[one, 0])
        torch.testing.assert_close(alone, outputs[one])
        torch.testing.assert_close(
            cell.time_constants(inputs[one, 0], state[one], dt[one, 0]), times[one])


def test_dt_of_one_row_moves_that_row_alone(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, NEURONS)
    longer = dt[:, 0].clone()
    longer[2] *= 5
    before, _ = cell(inputs[:, 0], state, dt[:, 0])
    after, _ = cell(inputs[:, 0], state, longer)
    changed = (before != after).any(dim=1)
    assert changed.tolist() == [row == 2 for row in range(NEURONS)]


def test_layer_steps_in_order_are_the_step(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, 5)
    outputs, _ = cell(inputs[:, 0], state, dt[:, 0])
    signal = inputs[:, 0]
    for index, layer in enumerate(cell.typed_layers):
        signal = cell.layer_step(index, signal, state, dt[:, 0])
        torch.testing.assert_close(signal, outputs[:, layer.neurons])


def assert_scan_equals_steps(cell: LayeredCell, batch: int) -> None:
    """Compare values and all gradients, with resets, in double precision."""
    inputs, dt, state = sequence(cell, batch)
    inputs.requires_grad_()
    state.requires_grad_()
    reset = torch.zeros(batch, STEPS, dtype=torch.bool)
    reset[0, 3] = reset[-1, 0] = True
    weights = torch.randn(batch, STEPS, NEURONS, dtype=torch.float64)
    leaves = [inputs, state, *cell.parameters()]
    results = []
    for run in (cell.scan, lambda *given: Cell._scan(cell, *given)):
        outputs, last = run(inputs, dt, state, reset)
        gradients = torch.autograd.grad((outputs * weights).sum() + last.sum(), leaves,
                                        allow_unused=True, materialize_grads=True)
        results.append((outputs, last, *gradients))
    for fast, plain in zip(*results):
        torch.testing.assert_close(fast, plain)


@pytest.mark.parametrize('batch', BATCHES)
def test_scan_equals_steps_with_all_gradients(cell: LayeredCell, batch: int) -> None:
    assert_scan_equals_steps(cell, batch)


@pytest.mark.parametrize('kind', ['ltc', 'ltc fused, 3 sub-steps', 'ltc Runge-Kutta',
                                  'synaptic ltc exponential', 'lrc'])
def test_scan_of_layers_that_do_not_hear_themselves(kind: str) -> None:
    wiring = ncp(INPUTS, 4, 3, 2, sensory_fanout=2, inter_fanout=2, recurrent_command=3,
                 motor_fanin=2, seed=1, self_connections=False)
    cell = CELLS[kind](wiring).double()
    assert not cell.typed_layers[0].recurrent.count
    assert_scan_equals_steps(cell, 5)


@pytest.mark.parametrize('kind', ['cfc', 'lrc', 'synaptic ltc', 'ltc, mixed memory'])
def test_derivatives_taken_part_by_part_are_the_same(
        kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, 'AT_ONCE', 3 * 5 * 4 * NEURONS)      # at most a few steps
    assert_scan_equals_steps(CELLS[kind](WIRINGS['ncp']).double(), 5)


def test_a_state_carried_on_continues_the_sequence(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, 5)
    state.requires_grad_()
    whole, last = cell.scan(inputs, dt, state)
    begun, between = cell.scan(inputs[:, :3], dt[:, :3], state)
    ended, carried = cell.scan(inputs[:, 3:], dt[:, 3:], between)
    torch.testing.assert_close(torch.cat([begun, ended], dim=1), whole)
    torch.testing.assert_close(carried, last)
    gradients = [torch.autograd.grad(end.sum(), state)[0] for end in (carried, last)]
    torch.testing.assert_close(*gradients)
    assert gradients[0].any()


@pytest.mark.parametrize('batch', BATCHES)
def test_a_masked_reset_equals_fresh_and_leaves_others_alone(
        cell: LayeredCell, batch: int) -> None:
    inputs, dt, state = sequence(cell, batch)
    reset = torch.zeros(batch, STEPS, dtype=torch.bool)
    reset[0, 4] = True
    with torch.no_grad():
        plain, _ = cell.scan(inputs, dt, state)
        outputs, last = cell.scan(inputs, dt, state, reset)
        fresh, _ = cell.scan(inputs[:1, 4:], dt[:1, 4:], cell.initial_state(1))
    torch.testing.assert_close(outputs[:1, 4:], fresh)
    assert torch.equal(outputs[0, :4], plain[0, :4])
    assert torch.equal(outputs[1:], plain[1:])
    assert torch.equal(last[:, :NEURONS], outputs[:, -1])
    assert not torch.allclose(outputs[0, 4], plain[0, 4])


def test_no_gradient_reaches_a_masked_weight(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, 5)
    outputs, _ = cell.scan(inputs, dt, state)
    outputs.square().sum().backward()
    for name, block in blocks(cell):
        gradient = block.values.grad
        assert gradient is not None
        assert not gradient[block.mask == 0].any(), name
        assert gradient[block.mask == 1].all(), name  # and every other one is trained


def test_the_output_does_not_depend_on_masked_weights(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, 5)
    with torch.no_grad():
        before, _ = cell.scan(inputs, dt, state)
        for _, block in blocks(cell):
            block.values[block.mask == 0] = 1e6
        after, _ = cell.scan(inputs, dt, state)
        stepped, _ = cell(inputs[:, 0], state, dt[:, 0])
    assert torch.equal(before, after)
    torch.testing.assert_close(stepped, before[:, 0])


def evaluations(cell: LayeredCell) -> int:
    """Count how often a layer looks at its own neurons in a step."""
    if isinstance(cell, MixedMemory):
        return 1 + evaluations(cell.cell)
    return (4 if cell._solve is None else cell.substeps) if isinstance(cell, OdeCell) else 1


def follow(one: Tensor, other: Tensor) -> Tensor:
    """Join two relations between neurons."""
    return (one.double() @ other.double()) > 0


def test_influence_follows_the_wiring(cell: LayeredCell) -> None:
    inputs, dt, state = sequence(cell, 1)
    wiring = cell.wiring

    def reach(given: Tensor) -> Tensor:
        return cell(inputs[:, 0], given, dt[:, 0])[0][0]

    jacobian = torch.autograd.functional.jacobian(reach, state)[:, 0, :NEURONS]  # [to, from]
    connected = torch.tensor(wiring.recurrent_adjacency != 0)
    connected |= torch.diag(torch.tensor(wiring.self_connections))
    within = torch.zeros(NEURONS, NEURONS, dtype=torch.bool)
    for layer in wiring.layers:
        for neuron in layer:
            within[list(layer), neuron] = connected[list(layer), neuron]
    core = cell.cell if isinstance(cell, MixedMemory) else cell
    step = within | (torch.eye(NEURONS, dtype=torch.bool) & isinstance(core, (OdeCell, Plastic)))
    own, fed = within if isinstance(cell, MixedMemory) else step, torch.eye(NEURONS).bool()
    for _ in range(evaluations(cell) - 1):      # within a layer, as often as it looks at itself
        own, fed = follow(own, step), fed | follow(fed, step)
    # What moves an earlier layer's new output moves the later layers through their synapses.
    through = own.clone()
    for below, above in zip(wiring.layers, wiring.layers[1:]):
        feed = follow(connected, fed)[list(below)][:, list(above)]
        through[:, list(above)] |= follow(through[:, list(below)], feed)
    assert torch.equal(jacobian.t() != 0, through)


def blocks(cell: LayeredCell) -> list[tuple[str, MaskedWeight]]:
    """Return the masked weights of a cell that have any synapse."""
    return [(name, part) for name, part in cell.named_modules()
            if isinstance(part, MaskedWeight) and part.count]
