# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Flights and encoder of a finished run, for another head to learn from.

Heads are then compared on the same images, seen by the same convolution: only the head differs,
and a run takes minutes. The last round is always the new run's own: its policy flies it, so
that every head is taught what to do where its own mistakes lead.

A run's own seed is that of its head and of its last flights: several seeds on one shared run are
several trainings of the head alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
from typing import Any

from liquid_control import __version__
from liquid_control.errors import TrainingError
from liquid_control.nets.vision import Encoder
from liquid_control.training import checkpoint
from liquid_control.training.dataset import recorded_inputs
from liquid_control.training.features import FEATURES
from liquid_control.training.run_folder import check_places_of, FINAL
from liquid_control.training.settings import settings_values, TrainingConfig
import numpy as np
from numpy.typing import NDArray

# What the flights and the encoder hang on; the rest of a configuration is the head's.
_SAME = ('rounds', 'command', 'step_on', 'dt_range', 'collection', 'augmentation', 'encoder')
_SAME_POLICY = ('width', 'height', 'features', 'axes', 'nominal_dt')


@dataclass(frozen=True)
class SharedRun:
    """A finished run; nothing in its folder is changed."""

    folder: Path
    minutes: float           # that it took
    name: str
    seed: int                # of its flights and encoder

    @classmethod
    def read(cls, folder: Path, config: TrainingConfig,
             places: Mapping[str, str] | None = None) -> 'SharedRun':
        """
        Open a run.

        :param folder: of the finished run.
        :param config: of the run that wants to share it.
        :param places: digests of its worlds and winds, by name.
        :raises TrainingError: if it is not there or not finished, shares with another run
            itself, learned from bags, or was configured otherwise in what is shared.
        """
        try:
            record = json.loads((folder / 'run.json').read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            raise TrainingError(f'--share {folder}: expected the folder of a finished run, '
                                f'found {error}') from error
        if record.get('shared'):
            raise TrainingError(f'--share {folder}: expected a run with flights of its own, found '
                                f'one that shares those of {record["shared"]}; share that one')
        if 'bags' in record['done']:
            raise TrainingError(f'--share {folder}: expected a run that learned from its own '
                                'flights alone, found one with --bags, which the other head would '
                                'not see; train the head with those bags, without --share')
        if FINAL not in record['done']:
            raise TrainingError(f'--share {folder}: expected a finished run, found one that '
                                f'stopped after {list(record["done"])[-1:]}; finish it with '
                                '--resume')
        if record['package_version'] != __version__:
            raise TrainingError(f'--share {folder}: expected a run of version {__version__}, '
                                f'found one of {record["package_version"]}; train it anew')
        if len(config.rounds) < 2:
            raise TrainingError(f'--share {folder}: expected two rounds or more, the last for '
                                f'flights of its own, found {len(config.rounds)}')
        cls._check(folder, record['config'], settings_values(config))
        check_places_of(record, places or {}, f'--share {folder}', 'train that run anew')
        return cls(folder, round(record['seconds'] / 60.0, 1), record['config']['name'],
                   record['config']['seed'])

    @staticmethod
    def _check(folder: Path, theirs: dict[str, Any], ours: dict[str, Any]) -> None:
        """Refuse a run whose flights or encoder would not fit."""
        differing = [key for key in _SAME if theirs.get(key) != ours[key]]
        differing += [f'policy.{key}' for key in _SAME_POLICY
                      if theirs['policy'].get(key) != ours['policy'][key]]
        recorded = [list(recorded_inputs(policy['extra']))
                    for policy in (theirs['policy'], ours['policy'])]
        if recorded[0] != recorded[1]:
            differing.append(f'recorded inputs in policy.extra ({recorded[0]} there, '
                             f'{recorded[1]} here)')
        if differing:
            raise TrainingError(f'--share {folder}: expected the same {", ".join(differing)} in '
                                'both configurations, since flights and encoder hang on them; '
                                'set them as in that run')

    def data(self, number: int) -> Path:
        """
        Return the folder of a round's flights.

        :param number: of the round.
        """
        return self.folder / 'data' / str(number)

    def features(self, number: int, copies: int, frames: int) -> NDArray[np.float32] | None:
        """
        Return features of the first frames that it shares, where they were kept.

        :param number: of the round.
        :param copies: of every frame.
        :param frames: that are shared.
        :returns: (copies, frames, features); None where there are none of that kind.
        """
        path = self.folder / 'rounds' / str(number) / 'features' / FEATURES
        if not path.is_file():
            return None
        found = np.load(path, mmap_mode='r')
        return found[:, :frames] if len(found) == copies and found.shape[1] >= frames else None

    def restore_encoder(self, number: int, encoder: Encoder) -> None:
        """
        Read the encoder as a round left it.

        :param number: of the round.
        :param encoder: that is overwritten.
        """
        path = self.folder / 'rounds' / str(number) / 'encoder.safetensors'
        checkpoint.restore(path, encoder, part='encoder.')
