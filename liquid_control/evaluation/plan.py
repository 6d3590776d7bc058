# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is to be flown: policies x worlds x winds x seeds, all checked before anything flies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import hashlib
from pathlib import Path

from liquid_control import __version__
from liquid_control.config import nearest
from liquid_control.errors import BundleError
from liquid_control.runtime.bundle import Bundle, find, policy_names
from liquid_control.sim.vehicle import DRONE
from liquid_control.sim.wind.composition import load_wind, WindConfig
from liquid_control.sim.world_config import load_world, WorldConfig

EXPERT = 'expert'


@dataclass(frozen=True)
class Contender:
    """A policy that is evaluated, or the privileged expert."""

    name: str                      # as it was asked for
    digest: str                    # names exactly this policy
    folder: Path | None            # of the bundle; None for the expert


@dataclass(frozen=True)
class FlightKey:
    """What determines a flight; a record with the same key need not be flown again."""

    policy_sha256: str
    world: str
    world_sha256: str
    wind: str
    wind_sha256: str
    seed: int
    version: str


@dataclass(frozen=True)
class Task:
    """One flight to fly."""

    contender: Contender
    world: WorldConfig
    wind: WindConfig
    seed: int

    @property
    def key(self) -> FlightKey:
        """Return what determines this flight."""
        return FlightKey(self.contender.digest, self.world.name, _digest(self.world),
                         self.wind.name, _digest(self.wind), self.seed, __version__)


@dataclass(frozen=True)
class Plan:
    """A grid of flights; every contender meets the same seeds, so that they compare in pairs."""

    contenders: tuple[Contender, ...]
    worlds: tuple[WorldConfig, ...]
    winds: tuple[WindConfig, ...]
    seeds: range

    def tasks(self) -> Iterator[Task]:
        """Give all flights, seed by seed, so that all cells fill evenly."""
        for seed in self.seeds:
            for contender in self.contenders:
                for world in self.worlds:
                    for wind in self.winds:
                        yield Task(contender, world, wind, seed)

    def __len__(self) -> int:
        """Return the number of flights."""
        return (len(self.contenders) * len(self.worlds) * len(self.winds) * len(self.seeds))


def make_plan(policies: Sequence[str], worlds: Sequence[str], winds: Sequence[str],
              seeds: range) -> Plan:
    """
    Look everything up and check it; a name given twice counts once.

    :param policies: names or paths of bundles, or `expert`.
    :param worlds: names or YAML files.
    :param winds: names or YAML files.
    :param seeds: as `choose_seeds` allows them.
    :raises ConfigError: for an unknown world or wind, naming the nearest.
    :raises BundleError: for an unknown policy, or a bundle that does not load.
    """
    return Plan(tuple(contender(name) for name in dict.fromkeys(policies)),
                tuple(load_world(name) for name in dict.fromkeys(worlds)),
                tuple(load_wind(name) for name in dict.fromkeys(winds)), seeds)


def contender(name: str) -> Contender:
    """
    Look up one policy, and load it once to see that it is whole and flies this vehicle.

    :param name: name or path of a bundle, or `expert`.
    :raises BundleError: if there is none, or it does not load.
    """
    if name == EXPERT:
        return Contender(EXPERT, EXPERT, None)
    known = (*policy_names(), EXPERT)
    if name not in known and len(Path(name).parts) < 2 and not Path(name).is_dir():
        raise BundleError(f'unknown policy {name!r}{nearest(name, known)} '
                          '(or give the path of a bundle)')
    folder = find(name).resolve()
    bundle = Bundle.load(folder)
    bundle.require_axes(DRONE.names)
    return Contender(name, bundle.digest, folder)


def _digest(config: WorldConfig | WindConfig) -> str:
    """Hash a configuration by its values: an edited file is another world."""
    return hashlib.sha256(repr(config).encode()).hexdigest()[:16]
