# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Make of a policy that ships what `train --share` takes: its encoder, and flights flown anew.

    python test/campaign/share_policy.py worlds_liquid --seed 3 --out runs/worlds_heads/flights_3

The expert and the finished policy fly all rounds but the last of the policy's YAML, on training
seeds of their own (from 10,000 times the seed on). Heads then learn from them as from the run that
trained the policy, though that run is no longer at hand: its encoder is the policy's in every
round. Start it again after an interruption.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from liquid_control.nets.policy import build_policy
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.training import checkpoint
from liquid_control.training.bundling import fit_normaliser
from liquid_control.training.collection import check_places, collect_round
from liquid_control.training.dataset import Dataset
from liquid_control.training.encoder import FrameModel
from liquid_control.training.features import cache_features, FEATURES
from liquid_control.training.parallel import torch_threads
from liquid_control.training.progress import Progress
from liquid_control.training.run_folder import FINAL, RunFolder
from liquid_control.training.settings import TrainingConfig
from liquid_control.training.settings_file import read_settings
import onnx
from onnx import numpy_helper
import torch

ROOT = Path(__file__).resolve().parents[2]


def make(policy: str, seed: int, folder: Path, quick: bool = False) -> None:
    """
    Make the folder, or finish it.

    :param policy: name of a policy, which is that of its YAML.
    :param seed: of the flights.
    :param folder: of the run that is made.
    :param quick: tiny, for tests.
    """
    bundle = Bundle.load(find(policy))
    config = read_settings(ROOT / 'config' / 'training' / f'{policy}.yaml', [
        f'name={policy}_flights_{seed}', f'seed={seed}',
        f'collection.first_seed={10_000 * seed}'], quick)
    model = seeing(bundle, config)
    run = RunFolder(folder, config, True, None, check_places(config))
    progress = Progress(folder, False, run.note_at_times)
    last = len(config.rounds) - 1
    flown = [folder / 'data' / str(number) for number in range(last)]

    def cache(number: int) -> None:
        path = folder / 'rounds' / str(number)
        checkpoint.save(path / 'encoder.safetensors', model)
        cache_features(model.encoder, Dataset(flown), fit_normaliser(Dataset(flown[:1])), config,
                       f'round {number} features', path / 'features', progress)
        for other in set((path / 'features').glob('*')) - {path / 'features' / FEATURES}:
            other.unlink()

    try:
        for number in range(last):
            stage(run, f'round {number} collect', partial(
                collect_round, config, number, bundle.folder, flown[number], progress))
        for number in (last - 1, last):
            stage(run, f'round {number} features', partial(cache, number))
        stage(run, FINAL, lambda: None)
    finally:
        run.close()
        progress.close()


def stage(run: RunFolder, name: str, work: Callable[[], None]) -> None:
    """Do a stage that is not done yet."""
    if not run.done(name):
        run.begin(name)
        work()
        run.finish(name)


def seeing(bundle: Bundle, config: TrainingConfig) -> FrameModel:
    """Return a model with the encoder of a bundle; its other parts are not trained."""
    policy = build_policy(config.policy)
    exported = onnx.load_from_string(bundle.files['encoder.onnx'])
    policy.encoder.load_state_dict({
        weights.name: torch.from_numpy(numpy_helper.to_array(weights).copy())
        for weights in exported.graph.initializer})
    return FrameModel(policy.encoder, 6 + len(config.policy.extra), len(config.command))


def main(argv: Sequence[str] | None = None) -> int:
    """Make the folder."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('policy', help='name of a policy and of its YAML')
    parser.add_argument('--seed', type=int, required=True)
    parser.add_argument('--out', type=Path, required=True)
    parser.add_argument('--quick', action='store_true', help='tiny, to try it')
    arguments = parser.parse_args(argv)
    with torch_threads(1):
        make(arguments.policy, arguments.seed, arguments.out.resolve(), arguments.quick)
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
