# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Dense XOR: the parity of a bit stream, one bit a step.

The streams of `xor_event`, as Hasani et al., "Closed-form continuous-time neural networks",
Nature Machine Intelligence 4 (2022), show them where time does not matter.
"""

from liquid_control.tasks.bit_streams import BitStreams, PADDED, parity_task
from liquid_control.tasks.task import Published, Recipe, Sequences, Task, TaskData, TaskOptions
from liquid_control.tasks.xor_event import MODELS, UNIT
import numpy as np
import torch


def load(options: TaskOptions) -> TaskData:
    """
    Draw the streams.

    :param options: `quick` for a few.
    """
    return parity_task(options, steps)


def steps(streams: BitStreams) -> Sequences:
    """
    Show one bit a step.

    :param streams: n of them.
    :returns: inputs (n, 32, 1), the bit as -1 or 1; dt 1/32.
    """
    shape = (len(streams.lengths), PADDED, 1)
    inputs = np.where(streams.real, 2 * streams.bits - 1, 0)
    return Sequences(inputs=torch.from_numpy(inputs).float().view(shape),
                     dt=torch.full(shape, UNIT), mask=torch.from_numpy(streams.real),
                     targets=torch.from_numpy(streams.parity))


TASK = Task(
    name='xor_dense', title='Dense XOR: parity of bits, one a step', metric='accuracy',
    published=(Published('CfC', 0.9734, 0.0185, 'raminmh/CfC, train_xor.py, a comment'),),
    # The slow curriculum is for the LTC: it learns nothing unless one or two bits come first.
    recipe=Recipe(epochs=24, batch=256, learning_rate=5e-3, curriculum=0.75),
    models=MODELS, reference='cfc', load=load, time_unit='1/32 of it a bit')
