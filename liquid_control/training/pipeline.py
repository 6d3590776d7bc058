# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
From nothing to a policy: expert flights, imitation, rounds of DAgger, a bundle.

Every stage can be interrupted at any time. What is random in a stage hangs on the run's seed
and the stage's name alone, so a resumed run ends with the policy that an uninterrupted one
ends with, on the same machine with the same number of threads.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
import shutil
from typing import Any

from liquid_control.evaluation.pairs import mcnemar
from liquid_control.nets.policy import build_policy
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.specification import Normaliser
from liquid_control.training import checkpoint
from liquid_control.training.bags import BagsConfig, check_bags, take_bags
from liquid_control.training.bundling import (
    fit_normaliser,
    publish,
    statistics,
    UNTRAINED,
    write_bundle,
)
from liquid_control.training.collection import check_places, collect_round, first_seed
from liquid_control.training.dataset import Dataset
from liquid_control.training.encoder import FrameModel, FrameTask, held_out_losses, train_encoder
from liquid_control.training.features import cache_features, FeatureCache, FEATURES
from liquid_control.training.head import held_out_loss, states_seen, train_head
from liquid_control.training.parallel import torch_threads
from liquid_control.training.progress import Progress
from liquid_control.training.run_folder import FINAL, RunFolder
from liquid_control.training.settings import TrainingConfig
from liquid_control.training.shared import SharedRun
from liquid_control.training.validation import success_rate, table, validate, Verdict
import numpy as np
from numpy.typing import NDArray
import torch

_SIGNIFICANT = 0.05
_HELD_OUT = 20  # every so many flights, one is kept from training


@dataclass(frozen=True)
class Result:
    """What a run ends with."""

    bundle: Path
    chosen_round: int
    verdicts: list[Verdict]           # final flights of the chosen policy
    rounds: list[float]               # success of the policy of each round with one
    minutes: float
    seconds: dict[str, float]         # of each stage

    @property
    def success(self) -> float:
        """Share of the final flights that reached their target."""
        return success_rate(self.verdicts)

    def plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {'chosen_round': self.chosen_round, 'success_rate': self.success,
                'success_of_rounds': self.rounds, 'minutes': round(self.minutes, 2),
                'seconds': self.seconds, 'flights': [asdict(item) for item in self.verdicts]}


