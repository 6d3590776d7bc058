# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""LTC against the differential equation of the paper, integrated finely and independently."""

from collections.abc import Callable

from liquid_control.nets.cells.ltc import LTC
from liquid_control.wiring.dense import dense
from liquid_control.wiring.ncp import ncp
import numpy as np
from numpy.typing import NDArray
import pytest
import torch

INPUTS, NEURONS = 5, 8
Array = NDArray[np.float64]


def make(span: tuple[float, float] = (0.05, 3.0)) -> LTC:
    return LTC(dense(INPUTS, NEURONS, 2), seed=4, time_constants=span).double()


def equation(cell: LTC, inputs: Array) -> tuple[Callable[[Array], Array], Callable[..., Array]]:
    """Write out f(x) and dx/dt(x, f) of a dense cell in NumPy, from its parameters."""
    (layer,) = cell.typed_layers
    feed, recur = layer.feeding().detach().numpy(), layer.recurrent().detach().numpy()
    bias = layer.bias.detach().numpy()
    tau = np.exp(cell.log_leak.detach().numpy())
    largest = np.exp(cell.log_conductance.detach().numpy())
    potential = cell.reversal.detach().numpy()

    def conductances(state: Array) -> Array:
        total = inputs @ feed + state @ recur + bias
        return largest * (1 / (1 + np.exp(-total))).reshape(2, NEURONS)

    def slope(state: Array, f: Array) -> Array:
        pull: Array = -(1 / tau + f.sum(axis=0)) * state + (f * potential).sum(axis=0)
        return pull

    return conductances, slope


def runge_kutta(slope: Callable[[Array], Array], state: Array, dt: float, steps: int) -> Array:
    """Integrate dx/dt = slope(x) over dt with the classical fourth-order method."""
    h = dt / steps
    for _ in range(steps):
        k1 = slope(state)
        k2 = slope(state + h / 2 * k1)
        k3 = slope(state + h / 2 * k2)
        k4 = slope(state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return state


def draw() -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    return 2 * rng.standard_normal(INPUTS), rng.uniform(-0.8, 0.8, NEURONS)


def advance(cell: LTC, inputs: Array, state: Array, dt: float, steps: int = 1) -> Array:
    x = torch.from_numpy(state)[None]
    with torch.no_grad():
        for _ in range(steps):
            _, x = cell(torch.from_numpy(inputs)[None], x,
                        torch.full((1, 1), dt / steps, dtype=torch.float64))
    return x[0].numpy()


@pytest.mark.parametrize('dt', [0.001, 1 / 30, 0.3, 2.0])
def test_a_step_solves_the_equation_with_its_conductances_held(dt: float) -> None:
    cell, (inputs, state) = make(), draw()
    conductances, slope = equation(cell, inputs)
    held = conductances(state)
    expected = runge_kutta(lambda x: slope(x, held), state, dt, 5000)
    np.testing.assert_allclose(advance(cell, inputs, state, dt), expected, rtol=0, atol=1e-9)


def test_small_steps_solve_the_whole_equation() -> None:
    cell, (inputs, state) = make(), draw()
    conductances, slope = equation(cell, inputs)
    expected = runge_kutta(lambda x: slope(x, conductances(x)), state, 0.5, 2000)
    errors = [np.abs(advance(cell, inputs, state, 0.5, steps) - expected).max()
              for steps in (100, 200, 400)]
    assert errors[0] < 0.01
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)  # first order, by the held f
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.1)


def test_two_half_steps_under_held_conductances_are_one_whole_step() -> None:
    cell, (inputs, state) = make(), draw()
    with torch.no_grad():  # without recurrence the conductances hold while the inputs do
        for layer in cell.typed_layers:
            layer.recurrent.values.zero_()
    for dt in (0.01, 0.1, 1.0):
        np.testing.assert_allclose(advance(cell, inputs, state, dt, steps=2),
                                   advance(cell, inputs, state, dt), rtol=0, atol=1e-12)


def test_dt_of_zero_changes_nothing_and_a_long_one_settles() -> None:
    cell, (inputs, state) = make(), draw()
    conductances, slope = equation(cell, inputs)
    np.testing.assert_allclose(advance(cell, inputs, state, 0.0), state, atol=1e-15)
    settled = advance(cell, inputs, state, 1000.0)
    np.testing.assert_allclose(slope(settled, conductances(state)), 0, atol=1e-9)


def test_state_and_time_constants_stay_within_the_published_bounds() -> None:
    cell = make()
    generator = torch.Generator().manual_seed(6)
    with torch.no_grad():
        for parameter in (cell.reversal, cell.log_conductance, cell.log_leak):
            parameter.add_(torch.randn(parameter.shape, generator=generator))
        largest = 2 * torch.exp(cell.log_conductance)   # W, both conductances wide open
        tau = torch.exp(cell.log_leak)
        low = cell.reversal.min(dim=0).values.clamp_max(0) - 1e-12
        high = cell.reversal.max(dim=0).values.clamp_min(0) + 1e-12
        state = cell.initial_state(64)
        for scale in (0.1, 1.0, 10.0, 1000.0):
            for dt in (1e-4, 1 / 30, 1.0, 100.0):
                inputs = scale * torch.randn(64, INPUTS, generator=generator).double()
                elapsed = torch.full((64, 1), dt, dtype=torch.float64)
                _, state, found = cell.observe(inputs, state, elapsed)
                assert ((low <= state) & (state <= high)).all()
                assert (found <= tau * (1 + 1e-9)).all()
                assert (found >= tau / (1 + tau * largest) * (1 - 1e-9)).all()


def test_time_constants_are_one_over_the_rate() -> None:
    cell, (inputs, state) = make(), draw()
    conductances, slope = equation(cell, inputs)
    held = conductances(state)
    rate = slope(np.zeros(NEURONS), held) - slope(np.ones(NEURONS), held)  # -d(dx/dt)/dx
    found = cell.time_constants(torch.from_numpy(inputs)[None], torch.from_numpy(state)[None],
                                torch.ones(1, 1, dtype=torch.float64))
    np.testing.assert_allclose(found[0].detach().numpy(), 1 / rate, rtol=1e-9)


def test_time_constants_are_spread_at_the_start() -> None:
    cell = LTC(dense(INPUTS, 40, 2), seed=4, time_constants=(0.05, 3.0)).double()
    found = cell.time_constants(torch.zeros(1, INPUTS).double(), cell.initial_state(1),
                                torch.ones(1, 1).double())[0].detach().sort().values
    assert found[0] == pytest.approx(0.05, rel=0.1)
    assert found[-1] == pytest.approx(3.0, rel=0.1)
    ratios = found[1:] / found[:-1]
    torch.testing.assert_close(ratios, ratios[:1].expand(39), rtol=1e-3, atol=0)


@pytest.mark.parametrize('polarity', [-1, 1])
def test_polarity_of_the_wiring_is_where_a_synapse_begins(polarity: int) -> None:
    wiring = ncp(1, 1, 1, 1, sensory_fanout=1, inter_fanout=1, recurrent_command=0,
                 motor_fanin=1, seed=next(seed for seed in range(20) if ncp(
                     1, 1, 1, 1, sensory_fanout=1, inter_fanout=1, recurrent_command=0,
                     motor_fanin=1, seed=seed).input_adjacency[0, 0] == polarity))
    cell = LTC(wiring, seed=0, time_constants=(0.1, 0.1))
    outputs, _ = cell(torch.ones(1, 1), cell.initial_state(1), torch.full((1, 1), 0.1))
    assert torch.sign(outputs[0, 0]) == polarity
