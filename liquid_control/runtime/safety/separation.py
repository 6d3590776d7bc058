# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Separation in a swarm: nobody flies into a neighbour, by odometry that all share.

Every vehicle knows all positions in one `odom`. Toward a neighbour a command may be as fast as
the vehicle can stop in half of what is left beyond the separation distance: the other half is the
neighbour's, who does the same. Nearer than the distance, nothing leads nearer. A neighbour whose
odometry is late may be anywhere: the vehicle stops until it is heard again.
"""

from dataclasses import dataclass
import math

from liquid_control.errors import ConfigError
from liquid_control.runtime.safety.braking import Barrier
from liquid_control.runtime.safety.place import Place, Pose
from liquid_control.signals import Reason, VehicleState


@dataclass(frozen=True, slots=True)
class SeparationConfig:
    """Who is kept away from, and how far."""

    neighbours: tuple[str, ...]
    distance: float = 1.0        # between the two origins [m]
    deadline: float = 0.5        # of a neighbour's odometry [s]

    def __post_init__(self) -> None:
        """
        Check names and ranges.

        :raises ConfigError: if a name is empty or repeats, or a number is out of range.
        """
        if not self.neighbours or not all(self.neighbours) or (
                len(set(self.neighbours)) != len(self.neighbours)):
            raise ConfigError('neighbours: expected names of other vehicles, each once, found '
                              f'{list(self.neighbours)}')
        if not (0.0 < self.distance < math.inf and 0.0 < self.deadline < math.inf):
            raise ConfigError('separation: expected a distance and a deadline above 0, found '
                              f'{self.distance} m and {self.deadline} s')


class Separation:
    """The neighbours of one vehicle, watched."""

    def __init__(self, config: SeparationConfig, tolerance: float) -> None:
        """
        Start with all of them unheard, that is, stale.

        :param config: who they are.
        :param tolerance: how far stamps may be ahead of the clock [s].
        """
        self._distance = config.distance
        self._places = {name: Place(config.deadline, tolerance) for name in config.neighbours}

    def heard(self, name: str, state: VehicleState, steady_ns: int) -> bool:
        """
        Take a neighbour's odometry.

        :param name: one of those configured.
        :param state: in the `odom` that all share.
        :param steady_ns: when it came, by the steady clock [ns].
        :return: whether it is news, and usable.
        """
        return self._places[name].heard(state, steady_ns)

    def stale(self, now_ns: int, steady_ns: int) -> bool:
        """Say whether the place of any neighbour is not known."""
        poses = [place.at(now_ns, steady_ns) for place in self._places.values()]
        return None in poses

    def barriers(self, pose: Pose, now_ns: int, steady_ns: int) -> list[Barrier]:
        """
        Return the neighbours whose place is known, as seen from a vehicle, in `odom`.

        :param pose: of this vehicle.
        :param now_ns: clock of the stamps [ns].
        :param steady_ns: steady clock [ns].
        """
        found = []
        for place in self._places.values():
            other = place.at(now_ns, steady_ns)
            if other is None:
                continue
            x, y, z = (b - a for a, b in zip(pose.position, other.position))
            gap = math.hypot(x, y, z)
            if gap > 0.0:
                found.append(Barrier((x / gap, y / gap, z / gap),
                                     0.5 * (gap - self._distance), Reason.SEPARATION))
        return found

    def forget(self) -> None:
        """Take every neighbour as unheard."""
        for place in self._places.values():
            place.forget()
