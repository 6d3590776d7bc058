# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test the folder of a run: what is done stays done, and two runs are never mixed."""

from dataclasses import replace
import os
from pathlib import Path
import signal
import subprocess
import sys

from liquid_control.errors import TrainingError
from liquid_control.training import run_folder
from liquid_control.training.run_folder import RunFolder
from liquid_control.training.settings import TrainingConfig
import pytest


def test_finished_stages_are_remembered(tmp_path: Path, config: TrainingConfig) -> None:
    """A stage, its time and what it found are there after a restart."""
    RunFolder(tmp_path / 'run', config, False).finish('a', 12.5, success=0.5)
    again = RunFolder(tmp_path / 'run', config, True)
    assert again.done('a') and not again.done('b')
    assert again.stages['a'] == {'seconds': 12.5, 'success': 0.5}


def test_a_run_is_not_overwritten(tmp_path: Path, config: TrainingConfig) -> None:
    """Without resume, a folder with a run in it is refused."""
    RunFolder(tmp_path / 'run', config, True)
    with pytest.raises(TrainingError, match='add --resume'):
        RunFolder(tmp_path / 'run', config, False)


def test_another_configuration_is_refused(tmp_path: Path, config: TrainingConfig) -> None:
    """The key that differs is named; the number of processes may differ."""
    RunFolder(tmp_path / 'run', config, False)
    RunFolder(tmp_path / 'run', replace(config, jobs=7), True)
    with pytest.raises(TrainingError, match='another seed'):
        RunFolder(tmp_path / 'run', replace(config, seed=4), True)


def test_two_processes_do_not_share_a_run(tmp_path: Path, config: TrainingConfig) -> None:
    """The second is told who works there; once that one is closed, it may go on."""
    first = RunFolder(tmp_path, config, False)
    before = (tmp_path / 'run.json').read_bytes()
    with pytest.raises(TrainingError, match=f'no other process.*found process {os.getpid()} on'):
        RunFolder(tmp_path, config, True)
    assert (tmp_path / 'run.json').read_bytes() == before
    first.close()
    RunFolder(tmp_path, config, True).close()
    RunFolder(tmp_path, config, True).close()


def test_a_killed_process_leaves_no_lock(tmp_path: Path, config: TrainingConfig) -> None:
    """However a run ends, the next one can go on with it."""
    code = ('import sys, time; from pathlib import Path; '
            'from liquid_control.training import run_folder; '
            'lock = run_folder._locked(Path(sys.argv[1])); print("locked", flush=True); '
            'time.sleep(600)')
    with subprocess.Popen([sys.executable, '-c', code, str(tmp_path)], text=True,
                          stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == 'locked\n'
        with pytest.raises(TrainingError, match=f'found process {other.pid} on'):
            RunFolder(tmp_path, config, True)
        other.send_signal(signal.SIGKILL)
    RunFolder(tmp_path, config, True).close()


def test_a_kill_costs_no_more_time_than_the_last_note(
        tmp_path: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The minutes of a run are written while a stage goes on, but not at every step."""
    now = [100.0]
    monkeypatch.setattr(run_folder.time, 'perf_counter', lambda: now[0])
    run = RunFolder(tmp_path, config, False)
    for now[0] in (105.0, 111.0, 118.0):
        run.note_at_times()
    run.close()     # as a kill does
    now[0] = 500.0
    assert RunFolder(tmp_path, config, True).minutes == pytest.approx(11.0 / 60)
