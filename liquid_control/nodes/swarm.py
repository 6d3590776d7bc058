# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Several vehicles, each with nodes of its own in a namespace of its own, and what they share.

They share one `odom`, by which their guards keep them apart, and in simulation one scene and one
clock, which the first world makes. `liquid-control fly --drones` and launch/swarm.launch.py take
the parameters of each from here. It needs no rclpy itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from liquid_control.errors import ConfigError
from liquid_control.nodes.graph import Value

MOST = 20     # vehicles; a world counts its followers up to here


@dataclass(frozen=True)
class Swarm:
    """Who flies, and how far apart."""

    drones: int
    namespace: str = ''          # before that of each; '' for none
    spacing: float = 2.0         # between two starts, side by side [m]
    separation: float = 1.0      # that the guards keep [m]
    reaction_time: float = 0.3   # from a command to its effect; with less they come nearer [s]

    def __post_init__(self) -> None:
        """
        Check the numbers.

        :raises ConfigError: if one is out of range, or they start too near to each other.
        """
        if not 1 <= self.drones <= MOST:
            raise ConfigError(f'drones: expected 1 to {MOST}, found {self.drones}')
        if not 0.0 < self.separation < self.spacing:
            raise ConfigError('separation: expected more than 0 m and less than the spacing of '
                              f'the starts, {self.spacing:g} m, found {self.separation:g} m; '
                              'nobody could leave')

    @property
    def names(self) -> tuple[str, ...]:
        """Return the namespace of each."""
        before = f'{self.namespace.strip("/")}/' if self.namespace.strip('/') else ''
        return tuple(f'{before}drone_{index + 1}' for index in range(self.drones))

    def guard(self, name: str) -> dict[str, Value]:
        """
        Return what its guard is told of the others.

        :param name: namespace of the vehicle.
        """
        others = [other for other in self.names if other != name]
        if not others:
            return {}
        return {'neighbours': ','.join(others), 'separation': self.separation,
                'reaction_time': self.reaction_time}

    def world(self, name: str) -> dict[str, Value]:
        """
        Return what its world is told: where it starts, and whose clock it is.

        :param name: namespace of the vehicle.
        """
        index = self.names.index(name)
        place: dict[str, Value] = {'abreast': self.offsets[index], 'number': index}
        if index:
            return place | {'follow': f'/{self.names[0]}/world/pace'}
        return place | {'followers': self.drones - 1}

    @property
    def offsets(self) -> Sequence[float]:
        """Return how far to the left each starts: 0, then alternately left and right [m]."""
        return [(1 if index % 2 else -1) * ((index + 1) // 2) * self.spacing or 0.0
                for index in range(self.drones)]
