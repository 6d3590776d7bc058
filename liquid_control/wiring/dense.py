# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Everyone connects to everyone: one layer, every input and every neuron feeding each neuron."""

from liquid_control.errors import WiringError
from liquid_control.wiring.wiring import Adjacency, Wiring
import numpy as np


def dense(n_inputs: int, neurons: int, motor: int, seed: int = 0) -> Wiring:
    """
    Connect all to all, self-connections included; only the polarities are drawn.

    :param n_inputs: number of inputs.
    :param neurons: number of neurons, motor neurons included.
    :param motor: number of motor neurons; they are the last ones.
    :param seed: of the polarities.
    :raises WiringError: if a number is below one, or there are more motor neurons than neurons.
    """
    if n_inputs < 1 or not 1 <= motor <= neurons:
        raise WiringError('dense wiring: expected at least one input and 1 <= motor <= neurons, '
                          f'found {n_inputs} inputs, {motor} motor of {neurons} neurons')
    rng = np.random.default_rng(seed)

    def polarity(shape: tuple[int, int]) -> Adjacency:
        return rng.choice(np.array([-1, 1], dtype=np.int8), size=shape)

    recurrent = polarity((neurons, neurons))
    np.fill_diagonal(recurrent, 0)
    inner = neurons - motor
    names = [f'inner_{i}' for i in range(inner)] + [f'motor_{i}' for i in range(motor)]
    return Wiring(
        n_inputs=n_inputs, neuron_names=tuple(names), layers=(tuple(range(neurons)),),
        input_adjacency=polarity((n_inputs, neurons)), recurrent_adjacency=recurrent,
        self_connections=np.ones(neurons, dtype=np.bool_), motor=tuple(range(inner, neurons)))
