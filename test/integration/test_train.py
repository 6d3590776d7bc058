# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Train from the command line: a policy comes out, killed and resumed or not."""

import json
from pathlib import Path
import shutil
import subprocess
import sys

from liquid_control.bags.reader import Bag
from liquid_control.bags.replay import replay
from liquid_control.bags.ticks import ticks_of
from liquid_control.cli.main import main
from liquid_control.config import share_directory
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
from liquid_control.sim.vehicle import ROVER
import numpy as np
import pytest

CONFIG = str(share_directory() / 'config' / 'training' / 'forest_liquid.yaml')
CAMPAIGN = Path(__file__).parents[1] / 'campaign' / 'kill_and_resume.py'
PATIENCE_S = 240


def _command(out: Path) -> list[str]:
    return ['train', CONFIG, '--quick', '--quiet', '--out', str(out)]


@pytest.fixture(scope='module')
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an uninterrupted run."""
    out = tmp_path_factory.mktemp('train') / 'whole'
    # In one process, where the others fly in as many as there are cores: it must not matter.
    done = subprocess.run([sys.executable, '-m', 'liquid_control', *_command(out), '--json', '-',
                           '--set', 'jobs=1'],
                          capture_output=True, check=True, timeout=PATIENCE_S)
    assert b'cannot fly' in done.stderr
    out.with_suffix('.json').write_bytes(done.stdout)   # nothing else may be in it
    return out


def test_a_policy_comes_out(whole: Path) -> None:
    """The bundle loads with its golden steps, and says what it was made of."""
    bundle = Bundle.load(whole / 'bundle')
    Controller(bundle).engage(True)
    training = bundle.spec.training
    assert training['flights'] in (4, 8) and training['frames'] > 50
    assert training['seeds'][0] == 0 and training['config']['name'] == 'forest_liquid_quick'
    assert 'Cannot fly' in bundle.spec.description
    assert training['config']['description'] == bundle.spec.description
    with np.load(whole / 'bundle' / 'statistics.npz') as seen:
        assert seen['state_mean'].shape == (bundle.spec.state_size,)
        assert (seen['state_std'] > 0).all()
    text = (whole / 'bundle' / 'bundle.yaml').read_text()
    assert str(whole) not in text


def test_the_result_tells_stages_and_validation(whole: Path) -> None:
    """Every stage has its time, and validation flew on validation seeds alone."""
    result = json.loads(whole.with_suffix('.json').read_text())
    assert {'round 0 collect', 'round 0 encoder', 'round 0 features', 'round 0 head',
            'round 1 validate', 'final flights'} <= set(result['seconds'])
    assert len(result['success_of_rounds']) == 2
    assert all(500_000 <= flight['seed'] < 600_000 for flight in result['flights'])
    assert json.loads((whole / 'result.json').read_text()) == result


def test_a_policy_of_a_ground_robot_comes_out(tmp_path: Path,
                                              capsys: pytest.CaptureFixture) -> None:
    """Of two axes, and it drives where it was trained."""
    yard = str(share_directory() / 'config' / 'training' / 'yard_liquid.yaml')
    assert main(['train', yard, '--quick', '--quiet', '--set', 'jobs=1', '--out',
                 str(tmp_path / 'yard')]) == 0
    bundle = Bundle.load(tmp_path / 'yard' / 'bundle')
    assert bundle.command_spec == ROVER
    assert bundle.spec.training['config']['collection']['worlds'] == ['yard']
    assert main(['evaluate', '--policy', str(tmp_path / 'yard' / 'bundle'), 'expert', '--world',
                 'yard', '--wind', 'W1', '--split', 'validation', '--episodes', '1', '--jobs',
                 '1', '--json', str(tmp_path / 'score.json')]) == 0
    own, expert = json.loads((tmp_path / 'score.json').read_text())['results']
    assert (own['world'], own['episodes'], expert['successes']) == ('yard', 1, 1)


def test_recorded_flights_are_learned_from(whole: Path, tiny_bundle: Bundle,
                                           tmp_path: Path) -> None:
    """Flown backward, which no expert does: who has seen it comes nearer to it."""
    pytest.importorskip('rosbags', reason='writes a bag for this test')
    from recorded import MadeUp, Recorder
    bag = tmp_path / 'backward'
    MadeUp(tiny_bundle, seconds=30.0, events={0.0: 'engage'},
           label=lambda _image, _t: (-1.4, 0.7, -0.6, -1.6)).fly(Recorder(
               bag, leave_out=lambda topic, _stamp: topic.startswith('controller')
               or topic == 'cmd_vel_policy'))
    out = tmp_path / 'run'
    assert main([*_command(out), '--set', 'jobs=1', '--bags', str(bag)]) == 0
    recorded, = Bundle.load(out / 'bundle').spec.training['bags']
    assert recorded['name'] == 'backward' and recorded['frames'] == 899
    assert recorded['sha256'] == Bag(bag).sha256()
    assert recorded['seconds'] == pytest.approx(29.97, abs=0.05)
    distances = {}
    for run in (whole, out):
        found = replay(Bag(bag), ticks_of(Bag(bag)), Bundle.load(run / 'bundle'))
        distances[run] = np.sqrt(((found.replayed - found.recorded)[60:] ** 2).mean())
    assert distances[out] < 0.6 * distances[whole], distances
    assert main([*_command(out), '--set', 'jobs=1', '--resume']) == 2, 'without its bag'


def test_nothing_is_pickled(whole: Path) -> None:
    """What a run leaves is text, plain arrays, safetensors, ONNX, and TensorBoard's events."""
    kinds = {path.suffix for path in whole.rglob('*')
             if path.is_file() and 'tensorboard' not in path.parts}
    assert kinds <= {'.json', '.jsonl', '.npy', '.npz', '.safetensors', '.onnx', '.yaml',
                     '.lock', '.sha256'}
    for path in whole.rglob('*.npy'):
        np.load(path, mmap_mode='r', allow_pickle=False)


