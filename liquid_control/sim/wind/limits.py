# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is physical: ranges that every number of a wind is held against."""

from liquid_control.sim.ranges import check

# The strongest gust measured near the ground outside of tornadoes is 113.2 m/s (Barrow Island
# 1996, World Meteorological Organization).
MAX_SPEED = 120.0      # [m/s]
MAX_DURATION = 3600.0  # [s]


def expect(key: str, found: float, low: float, high: float, unit: str = '') -> None:
    """
    Refuse a number outside of a range.

    :param key: its name in the file.
    :param found: the number.
    :param low: smallest value allowed.
    :param high: largest value allowed.
    :param unit: of all three.
    :raises ConfigError: if it is outside.
    """
    check(low <= found <= high, key, f'{low:g} to {high:g} {unit}'.rstrip(), found)


def expect_range(key: str, found: tuple[float, float], low: float, high: float,
                 unit: str = '') -> None:
    """
    Refuse a range that runs backward or reaches outside of another.

    :param key: its name in the file.
    :param found: its two ends.
    :param low: smallest value allowed.
    :param high: largest value allowed.
    :param unit: of all.
    :raises ConfigError: if it does not fit.
    """
    check(low <= found[0] <= found[1] <= high, key,
          f'{low:g} <= low <= high <= {high:g} {unit}'.rstrip(), list(found))
