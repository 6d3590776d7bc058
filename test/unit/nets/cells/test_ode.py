# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Cells that follow a differential equation: the equation, the solvers' orders, the bounds."""

from collections.abc import Callable

from hypothesis import given, settings, strategies
from liquid_control.errors import ConfigError
from liquid_control.nets.cells.lrc import LRC
from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.ode import OdeCell
from liquid_control.nets.cells.solvers import SolverName
from liquid_control.nets.cells.synaptic_ltc import SynapticLTC
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp_of_size
import numpy as np
from numpy.typing import NDArray
import pytest
from scipy.integrate import solve_ivp
import torch

Array = NDArray[np.float64]

INPUTS, NEURONS, SPAN = 5, 8, (0.05, 3.0)
WIRING = dense(INPUTS, NEURONS, 2)
LAYERS = ncp_of_size(INPUTS, NEURONS, 2, sparsity=0.5, seed=1)
CELLS: dict[str, Callable[..., OdeCell]] = {
    'ltc': lambda **options: LTC(WIRING, seed=4, time_constants=SPAN, **options),
    'synaptic ltc': lambda **options: SynapticLTC(WIRING, seed=4, time_constants=SPAN, **options),
    'lrc': lambda **options: LRC(WIRING, seed=4, time_constants=SPAN, **options),
    'lrc symmetric': lambda **options: LRC(WIRING, elastance='symmetric', seed=4,
                                           time_constants=SPAN, **options),
}
STABLE: tuple[SolverName, ...] = ('exponential', 'fused')


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def numbers(cell: OdeCell) -> dict[str, Array]:
    """Return every parameter of a dense cell as an array."""
    return {name.replace('layers.0.', ''): value.detach().numpy()
            for name, value in cell.named_parameters()}


def slope(cell: OdeCell, inputs: Array, x: Array) -> Array:
    """Write out dx/dt of a dense cell, synapse by synapse, from the equations of the papers."""
    given_numbers, y = numbers(cell), np.concatenate([inputs, x])
    synapses = np.concatenate([given_numbers['feeding.values'], given_numbers['recurrent.values']])
    blocks = synapses.reshape(len(y), -1, NEURONS).transpose(1, 0, 2)   # (numbers, from, to)
    bias = given_numbers['bias'].reshape(-1, NEURONS)
    result = np.empty(NEURONS)
    for i in range(NEURONS):
        columns = [block[:, i] for block in blocks]
        if isinstance(cell, LTC):
            largest = np.exp(given_numbers['log_conductance'][i])
            f_e, f_i = (largest * sigmoid(np.array(y @ column + bias[k, i]))
                        for k, column in enumerate(columns))
            a_e, a_i = given_numbers['reversal'][:, i]
            result[i] = (-(np.exp(-given_numbers['log_leak'][i]) + f_e + f_i) * x[i]
                         + f_e * a_e + f_i * a_i)
            continue
        opened = sigmoid(columns[0] * (y - columns[1]))
        rate = np.exp(given_numbers['log_rate'][i])
        if isinstance(cell, SynapticLTC):
            weight = np.log1p(np.exp(columns[2]))
            result[i] = rate * (bias[0, i] - x[i]
                                + np.sum(weight * opened * (columns[3] - x[i])))
        else:
            forget, update = (bias[0, i] + opened @ column for column in columns[2:4])
            q = bias[1, i] + y @ columns[4]
            if 'log_width' in given_numbers:
                k = np.exp(given_numbers['log_width'][i])
                elastance = sigmoid(q + k) - sigmoid(q - k)
            else:
                elastance = sigmoid(q)
            result[i] = rate * elastance * (
                -sigmoid(forget) * x[i] + np.tanh(update) * given_numbers['reversal'][i])
    return result


def solution(cell: OdeCell, inputs: Array, state: Array, dt: float) -> Array:
    """Integrate the equation finely, by a method that is none of ours."""
    result: Array = solve_ivp(lambda _, x: slope(cell, inputs, x), (0.0, dt), state,
                              method='DOP853', rtol=1e-12, atol=1e-13).y[:, -1]
    return result


def draw(cell: OdeCell) -> tuple[Array, Array]:
    """Draw inputs and a state, and shake all parameters so that none is at a special value."""
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for weight in cell.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
    rng = np.random.default_rng(5)
    return 2 * rng.standard_normal(INPUTS), rng.uniform(-0.8, 0.8, NEURONS)


