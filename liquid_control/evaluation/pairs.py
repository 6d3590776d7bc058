# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Policies compared in pairs: both flew the same seeds, so only where they differ counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.layout import columns
from liquid_control.evaluation.plan import Place, Titles


@dataclass(frozen=True)
class Comparison:
    """Two policies over the flights of one cell that both have flown."""

    world: str
    wind: str
    suite: str | None
    cell: str
    policies: tuple[str, str]
    policy_sha256: tuple[str, str]
    pairs: int                     # flights of the same seed
    both: int                      # where both reached the target
    first_only: int
    second_only: int
    neither: int
    p_value: float                 # exact McNemar test, two-sided


def mcnemar(first_only: int, second_only: int) -> float:
    """
    Return the exact two-sided p-value that two success rates of paired trials are equal.

    The binomial form of the test (McNemar, Psychometrika 12, 1947, 153-157): where the two
    differ, either is the better one with probability 1/2. Valid for any number of trials.

    :param first_only: pairs where only the first succeeded.
    :param second_only: pairs where only the second did.
    :raises ValueError: if one is negative.
    """
    if min(first_only, second_only) < 0:
        raise ValueError(f'expected counts of 0 or more, found {first_only} and {second_only}')
    differing = first_only + second_only
    tail = term = 1
    for k in range(min(first_only, second_only)):
        term = term * (differing - k) // (k + 1)     # the next binomial coefficient, exactly
        tail += term
    return min(1.0, 2 * tail / 2 ** differing)   # of whole numbers: exact, then rounded once


def compare(records: Sequence[FlightRecord], titles: Titles | None = None) -> list[Comparison]:
    """
    Compare every pair of policies in every cell that both have flown.

    :param records: of any number of cells.
    :param titles: what to call policies and cells; as in the records if absent.
    :return: cell by cell, in the order in which cells and policies first appear.
    """
    titles = titles or Titles()
    cells: dict[Place, dict[str, dict[int, bool]]] = {}
    names: dict[str, str] = {}
    for entry in records:
        key = entry.key
        names.setdefault(key.policy_sha256, titles.policy(key.policy_sha256, entry.policy))
        cells.setdefault(key.place, {}).setdefault(key.policy_sha256, {})[key.seed] = entry.reached
    return [_compare(place, pair, (flown[pair[0]], flown[pair[1]]), names, titles)
            for place, flown in cells.items() for pair in combinations(flown, 2)
            if flown[pair[0]].keys() & flown[pair[1]].keys()]


def _compare(place: Place, pair: tuple[str, str],
             flown: tuple[dict[int, bool], dict[int, bool]], names: dict[str, str],
             titles: Titles) -> Comparison:
    first, second = flown
    seeds = first.keys() & second.keys()
    both = sum(first[seed] and second[seed] for seed in seeds)
    first_only = sum(first[seed] for seed in seeds) - both
    second_only = sum(second[seed] for seed in seeds) - both
    return Comparison(
        world=place[0], wind=place[2], suite=titles.suite, cell=titles.cell(place),
        policies=(names[pair[0]], names[pair[1]]), policy_sha256=pair, pairs=len(seeds),
        both=both, first_only=first_only, second_only=second_only,
        neither=len(seeds) - both - first_only - second_only,
        p_value=mcnemar(first_only, second_only))


def comparison_table(comparisons: Sequence[Comparison]) -> str:
    """
    Lay comparisons out as text.

    :param comparisons: as `compare` returned them, one or more.
    """
    place = 'cell' if any(one.suite for one in comparisons) else 'wind'
    head = ('policy A', 'policy B', 'world', place, 'pairs', 'both', 'A only', 'B only',
            'neither', 'p (exact McNemar)')
    return columns([head, *((*one.policies, one.world, one.cell, str(one.pairs), str(one.both),
                             str(one.first_only), str(one.second_only), str(one.neither),
                             f'{one.p_value:.2g}') for one in comparisons)], left=4)