@pytest.mark.timeout(900)     # a minute, where nobody else wants the core
def test_killed_and_resumed_is_the_same(whole: Path, tmp_path: Path) -> None:
    """SIGKILL at four random moments: all files equal, none left over."""
    done = subprocess.run([sys.executable, str(CAMPAIGN), 'train', '--kills', '4', '--whole',
                           str(whole), '--out', str(tmp_path / 'out')],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '4 kills' in done.stdout and ' 0 unequal' in done.stdout
    log = (tmp_path / 'out' / 'train_killed.log').read_text()
    assert 'going on after' in log and 'minutes into the run' in log


def test_the_comparison_sees_a_difference(whole: Path, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """One weight, one file that is missing, one left over: what the campaign would have told."""
    monkeypatch.syspath_prepend(CAMPAIGN.parent)
    from kill_and_resume import differences
    other = tmp_path / 'other'
    shutil.copytree(whole, other)
    assert differences(whole, other) == []
    weights = (other / 'bundle' / 'core.safetensors').read_bytes()
    (other / 'bundle' / 'core.safetensors').write_bytes(weights[:-1] + bytes([weights[-1] ^ 1]))
    (other / 'data' / '0' / 'rows.npy').rename(other / 'data' / 'half.part')
    assert differences(whole, other) == ['data/0/rows.npy: missing', 'data/half.part: left over',
                                         'bundle/core.safetensors: differs']


def test_a_finished_run_is_not_begun_again(whole: Path, capsys: pytest.CaptureFixture) -> None:
    """Without --resume it is refused; with it, the result is told again, and leftovers go."""
    assert main(_command(whole)) == 2
    assert '--resume' in capsys.readouterr().err
    cache = whole / 'rounds' / '0' / 'features'
    (cache / 'inputs.npy').touch()      # killed between validating and removing it
    assert main([*_command(whole), '--resume', '--json', '-']) == 0
    assert json.loads(capsys.readouterr().out)['chosen_round'] in (0, 1)
    assert [path.name for path in cache.iterdir()] == ['features.npy']


def test_further_rounds_go_on_from_a_finished_run(tmp_path: Path,
                                                  capsys: pytest.CaptureFixture) -> None:
    """As if they had been asked for at once; but rounds that are done cannot become others."""
    one = '{flights: 2, expert_share: 1.0, encoder_frames: 256, head_iterations: 3}'

    def train(out: str, rounds: str, *options: str) -> int:
        return main([*_command(tmp_path / out), '--set', f'rounds=[{rounds}]', '--set',
                     'collection.max_time_s=1.0', '--set', 'encoder.threads=1', *options])

    assert train('on', one) == 0
    assert train('on', f'{one}, {one}', '--resume') == 0
    assert train('at_once', f'{one}, {one}') == 0
    for name in ('data/1/rows.npy', 'rounds/1/bundle/core.safetensors',
                 'rounds/1/bundle/encoder.onnx', 'bundle/golden.npz'):
        assert (tmp_path / 'on' / name).read_bytes() == (tmp_path / 'at_once' / name).read_bytes()
    told = json.loads((tmp_path / 'on' / 'run.json').read_text())
    assert len(told['config']['rounds']) == 2 and 'final flights' in told['done']
    capsys.readouterr()
    assert train('on', one.replace('256', '512'), '--resume') == 2
    assert 'found another rounds' in capsys.readouterr().err


def test_a_mistake_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """An unknown key ends with the nearest one, before anything is written."""
    assert main(['train', CONFIG, '--out', str(tmp_path / 'x'), '--set', 'heat.batch=1']) == 2
    assert "did you mean 'head'" in capsys.readouterr().err
    assert main(['train', CONFIG, '--out', str(tmp_path / 'x'), '--set',
                 'validation.winds=[W22]']) == 2
    assert "did you mean 'W2'" in capsys.readouterr().err
    assert not (tmp_path / 'x').exists()
