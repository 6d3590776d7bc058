# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The random wiring has as many synapses as asked for, and leaves nobody out."""

from hypothesis import given, settings, strategies
from liquid_control.errors import WiringError
from liquid_control.wiring.random_wiring import random_wiring
import numpy as np
import pytest


@given(seed=strategies.integers(0, 10_000), n_inputs=strategies.integers(4, 12),
       neurons=strategies.integers(2, 20), sparsity=strategies.floats(0, 0.75))
@settings(max_examples=100, deadline=None)
def test_synapses_are_counted_and_each_neuron_hears_an_input(seed: int, n_inputs: int,
                                                             neurons: int,
                                                             sparsity: float) -> None:
    wiring = random_wiring(n_inputs, neurons, 1, sparsity=sparsity, seed=seed)
    heard, among = wiring.input_adjacency != 0, wiring.recurrent_adjacency != 0
    assert heard.sum() == round(n_inputs * neurons * (1 - sparsity))
    assert among.sum() == round(neurons * (neurons - 1) * (1 - sparsity))
    assert heard.any(axis=0).all()
    assert wiring.self_connections.all()
    assert wiring.motor == (neurons - 1,)


def test_each_synapse_is_as_likely_as_any_other() -> None:
    drawn = [random_wiring(6, 8, 2, sparsity=0.5, seed=seed) for seed in range(400)]
    for adjacency in ([w.input_adjacency for w in drawn], [w.recurrent_adjacency for w in drawn]):
        share = (np.stack(adjacency) != 0).mean(axis=0)
        off = share[~np.eye(*share.shape, dtype=bool)]
        assert abs(off - 0.5).max() < 0.13       # five standard deviations of 400 draws
        assert abs((np.stack(adjacency) == 1).sum() / (np.stack(adjacency) != 0).sum() - 0.5) < .05


def test_the_seed_decides_everything() -> None:
    one, same, other = (random_wiring(6, 8, 2, sparsity=0.5, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


@pytest.mark.parametrize('sizes, sparsity, text', [
    ((0, 7, 2), 0.5, 'at least one input'), ((5, 2, 3), 0.5, '3 motor of 2'),
    ((5, 7, 2), 1.0, 'sparsity 1.0'), ((5, 7, 2), -0.1, 'sparsity -0.1'),
    ((5, 7, 2), 0.9, 'leaves 3 synapses from inputs to 7 neurons.* lower it to 0.800 or less')])
def test_sizes_out_of_range(sizes: tuple[int, int, int], sparsity: float, text: str) -> None:
    with pytest.raises(WiringError, match=text):
        random_wiring(*sizes, sparsity=sparsity, seed=0)
