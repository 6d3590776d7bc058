# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The transformer is attention over a window, and its distances are seconds."""

from liquid_control.nets.baselines.transformer import HEADS, Transformer, WINDOW
import pytest
import torch
from torch import Tensor
from torch.nn import functional

INPUTS, NEURONS, STEPS = 5, 12, 70


@pytest.fixture
def cell() -> Transformer:
    """Build one in double precision."""
    made: Transformer = Transformer(INPUTS, NEURONS, seed=1).double()
    return made


def sequence(batch: int) -> tuple[Tensor, Tensor]:
    """Draw inputs (B, T, I) and uneven dt (B, T, 1)."""
    return (torch.randn(batch, STEPS, INPUTS, dtype=torch.float64),
            torch.rand(batch, STEPS, 1, dtype=torch.float64) * 0.2 + 0.005)


def expected_output(cell: Transformer, inputs: Tensor, dt: Tensor) -> Tensor:
    """Answer the newest step of one window (L, I) by torch's own attention, key by key."""
    embedded = cell.embed(cell.prepare(inputs, dt))
    normal = functional.layer_norm(embedded, (NEURONS,))
    keys, values = cell.keys_and_values(normal).split(NEURONS, dim=-1)
    stamps = dt[:, 0].cumsum(0)
    ages = stamps[-1] - stamps
    told, rates = [], cell.log_rate.exp().tolist()
    means = []
    for head, rate in enumerate(rates):
        own = slice(head * NEURONS // HEADS, (head + 1) * NEURONS // HEADS)
        # The logarithm of the age rides along as one more value.
        carried = torch.cat([values[:, own], torch.log1p(30 * ages)[:, None]], dim=1)
        found = functional.scaled_dot_product_attention(
            cell.query(normal[-1:])[:, own], keys[:, own], carried, attn_mask=-rate * ages[None])
        told.append(found[:, :-1])
        means.append(found[:, -1:])
    total = embedded[-1:] + cell.join(torch.cat([*told, *means], dim=1))
    total = total + cell.layers(functional.layer_norm(total, (NEURONS,)))
    return functional.layer_norm(total, (NEURONS,))[0]


def test_it_is_attention_biased_by_age_over_the_last_steps(cell: Transformer) -> None:
    inputs, dt = sequence(2)
    with torch.no_grad():
        outputs, _ = cell.scan(inputs, dt, cell.initial_state(2))
        for step in (0, 3, WINDOW - 1, WINDOW, STEPS - 1):
            first = max(0, step + 1 - WINDOW)
            expected = expected_output(cell, inputs[1, first:step + 1], dt[1, first:step + 1])
            torch.testing.assert_close(outputs[1, step], expected)


def test_an_input_is_seen_for_one_window_and_never_before(cell: Transformer) -> None:
    inputs, dt = sequence(1)
    changed = inputs.clone()
    changed[0, 10] += 1.0
    with torch.no_grad():
        before, _ = cell.scan(inputs, dt, cell.initial_state(1))
        after, _ = cell.scan(changed, dt, cell.initial_state(1))
    moved = (before != after).any(dim=-1)[0].nonzero().flatten().tolist()
    assert moved == list(range(10, 10 + WINDOW))


def test_single_precision_scans_as_it_steps() -> None:
    cell = Transformer(INPUTS, NEURONS, seed=1)
    inputs, dt = (part.float() for part in sequence(3))
    reset = torch.zeros(3, STEPS, dtype=torch.bool)
    reset[1, 40] = reset[2, 31] = True
    with torch.no_grad():
        scanned, last = cell.scan(inputs, dt, cell.initial_state(3), reset)
        stepped, final = super(Transformer, cell)._scan(inputs, dt, cell.initial_state(3), reset)
    torch.testing.assert_close(scanned, stepped, atol=1e-5, rtol=0)
    torch.testing.assert_close(last, final, atol=1e-6, rtol=0)


@pytest.mark.parametrize('steps', [1, 2, WINDOW, WINDOW + 1])
def test_a_sequence_of_any_length_goes_on_where_the_one_before_ended(
        cell: Transformer, steps: int) -> None:
    inputs, dt = sequence(2)
    with torch.no_grad():
        whole, last = cell.scan(inputs, dt, cell.initial_state(2))
        first, state = cell.scan(inputs[:, :steps], dt[:, :steps], cell.initial_state(2))
        rest, final = cell.scan(inputs[:, steps:], dt[:, steps:], state)
    torch.testing.assert_close(torch.cat([first, rest], dim=1), whole)
    torch.testing.assert_close(final, last)


def test_what_is_long_ago_is_forgotten_by_seconds_and_not_by_steps(cell: Transformer) -> None:
    """After a gap far longer than every head's time constant only the newest step is left."""
    inputs, dt = sequence(1)
    other = torch.randn_like(inputs)
    other[:, 20] = inputs[:, 20]

    def newest(given: Tensor, gap: float) -> Tensor:
        waited = dt.clone()
        waited[:, 20] = gap
        with torch.no_grad():
            return cell.scan(given[:, :21], waited[:, :21], cell.initial_state(1))[0][0, 20]

    torch.testing.assert_close(newest(inputs, 300.0), newest(other, 300.0))
    assert (newest(inputs, 0.03) - newest(other, 0.03)).abs().max() > 0.01


def test_a_step_of_no_time_is_seen_too(cell: Transformer) -> None:
    """An interval of 0 in the state is an empty place, but a step may take no time."""
    inputs, dt = sequence(1)
    dt[:, 4] = 0.0
    other = inputs.clone()
    other[:, 4] += 1.0
    with torch.no_grad():
        before, after = (cell.scan(given, dt, cell.initial_state(1))[0] for given in
                         (inputs, other))
    assert not torch.allclose(before[:, 5], after[:, 5], atol=1e-4)
