# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A sparse wiring without structure: the comparison for one that has some."""

from liquid_control.errors import WiringError
from liquid_control.wiring.wiring import Wiring
import numpy as np
from numpy.typing import NDArray


def random_wiring(n_inputs: int, neurons: int, motor: int, *, sparsity: float, seed: int,
                  self_connections: bool = True) -> Wiring:
    """
    Draw one layer in which each synapse is as likely as any other.

    The number of synapses is that of a dense wiring times 1 - sparsity, from the inputs and among
    the neurons alike; each neuron hears at least one input.

    :param n_inputs: number of inputs.
    :param neurons: number of neurons, motor neurons included.
    :param motor: number of motor neurons; they are the last ones.
    :param sparsity: share of the synapses that are left out, below 1.
    :param seed: of synapses and polarities.
    :param self_connections: give each neuron one (a CfC neuron has no leak and needs it).
    :raises WiringError: if a number is out of range, or too few synapses are left.
    """
    if n_inputs < 1 or not 1 <= motor <= neurons or not 0 <= sparsity < 1:
        raise WiringError('random wiring: expected at least one input, 1 <= motor <= neurons and '
                          f'0 <= sparsity < 1, found {n_inputs} inputs, {motor} motor of '
                          f'{neurons} neurons and sparsity {sparsity}')
    feeding = round(n_inputs * neurons * (1 - sparsity))
    if feeding < neurons:
        raise WiringError(f'random wiring: sparsity {sparsity} leaves {feeding} synapses from '
                          f'inputs to {neurons} neurons, expected one each or more; lower it to '
                          f'{1 - 1 / n_inputs:.3f} or less')
    rng = np.random.default_rng(seed)
    heard = np.zeros((n_inputs, neurons), dtype=np.bool_)
    heard[rng.integers(n_inputs, size=neurons), np.arange(neurons)] = True
    _choose(rng, heard, ~heard, feeding - neurons)
    among = np.zeros((neurons, neurons), dtype=np.bool_)
    _choose(rng, among, ~np.eye(neurons, dtype=np.bool_),
            round(neurons * (neurons - 1) * (1 - sparsity)))
    inner = neurons - motor
    names = [f'inner_{i}' for i in range(inner)] + [f'motor_{i}' for i in range(motor)]
    polarity = np.array([-1, 1], dtype=np.int8)
    return Wiring(
        n_inputs=n_inputs, neuron_names=tuple(names), layers=(tuple(range(neurons)),),
        input_adjacency=heard * rng.choice(polarity, size=heard.shape),
        recurrent_adjacency=among * rng.choice(polarity, size=among.shape),
        self_connections=np.full(neurons, self_connections), motor=tuple(range(inner, neurons)))


def _choose(rng: np.random.Generator, chosen: NDArray[np.bool_], free: NDArray[np.bool_],
            count: int) -> None:
    """Set so many of the free places."""
    chosen.flat[rng.choice(np.flatnonzero(free), size=count, replace=False)] = True
