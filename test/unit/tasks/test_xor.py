# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Bit streams, as events and one a step, against streams that are walked bit by bit."""

from liquid_control.tasks import bit_streams, xor_dense, xor_event
from liquid_control.tasks.task import TaskOptions
import numpy as np
import pytest
import torch

STREAMS = bit_streams.draw(400, seed=3)


def walk(bits: list[int]) -> list[tuple[int, int]]:
    """List the events of one stream as (bit, bits since the event before)."""
    events, since = [], 0
    for index, bit in enumerate(bits):
        since += 1
        if index == 0 or bit != bits[index - 1] or index == len(bits) - 1:
            events.append((bit, since))
            since = 0
    return events


def test_streams_have_the_published_lengths_and_fair_bits() -> None:
    """Every length from 2 to 31, one as often as another; half the bits are ones."""
    drawn = bit_streams.draw(60_000, seed=1)
    counts = np.bincount(drawn.lengths, minlength=33)
    assert counts[:2].sum() == counts[32:].sum() == 0
    assert counts[2:32].min() > 0.85 * 2000 and counts[2:32].max() < 1.15 * 2000
    assert drawn.bits[drawn.real].mean() == pytest.approx(0.5, abs=0.005)
    assert drawn.bits[~drawn.real].sum() == 0


def test_events_are_those_of_a_walk_along_the_bits() -> None:
    """Bit, elapsed time, order, and nothing behind the last event."""
    data = xor_event.events(STREAMS)
    for row, length in enumerate(STREAMS.lengths):
        bits = STREAMS.bits[row, :length].tolist()
        real = data.mask[row]
        bit = (data.inputs[row, real, 0] + 1) / 2
        elapsed = (data.dt[row, real, 0] * 32).round()
        assert list(zip(bit.int().tolist(), elapsed.int().tolist())) == walk(bits)
        assert torch.equal(data.inputs[row, real, 1].exp().round(), elapsed)
        assert int(data.targets[row]) == sum(bits) % 2
        assert bool((data.inputs[row, ~real] == 0).all())


def test_elapsed_times_tell_the_whole_stream() -> None:
    """The times of a stream's events add up to its length, so that its ones can be counted."""
    data = xor_event.events(STREAMS)
    total = (data.dt[..., 0] * data.mask).sum(dim=1) * 32
    assert torch.equal(total.round().long(), torch.from_numpy(STREAMS.lengths))


def test_dense_steps_are_the_bits() -> None:
    """The target is the product of signs: parity by other means."""
    data = xor_dense.steps(STREAMS)
    assert torch.equal(data.mask.sum(dim=1), torch.from_numpy(STREAMS.lengths))
    product = torch.where(data.mask, -data.inputs[..., 0], 1.0).prod(dim=1)
    assert torch.equal(product < 0, data.targets == 1)
    assert bool((data.dt == 1 / 32).all())


@pytest.mark.parametrize('load', [xor_event.load, xor_dense.load])
def test_splits_are_the_same_every_time_and_differ_from_each_other(load) -> None:
    """Test streams are no training streams."""
    once, again = (load(TaskOptions(quick=True, seed=seed)) for seed in (0, 1))
    assert torch.equal(once.test.inputs, again.test.inputs)
    assert not torch.equal(once.test.inputs, once.validation.inputs)
    assert not torch.equal(once.test.inputs, once.train.inputs)
    ones = once.test.targets.float().mean()
    assert once.floors['most frequent class'] in (
        pytest.approx(float(ones)), pytest.approx(1 - float(ones)))


def test_the_published_numbers_of_streams() -> None:
    """100,000 to train on, 10,000 for the test."""
    assert bit_streams.COUNTS == {'train': 100_000, 'validation': 10_000, 'test': 10_000}
