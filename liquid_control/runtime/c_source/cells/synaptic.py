# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Synapses that are open by sigmoid(slope (what they hear - centre)) each."""

from collections.abc import Callable
from typing import TypeAlias

from liquid_control.runtime.c_source.cells.layered import Layer, masked, Sums
from liquid_control.runtime.c_source.core import Core
from liquid_control.runtime.c_source.unit import Unit
from liquid_control.signals import Float32Array
import numpy as np

# Numbers of a synapse as they are trained, (from, n) each -> slope, centre, a weight of the
# activation for either of two sums, and then of what it hears itself for each further sum.
Weigh: TypeAlias = Callable[..., tuple[Float32Array, ...]]


def synaptic_sums(core: Core, unit: Unit, cell: str, numbers: int, weigh: Weigh,
                  offset: Callable[[Float32Array, int], Float32Array]) -> Sums:
    """
    Sum what synapses let through.

    :param core: whose `weights` are taken.
    :param unit: where to.
    :param cell: name of the weights.
    :param numbers: of a synapse, as it was trained.
    :param weigh: what makes numbers to sum with of them.
    :param offset: (biases of a layer, n) -> what the sums begin with.
    """
    unit.need('sigmoid')

    def add(layer: Layer, block: str, source: str, sources: int, target: str) -> None:
        values, mask = masked(core, f'{cell}.layers.{layer.number}.{block}', sources, numbers,
                              layer.n)
        weighed = weigh(*np.split(values, numbers, axis=1))
        name = f'layer_{layer.number}_{block}'
        unit.add_synapses('opened', name, np.hstack(weighed[:4]), source, target, mask)
        for place, weights in enumerate(weighed[4:], 2):
            unit.add(f'{name}_linear', weights, source, f'{target} + {place * layer.n}', mask=mask)

    def feed(layer: Layer, target: str) -> None:
        bias = core.weights.take(f'{cell}.layers.{layer.number}.bias', -1)
        unit.start(target, offset(bias, layer.n), f'layer_{layer.number}_bias')
        add(layer, 'feeding', layer.signal, layer.sources, target)

    def collect(layer: Layer, target: str) -> None:
        add(layer, 'recurrent', layer.state, layer.n, target)

    return Sums(numbers - 2, feed, collect)
