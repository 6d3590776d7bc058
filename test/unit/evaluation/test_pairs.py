# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Paired comparison, against binomial tails known by other means."""

from collections.abc import Callable
from fractions import Fraction
import json

from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.pairs import compare, comparison_table, mcnemar
from liquid_control.evaluation.plan import Titles
from liquid_control.evaluation.scorecard import as_json
import pytest
from scipy.stats import binomtest

Make = Callable[..., FlightRecord]


@pytest.mark.parametrize(('first', 'second', 'p_value'), [
    (0, 0, Fraction(1)),
    (1, 0, Fraction(1)),
    (5, 5, Fraction(1)),                     # the two tails overlap: no more than 1
    (5, 0, Fraction(2, 32)),
    (0, 6, Fraction(2, 64)),
    (1, 9, Fraction(2 * (1 + 10), 1024)),
    (8, 2, Fraction(2 * (1 + 10 + 45), 1024)),
])
def test_p_values_counted_by_hand(first: int, second: int, p_value: Fraction) -> None:
    assert mcnemar(first, second) == float(p_value)


@pytest.mark.parametrize(('first', 'second'), [(42, 22), (3, 17), (59, 6), (0, 40), (900, 1100),
                                               (2500, 2400)])
def test_p_values_agree_with_scipy(first: int, second: int) -> None:
    expected = binomtest(first, first + second, 0.5).pvalue
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-9)
    assert mcnemar(first, second) == mcnemar(second, first)


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match='found -1 and 3'):
        mcnemar(-1, 3)


def flights(make: Make, policy: str, reached: str, first: int = 600_000,
            **changes: object) -> list[FlightRecord]:
    """Make one record a letter, + for reached."""
    return [make(first + index, policy=policy, policy_sha256=policy, outcome='reached'
                 if letter == '+' else 'collision', **changes)
            for index, letter in enumerate(reached)]


def test_flights_are_paired_by_seed_not_by_order(make_record: Make) -> None:
    entries = [*flights(make_record, 'a', '++++--+'),
               *reversed(flights(make_record, 'b', '-+--+-'))]      # one seed less
    one, = compare(entries)
    assert (one.policies, one.pairs) == (('a', 'b'), 6)
    assert (one.both, one.first_only, one.second_only, one.neither) == (1, 3, 1, 1)
    assert one.p_value == 2 * (1 + 4) / 16


def test_every_pair_in_every_cell_that_both_flew(make_record: Make) -> None:
    entries = [entry for policy in 'abc' for entry in flights(make_record, policy, '+-')]
    entries += flights(make_record, 'a', '++', wind='W5') + flights(make_record, 'b', '--',
                                                                    wind='W5')
    entries += flights(make_record, 'c', '++', wind='W5', first=600_010)    # other seeds
    found = compare(entries, Titles({'a': 'mine'}, suite='wind'))
    assert [(one.cell, *one.policies) for one in found] == [
        ('W2', 'mine', 'b'), ('W2', 'mine', 'c'), ('W2', 'b', 'c'), ('W5', 'mine', 'b')]
    assert found[-1].p_value == 0.5 and {one.suite for one in found} == {'wind'}
    text = comparison_table(found).split('\n')
    assert len(text) == 2 + len(found) and text[-1].endswith('0.5')
    document = json.loads(json.dumps(as_json([], found)))
    assert document['comparisons'][3]['first_only'] == 2


def test_one_policy_is_compared_with_none(make_record: Make) -> None:
    assert compare(flights(make_record, 'a', '+-+')) == []
