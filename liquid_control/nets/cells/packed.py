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
    recurrent: Tensor    # (2*N, G*N), of each layer to itself, above those to the one behind it;
    #                      (N, G*N) if there is one layer alone
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
        size = block.shape[0]
        # Rows: not heard, the layer itself, not heard, the layer before it, not heard.
        parts = [block.new_zeros(start, gates, size), block.unflatten(1, (gates, size))]
        if index:
            parts += [block.new_zeros(neurons - start - size + below, gates, size),
                      feeding[index].unflatten(1, (gates, size))]
            below = start
        rest = 2 * neurons - sum(part.shape[0] for part in parts)
        columns.append(torch.cat([*parts, block.new_zeros(rest, gates, size)]))
        start += size
    first = feeding[0].unflatten(1, (gates, -1))
    bias = torch.cat([part.view(gates, -1) for part in biases], dim=-1)
    return Packed(pad(first, (0, neurons - first.shape[2])).flatten(1),
                  torch.cat(columns, dim=-1).flatten(1), bias.flatten())
