# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the synapses of a cell do after training: how far each moves the neuron behind it."""

from dataclasses import dataclass

from liquid_control.nets.cells.layered import LayeredCell
import numpy as np
from numpy.typing import NDArray
import torch
from torch import Tensor

Strength = NDArray[np.float32]


@dataclass(frozen=True)
class Connectivity:
    """
    Signed strength of every synapse, 0 where there is none.

    A strength is the mean derivative of a neuron's state after a step by what the synapse hears,
    through that synapse alone: positive is excitatory in effect, whatever it began as.
    """

    inputs: Strength       # (I, N)
    recurrent: Strength    # (N, N), [from, to]; the diagonal holds the self-connections


def effective_connectivity(cell: LayeredCell, inputs: Tensor, state: Tensor,
                           dt: Tensor) -> Connectivity:
    """
    Measure the synapses of a cell at work.

    :param cell: on any wiring.
    :param inputs: (B, I), such as it meets in flight.
    :param state: (B, S) before the step.
    :param dt: (B, 1) [s].
    :returns: means over the B rows.
    """
    wiring = cell.wiring
    fed = np.zeros((wiring.n_inputs, cell.n_neurons), dtype=np.float32)
    within = np.zeros((cell.n_neurons, cell.n_neurons), dtype=np.float32)
    signal, below = inputs, slice(0, 0)
    with torch.no_grad():
        outputs, _ = cell(inputs, state, dt)
    for index, layer in enumerate(cell.typed_layers):
        here = layer.neurons
        by_signal, by_state = _mean_jacobians(cell, index, signal, state, dt)
        if index:
            within[below, here] = by_signal
        else:
            fed[:, here] = by_signal
        within[here, here] = by_state[here]      # a state begins with the outputs
        signal, below = outputs[:, here], here
    connected = wiring.recurrent_adjacency != 0
    np.fill_diagonal(connected, wiring.self_connections)
    return Connectivity(fed * (wiring.input_adjacency != 0), within * connected)


def _mean_jacobians(cell: LayeredCell, index: int, signal: Tensor, state: Tensor,
                    dt: Tensor) -> tuple[Strength, Strength]:
    """Return the mean derivatives of a layer's new state, (from, n) and (S, n)."""
    signal, state = (given.detach().clone().requires_grad_() for given in (signal, state))
    with torch.enable_grad():
        new = cell.layer_step(index, signal, state, dt)
        columns = [torch.autograd.grad(new[:, neuron].sum(), (signal, state), retain_graph=True,
                                       allow_unused=True) for neuron in range(new.shape[1])]
    means = [torch.stack([torch.zeros_like(given[0]) if part is None else part.mean(dim=0)
                          for part in parts], dim=1)
             for given, parts in zip((signal, state), zip(*columns))]
    return means[0].numpy(), means[1].numpy()
