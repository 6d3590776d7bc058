# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Event-based XOR: the parity of a bit stream that is only told when it changes.

The task of Hasani et al., "Closed-form continuous-time neural networks", Nature Machine
Intelligence 4 (2022), as its published code makes it: an event at the first bit, at every bit
that differs from the one before, and at the last bit; each tells the bit and the time since the
event before, a bit lasting 1/32. How many ones there were is thus a matter of elapsed time.
Here every network, the published CfC's equal too, may read the logarithm of that time beside it.
"""

from dataclasses import replace

from liquid_control.nets.cells.catalogue import CellSettings
from liquid_control.tasks.bit_streams import BitStreams, PADDED, parity_task
from liquid_control.tasks.task import (
    Model,
    Published,
    Recipe,
    Sequences,
    Task,
    TaskData,
    TaskOptions,
)
import numpy as np
import torch

SOURCE = 'Hasani et al., Nature Machine Intelligence 2022'
UNIT = 1 / PADDED        # time that a bit takes


def load(options: TaskOptions) -> TaskData:
    """
    Draw the streams.

    :param options: `quick` for a few.
    """
    return parity_task(options, events)


def events(streams: BitStreams) -> Sequences:
    """
    Merge equal bits into events.

    :param streams: n of them.
    :returns: inputs (n, 32, 2): the bit as -1 or 1, and the logarithm of the time since the
        event before in bits; dt that time, where a bit takes 1/32.
    """
    count = len(streams.lengths)
    steps = np.arange(PADDED)
    changed = np.ones_like(streams.real)
    changed[:, 1:] = streams.bits[:, 1:] != streams.bits[:, :-1]
    happens = streams.real & (changed | (steps == streams.lengths[:, None] - 1))
    # Steps where something happens come first, in their order.
    order = np.argsort(~happens, axis=1, kind='stable')
    mask = np.take_along_axis(happens, order, axis=1)
    bit = np.take_along_axis(streams.bits, order, axis=1)
    elapsed = np.diff(order, axis=1, prepend=-1)      # the first event: after 1 bit
    elapsed = np.where(mask, elapsed, 1)
    inputs = np.stack([np.where(mask, 2 * bit - 1, 0), np.log(elapsed)], axis=-1)
    return Sequences(inputs=torch.from_numpy(inputs).float(),
                     dt=torch.from_numpy(elapsed * UNIT).float().view(count, PADDED, 1),
                     mask=torch.from_numpy(mask), targets=torch.from_numpy(streams.parity))


# The fastest neurons turn around within a bit, the slowest remember a whole stream.
SETTINGS = CellSettings(nominal_dt=UNIT, time_constants=(0.005, 1.0))
# About as many parameters each; the baselines are built to those of cfc.
MODELS = (Model('ltc', 'ltc', 90, replace(SETTINGS, substeps=2), learning_rate=1e-2),
          Model('cfc', 'cfc', 64, SETTINGS),
          Model('cfc_mixed_memory', 'cfc', 44, replace(SETTINGS, mixed_memory=True)),
          Model('gru', 'gru', settings=SETTINGS), Model('lstm', 'lstm', settings=SETTINGS))
TASK = Task(
    name='xor_event', title='Event-based XOR: parity of bits told when they change',
    metric='accuracy',
    published=(Published('CfC, mixed memory', 0.9972, 0.0008, SOURCE),
               Published('CfC', 0.9942, 0.0042, SOURCE),
               Published('ODE-LSTM', 0.9889, None, SOURCE),
               Published('GRU-D', 0.9790, None, SOURCE),
               Published('CfC, no gate', 0.9629, 0.0161, SOURCE),
               Published('CT-LSTM', 0.9509, None, SOURCE),
               Published('BiRNN', 0.9017, None, SOURCE),
               Published('LSTM', 0.8971, None, SOURCE),
               Published('CfC, pure closed form', 0.8542, 0.0284, SOURCE),
               Published('Phased LSTM', 0.8029, None, SOURCE),
               Published('LTC', 0.4911, 0.0, SOURCE)),
    recipe=Recipe(epochs=80, batch=256, learning_rate=5e-3, curriculum=0.5),
    models=MODELS, reference='cfc', load=load, time_unit='1/32 of it a bit')
