# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A film of one flight of an evaluation, flown again for it."""

from collections.abc import Sequence
from pathlib import Path

from liquid_control.errors import ConfigError
from liquid_control.evaluation.evaluate import ALL_FRAMES, make_pilot, titled, worst_failures
from liquid_control.evaluation.journal import FlightRecord
from liquid_control.evaluation.plan import Plan, Task
from liquid_control.runtime.bundle import read_specification
from liquid_control.runtime.controller import Controller, StepRecord
from liquid_control.signals import CameraFrame, NANOSECONDS, VelocityCommand
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.viz.film import check_film, Footage, write_film
import numpy as np


def check_video(path: Path | None, seed: int | None, seeds: range) -> None:
    """
    See that a film can be made, before hours of flights are flown for it.

    :param path: of the film; None for none.
    :param seed: of the flight to film; None for any.
    :param seeds: that are flown.
    :raises ConfigError: for a seed that is not flown, or without a film; or as `check_film`.
    :raises DependencyError: as `check_film`.
    """
    if seed is not None and (path is None or seed not in seeds):
        raise ConfigError('--video-seed: expected ' + (
            'a --video to film with it, found none' if path is None else
            f'one of the seeds that are flown, {seeds[0]} to {seeds[-1]}, found {seed}'))
    if path is not None:
        check_film(path)


def choose_filmed(plan: Plan, records: Sequence[FlightRecord], seed: int | None) -> Task:
    """
    Choose the flight to film: the worst of which a camera saw anything, or else the longest.

    :param plan: what was flown.
    :param records: as `evaluate` returned them.
    :param seed: of the flight, one of the plan's; None for any.
    """
    durations = {task.key: entry.time_s for task, entry in zip(plan.tasks(), records)
                 if (entry.nearest_m is not None if seed is None else task.seed == seed)}
    for task in worst_failures(plan, records):
        if task.key in durations:
            return task
    return max(plan.tasks(), key=lambda task: durations.get(task.key, 0.0))


def record_footage(task: Task) -> Footage:
    """
    Fly one flight in this process and keep every camera frame and state of the network.

    :param task: which.
    """
    simulation = Simulation(task.cell.world, task.cell.wind, task.seed)
    steps: list[StepRecord] = []
    try:
        pilot = make_pilot(task.contender, simulation)

        def watch(_: Simulation, frame: CameraFrame, command: VelocityCommand) -> None:
            step = pilot.last_step if isinstance(pilot, Controller) else None
            if step is not None and (not steps or step.stamp_ns > steps[-1].stamp_ns):
                steps.append(step)

        flight = run_episode(simulation, pilot, policy=task.contender.name, observer=watch,
                             keep_frames=ALL_FRAMES)
    finally:
        simulation.close()
    if task.contender.folder is None:
        return Footage(titled(flight, task))
    return Footage(titled(flight, task), read_specification(task.contender.folder).neurons,
                   np.array([step.stamp_ns / NANOSECONDS for step in steps]),
                   np.array([step.state for step in steps]))


def film_flight(plan: Plan, records: Sequence[FlightRecord], path: Path,
                seed: int | None = None) -> Path:
    """
    Fly one flight again and film it; the same seed gives the same flight.

    :param plan: what was flown.
    :param records: as `evaluate` returned them.
    :param path: a .gif or .mp4.
    :param seed: of the flight, one of the plan's; None for the worst.
    :return: the path.
    """
    write_film(record_footage(choose_filmed(plan, records, seed)), path)
    return path
