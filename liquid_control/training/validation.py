# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Flights on validation seeds, as the policy will fly: they choose among checkpoints."""

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from joblib import delayed
from liquid_control.evaluation.metrics import wilson_interval
from liquid_control.evaluation.processes import in_processes
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.sim.episode import run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
from liquid_control.training.checkpoint import stream
from liquid_control.training.faults import with_faults, with_rate
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
from liquid_control.training.variants import with_variant

_CHUNK = 4  # flights that a process takes at a time


@dataclass(frozen=True)
class Verdict:
    """How one validation flight ended."""

    seed: int
    wind: str           # and ` faults` where the camera had a rate and faults of its own
    outcome: str
    time_s: float
    world: str = ''
    variant: str = ''   # of the vehicle, where it was not the world's own

    @property
    def reached(self) -> bool:
        """Whether it ended at its target."""
        return self.outcome == 'reached'


def validate(config: TrainingConfig, bundle: Path, seeds: range, stage: str,
             progress: Progress) -> list[Verdict]:
    """
    Fly a bundle on validation seeds, the winds and worlds in turn.

    :param config: of the run.
    :param bundle: to fly.
    :param seeds: of the flights.
    :param stage: name of the stage.
    :param progress: bar.
    """
    chunks = [seeds[begin:begin + _CHUNK] for begin in range(0, len(seeds), _CHUNK)]
    verdicts: list[Verdict] = []
    calls = [delayed(fly_seeds)(config, bundle, chunk) for chunk in chunks]
    with (progress.stage(stage, len(seeds), 'flights') as bar,
          closing(in_processes(calls, config.jobs, ordered=True)) as work):
        for some in work:
            verdicts += some
            bar.advance(len(some), len(verdicts), {'reached': success_rate(verdicts)})
    return verdicts


def fly_seeds(config: TrainingConfig, folder: Path, seeds: range) -> list[Verdict]:
    """
    Fly a bundle on some seeds.

    :param config: of the run.
    :param folder: of the bundle.
    :param seeds: of the flights.
    """
    bundle = Bundle.load(folder)
    stepper = Stepper(bundle)
    verdicts = []
    for seed in seeds:
        number = seed - config.validation.first_seed
        worlds, winds = config.collection.worlds, config.validation.winds
        wind = wind_name = winds[number % len(winds)]
        world = load_world(worlds[number // len(winds) % len(worlds)])
        numbers = stream(0, 'validation', seed)   # the same for every run
        if numbers.random() < config.validation.faults_share:
            wind_name = f'{wind} faults'
            camera = with_rate(world.camera, config.collection.camera_rate_hz, numbers)
            world = replace(world, camera=with_faults(camera, config.collection.faults, numbers))
        name = world.name
        world, variant = with_variant(world, config.collection.variants,
                                      stream(0, 'validation variant', seed))
        controller = Controller(bundle, stepper=stepper)
        controller.engage(True)
        simulation = Simulation(world, load_wind(wind), seed)
        try:
            flight = run_episode(simulation, controller, policy=bundle.spec.name)
        finally:
            simulation.close()
        verdicts.append(Verdict(seed, wind_name, flight.outcome, round(flight.time_s, 2), name,
                                variant))
    return verdicts


def success_rate(verdicts: list[Verdict]) -> float:
    """
    Return the share of flights that reached their target.

    :param verdicts: of the flights.
    """
    return sum(verdict.reached for verdict in verdicts) / max(1, len(verdicts))


def table(verdicts: list[Verdict]) -> str:
    """
    Return a line for each wind, and for each world and each vehicle where there are several.

    :param verdicts: of the flights.
    """
    lines = []
    for name in ('wind', 'world', 'variant'):
        kinds = sorted({getattr(verdict, name) for verdict in verdicts})
        if len(kinds) < 2 and name != 'wind':
            continue
        lines.append(f'{name:<14} {"flights":>7} {"reached":>7} {"collided":>8} {"other":>6}')
        for kind in kinds:
            ends = [verdict.outcome for verdict in verdicts if getattr(verdict, name) == kind]
            reached, collided = ends.count('reached'), ends.count('collision')
            lines.append(f'{kind or "as it is":<14} {len(ends):>7} {reached:>7} {collided:>8} '
                         f'{len(ends) - reached - collided:>6}')
    reached = sum(item.reached for item in verdicts)
    low, high = wilson_interval(reached, len(verdicts))
    lines.append(f'{"all":<14} {len(verdicts):>7} {reached:>7}   '
                 f'{success_rate(verdicts):.1%} (95 %: {low:.1%} to {high:.1%})')
    return '\n'.join(lines)