def step(cell: OdeCell, inputs: Array, state: Array, dt: float) -> Array:
    with torch.no_grad():
        outputs, _ = cell(torch.from_numpy(inputs)[None], torch.from_numpy(state)[None],
                          torch.full((1, 1), dt, dtype=torch.float64))
    result: Array = outputs[0].numpy()
    return result


@pytest.mark.parametrize('kind', CELLS)
@pytest.mark.parametrize('solver, order', [('exponential', 1), ('fused', 1), ('euler', 1),
                                           ('runge_kutta', 4)])
def test_substeps_converge_to_the_equation_at_the_solvers_order(kind: str, solver: SolverName,
                                                                order: int) -> None:
    errors, exact = [], None
    for substeps in (128, 256):
        cell = CELLS[kind](solver=solver, substeps=substeps).double()
        inputs, state = draw(cell)
        if exact is None:
            exact = solution(cell, inputs, state, 0.3)
        errors.append(np.abs(step(cell, inputs, state, 0.3) - exact).max())
    assert 1e-13 < errors[1] < (3e-3 if order == 1 else 1e-8)
    assert errors[0] / errors[1] == pytest.approx(2 ** order, rel=0.2)


@pytest.mark.parametrize('kind', CELLS)
@pytest.mark.parametrize('solver, order', [('exponential', 1), ('fused', 1), ('euler', 1),
                                           ('runge_kutta', 4)])
@given(seed=strategies.integers(0, 2 ** 31), size=strategies.floats(0.1, 3),
       dt=strategies.floats(0.03, 0.1))
@settings(max_examples=6, deadline=None)
def test_halving_the_substep_divides_the_error_by_two_to_the_order(
        kind: str, solver: SolverName, order: int, seed: int, size: float, dt: float) -> None:
    """Of the largest of 8 rows and neurons; the reference is ours, held to another's above."""
    cell = CELLS[kind](solver='runge_kutta', substeps=64).double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in cell.parameters():
            weight += 0.2 * torch.randn(weight.shape, generator=generator)
        given_inputs = size * torch.randn(8, INPUTS, generator=generator).double()
        begin = torch.rand(8, NEURONS, generator=generator).double()
        elapsed = torch.full((8, 1), dt).double()
        exact, _ = cell(given_inputs, begin, elapsed)
        errors = []
        for substeps in ((4, 8) if order == 4 else (64, 128)):
            other = CELLS[kind](solver=solver, substeps=substeps).double()
            other.load_state_dict(cell.state_dict())
            errors.append(float((other(given_inputs, begin, elapsed)[0] - exact).abs().max()))
    assert errors[1] > 1e-13
    assert errors[0] / errors[1] == pytest.approx(2 ** order, rel=0.4 if order == 4 else 0.1)


@pytest.mark.parametrize('kind', CELLS)
def test_euler_is_the_slope(kind: str) -> None:
    cell = CELLS[kind](solver='euler', substeps=1).double()
    inputs, state = draw(cell)
    moved = (step(cell, inputs, state, 0.5) - state) / 0.5
    np.testing.assert_allclose(moved, slope(cell, inputs, state), rtol=0, atol=1e-12)


@pytest.mark.parametrize('kind', CELLS)
def test_time_constants_are_one_over_the_rate(kind: str) -> None:
    """The rate is how fast dx/dt falls with x where the synapses do not hear x."""
    cell = CELLS[kind](substeps=1).double()
    inputs, state = draw(cell)
    with torch.no_grad():
        cell.typed_layers[0].recurrent.values.zero_()
    found = cell.time_constants(torch.from_numpy(inputs)[None], torch.from_numpy(state)[None],
                                torch.ones(1, 1).double())[0].detach().numpy()
    rate = slope(cell, inputs, np.zeros(NEURONS)) - slope(cell, inputs, np.ones(NEURONS))
    np.testing.assert_allclose(found, 1 / rate, rtol=1e-9)


