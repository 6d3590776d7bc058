# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Train other heads on the flights and the encoder of a finished run."""

import json
from pathlib import Path
import shutil
import subprocess
import sys
from typing import Any

from liquid_control.cli.main import main
from liquid_control.config import share_directory
from liquid_control.nets.policy import build_policy
from liquid_control.runtime.bundle import Bundle, find
from liquid_control.runtime.stepper import Stepper
from liquid_control.training import checkpoint, pipeline
from liquid_control.training.features import cache_features
from liquid_control.training.settings_file import read_settings
import numpy as np
import pytest

CONFIG = str(share_directory() / 'config' / 'training' / 'forest_liquid.yaml')
SMALL = ['--quick', '--quiet', '--set', 'jobs=1', '--set', 'encoder.threads=1', '--set',
         'collection.max_time_s=1.5',
         '--set', 'rounds=[{flights: 2, expert_share: 1.0, encoder_frames: 512, '
         'head_iterations: 4}, {flights: 2, expert_share: 0.0, encoder_frames: 512, '
         'head_iterations: 4}]']
GRU = 'policy={cell: gru, neurons: 8}'
HOLD = ['--set', 'policy={cell: mlp, neurons: 20, hold_when_dark: true, '
                 'extra: [frame_brightness]}', '--set', 'name=hold']


@pytest.fixture(scope='module')
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the folders of a liquid run and of one that shares its flights and encoder."""
    folder = tmp_path_factory.mktemp('share')
    liquid, hold = folder / 'liquid', folder / 'hold'
    assert main(['train', CONFIG, '--out', str(liquid), *SMALL]) == 0
    assert main(['train', CONFIG, '--out', str(hold), *SMALL, *HOLD, '--share', str(liquid)]) == 0
    return liquid, hold


def test_encoder_and_first_flights_are_the_shared_ones(runs: tuple[Path, Path]) -> None:
    """Nothing of the encoder is trained anew; only the last round is flown, by the new head."""
    liquid, hold = runs
    for number in ('0', '1'):
        one, other = (run / 'rounds' / number / 'bundle' / 'encoder.onnx' for run in runs)
        assert one.read_bytes() == other.read_bytes()
    assert [path.name for path in (hold / 'data').iterdir()] == ['1']
    # Kept for who shares them; a run that shares is shared by nobody.
    assert [(run / 'rounds' / '1' / 'features').exists() for run in runs] == [True, False]
    theirs, ours = (np.load(run / 'data' / '1' / 'rows.npy') for run in runs)
    assert not np.array_equal(theirs['imu'], ours['imu'])
    stages = json.loads((hold / 'run.json').read_text())['done']
    assert 'round 0 collect' not in stages and 'round 1 encoder' not in stages


def test_the_bundle_says_whose_flights_it_learned_from(runs: tuple[Path, Path]) -> None:
    """It flies with the input that the shared flights had not recorded, and counts them all."""
    bundle = Bundle.load(runs[1] / 'bundle')
    assert bundle.spec.observation.extra == ('frame_brightness',)
    training = bundle.spec.training
    assert training['shared']['flights_and_encoder_of'] == 'forest_liquid_quick'
    last = Bundle.load(runs[1] / 'rounds' / '1' / 'bundle').spec.training
    assert last['flights'] == 4 and last['seeds'] == [0, 3]
    golden = np.load(runs[1] / 'rounds' / '1' / 'bundle' / 'golden.npz')
    np.testing.assert_allclose(golden['extra'][:, 0], golden['frames'].mean((1, 2, 3)) / 255,
                               rtol=1e-5)


def test_kept_features_are_taken_over_and_not_needed(
        tmp_path: Path, runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them, or with another number of copies, they are made again, and are the same."""
    taken: list[int] = []

    def watched(*arguments: Any) -> None:
        known = arguments[8]
        taken.append(0 if known is None else known.shape[1])
        cache_features(*arguments)

    monkeypatch.setattr(pipeline, 'cache_features', watched)
    liquid, bare = runs[0], tmp_path / 'bare'
    shutil.copytree(liquid, bare)
    for number in '01':
        shutil.rmtree(bare / 'rounds' / number / 'features')
    for share, more in ((liquid, []), (bare, []), (liquid, ['--set', 'head.copies=2'])):
        assert main(['train', CONFIG, '--out', str(tmp_path / f'out{len(taken)}'), *SMALL, *HOLD,
                     '--share', str(share), *more]) == 0
    frames = len(np.load(liquid / 'data' / '0' / 'rows.npy'))
    assert taken == [frames, frames, 0, 0, 0, 0]
    for name in ('rounds/0/bundle/core.safetensors', 'rounds/1/bundle/core.safetensors'):
        assert (tmp_path / 'out0' / name).read_bytes() == (tmp_path / 'out2' / name).read_bytes()


