# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Random bit streams, and their parity: what both XOR tasks are made of.

The generator of Hasani et al., "Closed-form continuous-time neural networks", Nature Machine
Intelligence 4 (2022): lengths uniform from 2 to 31, fair bits, padded to 32 steps, 100,000
streams to train on and 10,000 for the test. The streams are drawn anew, with other random numbers.
"""

from collections.abc import Callable
from dataclasses import dataclass

from liquid_control.tasks.floors import most_frequent
from liquid_control.tasks.task import Sequences, TaskData, TaskOptions
import numpy as np
from numpy.typing import NDArray

PADDED = 32
LENGTHS = (2, 31)      # shortest, longest
COUNTS = {'train': 100_000, 'validation': 10_000, 'test': 10_000}
QUICK_COUNT = 512
SEEDS = {'train': 0, 'validation': 500_000, 'test': 600_000}


@dataclass(frozen=True)
class BitStreams:
    """Streams of bits (n of them)."""

    bits: NDArray[np.int64]      # (n, 32), 0 behind the end
    lengths: NDArray[np.int64]   # (n,)

    @property
    def real(self) -> NDArray[np.bool_]:
        """Return (n, 32), True up to the end of a stream."""
        return np.arange(PADDED) < self.lengths[:, None]

    @property
    def parity(self) -> NDArray[np.int64]:
        """Return (n,): 1 where the number of ones is odd, the XOR of all bits."""
        return self.bits.sum(axis=1) % 2


def draw(count: int, seed: int) -> BitStreams:
    """
    Draw streams.

    :param count: n.
    :param seed: of the streams.
    """
    rng = np.random.default_rng(seed)
    lengths = rng.integers(LENGTHS[0], LENGTHS[1], count, endpoint=True)
    bits = rng.integers(0, 2, (count, PADDED))
    return BitStreams(bits * (np.arange(PADDED) < lengths[:, None]), lengths)


def splits(quick: bool) -> dict[str, BitStreams]:
    """
    Draw the three splits, the same ones for every run.

    :param quick: a few streams of each.
    """
    return {name: draw(QUICK_COUNT if quick else count, SEEDS[name])
            for name, count in COUNTS.items()}


def parity_task(options: TaskOptions, show: Callable[[BitStreams], Sequences]) -> TaskData:
    """
    Make a task of the parity of streams.

    :param options: `quick` for a few.
    :param show: what a network sees of streams.
    """
    streams = splits(options.quick)
    floors = {'most frequent class': most_frequent(streams['train'].parity,
                                                   streams['test'].parity)}
    train, validation, test = (show(streams[name]) for name in ('train', 'validation', 'test'))
    return TaskData(train, validation, test, outputs=2, floors=floors)
