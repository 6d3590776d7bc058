# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a flight is judged by: pure functions of a record, and of counts."""

import math

from liquid_control.flight import Flight
import numpy as np

Z95 = 1.959963984540054  # of the normal distribution, two-sided 95 %


def wilson_interval(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """
    Return the score interval of a rate (Wilson, J. Am. Stat. Assoc. 22, 1927, 209-212).

    It stays within [0, 1] and keeps its coverage near 0 and 1, where policies end up.

    :param successes: from 0 to trials.
    :param trials: 0 gives (0, 1): nothing is known.
    :param z: quantile of the normal distribution.
    :raises ValueError: if successes are not within 0 and trials.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f'successes: expected 0 to {trials}, found {successes}')
    if trials == 0:
        return 0.0, 1.0
    rate, z2 = successes / trials, z * z
    centre = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(rate * (1 - rate) / trials
                                             + z2 / (4 * trials * trials))
    # The ends are exact where the rate is: rounding must not take 1e-17 off a certainty.
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return low, high


def path_efficiency(flight: Flight) -> float:
    """
    Return the progress toward the target per distance flown: 1 for a straight line there.

    Targets at rest are gone to in order; with one, it cannot exceed 1 (triangle inequality). It
    is negative for a flight that ended farther away than it began; 0 where nothing was flown.
    """
    length = flight.path_length
    if length < 1e-6:
        return 0.0
    return float(flight.to_go[0] - flight.to_go[-1]) / length


def command_rate(flight: Flight) -> float:
    """
    Return how roughly a flight was commanded: the RMS rate of change of the velocity sent.

    :return: over the linear axes [m/s^2]; 0 for a constant command.
    """
    if len(flight.t) < 2:
        return 0.0
    dt = np.diff(flight.t)
    rates = np.diff(flight.command[:, :3], axis=0) / dt[:, None]
    return float(np.sqrt(np.average(np.sum(rates ** 2, axis=1), weights=dt)))