def test_another_seed_trains_another_head_on_the_same_flights(
        tmp_path: Path, runs: tuple[Path, Path]) -> None:
    """Several trainings of one head: other initial weights, other batches, other last flights."""
    liquid, hold = runs
    again = tmp_path / 'again'
    assert main(['train', CONFIG, '--out', str(again), *SMALL, *HOLD, '--share', str(liquid),
                 '--set', 'seed=9', '--set', 'policy.seed=9']) == 0
    found = Bundle.load(again / 'bundle').spec.training
    assert (found['shared']['seed'], found['config']['seed']) == (1, 9)
    for name, same in (('rounds/0/bundle/encoder.onnx', True),
                       ('rounds/0/bundle/core.safetensors', False), ('data/1/rows.npy', False)):
        assert ((again / name).read_bytes() == (hold / name).read_bytes()) is same


def test_interrupted_and_resumed_it_is_the_same(
        tmp_path: Path, runs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken off in each of its stages in turn: data and networks are equal to the byte."""
    liquid, hold = runs
    again = tmp_path / 'again'
    command = ['train', CONFIG, '--out', str(again), *SMALL, *HOLD, '--share', str(liquid),
               '--resume']

    class BrokenOffError(Exception):
        """What a test breaks a stage off with."""

    for stage in ('cache_features', 'train_head', 'collect_round', 'validate'):
        def broken(*arguments: Any, **named: Any) -> None:
            raise BrokenOffError

        with monkeypatch.context() as patch:
            patch.setattr(pipeline, stage, broken)
            with pytest.raises(BrokenOffError):
                main(command)
    assert main(command) == 0
    for name in ('data/1/rows.npy', 'rounds/0/bundle/core.safetensors',
                 'rounds/1/bundle/core.safetensors', 'bundle/golden.npz'):
        assert (again / name).read_bytes() == (hold / name).read_bytes()


def test_a_late_head_gets_the_iterations_of_the_rounds_that_it_missed(
        tmp_path: Path, runs: tuple[Path, Path]) -> None:
    """Of three rounds it takes part in two, with the iterations of all three."""
    rounds = ('rounds=[{flights: 2, expert_share: 1.0, encoder_frames: 256, head_iterations: 3}, '
              '{flights: 2, expert_share: 0.5, encoder_frames: 256, head_iterations: 4}, '
              '{flights: 2, expert_share: 0.0, encoder_frames: 256, head_iterations: 5}]')
    options = [*SMALL, '--set', rounds, '--set', 'collection.max_time_s=1.0']
    liquid, gru = tmp_path / 'liquid', tmp_path / 'gru'
    assert main(['train', CONFIG, '--out', str(liquid), *options]) == 0
    assert main(['train', CONFIG, '--out', str(gru), *options, '--share', str(liquid),
                 '--set', GRU]) == 0
    head = build_policy(read_settings(Path(CONFIG), [GRU]).policy).head
    steps = [checkpoint.restore(gru / 'rounds' / number / 'head.safetensors', head)['steps']
             for number in ('1', '2')]
    assert steps == [7, 5]
    assert [(liquid / 'rounds' / number / 'features').exists() for number in '012'] == [
        False, True, True], 'kept are those that a shared run begins with'


def test_what_does_not_fit_is_refused_before_anything_is_written(
        tmp_path: Path, runs: tuple[Path, Path], capsys: pytest.CaptureFixture) -> None:
    """Other flights, a folder without a run, a run that shares itself, another share on resume."""
    out = tmp_path / 'x'
    begin = ['train', CONFIG, '--out', str(out), *SMALL]
    liquid, hold = runs
    for options, text in (
            (['--set', 'collection.first_seed=9', '--share', str(liquid)],
             'expected the same collection'),
            (['--share', str(tmp_path)], 'expected the folder of a finished run'),
            (['--share', str(hold)], 'one that shares those of'),
            (['--set', 'step_on=imu', '--share', str(liquid)], 'expected the same step_on'),
            (['--set', 'policy.features=8', '--share', str(liquid)], 'policy.features'),
            (['--set', 'policy.extra=[velocity_x]', '--share', str(liquid)], 'recorded inputs'),
            (['--set', 'policy.wiring=ncp', '--set', 'policy.sensory_fanout=999'], '999')):
        assert main([*begin, *options]) == 2
        assert text in capsys.readouterr().err
        assert not out.exists()
    assert main(['train', CONFIG, '--out', str(hold), *SMALL, *HOLD, '--resume']) == 2
    assert 'as the run began with' in capsys.readouterr().err


@pytest.mark.parametrize(('change', 'text'), [
    ({'done': {'bags': {}, 'final flights': {}}}, 'found one with --bags'),
    ({'places': {'forest': 'edited', 'W0': 'too'}}, 'expected forest, W0 as the run began with')])
def test_a_run_of_other_flights_is_not_shared(
        tmp_path: Path, runs: tuple[Path, Path], capsys: pytest.CaptureFixture,
        change: dict[str, Any], text: str) -> None:
    """Of bags that the other head would not see; of a world that was edited since."""
    record = json.loads((runs[0] / 'run.json').read_text())
    (tmp_path / 'run.json').write_text(json.dumps(record | change))
    assert main(['train', CONFIG, '--out', str(tmp_path / 'x'), *SMALL, '--share',
                 str(tmp_path)]) == 2
    assert text in capsys.readouterr().err
    assert not (tmp_path / 'x').exists()


def test_a_policy_that_ships_may_stand_for_its_run(tmp_path: Path) -> None:
    """Its encoder as it is, and flights that it flew itself."""
    script = Path(__file__).parents[1] / 'campaign' / 'share_policy.py'
    made, out = tmp_path / 'made', tmp_path / 'out'
    for _ in range(2):       # the second time all is there
        subprocess.run([sys.executable, str(script), 'worlds_liquid', '--seed', '3', '--out',
                        str(made), '--quick'], check=True, timeout=600)
    settings = share_directory() / 'config' / 'training' / 'worlds_gru.yaml'
    assert main(['train', str(settings), '--quick', '--quiet', '--set', 'jobs=1', '--set',
                 'seed=3', '--set', 'collection.first_seed=30000', '--share', str(made), '--out',
                 str(out)]) == 0
    flown = json.loads((made / 'data' / '0' / 'flights.json').read_text())
    assert flown[0]['seed'] == 30000
    bundle, shipped = Bundle.load(out / 'bundle'), Bundle.load(find('worlds_liquid'))
    assert bundle.files['encoder.onnx'] == shipped.files['encoder.onnx']
    found = np.load(made / 'rounds' / '1' / 'features' / 'features.npy')[0]
    frames = np.load(made / 'data' / '0' / 'frames.npy')
    np.testing.assert_allclose(found[5], Stepper(shipped).encode(frames[5]), atol=1e-5)
