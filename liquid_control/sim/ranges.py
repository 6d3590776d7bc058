# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Numbers of a configuration that are drawn from ranges, and what bounds them."""

from typing import TypeAlias

from liquid_control.errors import ConfigError

Range: TypeAlias = tuple[float, float]


def check(fits: bool, key: str, expected: str, found: object) -> None:
    """
    Refuse a value.

    :param fits: whether it is as expected.
    :param key: of the value.
    :param expected: in words.
    :param found: the value.
    :raises ConfigError: where it does not fit.
    """
    if not fits:
        raise ConfigError(f'{key}: expected {expected}, found {found}')


def check_range(key: str, found: Range, above: float | None = None) -> None:
    """
    Refuse a range that runs backward, or does not lie above a bound.

    :param key: of the range.
    :param found: its ends.
    :param above: the bound, itself not allowed.
    :raises ConfigError: where it does not fit.
    """
    low, high = found
    if above is None:
        check(low <= high, key, 'low <= high', list(found))
    else:
        check(above < low <= high, key, f'{above} < low <= high', list(found))
