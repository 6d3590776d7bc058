# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The bounds that theory guarantees for the hidden state of a policy, whatever it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liquid_control.errors import BundleError
from liquid_control.runtime.weights import Weights
from liquid_control.signals import Float32Array
import numpy as np

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle

BOUNDED_SOLVERS = (None, 'exponential', 'fused')     # the others may leave every bound
# A state between two values of tanh (a CfC, a GRU), or a sum of two of them.
SYMMETRIC = {'cfc': 1.0, 'cfc_no_gate': 2.0, 'gru': 1.0}


def state_bounds(bundle: Bundle) -> tuple[Float32Array, Float32Array] | None:
    """
    Return the least and the largest state of each neuron, from rest on.

    A liquid time-constant neuron stays between its reversal potentials and rest: min(0, A) <= x
    <= max(0, A) (Hasani et al., "Liquid time-constant networks", AAAI 2021, theorem 2).

    :param bundle: the policy.
    :return: (S,) and (S,); None for a cell that nothing of the kind is known of.
    """
    try:
        weights = Weights(bundle.files['core.safetensors'], 'core.safetensors')
        settings, size = weights.settings, bundle.spec.state_size
        if settings.get('mixed_memory'):
            return None     # carries the cells of an LSTM, which only time bounds
        cell = settings.get('cell')
        if cell in SYMMETRIC:
            largest = np.full(size, SYMMETRIC[cell], np.float32)
            return -largest, largest
        if cell == 'ltc' and settings.get('solver') in BOUNDED_SOLVERS:
            potentials = weights.take('cell.reversal', 2, size)
            return np.minimum(potentials.min(0), 0.0), np.maximum(potentials.max(0), 0.0)
    except BundleError:
        return None         # weights of another layout fly all the same; nothing is known of them
    return None
