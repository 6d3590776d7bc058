# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Seeds stay within their split."""

from liquid_control.errors import ConfigError
from liquid_control.evaluation.splits import choose_seeds
import pytest


def test_the_default_is_the_start_of_the_split() -> None:
    assert choose_seeds('test', None, 3) == range(600_000, 600_003)
    assert choose_seeds('validation', 599_990, 10) == range(599_990, 600_000)


@pytest.mark.parametrize(('split', 'first', 'episodes', 'text'), [
    ('test', 500_000, 1, r'expected 600000 to 699999.*use --split validation'),
    ('test', 17, 5, r'found 17 to 21; use --split training'),
    ('validation', 599_999, 2, r'found 599999 to 600000; choose --seed and --episodes'),
    ('test', 699_950, 100, r'found 699950 to 700049'),
    ('test', 900_000, 1, r'choose --seed'),
    ('test', -1, 1, r'found -1'),
    ('test', None, 0, r'episodes: expected 1 or more'),
    ('tests', None, 1, r"did you mean 'test'"),
])
def test_a_seed_outside_is_refused(split: str, first: int | None, episodes: int,
                                   text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        choose_seeds(split, first, episodes)
