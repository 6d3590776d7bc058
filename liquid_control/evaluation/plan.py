# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is to be flown: policies x cells x seeds, all checked before anything flies."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
import re
from typing import TypeAlias

from liquid_control import __version__
from liquid_control.config import nearest
from liquid_control.errors import BundleError, ConfigError
from liquid_control.evaluation.identity import code_digest, config_digest
from liquid_control.evaluation.suite import load_suite
from liquid_control.runtime.bundle import Bundle, find, policy_names
from liquid_control.runtime.compiled import make_stepper, StepperKind
from liquid_control.sim.wind.composition import load_wind, WindConfig
from liquid_control.sim.world_config import load_world, WorldConfig

EXPERT = 'expert'

Place: TypeAlias = tuple[str, str, str, str]   # world, its hash, wind, its hash


@dataclass(frozen=True)
class Contender:
    """A policy that is evaluated, or the privileged expert."""

    name: str                      # as it was asked for
    digest: str                    # names exactly this policy
    folder: Path | None            # of the bundle; None for the expert
    stepper: StepperKind = 'onnx'  # that flies it
    fallback: str = ''             # why that is not the one that was asked for


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
    code_sha256: str
    stepper: StepperKind = 'onnx'  # another one rounds otherwise

    @property
    def place(self) -> Place:
        """Return where it is flown: what a cell is told apart by."""
        return self.world, self.world_sha256, self.wind, self.wind_sha256


@dataclass(frozen=True)
class Cell:
    """What a policy is tried in; a suite gives it a label, otherwise the wind's name is one."""

    label: str
    world: WorldConfig
    wind: WindConfig

    @cached_property
    def place(self) -> Place:
        """Return what tells this cell from others, whatever their labels."""
        return (self.world.name, config_digest(self.world), self.wind.name,
                config_digest(self.wind))


@dataclass(frozen=True)
class Titles:
    """How a scorecard calls what records know by hashes."""

    policies: Mapping[str, str] = field(default_factory=dict)    # by the policy's hash
    cells: Mapping[Place, str] = field(default_factory=dict)
    suite: str | None = None

    def policy(self, digest: str, otherwise: str) -> str:
        """Return the name of a policy, or another if it has none here."""
        return self.policies.get(digest, otherwise)

    def cell(self, place: Place) -> str:
        """Return the label of a cell: of its wind if it has none here."""
        return self.cells.get(place, place[2])


@dataclass(frozen=True)
class Task:
    """One flight to fly."""

    contender: Contender
    cell: Cell
    seed: int

    @property
    def key(self) -> FlightKey:
        """Return what determines this flight."""
        return FlightKey(self.contender.digest, *self.cell.place, self.seed, __version__,
                         code_digest(), self.contender.stepper)

    @property
    def file_stem(self) -> str:
        """Return a file name, without its end, that tells this flight from others."""
        words = (self.contender.name, self.cell.world.name, self.cell.label, str(self.seed))
        return '_'.join(re.sub(r'[^\w.-]+', '_', word).strip('_') for word in words)


@dataclass(frozen=True)
class Plan:
    """A grid of flights; every contender meets the same seeds, so that they compare in pairs."""

    contenders: tuple[Contender, ...]
    cells: tuple[Cell, ...]
    seeds: range
    suite: str | None = None

    def __post_init__(self) -> None:
        """
        See that no table, picture or file could take one cell for another.

        :raises ConfigError: if two cells, or two policies, go by the same name.
        """
        stems: dict[str, tuple[Contender, Cell]] = {}
        for pair in product(self.contenders, self.cells):
            other = stems.setdefault(Task(*pair, 0).file_stem, pair)
            if other != pair:
                one, two = (' / '.join((policy.name, cell.world.name, cell.label))
                            for policy, cell in (other, pair))
                raise ConfigError(f'expected names that tell all cells apart, found {one!r} and '
                                  f'{two!r} to be different ones; give each policy folder, '
                                  'world, wind and cell of a suite a name of its own, in '
                                  'letters and digits')

    @property
    def titles(self) -> Titles:
        """Return how policies and cells are called here."""
        return Titles({one.digest: one.name for one in self.contenders},
                      {cell.place: cell.label for cell in self.cells}, self.suite)

    def tasks(self) -> Iterator[Task]:
        """Give all flights, seed by seed, so that all cells fill evenly."""
        for seed in self.seeds:
            for contender in self.contenders:
                for cell in self.cells:
                    yield Task(contender, cell, seed)

    def __len__(self) -> int:
        """Return the number of flights."""
        return len(self.contenders) * len(self.cells) * len(self.seeds)


