# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Cells of equal size: a comparison is fair where every head has as many parameters."""

from dataclasses import replace

from liquid_control.errors import ConfigError
from liquid_control.nets.policy import BASELINES, build_head, NetConfig, parameter_count

_LARGEST = 256   # neurons that are tried


def fit_budget(config: NetConfig, parameters: int, tolerance: float = 0.02) -> NetConfig:
    """
    Choose a baseline's neurons, and where that is too coarse, how far inputs are projected.

    The inputs are left as they are if that fits; else they are projected to as many numbers as
    fit, at least half of them.

    :param config: of a baseline.
    :param parameters: that its head shall have.
    :param tolerance: as a share of them.
    :raises ConfigError: if the cell is wired, or no size fits.
    """
    if config.cell not in BASELINES:
        raise ConfigError(f'budget: expected a baseline, found {config.cell}; choose the neurons '
                          'of its wiring by hand')
    inputs = config.n_inputs
    for project in (0, *range(inputs - 1, inputs // 2, -1)):
        for neurons in range(1, _LARGEST):
            sized = replace(config, neurons=neurons, project=project)
            count = parameter_count(build_head(sized))
            if abs(count - parameters) <= tolerance * parameters:
                return sized
            if count > parameters:
                break
    raise ConfigError(f'budget: no {config.cell} has {parameters} parameters within '
                      f'{tolerance:.0%}; ask for more')
