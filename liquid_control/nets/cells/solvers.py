# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
One step of dx/dt = p - r x, where rate r and pull p depend on the state themselves.

`exponential` solves the equation exactly with r and p held over the step; it is first order,
stable for any step, never leaves the interval between x and p / r, and two half steps under held
r and p are one whole step. `fused` is the semi-implicit step of Hasani et al., "Liquid
time-constant networks", AAAI 2021 (algorithm 1): first order, stable, within the same interval.
`euler` is first order and `runge_kutta` (the classical one) fourth; both leave every bound where
the step is longer than about twice the time constant, and are here for small steps and for
comparison.
"""

from collections.abc import Callable
from typing import Literal, TypeAlias

import torch
from torch import Tensor

SolverName: TypeAlias = Literal['exponential', 'fused', 'euler', 'runge_kutta']
# (rate (..., n) [1/s], pull (..., n) [1/s], state (..., n), dt (..., 1) [s]) -> (..., n)
Step: TypeAlias = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]


def exponential(rate: Tensor, pull: Tensor, state: Tensor, dt: Tensor) -> Tensor:
    """
    Approach pull / rate exponentially.

    :param rate: (..., n), positive [1/s].
    :param pull: (..., n) [1/s].
    :param state: (..., n).
    :param dt: (..., 1) [s].
    :returns: (..., n).
    """
    return torch.lerp(pull / rate, state, torch.exp(-dt * rate))


def fused(rate: Tensor, pull: Tensor, state: Tensor, dt: Tensor) -> Tensor:
    """
    Take the leak and the pull from the end of the step, the conductances from its beginning.

    :param rate: (..., n), not negative [1/s].
    :param pull: (..., n) [1/s].
    :param state: (..., n).
    :param dt: (..., 1) [s].
    :returns: (..., n).
    """
    return (state + dt * pull) / (1 + dt * rate)


def euler(rate: Tensor, pull: Tensor, state: Tensor, dt: Tensor) -> Tensor:
    """
    Follow the slope at the beginning of the step.

    :param rate: (..., n) [1/s].
    :param pull: (..., n) [1/s].
    :param state: (..., n).
    :param dt: (..., 1) [s].
    :returns: (..., n).
    """
    return state + dt * (pull - rate * state)


def runge_kutta(slope: Callable[[Tensor], Tensor], first: Tensor, state: Tensor,
                dt: Tensor) -> Tensor:
    """
    Take the classical step of fourth order.

    :param slope: dx/dt as a function of x.
    :param first: (..., n), the slope at `state`, known already.
    :param state: (..., n).
    :param dt: (..., 1) [s].
    :returns: (..., n).
    """
    second = slope(state + dt / 2 * first)
    third = slope(state + dt / 2 * second)
    fourth = slope(state + dt * third)
    return state + dt / 6 * (first + 2 * (second + third) + fourth)


# The solvers that look at rate and pull once a step.
ONE_EVALUATION: dict[str, Step] = {'exponential': exponential, 'fused': fused, 'euler': euler}
