# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Computational depth: the published equations, written out neuron by neuron, and its figures."""

from liquid_control.nets.cells.ode import OdeCell
from liquid_control.tasks import depth
from liquid_control.tasks.task import TaskOptions
import numpy as np
import pytest
import torch


def slope(cell: OdeCell, signal: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Evaluate a cell's right-hand side as the measurement does."""
    (layer,) = cell.typed_layers
    here = torch.from_numpy(state)[None]
    with torch.no_grad():
        drive = cell.collect(layer, cell.feed(layer, torch.from_numpy(signal)[None]), here)
        rate, pull = cell.field(drive, *cell.neuron_parameters(layer.neurons))
        return (pull - rate * here)[0].numpy()


@pytest.mark.parametrize('form', ['neural_ode', 'ct_rnn', 'ltc'])
def test_the_published_equations(form: str) -> None:
    """Inputs and neurons apart, each with a conductance of its own."""
    cell = depth.MAKERS[f'{form}_tanh'](3)
    (layer,) = cell.typed_layers
    random = np.random.default_rng(0)
    signal, state = random.normal(size=2), random.normal(size=depth.WIDTH)
    first, second = np.split(layer.feeding.values.detach().numpy(), 2, axis=1)
    none, heard = np.split(layer.recurrent.values.detach().numpy(), 2, axis=1)
    assert not second.any() and not none.any()
    biases = np.split(layer.bias.detach().numpy(), 2)
    f_in = np.tanh(signal @ first + biases[0])
    f_rec = np.tanh(state @ heard + biases[1])
    leak, (a_in, a_rec) = cell.leak.numpy(), cell.reversal.numpy()
    expected = {'neural_ode': f_in, 'ct_rnn': -state * leak + f_in,
                'ltc': -state * (leak + np.abs(f_in) + np.abs(f_rec)) + f_in * a_in
                + f_rec * a_rec}[form]
    assert slope(cell, signal, state) == pytest.approx(expected)


def test_this_packages_ltc_is_its_own_equation() -> None:
    """Two sigmoid conductances of inputs and neurons together."""
    cell = depth.our_ltc(3)
    (layer,) = cell.typed_layers
    random = np.random.default_rng(0)
    signal, state = random.normal(size=2), random.normal(size=depth.WIDTH)
    drive = signal @ layer.feeding.values.detach().numpy() + layer.bias.detach().numpy() + (
        state @ layer.recurrent.values.detach().numpy())
    f_e, f_i = np.split(1 / (1 + np.exp(-drive)), 2)
    a_e, a_i = cell.reversal.detach().numpy()
    leak = np.exp(-cell.log_leak.detach().numpy())
    expected = -(leak + f_e + f_i) * state + f_e * a_e + f_i * a_i
    assert slope(cell, signal, state) == pytest.approx(expected)


def test_weights_are_drawn_as_the_authors_do() -> None:
    """Standard deviation 2, biases 1, reversal potentials summed over the width."""
    cells = [depth.MAKERS['ltc_tanh'](seed) for seed in range(5)]
    heard = np.stack([cell.typed_layers[0].recurrent.values.detach().numpy()[:, depth.WIDTH:]
                      for cell in cells])
    assert heard.std() == pytest.approx(2, rel=0.02)
    bias = np.stack([cell.typed_layers[0].bias.detach().numpy() for cell in cells])
    assert bias.std() == pytest.approx(1, rel=0.1)
    reversal = np.stack([cell.reversal.numpy() for cell in cells])
    assert reversal.std() == pytest.approx(2 * depth.WIDTH ** 0.5, rel=0.1)
    tau = np.stack([1 / cell.leak.numpy() for cell in cells])
    assert np.median(tau) == pytest.approx(0.674, rel=0.15)     # of a magnitude of a normal
    assert torch.equal(cells[2].leak, depth.MAKERS['ct_rnn_tanh'](2).leak)


def test_their_hard_tanh_cuts_only_what_agrees() -> None:
    """One neuron inside, or on the other side, and none is cut."""
    assert depth.uncut(torch.tensor([3.0, 5.0])).tolist() == [1, 1]
    assert depth.uncut(torch.tensor([-3.0, -1.0])).tolist() == [-1, -1]
    for kept in ([3.0, 0.5], [3.0, -5.0], [0.2, 0.1]):
        assert depth.uncut(torch.tensor(kept)).tolist() == pytest.approx(kept)


@pytest.mark.parametrize(('model', 'low', 'high'), [
    ('neural_ode_tanh', 0.56 - 0.016, 0.56 + 0.032),       # published 0.56 +- 0.016
    ('neural_ode_hard_tanh', 0.61 - 0.02, 0.61 + 0.02),    # published 0.61 +- 0.02
])
def test_published_depths_of_neural_odes(model: str, low: float, high: float) -> None:
    """They have no time constants, so the tries hardly differ."""
    assert low < np.mean([depth.depth(depth.MAKERS[model](seed)) for seed in range(8)]) < high


def test_an_ltc_is_as_deep_as_published() -> None:
    """9.19 +- 2.92, of tries without an extreme time constant."""
    cells = (depth.MAKERS['ltc_tanh'](seed) for seed in range(12))
    values = [depth.depth(cell) for cell in cells if float(cell.leak.max()) < 200]
    assert len(values) >= 3 and abs(np.median(values) - 9.19) < 2.92


def test_a_measurement_draws_other_networks_for_each_seed() -> None:
    """And the same ones again for the same seed."""
    once, again, other = (depth.measure('neural_ode_hard_tanh', TaskOptions(seed=seed, quick=True))
                          for seed in (0, 0, 1))
    assert once == again and len(once) == depth.QUICK
    cells = [depth.MAKERS['neural_ode_tanh'](seed) for seed in (0, depth.TRIES)]
    assert not torch.equal(cells[0].leak, cells[1].leak)
    assert other != [] and depth.TRIES * 3 >= 100
