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
    run = RunFolder(tmp_path / 'run', config, False)
    run.begin('a')
    run.finish('a', success=0.5)
    run.close()
    again = RunFolder(tmp_path / 'run', config, True)
    assert again.done('a') and not again.done('b')
    assert again.stages['a'] == run.stages['a']
    assert again.stages['a']['success'] == 0.5


def test_a_stage_takes_the_time_of_all_who_worked_on_it(
        tmp_path: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process noted counts; the time between two processes does not."""
    now = [1000.0]
    monkeypatch.setattr(run_folder.time, 'perf_counter', lambda: now[0])
    run = RunFolder(tmp_path / 'run', config, False)
    now[0] += 3.0       # before the stage
    run.begin('a')
    now[0] += 20.0
    run.note_at_times()
    now[0] += 4.0       # lost: never noted
    run.close()
    again = RunFolder(tmp_path / 'run', config, True)
    now[0] += 2.0
    again.begin('a')
    now[0] += 7.0
    again.finish('a')
    assert again.stages['a']['seconds'] == 29.0
    assert again.minutes == pytest.approx(32.0 / 60.0)


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


def test_an_edited_world_is_refused(tmp_path: Path, config: TrainingConfig) -> None:
    """Nothing was lost; further rounds may bring further winds."""
    places = {'forest': 'a', 'W0': 'b'}
    RunFolder(tmp_path / 'run', config, False, places=places).close()
    with pytest.raises(TrainingError, match='expected forest as the run began with it, found it '
                                            'edited; restore the file, or start anew'):
        RunFolder(tmp_path / 'run', config, True, places=places | {'forest': 'c'})
    RunFolder(tmp_path / 'run', config, True, places=places | {'W1': 'd'}).close()
    with pytest.raises(TrainingError, match='expected W1'):
        RunFolder(tmp_path / 'run', config, True, places=places | {'W1': 'e'})


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
