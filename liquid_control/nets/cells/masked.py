# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A weight that exists only where the wiring says so."""

import numpy as np
from numpy.typing import NDArray
import torch
from torch import nn, Tensor


class MaskedWeight(nn.Module):
    """
    Weights of one block of synapses, for all the gates of a cell side by side.

    The mask multiplies at every use, so that a masked number neither reaches an output nor ever
    receives a gradient.
    """

    mask: Tensor

    def __init__(self, mask: NDArray[np.bool_], gates: int) -> None:
        """
        Start from zeros; the cell draws the values.

        :param mask: (from, to), where there is a synapse.
        :param gates: G, numbers that a synapse holds.
        """
        super().__init__()
        self.gates = gates
        tiled = torch.from_numpy(np.tile(mask, (1, gates)))
        self.values = nn.Parameter(torch.zeros(tiled.shape))
        self.register_buffer('mask', tiled.to(self.values.dtype))

    def forward(self) -> Tensor:
        """Return the masked weights (from, G * to), gate by gate."""
        return self.values * self.mask

    def fill(self, values: Tensor) -> None:
        """
        Set the weights.

        :param values: (from, G * to); what the mask excludes is dropped.
        """
        with torch.no_grad():
            self.values.copy_(values * self.mask)

    @property
    def count(self) -> int:
        """Count the weights that the mask leaves."""
        return int(self.mask.sum())
