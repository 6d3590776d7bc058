# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The weights of several layers as those of one, which feed and recurrence share."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import pad


@dataclass(frozen=True)
class Packed:
    """Weights of all N neurons of a cell, with zeros where one layer does not hear another."""

    feeding: Tensor      # (I, G*N), from the inputs, gate by gate
    recurrent: Tensor    # (N, G*N), of each layer to itself and to the one behind it
    bias: Tensor         # (G*N,)


def pack(feeding: Sequence[Tensor], recurrent: Sequence[Tensor],
         biases: Sequence[Tensor]) -> Packed:
    """
    Lay the weights of layers out as those of one.

    :param feeding: (from, G*n) of each layer, from the inputs or the layer before it.
    :param recurrent: (n, G*n) of each layer.
    :param biases: (G*n,) of each layer.
    """
    if len(recurrent) == 1:
        return Packed(feeding[0], recurrent[0], biases[0])
    neurons = sum(block.shape[0] for block in recurrent)
    gates = recurrent[0].shape[1] // recurrent[0].shape[0]
    columns, start, below = [], 0, 0
    for index, block in enumerate(recurrent):
        # Rows of the layer before, which is laid out next to it, and of the layer itself.
        rows = block if index == 0 else torch.cat([feeding[index], block])
        first, start = start - below, start + block.shape[0]
        below = block.shape[0]
        columns.append(pad(rows.unflatten(1, (gates, -1)), (0, 0, 0, 0, first, neurons - start)))
    first_layer = feeding[0].unflatten(1, (gates, -1))
    bias = torch.cat([part.view(gates, -1) for part in biases], dim=-1)
    return Packed(pad(first_layer, (0, neurons - first_layer.shape[2])).flatten(1),
                  torch.cat(columns, dim=-1).flatten(1), bias.flatten())
