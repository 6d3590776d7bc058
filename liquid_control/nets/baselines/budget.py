# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of equal size: a comparison is fair where every network has as many parameters."""

from bisect import bisect
from collections.abc import Callable
from dataclasses import replace

from liquid_control.errors import ConfigError
from liquid_control.nets.baselines.baseline import Baseline
from liquid_control.nets.baselines.build import BASELINES, make_baseline
from liquid_control.nets.policy import build_head, NetConfig, parameter_count

_LARGEST = 256   # neurons that are tried
_SPARE = 16      # numbers that inputs are mapped to, beyond twice their own


def fit_budget(config: NetConfig, parameters: int, tolerance: float = 0.02) -> NetConfig:
    """
    Choose a baseline's neurons, and where that is too coarse, to how many inputs are projected.

    :param config: of a baseline.
    :param parameters: that its head shall have.
    :param tolerance: as a share of them.
    :raises ConfigError: if the cell is wired, or no size fits.
    """
    if config.cell not in BASELINES:
        raise ConfigError(f'budget: expected a baseline, found {config.cell}; choose the neurons '
                          'of its wiring by hand')

    def count(neurons: int, project: int) -> int:
        return parameter_count(build_head(replace(config, neurons=neurons, project=project)))

    neurons, project = _fit(config.cell, count, config.n_inputs, parameters, tolerance)
    return replace(config, neurons=neurons, project=project)


def build_to_budget(kind: str, n_inputs: int, parameters: int, *, outputs: int = 0,
                    nominal_dt: float = 1 / 30, seed: int = 0,
                    tolerance: float = 0.02) -> Baseline:
    """
    Build any baseline with a given number of parameters, for a task of any kind.

    :param kind: one of `BASELINES`.
    :param n_inputs: I.
    :param parameters: that it shall have, a linear readout of `outputs` numbers included.
    :param outputs: of that readout, which the caller builds; 0 for none.
    :param nominal_dt: usual interval of a step [s].
    :param seed: of the weights.
    :param tolerance: as a share of the parameters.
    :raises ConfigError: if there is no such baseline, or no size fits.
    """
    def build(neurons: int, project: int) -> Baseline:
        return make_baseline(kind, n_inputs, neurons, project=project, nominal_dt=nominal_dt,
                             seed=seed)

    def count(neurons: int, project: int) -> int:
        return parameter_count(build(neurons, project)) + outputs * (neurons + 1)

    return build(*_fit(kind, count, n_inputs, parameters, tolerance))


def _fit(kind: str, count: Callable[[int, int], int], inputs: int, parameters: int,
         tolerance: float) -> tuple[int, int]:
    """
    Find neurons, and to how many the inputs are projected.

    They stay as they are (0) if that fits; else they become a few less, at least half; else more.
    """
    fewer, more = range(inputs - 1, inputs // 2, -1), range(inputs, 2 * inputs + _SPARE)
    for project in (0, *fewer, *more):
        below = bisect(range(1, _LARGEST + 1), parameters,
                       key=lambda neurons: count(neurons, project))
        for neurons in (below, below + 1):
            off = abs(count(max(1, neurons), project) - parameters)
            if off <= tolerance * parameters:
                return max(1, neurons), project
    raise ConfigError(f'budget: no {kind} of {inputs} inputs and up to {_LARGEST} neurons has '
                      f'{parameters} parameters within {tolerance:.0%}; ask for more')