class Pipeline:
    """
    One run in one folder.

    :param config: of the run.
    :param folder: of the run.
    :param resume: go on with what is there.
    :param quiet: show no bars.
    :param share: folder of a finished run whose flights and encoder this one takes; its own
        are the head and the flights of the last round.
    :param bags: recorded flights that every round learns from as well; None for none.
    :raises TrainingError: if the folder holds another run, or that to be shared does not fit.
    :raises ConfigError: for an unknown world or wind, before anything is written.
    """

    def __init__(self, config: TrainingConfig, folder: Path, resume: bool = False,
                 quiet: bool = False, share: Path | None = None,
                 bags: BagsConfig | None = None) -> None:
        self._config, self._folder, self._bags = config, folder, bags
        places = check_places(config)
        self._shared = SharedRun.read(share, config, places) if share else None
        # Rounds before `_own` are another run's flights; a head is trained from `_first` on.
        self._own = len(config.rounds) - 1 if share else 0
        self._first = max(0, self._own - 1)
        self._policy = build_policy(config.policy)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(config.seed)
            self._model = FrameModel(self._policy.encoder, 6 + len(config.policy.extra),
                                     len(config.command))
        # What cannot be built has been refused by now, with nothing written.
        self._run = RunFolder(folder, config, resume, share, places)
        self._progress = Progress(folder, quiet, self._run.note_at_times)

    def run(self) -> Result:
        """Do all stages that are not done yet; call it once."""
        try:
            with torch_threads(1):     # but where a stage says otherwise
                return self._stages()
        finally:
            self._run.note()
            self._run.close()
            self._progress.close()

    def _stages(self) -> Result:
        """Do one stage after the other."""
        student = self._folder / 'untrained'
        if self._run.stages:
            self._progress.say(f'{self._folder}: going on after {list(self._run.stages)[-1]}, '
                               f'{self._run.minutes:.1f} minutes into the run')
        if not self._stage_done('untrained'):
            self._timed('untrained', lambda: write_bundle(
                student, self._policy, UNTRAINED, self._config, {'rounds': 0}))
        self._take_bags(student)
        for number in range(self._first, len(self._config.rounds)):
            self._round(number, student)
            student = self._round_folder(number) / 'bundle'
        return self._finish()

    def _take_bags(self, student: Path) -> None:
        """Make a round of data of the recorded flights; a resumed run must be given the same."""
        folder = self._folder / 'data' / 'bags'
        if self._stage_done('bags'):
            check_bags(self._bags, self._run.stages['bags']['bags'])
        elif self._run.stages.keys() - {'untrained'}:
            check_bags(self._bags, [])
        elif self._bags is not None:
            bags = self._bags
            self._timed('bags', lambda: {'bags': take_bags(
                bags, Bundle.load(student), folder, self._progress.say)})

    def _round(self, number: int, student: Path) -> None:
        """Collect, train, export and validate one round."""
        folder, name = self._round_folder(number), f'round {number}'
        data_folders = [self._data_folder(index) for index in range(number + 1)]
        first = data_folders[:1]
        if self._stage_done('bags'):
            # In front: where flights are few, the last of all is held out.
            data_folders.insert(0, self._folder / 'data' / 'bags')
        encoder, head = folder / 'encoder.safetensors', folder / 'head.safetensors'
        if self._stage_done(f'{name} validate'):
            self._drop_features(number)     # if killed before it was done
            self._restore_encoder(number, encoder)
            checkpoint.restore(head, self._policy.head)
            return
        if number >= self._own and not self._stage_done(f'{name} collect'):
            self._timed(f'{name} collect', lambda: collect_round(
                self._config, number, student, data_folders[-1], self._progress))
        data = Dataset(data_folders)
        normaliser = fit_normaliser(Dataset(first))
        held_out = held_out_frames(data)
        if self._shared or self._stage_done(f'{name} encoder'):
            self._restore_encoder(number, encoder)
        else:
            self._timed(f'{name} encoder', lambda: self._train_encoder(
                number, data, held_out, normaliser, encoder))
        if not self._stage_done(f'{name} features'):
            self._timed(f'{name} features', lambda: cache_features(
                self._policy.encoder, data, normaliser, self._config, f'{name} features',
                folder / 'features', self._progress,
                self._shared.seed if self._shared else None, self._known_features(number)))
        if self._stage_done(f'{name} head'):
            checkpoint.restore(head, self._policy.head)
        else:
            self._timed(f'{name} head', lambda: self._train_head(number, held_out, head))
        if not self._stage_done(f'{name} bundle'):
            self._timed(f'{name} bundle', lambda: self._write_bundle(
                number, data, normaliser))
        self._timed(f'{name} validate', lambda: self._validate(number))
        self._drop_features(number)

    def _known_features(self, number: int) -> NDArray[np.float32] | None:
        """Return the features of the flights that another run shares, where it kept them."""
        if self._shared is None or self._stage_done('bags'):
            return None
        shared = Dataset([self._data_folder(index) for index in range(min(number + 1, self._own))])
        return self._shared.features(number, self._config.head.copies, len(shared))

    def _drop_features(self, number: int) -> None:
        """Remove what a round cached, but the features that runs which share this one take."""
        folder, rounds = self._round_folder(number) / 'features', len(self._config.rounds)
        if self._shared or rounds < 2 or number < rounds - 2 or self._stage_done('bags'):
            shutil.rmtree(folder, ignore_errors=True)
        for path in set(folder.glob('*')) - {folder / FEATURES}:
            path.unlink()

    def _data_folder(self, number: int) -> Path:
        """Return where the flights of a round are."""
        if self._shared and number < self._own:
            return self._shared.data(number)
        return self._folder / 'data' / str(number)

    def _restore_encoder(self, number: int, path: Path) -> None:
        """Read the encoder as this run or the shared one left it."""
        if self._shared:
            self._shared.restore_encoder(number, self._policy.encoder)
        else:
            checkpoint.restore(path, self._model)

    def _train_encoder(self, number: int, data: Dataset, held_out: NDArray[np.bool_],
                       normaliser: Normaliser, path: Path) -> dict[str, Any]:
        """Train the convolution on all flights so far."""
        task = FrameTask(data, np.flatnonzero(~held_out), normaliser, self._config)
        train_encoder(self._model, task, self._config.rounds[number].encoder_frames,
                      f'round {number} encoder', path, self._progress, fine_tune=number > 0)
        losses = held_out_losses(self._model,
                                 replace(task, indices=np.flatnonzero(held_out)))
        self._progress.say(f'round {number}: {len(data)} frames; held-out losses of the encoder: '
                           f'label {losses["label"]:.4f}, auxiliary {losses["auxiliary"]:.4f}')
        return {'frames': len(data), 'held_out': losses}

    def _train_head(self, number: int, held_out: NDArray[np.bool_],
                    path: Path) -> dict[str, Any]:
        """Train the liquid head on the cached features."""
        config, folder = self._config, self._round_folder(number) / 'features'
        # A head that begins late is owed what the rounds before would have given it.
        rounds = config.rounds[number if number > self._first else 0:number + 1]

        def cache(usable: NDArray[np.bool_]) -> FeatureCache:
            return FeatureCache(folder, usable, config.policy.nominal_dt,
                                in_the_dark=not config.policy.hold_when_dark)

        train_head(self._policy.head, cache(~held_out), config,
                   sum(item.head_iterations for item in rounds), f'round {number} head', path,
                   self._progress)
        loss = held_out_loss(self._policy.head, cache(held_out), config)
        self._progress.say(f'round {number}: held-out loss of the head: {loss:.4f}')
        return {'held_out': loss}

    def _write_bundle(self, number: int, data: Dataset,
                      normaliser: Normaliser) -> dict[str, Any]:
        """Export the policy of a round."""
        config, folder = self._config, self._round_folder(number)
        features = np.load(folder / 'features' / 'features.npy', mmap_mode='r')[0]
        cache = FeatureCache(folder / 'features', np.ones(len(data), bool),
                             config.policy.nominal_dt,
                             in_the_dark=not config.policy.hold_when_dark)
        seen = statistics(data, features[::max(1, len(features) // 20_000)],
                          states_seen(self._policy.head, cache, config), config.policy.extra)
        provenance: dict[str, Any] = {
            'minutes': round(self._run.minutes, 1), 'rounds': number + 1,
            'frames': len(data), 'flights': len(data.flights),
            'seeds': [config.collection.first_seed, first_seed(config, number + 1) - 1]}
        if self._stage_done('bags'):
            provenance['bags'] = self._run.stages['bags']['bags']
        if self._shared:
            provenance['shared'] = {'flights_and_encoder_of': self._shared.name,
                                    'seed': self._shared.seed,
                                    'minutes': self._shared.minutes}
        write_bundle(folder / 'bundle', self._policy, normaliser, config, provenance, seen, data)
        return {}

    def _validate(self, number: int) -> dict[str, Any]:
        """Fly the policy of a round on the seeds that choose."""
        settings = self._config.validation
        seeds = range(settings.first_seed, settings.first_seed + settings.flights)
        verdicts = validate(self._config, self._round_folder(number) / 'bundle', seeds,
                            f'round {number} validate', self._progress)
        self._progress.say(f'round {number}: reached {success_rate(verdicts):.1%} of '
                           f'{len(verdicts)} validation flights')
        return {'success': success_rate(verdicts),
                'reached': [verdict.reached for verdict in verdicts]}

    def _finish(self) -> Result:
        """Choose a round by its validation flights, and fly its policy on further ones."""
        config, settings = self._config, self._config.validation
        found = [self._run.stages[f'round {number} validate']
                 for number in range(self._first, len(config.rounds))]
        rounds = [float(stage['success']) for stage in found]
        chosen = self._first + choose_round([stage['reached'] for stage in found])
        bundle = self._folder / 'bundle'
        publish(self._round_folder(chosen) / 'bundle', bundle)
        begin = settings.first_seed + settings.flights
        if not self._stage_done(FINAL):
            self._timed(FINAL, lambda: {'verdicts': [asdict(item) for item in validate(
                config, bundle, range(begin, begin + settings.final_flights), FINAL,
                self._progress)]})
        verdicts = [Verdict(**item) for item in self._run.stages[FINAL]['verdicts']]
        result = Result(bundle, chosen, verdicts, rounds, self._run.minutes,
                        {name: found['seconds'] for name, found in self._run.stages.items()})
        checkpoint.write_json(self._folder / 'result.json', result.plain())
        return result

    def _round_folder(self, number: int) -> Path:
        """Return where a round keeps its checkpoints and its bundle."""
        return self._folder / 'rounds' / str(number)

    def _stage_done(self, stage: str) -> bool:
        return self._run.done(stage)

    def _timed(self, stage: str, work: Any) -> None:
        """Do a stage, and note how long it took and what it found."""
        self._run.begin(stage)
        self._run.finish(stage, **(work() or {}))


def choose_round(reached: Sequence[Sequence[bool]]) -> int:
    """
    Return the last round, unless an earlier one flew the same seeds significantly better.

    The last has learned from the most flights. The best of several success rates over a hundred
    flights is mostly the luckiest, so what replaces it has to be better by McNemar's exact test.

    :param reached: for each round, whether each validation flight reached its target.
    """
    chosen = len(reached) - 1
    for number in reversed(range(chosen)):
        pairs = list(zip(reached[number], reached[chosen], strict=True))
        better = sum(earlier and not later for earlier, later in pairs)
        worse = sum(later and not earlier for earlier, later in pairs)
        if better > worse and mcnemar(better, worse) < _SIGNIFICANT:
            chosen = number
    return chosen


def held_out_frames(data: Dataset) -> NDArray[np.bool_]:
    """
    Mark the frames of every twentieth flight, or of the last one where there are fewer.

    :param data: all flights.
    """
    numbers = np.arange(len(data.flights))
    out = numbers % _HELD_OUT == _HELD_OUT - 1
    if not out.any():
        out[-1] = True
    return np.repeat(out, [flight['frames'] for flight in data.flights])


def summary(result: Result) -> str:
    """
    Tell what a run ends with.

    :param result: of the run.
    """
    rounds = ', '.join(f'{rate:.1%}' for rate in result.rounds)
    stages = '\n'.join(f'  {name:<22} {seconds:8.1f} s'
                       for name, seconds in result.seconds.items())
    return (f'stages:\n{stages}\n  {"all":<22} {60 * result.minutes:8.1f} s\n'
            f'validation of the rounds: {rounds}; chosen: round {result.chosen_round}\n'
            f'final validation flights of the chosen policy:\n{table(result.verdicts)}\n'
            f'bundle: {result.bundle}')
