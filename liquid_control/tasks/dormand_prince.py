# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A Runge-Kutta pair of fifth and fourth order that chooses its steps, to count them.

The pair of Dormand and Prince (Journal of Computational and Applied Mathematics 6, 1980) with the
step control of MATLAB's ode45 (Shampine and Reichelt, "The MATLAB ODE suite", SIAM Journal on
Scientific Computing 18, 1997), with which the figures of the LTC paper were made. Another
control, such as SciPy's, takes another number of steps for the same accuracy.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TIMES = (1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0)      # of stages 2 to 6, as shares of a step
STAGES = tuple(np.array(row) for row in (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
))
FIFTH = np.array([35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84])
# Fifth order less fourth; its last stage is the slope at the end of the step.
ERROR = np.array([71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40])

POWER = 1 / 5
SAFETY = 0.8
LARGEST_SHARE = 0.1      # of the whole duration, of a step
GROWTH = 5.0             # of a step over the one before, at most
SHRINKAGE = 0.1          # of a step that failed, at most; it is halved if it fails again
ROUNDING = 16            # spacings of time, the shortest step


def integrate(slope: Callable[[float, Floats], Floats], start: Floats, duration: float, *,
              relative: float, absolute: float) -> tuple[Floats, Floats]:
    """
    Integrate from time 0.

    :param slope: dx/dt as a function of time and state (N,).
    :param start: (N,), the state at time 0.
    :param duration: of the integration.
    :param relative: error allowed in a step, as a share of each number of the state.
    :param absolute: the same where that would be less.
    :returns: the times at which steps ended (steps,), and the states there (steps, N).
    """
    threshold = absolute / relative
    time, state, first = 0.0, start, slope(0.0, start)
    size = LARGEST_SHARE * duration
    fastest = np.max(np.abs(first) / np.maximum(np.abs(state), threshold))
    size = min(size, SAFETY * relative ** POWER / max(fastest, np.finfo(float).tiny))
    times, states = [], []
    while time < duration:
        shortest = ROUNDING * float(np.spacing(time))
        size = min(LARGEST_SHARE * duration, max(shortest, size))
        failed = False
        while True:
            last = 1.1 * size >= duration - time
            part = duration - time if last else size
            ahead, slopes = _attempt(slope, time, state, first, part)
            scale = np.maximum(np.maximum(np.abs(state), np.abs(ahead)), threshold)
            error = part * np.max(np.abs(ERROR @ slopes) / scale)
            if error <= relative or part <= shortest:
                break
            shrunk = 0.5 if failed else max(SHRINKAGE, SAFETY * (relative / error) ** POWER)
            size, failed = max(shortest, shrunk * part), True
        time = duration if last else time + part
        state, first = ahead, slopes[-1]
        times.append(time)
        states.append(state)
        if not failed:
            size = part * min(GROWTH, SAFETY * (relative / max(error, 1e-30)) ** POWER)
    return np.array(times), np.array(states)


def _attempt(slope: Callable[[float, Floats], Floats], time: float, state: Floats, first: Floats,
             size: float) -> tuple[Floats, Floats]:
    """Take a step: the state at its end, and the slopes of its seven stages."""
    slopes = np.empty((7, len(state)))
    slopes[0] = first
    for stage, (share, weights) in enumerate(zip(TIMES, STAGES), start=1):
        slopes[stage] = slope(time + share * size, state + size * (weights @ slopes[:stage]))
    ahead = state + size * (FIFTH @ slopes[:6])
    slopes[6] = slope(time + size, ahead)
    return ahead, slopes