def make_plan(policies: Sequence[str], worlds: Sequence[str], winds: Sequence[str],
              seeds: range, stepper: StepperKind = 'onnx') -> Plan:
    """
    Look everything up and check it; what is given twice, under whatever name, counts once.

    :param policies: names or paths of bundles, or `expert`.
    :param worlds: names or YAML files.
    :param winds: names or YAML files.
    :param seeds: as `choose_seeds` allows them.
    :param stepper: that flies the policies, where this machine has it.
    :raises ConfigError: for an unknown world or wind, naming the nearest.
    :raises BundleError: for an unknown policy, a bundle that does not load, or another camera
        than it was trained with.
    """
    cells = [Cell(wind.name, world, wind)
             for world in [load_world(name) for name in dict.fromkeys(worlds)]
             for wind in [load_wind(name) for name in dict.fromkeys(winds)]]
    places = tuple({cell.place: cell for cell in cells}.values())
    return Plan(_contenders(policies, places, stepper), places, seeds)


def make_suite_plan(policies: Sequence[str], worlds: Sequence[str], suite: str,
                    seeds: range, stepper: StepperKind = 'onnx') -> Plan:
    """
    Look everything up and check it, for the cells of a suite in every world.

    A cell that names a world is flown there, whatever worlds are asked for.

    :param policies: names or paths of bundles, or `expert`.
    :param worlds: names or YAML files.
    :param suite: name or YAML file.
    :param seeds: as `choose_seeds` allows them.
    :param stepper: that flies the policies, where this machine has it.
    :raises ConfigError: for an unknown name, or two cells of a suite that are the same.
    :raises BundleError: for an unknown policy, a bundle that does not load, or another camera
        than it was trained with.
    """
    config = load_suite(suite)
    cells: dict[Place, Cell] = {}
    for world in {name: load_world(name) for name in worlds}.values():
        for entry in config.cells:
            place = world if entry.world is None else load_world(entry.world)
            cell = Cell(entry.label, entry.applied(place), load_wind(entry.wind))
            same = cells.setdefault(cell.place, cell)
            if same.label != cell.label:
                raise ConfigError(f'suite {config.name}: expected cells that differ, found '
                                  f'{same.label!r} and {cell.label!r} to be the same in world '
                                  f'{world.name}; remove one')
    places = tuple(cells.values())
    return Plan(_contenders(policies, places, stepper), places, seeds, config.name)


def _contenders(names: Sequence[str], cells: Sequence[Cell],
                stepper: StepperKind) -> tuple[Contender, ...]:
    """Look policies up; one that has two names goes by the first."""
    found: dict[str, Contender] = {}
    worlds = [cell.world for cell in cells]
    for name in dict.fromkeys(names):
        one = contender(name, worlds, stepper)
        found.setdefault(one.digest, one)
    return tuple(found.values())


def contender(name: str, worlds: Sequence[WorldConfig] = (),
              stepper: StepperKind = 'onnx') -> Contender:
    """
    Look up one policy, and load it once to see that it is whole and flies this vehicle.

    :param name: name or path of a bundle, or `expert`.
    :param worlds: in which it is to fly, with their cameras.
    :param stepper: that is to fly it, where this machine has it.
    :raises BundleError: if there is none, it does not load, or a camera is not the one that it
        was trained with.
    """
    if name == EXPERT:
        return Contender(EXPERT, EXPERT, None)
    known = (*policy_names(), EXPERT)
    if name not in known and len(Path(name).parts) < 2 and not Path(name).is_dir():
        raise BundleError(f'unknown policy {name!r}{nearest(name, known)} '
                          '(or give the path of a bundle)')
    folder = find(name).resolve()
    bundle = Bundle.load(folder)
    for world in worlds:
        camera = world.camera
        try:
            bundle.require_axes(world.vehicle.spec.names)
            bundle.require_camera(camera.width, camera.height, camera.horizontal_fov_deg,
                                  camera.pitch_deg)
        except BundleError as error:
            raise BundleError(f'world {world.name}: {error}') from error
    made, fallback = make_stepper(bundle, stepper)
    return Contender(name, bundle.digest, folder, made.kind, fallback)