@pytest.mark.parametrize('kind', CELLS)
def test_time_constants_are_spread_at_the_start(kind: str) -> None:
    cell = CELLS[kind](substeps=1)
    found = cell.time_constants(torch.zeros(1, INPUTS), cell.initial_state(1), torch.ones(1, 1))
    logs = found.detach().flatten().log().sort().values
    torch.testing.assert_close(logs.diff(), torch.full((7,), np.log(60.0) / 8), rtol=1e-3, atol=0)


def wild(cell: OdeCell, seed: int, spread: float) -> torch.Generator:
    """Draw any weights: up to e^50 of a leak or a conductance, and thousands of the others."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, weight in cell.named_parameters():
            drawn = spread * torch.randn(weight.shape, generator=generator)
            weight.copy_(drawn.clamp(-50, 50) if name.startswith('log_') else drawn)
    return generator


def limits(cell: OdeCell) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return lowest and highest state, shortest and longest time constant that are published."""
    given_numbers = {name.replace('layers.0.', ''): value.detach().double()
                     for name, value in cell.named_parameters()}
    if isinstance(cell, LTC):
        tau, reversal = given_numbers['log_leak'].exp(), given_numbers['reversal']
        wide_open = 2 * given_numbers['log_conductance'].exp()
        return (reversal.min(dim=0).values.clamp_max(0), reversal.max(dim=0).values.clamp_min(0),
                tau / (1 + tau * wide_open), tau)
    blocks = torch.cat([given_numbers['feeding.values'], given_numbers['recurrent.values']]).view(
        INPUTS + NEURONS, -1, NEURONS).transpose(0, 1)
    if isinstance(cell, SynapticLTC):
        tau = (-given_numbers['log_rate']).exp()
        reversal = torch.cat([blocks[3], given_numbers['bias'][None]])
        wide_open = torch.nn.functional.softplus(blocks[2]).sum(dim=0)
        return (reversal.min(dim=0).values.clamp_max(0), reversal.max(dim=0).values.clamp_min(0),
                tau / (1 + wide_open), tau)
    leak, most = given_numbers['bias'][:NEURONS], blocks[2].abs().sum(dim=0)
    reach = given_numbers['reversal'].abs() / torch.sigmoid(leak - most).clamp_min(1e-6)
    fastest = torch.exp(-given_numbers['log_rate']) / torch.sigmoid(leak + most)
    fastest = fastest.clamp_max(1e20)     # where no rate is told apart from none
    return -reach, reach, fastest, torch.full_like(fastest, torch.inf)


@pytest.mark.parametrize('kind', CELLS)
@pytest.mark.parametrize('solver', STABLE)
@given(seed=strategies.integers(0, 2 ** 31), spread=strategies.sampled_from([0.1, 1, 30, 3000]),
       size=strategies.floats(0, 1e6), dt=strategies.floats(1e-4, 10))
@settings(max_examples=60, deadline=None)
def test_states_and_time_constants_stay_within_the_bounds(
        kind: str, solver: SolverName, seed: int, spread: float, size: float, dt: float) -> None:
    """Each example has 32 rows; in single precision, as it flies."""
    cell = CELLS[kind](solver=solver, substeps=1)
    generator = wild(cell, seed, spread)
    low, high, shortest, longest = limits(cell)
    inputs = size * torch.randn(32, INPUTS, generator=generator)
    state = low + (high - low) * torch.rand(32, NEURONS, generator=generator)
    with torch.no_grad():
        for _ in range(3):
            _, state, found = cell.observe(inputs, state.float(), torch.full((32, 1), dt))
            assert torch.isfinite(state).all()
            slack = 1e-5 * (high - low)
            assert ((low - slack <= state) & (state <= high + slack)).all()
            assert (found >= shortest * (1 - 1e-5)).all()
            assert (found <= longest * (1 + 1e-5)).all()


