# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which round's policy a run ends with."""

from liquid_control.training.pipeline import choose_round


def flown(reached: int, of: int = 96) -> list[bool]:
    """Return flights of which the first ones reached."""
    return [number < reached for number in range(of)]


def test_the_last_round_is_chosen_while_none_is_clearly_better() -> None:
    """Five flights more of 96 are luck as likely as not: exact p = 0.06."""
    assert choose_round([flown(90)]) == 0
    assert choose_round([flown(60), flown(90), flown(90)]) == 2
    assert choose_round([flown(95), flown(90)]) == 1


def test_an_earlier_round_that_is_significantly_better_is_chosen() -> None:
    """Six flights that one alone reached: exact p = 0.03."""
    assert choose_round([flown(96), flown(90)]) == 0
    assert choose_round([flown(96), flown(90), flown(80)]) == 0
    assert choose_round([flown(60), flown(90), flown(80)]) == 1


def test_flights_are_compared_seed_by_seed() -> None:
    """Seven alone against one alone of the same seeds is not yet significant; eight are."""
    last = [False] * 7 + [True] + [True] * 88
    earlier = [True] * 7 + [False] + [True] * 88
    assert choose_round([earlier, last]) == 1
    last[8:10], earlier[8:10] = [False, False], [True, True]
    assert choose_round([earlier, last]) == 0
