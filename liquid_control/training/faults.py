# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The cameras that a policy learns on: a rate and faults of its own for every flight."""

from dataclasses import replace
from typing import Any

from liquid_control.sim.sensor_config import CameraConfig
from liquid_control.training.settings import FaultConfig
import numpy as np


def camera_rate(bounds: tuple[float, float], numbers: np.random.Generator) -> float:
    """
    Draw a rate, log-uniformly [Hz].

    :param bounds: slowest and fastest [Hz].
    :param numbers: random numbers of the flight.
    """
    return float(np.exp(numbers.uniform(*np.log(bounds))))


def with_rate(camera: CameraConfig, bounds: tuple[float, float],
              numbers: np.random.Generator) -> CameraConfig:
    """
    Give a camera a rate, as `camera_rate` draws it.

    :param camera: the world's.
    :param bounds: slowest and fastest [Hz].
    :param numbers: random numbers of the flight.
    """
    rate = camera_rate(bounds, numbers)
    return replace(camera, rate_hz=(rate, rate))


def with_faults(camera: CameraConfig, faults: FaultConfig,
                numbers: np.random.Generator) -> CameraConfig:
    """
    Draw the faults of a flight; what the settings leave open stays as the world has it.

    :param camera: the world's.
    :param faults: their ranges.
    :param numbers: random numbers of the flight.
    """
    found: dict[str, Any] = {}
    for name in ('jitter', 'drop', 'stale', 'noise_std'):
        # Drawn for each, so that one range does not shift the others.
        has, place = numbers.random() < faults.share, numbers.random()
        bounds = getattr(faults, name)
        if has and bounds is not None:
            found[name] = round(bounds[0] + (bounds[1] - bounds[0]) * place, 4)
    if numbers.random() < faults.blackout_share:
        found['blackout'] = faults.blackout
    return replace(camera, **found)


def described(camera: CameraConfig) -> dict[str, Any]:
    """
    Return what was drawn, as plain values.

    :param camera: of a flight.
    """
    return {'camera_rate_hz': round(camera.rate_hz[0], 2), 'jitter': camera.jitter,
            'drop': camera.drop, 'stale': camera.stale, 'noise_std': camera.noise_std,
            'blackouts': camera.blackout is not None}
