# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Processes that work for another one do what it asks, and end when it is killed."""

from contextlib import closing
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import joblib
from joblib import delayed
from liquid_control.errors import SimulationError
from liquid_control.evaluation.processes import in_processes
import pytest

PATIENCE_S = 120
STARTER = """
import os, pathlib, sys, time
from joblib import delayed
from liquid_control.evaluation.processes import in_processes

def work(number):
    pathlib.Path(sys.argv[1], f'{os.getpid()}').touch()
    time.sleep(1000)

list(in_processes([delayed(work)(number) for number in range(4)], 2))
"""

HESITANT = """
import sys, time
from joblib import delayed
from liquid_control.evaluation.processes import in_processes

class Slow:
    def __reduce__(self):
        time.sleep(1000)

list(in_processes([delayed(print)(Slow()) for number in range(2)], 2))
"""


def _lives(number: str) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        state = Path('/proc', number, 'stat').read_text().rpartition(')')[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in 'ZX'


@pytest.mark.parametrize('kill', [signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_one_that_started_it(kill: int, tmp_path: Path) -> None:
    starter = subprocess.Popen([sys.executable, '-c', STARTER, str(tmp_path)])
    give_up = time.monotonic() + PATIENCE_S
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < give_up:
        assert starter.poll() is None
        time.sleep(0.05)
    numbers = [path.name for path in tmp_path.iterdir()]
    assert len(numbers) == 2 and all(map(_lives, numbers))
    starter.send_signal(kill)
    starter.wait()
    while any(map(_lives, numbers)) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not any(map(_lives, numbers))
    assert len(list(tmp_path.iterdir())) == 2, 'nothing more was begun'


def _waiting(starter: int) -> list[str]:
    """List the processes that a process has started to work for it."""
    return [number for path in Path(f'/proc/{starter}/task').glob('*/children')
            for number in path.read_text().split()
            if b'LokyProcess' in Path('/proc', number, 'cmdline').read_bytes()]


def test_no_process_outlives_one_that_is_killed_before_it_gives_work() -> None:
    starter = subprocess.Popen([sys.executable, '-c', HESITANT])
    give_up = time.monotonic() + PATIENCE_S
    while len(_waiting(starter.pid)) < 2 and time.monotonic() < give_up:
        assert starter.poll() is None
        time.sleep(0.05)
    time.sleep(2.0)     # now they wait for work, or soon will: both must end
    numbers = _waiting(starter.pid)
    assert len(numbers) == 2
    starter.kill()
    starter.wait()
    while any(map(_lives, numbers)) and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not any(map(_lives, numbers))


def test_a_backend_that_the_caller_has_chosen_is_used() -> None:
    calls = [delayed(os.getpid)() for _ in range(4)]
    with joblib.parallel_config(backend='threading'):
        assert set(in_processes(calls, 2)) == {os.getpid()}
    assert os.getpid() not in set(in_processes(calls, 2))


@pytest.mark.parametrize('jobs', [1, 2])
def test_results_come_in_order_if_asked(jobs: int) -> None:
    calls = [delayed(pow)(number, 2) for number in range(6)]
    with closing(in_processes(calls, jobs, ordered=True)) as results:
        assert list(results) == [0, 1, 4, 9, 16, 25]
    assert sorted(in_processes(calls, jobs)) == [0, 1, 4, 9, 16, 25]


def test_nothing_to_do_starts_nothing() -> None:
    assert list(in_processes([], -1)) == []


def test_a_process_that_is_ended_is_told_in_a_sentence() -> None:
    with pytest.raises(SimulationError, match='one was ended from outside'):
        list(in_processes([delayed(os._exit)(9) for _ in range(2)], 2))