@pytest.mark.parametrize('solver', STABLE)
@given(seed=strategies.integers(0, 2 ** 31), spread=strategies.sampled_from([0.1, 1, 30, 3000]),
       size=strategies.floats(0, 1e6), substeps=strategies.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_an_ltc_of_layers_stays_within_them_too(solver: SolverName, seed: int, spread: float,
                                                size: float, substeps: int) -> None:
    """In sub-steps, and with a dt of its own for every row, from 1e-4 to 10 s."""
    cell = LTC(LAYERS, solver=solver, substeps=substeps)
    generator = wild(cell, seed, spread)
    low, high, shortest, longest = limits(cell)
    state = (low + (high - low) * torch.rand(32, NEURONS, generator=generator)).float()
    slack = 1e-5 * (high - low)
    with torch.no_grad():
        for _ in range(3):
            inputs = size * torch.randn(32, INPUTS, generator=generator)
            dt = 1e-4 * 1e5 ** torch.rand(32, 1, generator=generator)
            _, state, found = cell.observe(inputs, state, dt)
            assert ((low - slack <= state) & (state <= high + slack)).all()
            assert (found >= shortest * (1 - 1e-5)).all()
            assert (found <= longest * (1 + 1e-5)).all()


@pytest.mark.parametrize('kind', CELLS)
@given(seed=strategies.integers(0, 2 ** 31), spread=strategies.sampled_from([0.1, 1, 30]),
       size=strategies.floats(0, 1e6), dt=strategies.floats(1e-4, 10),
       share=strategies.floats(0.01, 0.99))
@settings(max_examples=60, deadline=None)
def test_the_exponential_step_composes(kind: str, seed: int, spread: float, size: float,
                                       dt: float, share: float) -> None:
    """Two steps under held sums are one as long as both, to 1e-6 of the largest state."""
    cell = CELLS[kind](solver='exponential', substeps=1)
    generator = wild(cell, seed, spread)
    (layer,) = cell.typed_layers
    inputs = size * torch.randn(32, INPUTS, generator=generator)
    state, whole = torch.rand(32, NEURONS, generator=generator), torch.full((32, 1), dt)
    with torch.no_grad():
        parameters = cell.neuron_parameters(layer.neurons)
        drive = cell.collect(layer, cell.feed(layer, inputs), state)
        once = cell.pointwise(drive, state, whole, *parameters)
        twice = cell.pointwise(drive, cell.pointwise(drive, state, share * whole, *parameters),
                               (1 - share) * whole, *parameters)
        rate, pull = cell.field(drive, *parameters)
    largest = torch.maximum(state.abs(), (pull / rate).abs())
    assert ((once - twice).abs() <= 1e-6 * largest).all()


@pytest.mark.parametrize('kind', CELLS)
@pytest.mark.parametrize('solver', STABLE)
@given(seed=strategies.integers(0, 2 ** 31), spread=strategies.sampled_from([0.1, 1, 30]),
       size=strategies.floats(0, 1e6), share=strategies.floats(0, 1e-3))
@settings(max_examples=60, deadline=None)
def test_a_dt_near_zero_leaves_the_state(kind: str, solver: SolverName, seed: int, spread: float,
                                         size: float, share: float) -> None:
    """A step of a small share of the shortest time constant moves it by no more than that."""
    cell = CELLS[kind](solver=solver, substeps=1)
    generator = wild(cell, seed, spread)
    (layer,) = cell.typed_layers
    inputs = size * torch.randn(32, INPUTS, generator=generator)
    state = torch.rand(32, NEURONS, generator=generator)
    with torch.no_grad():
        drive = cell.collect(layer, cell.feed(layer, inputs), state)
        rate, pull = cell.field(drive, *cell.neuron_parameters(layer.neurons))
        dt = share / rate.max(dim=1, keepdim=True).values
        moved = (cell(inputs, state, dt)[0] - state).abs()
        assert torch.equal(cell(inputs, state, torch.zeros(32, 1))[0], state)
    way = state.abs() + (pull / rate).abs()
    assert (moved <= (1.01 * share + 1e-6) * way).all()


@pytest.mark.parametrize('kind', CELLS)
def test_explicit_solvers_leave_the_bounds_where_the_stable_ones_do_not(kind: str) -> None:
    for solver, expected in (('exponential', True), ('fused', True), ('euler', False),
                             ('runge_kutta', False)):
        cell = CELLS[kind](solver=solver, substeps=1)
        state = cell.initial_state(1)
        with torch.no_grad():
            for _ in range(60):
                _, state = cell(torch.ones(1, INPUTS), state, torch.full((1, 1), 10.0))
        assert bool((state.abs() < 50).all()) == expected, solver


def test_no_substep_is_refused() -> None:
    with pytest.raises(ConfigError, match='1 sub-step or more, found 0'):
        LTC(WIRING, substeps=0)
