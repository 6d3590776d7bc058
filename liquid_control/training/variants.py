# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Vehicles and IMUs other than the world's, which a share of the flights is flown with."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from liquid_control.errors import ConfigError
from liquid_control.sim.world_changes import changed, check_keys
from liquid_control.sim.world_config import WorldConfig
import numpy as np


@dataclass(frozen=True)
class VariantConfig:
    """One kind of vehicle; what it does not name stays as the world has it."""

    label: str                   # as tables call it
    share: float                 # of the flights, above 0 and at most 1
    imu: dict[str, Any] = field(default_factory=dict)
    vehicle: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 < self.share <= 1.0:
            raise ConfigError(f'{self.where}share: expected above 0 and at most 1, '
                              f'found {self.share}')
        check_keys('imu', self.imu, f'{self.where}imu')
        check_keys('vehicle', self.vehicle, f'{self.where}vehicle')

    @property
    def where(self) -> str:
        """Return what errors begin with."""
        return f'variants: {self.label}: '

    def applied(self, world: WorldConfig) -> WorldConfig:
        """
        Return a world with this vehicle and IMU.

        :param world: as its file says.
        :raises ConfigError: if a value is of the wrong type or out of range.
        """
        return changed(world, {'imu': self.imu, 'vehicle': self.vehicle}, self.where)


def check_shares(variants: Sequence[VariantConfig]) -> None:
    """
    Refuse more than all flights.

    :param variants: of a run.
    :raises ConfigError: if their shares add up to more than 1.
    """
    total = sum(variant.share for variant in variants)
    if total > 1.0 + 1e-9:
        raise ConfigError(f'variants: expected shares that add up to 1 or less, found {total}')


def with_variant(world: WorldConfig, variants: Sequence[VariantConfig],
                 numbers: np.random.Generator) -> tuple[WorldConfig, str]:
    """
    Draw the variant of a flight.

    :param world: as its file says.
    :param variants: of the run.
    :param numbers: random numbers of the flight; one is drawn.
    :returns: the world, and the variant's label, or ''.
    """
    place = numbers.random()
    for variant in variants:
        if place < variant.share:
            return variant.applied(world), variant.label
        place -= variant.share
    return world, ''
