# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the cells begin with: drawn weights, and time constants spread over a span."""

from collections.abc import Sequence
import math
from typing import TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.masked import MaskedWeight
import torch
from torch import Tensor

Span: TypeAlias = tuple[float, float]  # shortest, longest [s]


def spread_time_constants(neurons: int, span: Span, generator: torch.Generator) -> Tensor:
    """
    Space time constants log-uniformly over a span, in an order that is drawn.

    Spaced, not drawn one by one: a small layer too then covers the whole span.

    :param neurons: n.
    :param span: (shortest, longest) [s].
    :param generator: of the order.
    :returns: (n,) [s].
    :raises ConfigError: if the span is empty or not positive.
    """
    shortest, longest = span
    if not 0 < shortest <= longest:
        raise ConfigError('time constants: expected 0 < shortest <= longest [s], '
                          f'found {shortest} and {longest}')
    place = (torch.randperm(neurons, generator=generator) + 0.5) / neurons
    return torch.exp(math.log(shortest) + place * math.log(longest / shortest))


def fan_in_normal(blocks: Sequence[MaskedWeight], generator: torch.Generator,
                  gain: float = 1.0) -> None:
    """
    Draw weights so that each sum of a neuron has a variance that its fan-in does not change.

    :param blocks: all the blocks that feed the same neurons.
    :param generator: of the weights.
    :param gain: standard deviation of a sum over inputs of unit variance.
    """
    fan_in = torch.cat([block.mask for block in blocks]).sum(dim=0).clamp_min(1.0)
    for block in blocks:
        block.fill(torch.randn(block.values.shape, generator=generator) * gain / fan_in.sqrt())
