# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Train from the command line: a policy comes out, killed and resumed or not."""

import json
from pathlib import Path
import signal
import subprocess
import sys
import time

from liquid_control.cli.main import main
from liquid_control.config import share_directory
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.controller import Controller
import numpy as np
import pytest

SMOKE = str(share_directory() / 'config' / 'training' / 'smoke.yaml')
QUICK = ['--quiet', '--set', 'collection.max_time_s=2.0', '--set', 'encoder.threads=1',
         '--set', 'validation.winds=[W1]', '--set', 'validation.flights=1',
         '--set', 'validation.final_flights=1']
PATIENCE_S = 240


def _command(out: Path) -> list[str]:
    return ['train', SMOKE, '--out', str(out), *QUICK]


@pytest.fixture(scope='module')
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an uninterrupted run."""
    out = tmp_path_factory.mktemp('train') / 'whole'
    # In one process, where the others fly in as many as there are cores: it must not matter.
    done = subprocess.run([sys.executable, '-m', 'liquid_control', *_command(out), '--json', '-',
                           '--set', 'jobs=1'],
                          stdout=subprocess.PIPE, check=True, timeout=PATIENCE_S)
    out.with_suffix('.json').write_bytes(done.stdout)   # nothing else may be in it
    return out


def test_a_policy_comes_out(whole: Path) -> None:
    """The bundle loads with its golden steps, and says what it was made of."""
    bundle = Bundle.load(whole / 'bundle')
    Controller(bundle).engage(True)
    training = bundle.spec.training
    assert training['flights'] in (4, 8) and training['frames'] > 50
    assert training['seeds'][0] == 0 and training['config']['name'] == 'smoke'
    assert (whole / 'bundle' / 'statistics.npz').is_file()
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


def test_nothing_is_pickled(whole: Path) -> None:
    """What a run leaves is text, plain arrays, safetensors, ONNX, and TensorBoard's events."""
    kinds = {path.suffix for path in whole.rglob('*')
             if path.is_file() and 'tensorboard' not in path.parts}
    assert kinds <= {'.json', '.jsonl', '.npy', '.npz', '.safetensors', '.onnx', '.yaml',
                     '.lock', '.sha256'}
    for path in whole.rglob('*.npy'):
        np.load(path, mmap_mode='r', allow_pickle=False)


def test_killed_and_resumed_is_the_same_policy(whole: Path, tmp_path: Path) -> None:
    """SIGKILL once the first head is trained, resumed: networks and data equal to the byte."""
    out = tmp_path / 'killed'
    process = subprocess.Popen([sys.executable, '-m', 'liquid_control', *_command(out)],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + PATIENCE_S
    stage = 'round 0 head'
    while process.poll() is None and time.monotonic() < give_up:
        record = out / 'run.json'
        if record.exists() and stage in json.loads(record.read_text())['done']:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / 'result.json').exists(), 'the run was over before it was killed'
    assert stage in json.loads((out / 'run.json').read_text())['done']
    assert main([*_command(out), '--resume']) == 0
    for name in ('core.safetensors', 'encoder.onnx', 'golden.npz'):
        assert (out / 'bundle' / name).read_bytes() == (whole / 'bundle' / name).read_bytes()
    for name in ('0/frames.npy', '1/rows.npy'):
        assert (out / 'data' / name).read_bytes() == (whole / 'data' / name).read_bytes()


def test_a_finished_run_is_not_begun_again(whole: Path, capsys: pytest.CaptureFixture) -> None:
    """Without --resume it is refused; with it, the result is told again."""
    assert main(_command(whole)) == 2
    assert '--resume' in capsys.readouterr().err
    assert main([*_command(whole), '--resume', '--json', '-']) == 0
    assert json.loads(capsys.readouterr().out)['chosen_round'] in (0, 1)


def test_a_mistake_is_named(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """An unknown key ends with the nearest one, before anything is written."""
    assert main(['train', SMOKE, '--out', str(tmp_path / 'x'), '--set', 'heat.batch=1']) == 2
    assert "did you mean 'head'" in capsys.readouterr().err
    assert not (tmp_path / 'x').exists()
