# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights that make data, many processes at once, each shard written by the one that flew it."""

from contextlib import closing
from dataclasses import replace
import json
from pathlib import Path
import shutil
from typing import Any

from joblib import delayed
from liquid_control.errors import ConfigError, TrainingError
from liquid_control.evaluation.identity import config_digest
from liquid_control.evaluation.processes import in_processes
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from liquid_control.training.checkpoint import stream
from liquid_control.training.dataset import join_parts, Recorded, write_part
from liquid_control.training.faults import camera_rate, described, with_faults
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
from liquid_control.training.teacher import Teacher
from liquid_control.training.variants import with_variant
import numpy as np


def first_seed(config: TrainingConfig, number: int) -> int:
    """
    Return the seed of a round's first flight; no two flights of a run share one.

    :param config: of the run.
    :param number: of the round.
    """
    return config.collection.first_seed + sum(item.flights for item in config.rounds[:number])


def check_places(config: TrainingConfig) -> dict[str, str]:
    """
    Look up every world and wind that a run may draw, hours before it may draw it.

    :param config: of the run.
    :returns: digest of each by its name: what an edited file changes.
    :raises ConfigError: for an unknown or wrong one, naming the nearest.
    """
    winds = [config.collection.winds, config.validation.winds,
             *(item.winds or () for item in config.rounds)]
    axes, found = config.command_spec.names, {}
    for world in config.collection.worlds:
        flown = load_world(world)
        if flown.camera.latency_s[1] > 0.0:
            raise ConfigError(f'collection.worlds: {world}: camera.latency_s: expected none in '
                              'training, where a frame is labelled by what is true as it comes, '
                              f'found {flown.camera.latency_s}; evaluate with latency instead')
        found[world] = config_digest(flown)
        taken = flown.vehicle.spec.names
        if taken != axes:
            raise ConfigError(f'command: expected the axes of the vehicle in world {world}, '
                              f'{", ".join(taken)}, found {", ".join(axes)}')
    for wind in {name: None for names in winds for name in names}:
        found[wind] = config_digest(load_wind(wind))
    return found


def collect_round(config: TrainingConfig, number: int, student: Path, folder: Path,
                  progress: Progress) -> None:
    """
    Fly one round and write it; shards that an interrupted run has written are kept.

    :param config: of the run.
    :param number: of the round.
    :param student: bundle that flies beside the expert.
    :param folder: that is written.
    :param progress: bar.
    """
    shards = folder.with_name(folder.name + '_shards')
    if folder.exists():
        shutil.rmtree(shards, ignore_errors=True)   # killed between joining and tidying up
        return
    flights = config.rounds[number].flights
    size = config.collection.flights_per_shard
    parts = [shards / f'{begin:06d}' for begin in range(0, flights, size)]
    written = [part for part in parts if part.exists()]
    todo = [(begin, part) for begin, part in zip(range(0, flights, size), parts)
            if part not in written]
    known = [_outcomes(part) for part in written]
    calls = [delayed(fly_shard)(config, number, begin, min(size, flights - begin), student, part)
             for begin, part in todo]
    name, reached, flown = f'round {number} collect', 0, 0
    with (progress.stage(name, flights, 'flights', sum(map(len, known))) as bar,
          closing(in_processes(calls, config.jobs)) as work):
        for outcomes in known:      # a kill may have come between a shard and its note
            reached, flown = reached + outcomes.count('reached'), flown + len(outcomes)
            progress.write(name, flown, {'reached': reached / flown})
        for outcomes in work:
            reached, flown = reached + outcomes.count('reached'), flown + len(outcomes)
            bar.advance(len(outcomes), flown, {'reached': reached / flown})
    join_parts(parts, folder)
    shutil.rmtree(shards, ignore_errors=True)


def _outcomes(part: Path) -> list[str]:
    """Read how the flights of a shard ended."""
    return [facts['outcome'] for facts in json.loads((part / 'flights.json').read_text('utf-8'))]


def fly_shard(config: TrainingConfig, number: int, begin: int, count: int, student: Path,
              part: Path) -> list[str]:
    """
    Fly some flights of a round and write them.

    :param config: of the run.
    :param number: of the round.
    :param begin: first flight, counted within the round.
    :param count: of flights.
    :param student: bundle that flies beside the expert.
    :param part: folder of the shard.
    :returns: how each ended.
    """
    bundle = Bundle.load(student)
    stepper = Stepper(bundle)
    seed = first_seed(config, number) + begin
    flown = [fly(config, number, seed + index, Controller(bundle, stepper=stepper))
             for index in range(count)]
    write_part(part, np.concatenate([frames for frames, _, _ in flown]),
               np.concatenate([rows for _, rows, _ in flown]), [facts for _, _, facts in flown])
    return [facts['outcome'] for _, _, facts in flown]


def fly(config: TrainingConfig, number: int, seed: int, student: Controller) -> Recorded:
    """
    Fly once, with a camera rate, its faults, a wind and disturbances drawn from the seed.

    :param config: of the run.
    :param number: of the round.
    :param seed: of the flight.
    :param student: a new controller, that flies beside the expert.
    :raises TrainingError: if the student could not step, since an input is missing.
    """
    settings, numbers = config.collection, stream(config.seed, 'flight', seed)
    part = config.rounds[number]
    rate = camera_rate(settings.camera_rate_hz, numbers)
    world = load_world(settings.worlds[numbers.integers(len(settings.worlds))])
    camera = with_faults(replace(world.camera, rate_hz=(rate, rate)),
                         part.faults or settings.faults, stream(config.seed, 'faults', seed))
    world = replace(world, camera=camera,
                    success=replace(world.success, time_limit=settings.max_time_s))
    world, variant = with_variant(world, settings.variants, stream(config.seed, 'variant', seed))
    winds = part.winds or settings.winds
    wind = load_wind(winds[numbers.integers(len(winds))])
    disturbed = bool(numbers.random() < settings.disturbance.share)
    student.engage(True)
    simulation = Simulation(world, wind, seed)
    try:
        teacher = Teacher(simulation, student, config.command_spec,
                          part.expert_share, settings.segment_s,
                          settings.disturbance if disturbed else None, numbers)
        flight = run_episode(simulation, teacher)
    finally:
        simulation.close()
    frames, rows = teacher.recording.arrays(len(config.command), config.policy.extra)
    if not len(rows):
        raise TrainingError(f'flight {seed}: expected the policy to step on frames, found none; '
                            f'is an input missing that it lists (extra: {config.policy.extra})?')
    facts: dict[str, Any] = {
        'seed': seed, 'world': world.name, 'wind': wind.name, 'outcome': flight.outcome,
        'frames': len(rows), 'disturbed': disturbed, 'variant': variant,
        **described(camera)}
    return frames, rows, facts
