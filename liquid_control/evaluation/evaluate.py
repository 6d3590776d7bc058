# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flies a plan on all cores; what a journal holds already is not flown again."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
import dataclasses
from functools import lru_cache
import math
from pathlib import Path

from joblib import delayed
from liquid_control.errors import BundleError, SimulationError
from liquid_control.evaluation.journal import FlightRecord, Journal, record
from liquid_control.evaluation.plan import Contender, FlightKey, Place, Plan, Task
from liquid_control.evaluation.processes import in_processes
from liquid_control.flight import Flight
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.compiled import CompiledStepper, StepperKind
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.signals import FloatArray
from liquid_control.sim.episode import ExpertPilot, Pilot, run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.viz.flight import draw_flight
import numpy as np

Progress = Callable[[FlightRecord], None]

ALL_FRAMES = 1_000_000
LAST_MOMENTS_S = 1.2     # that half of a film strip shows


def evaluate(plan: Plan, *, jobs: int = -1, journal: Journal | None = None, fresh: bool = False,
             progress: Progress | None = None) -> list[FlightRecord]:
    """
    Fly what is missing of a plan.

    :param plan: what to fly.
    :param jobs: processes; -1 for one a core; 1 flies in this process.
    :param journal: whose records need not be flown, and which is added to; None to keep none.
    :param fresh: fly also what the journal holds of this plan.
    :param progress: called with each record as its flight ends, in no particular order.
    :return: a record of every flight of the plan, in the plan's order.
    """
    tasks = {task.key: task for task in plan.tasks()}
    held = {} if journal is None or fresh else journal.records
    known = {key: held[key] for key in tasks if key in held}
    calls = [delayed(_fly_record)(task, key) for key, task in tasks.items() if key not in known]
    with closing(in_processes(calls, jobs)) as flown:
        for entry in flown:
            if journal is not None:
                journal.add(entry)
            known[entry.key] = entry
            if progress is not None:
                progress(entry)
    return [known[key] for key in tasks]


def flown_by_other_code(keys: Iterable[FlightKey], journal: Journal) -> int:
    """
    Count the flights that a journal holds of other code alone: they are flown again.

    :param keys: of flights.
    :param journal: as it was opened.
    """
    def wherever(key: FlightKey) -> FlightKey:
        return dataclasses.replace(key, version='', code_sha256='')

    held = {wherever(key) for key in journal.records}
    return sum(key not in journal.records and wherever(key) in held for key in keys)


def fly(task: Task, keep_frames: int = 0) -> Flight:
    """
    Fly one flight in this process.

    :param task: which.
    :param keep_frames: how many camera frames the record keeps.
    """
    simulation = Simulation(task.cell.world, task.cell.wind, task.seed)
    try:
        return run_episode(simulation, make_pilot(task.contender, simulation),
                           policy=task.contender.name, keep_frames=keep_frames)
    finally:
        simulation.close()


def worst_failures(plan: Plan, records: Sequence[FlightRecord]) -> list[Task]:
    """
    Order the flights that failed: the worst of every policy and cell, then the second of each.

    The farther a flight stayed from its target, the worse it is; it is worst if nothing tells.

    :param plan: what was flown.
    :param records: as `evaluate` returned them.
    """
    failed = [(task, math.inf if entry.nearest_m is None else entry.nearest_m)
              for task, entry in zip(plan.tasks(), records) if not entry.reached]
    rank: Counter[tuple[str, Place]] = Counter()
    ranked = []
    for task, nearest in sorted(failed, key=lambda pair: -pair[1]):
        place = (task.contender.digest, task.cell.place)
        ranked.append((rank[place], -nearest, task))
        rank[place] += 1
    return [task for _, _, task in sorted(ranked, key=lambda entry: entry[:2])]


def draw_failures(plan: Plan, records: Sequence[FlightRecord], folder: Path, count: int,
                  jobs: int = -1) -> list[Path]:
    """
    Fly the worst flights again and draw them; the same seed gives the same flight.

    :param plan: what was flown.
    :param records: as `evaluate` returned them.
    :param folder: for the pictures.
    :param count: how many at most, taken in turn from all policies and cells.
    :param jobs: processes; -1 for one a core.
    :return: the pictures.
    """
    calls = [delayed(_draw)(task, folder) for task in worst_failures(plan, records)[:count]]
    with closing(in_processes(calls, jobs)) as drawn:
        return sorted(drawn)


def _fly_record(task: Task, key: FlightKey) -> FlightRecord:
    if task.key != key:
        raise SimulationError(f'expected the code {key.code_sha256} that this evaluation began '
                              f'with, found {task.key.code_sha256}; evaluate again once the '
                              'sources do not change any more')
    return record(key, fly(task))


def _draw(task: Task, folder: Path) -> Path:
    """Fly one flight again and draw it, with a film strip that dwells on its end."""
    flight = fly(task, keep_frames=ALL_FRAMES)
    if len(flight.frames):
        shown = _strip(flight.frame_times)
        flight = dataclasses.replace(flight, frames=flight.frames[shown],
                                     frame_times=flight.frame_times[shown])
    path = folder / f'{task.file_stem}_{flight.outcome}.png'
    draw_flight(titled(flight, task), path)
    return path


def titled(flight: Flight, task: Task) -> Flight:
    """
    Name the cell of a suite beside the wind, for a picture's title.

    :param flight: as flown.
    :param task: what was flown.
    """
    cell = task.cell
    if cell.label == cell.wind.name:
        return flight
    return dataclasses.replace(flight, wind=f'{cell.wind.name} ({cell.label})')


def _strip(times: FloatArray) -> list[int]:
    """Choose eight frames: four over the flight, four of its last moments, where it failed."""
    end = max(times[0], times[-1] - LAST_MOMENTS_S)
    wanted = [*np.linspace(times[0], end, 4, endpoint=False), *np.linspace(end, times[-1], 4)]
    return sorted({int(np.abs(times - moment).argmin()) for moment in wanted})


def make_pilot(contender: Contender, simulation: Simulation) -> Pilot:
    """
    Make the pilot of one flight, at rest and engaged.

    :param contender: whose policy flies.
    :param simulation: at its start.
    """
    if contender.folder is None:
        return ExpertPilot(simulation)
    bundle, stepper = _loaded(contender.folder, contender.digest, contender.stepper)
    controller = Controller(bundle, stepper=stepper)
    controller.engage(True)
    return controller


@lru_cache(maxsize=32)
def _loaded(folder: Path, digest: str, stepper: StepperKind) -> tuple[Bundle, Stepper]:
    """Load a bundle once a process; its networks serve one flight after another."""
    bundle = Bundle.load(folder)
    if bundle.digest != digest:
        raise BundleError(f'{folder}: expected the policy {digest[:12]} that this evaluation '
                          f'began with, found {bundle.digest[:12]}; evaluate again once it '
                          'does not change any more')
    return bundle, CompiledStepper(bundle) if stepper == 'compiled' else Stepper(bundle)
