# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which seeds are for what; a scorecard says on which side of the line it was made."""

from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from liquid_control.sim.seeds import TEST_SEEDS, TRAINING_SEEDS, VALIDATION_SEEDS

SPLITS = {'training': TRAINING_SEEDS, 'validation': VALIDATION_SEEDS, 'test': TEST_SEEDS}


def choose_seeds(split: str, first: int | None, episodes: int) -> range:
    """
    Return the seeds of an evaluation.

    :param split: training, validation or test.
    :param first: the first seed; None for the first of the split.
    :param episodes: how many.
    :raises ConfigError: if one of them belongs to another split, or to nobody here.
    """
    if split not in SPLITS:
        raise ConfigError(f'unknown split {split!r}{nearest(split, SPLITS)}')
    allowed = SPLITS[split]
    if episodes < 1:
        raise ConfigError(f'episodes: expected 1 or more, found {episodes}')
    start = allowed.start if first is None else first
    seeds = range(start, start + episodes)
    if seeds[0] not in allowed or seeds[-1] not in allowed:
        homes = [name for name, other in SPLITS.items() if start in other]
        hint = (f'use --split {homes[0]}' if homes and homes[0] != split
                else 'choose --seed and --episodes within it')
        raise ConfigError(f'seeds: expected {allowed.start} to {allowed[-1]} (split {split}), '
                          f'found {seeds[0]} to {seeds[-1]}; {hint}')
    return seeds
