# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Kill `train --quick` and `evaluate` at random moments, resume; compare with undisturbed runs.

    python test/campaign/kill_and_resume.py train evaluate --kills 10

The main process alone is killed, as the kernel does when memory runs out, and the next one starts
at once. Moments are drawn over what an undisturbed run notes (stages, losses, flights), and a
little time is added, so that they do not depend on the speed of the machine. Exit code 0 if all
files but the clock's share of them are equal, and nothing was left over.
"""

import argparse
from collections.abc import Sequence
import importlib.util
import json
from pathlib import Path
import random
import signal
import subprocess
import sys
import tempfile
import time
from typing import Any

from liquid_control.config import share_directory
import yaml

TIMINGS = {'minutes', 'seconds', 'tick_us', 'tick_ms_p50', 'tick_ms_p99'}
FREE = TIMINGS | {'jobs'}          # keys that may differ: no result depends on them
UNCOMPARED = {'run.lock'}          # and TensorBoard's events, which are of one process each
LAST_MARKS = 3                     # a run that is so near its end may be over before it is killed
LATER_S = 0.5
PATIENCE_S = 3600
LOOK_S = 0.02


def words(command: str, folder: Path) -> list[str]:
    """Return what is typed to begin a run in a folder, or to go on with it."""
    if command == 'train':
        config = share_directory() / 'config' / 'training' / 'forest_liquid.yaml'
        return ['train', str(config), '--quick', '--resume', '--out', str(folder)]
    line = ['evaluate', '--policy', 'expert', 'forest_liquid', '--world', 'forest', '--wind',
            'W0,W4', '--split', 'validation', '--episodes', '5', '--draw', '1', '--jobs', '2',
            '--out', str(folder), '--json', str(folder / 'scorecard.json')]
    if importlib.util.find_spec('pyarrow') is not None:
        line += ['--parquet', str(folder / 'flights.parquet')]
    return line


def start(command: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start a run, or go on with it; what it says goes to a log beside the folder."""
    with folder.with_suffix('.log').open('ab') as log:
        return subprocess.Popen([sys.executable, '-m', 'liquid_control', *words(command, folder)],
                                stdout=log, stderr=log)


def untimed(value: Any) -> Any:
    """Leave out what the clock, or the number of processes, has written."""
    if isinstance(value, dict):
        return {key: untimed(item) for key, item in value.items() if key not in FREE}
    return [untimed(item) for item in value] if isinstance(value, list) else value


def notes(path: Path) -> set[str]:
    """Return the lines of a JSONL file, each once; what a kill cut off does not count."""
    found = set()
    for line in path.read_bytes().splitlines():
        try:
            found.add(json.dumps(untimed(json.loads(line))))
        except ValueError:
            continue
    return found


def stages(folder: Path) -> list[str]:
    """Return the finished stages of a training run."""
    record = folder / 'run.json'
    return list(json.loads(record.read_text('utf-8'))['done']) if record.exists() else []


def marks(folder: Path) -> int:
    """Measure progress: grows with every note, stage and file, and never falls."""
    return (sum(len(notes(path)) for path in folder.glob('*.jsonl')) + len(stages(folder))
            + sum(path.suffix != '.part' for path in folder.glob('*.*')))


def content(path: Path) -> Any:
    """Read a file as far as it must be equal in both runs."""
    if path.suffix == '.jsonl':
        return notes(path)
    if path.suffix == '.json':
        return untimed(json.loads(path.read_text('utf-8')))
    if path.suffix == '.yaml':
        return untimed(yaml.safe_load(path.read_text('utf-8')))
    if path.suffix == '.sha256':     # bundle.yaml tells minutes
        return [line for line in path.read_text('utf-8').splitlines() if 'bundle.yaml' not in line]
    if path.suffix == '.parquet':
        from pyarrow import parquet
        return untimed(parquet.read_table(path).to_pylist())
    return path.read_bytes()


def files(folder: Path) -> set[Path]:
    """List the files that are compared."""
    return {path.relative_to(folder) for path in folder.rglob('*') if not path.is_dir()
            and 'tensorboard' not in path.parts and path.name not in UNCOMPARED}


def differences(whole: Path, killed: Path) -> list[str]:
    """Tell what is not equal in two folders, a line a file."""
    theirs, ours = files(whole), files(killed)
    return ([f'{path}: missing' for path in sorted(theirs - ours)]
            + [f'{path}: left over' for path in sorted(ours - theirs)]
            + [f'{path}: differs' for path in sorted(theirs & ours)
               if content(whole / path) != content(killed / path)])


def children(pid: int) -> list[str]:
    """List the processes that a process has started."""
    numbers = []
    for path in Path(f'/proc/{pid}/task').glob('*/children'):
        try:
            numbers += path.read_text().split()
        except (FileNotFoundError, ProcessLookupError):     # a thread that has ended
            continue
    return numbers


def lives(number: str) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path('/proc', number, 'stat').read_text().rpartition(')')[2].split()[0] not in 'ZX'
    except (FileNotFoundError, ProcessLookupError):
        return False


def seconds_until_ended(numbers: Sequence[str]) -> float:
    """Wait until processes have ended."""
    began = time.monotonic()
    while any(map(lives, numbers)):
        if time.monotonic() - began > PATIENCE_S:
            raise TimeoutError(f'expected processes {numbers} to end after their parent')
        time.sleep(LOOK_S)
    return time.monotonic() - began


def kill_and_resume(command: str, folder: Path, moments: Sequence[int], later: random.Random,
                    total: int) -> int:
    """Kill a run at each moment and let it end; print a line a kill, and return their number."""
    kills, orphans = 0, list[str]()
    line = '{:>5} {:>9}  {:<18} {:>5} {:>14}  {}'
    print(line.format('kill', 'progress', 'after', 'exit', 'orphans lived', 'left behind'))
    process = start(command, folder)
    for moment in moments:
        give_up = time.monotonic() + PATIENCE_S
        while process.poll() is None and marks(folder) < moment and time.monotonic() < give_up:
            time.sleep(LOOK_S)
        time.sleep(later.uniform(0.0, LATER_S))
        orphans = children(process.pid)
        process.send_signal(signal.SIGKILL)
        code = process.wait()
        kills += code == -signal.SIGKILL
        halves = sorted(str(path.relative_to(folder)) for end in ('.part', '.old', '_shards')
                        for path in folder.rglob(f'*{end}'))
        progress, done = f'{marks(folder)} of {total}', (stages(folder) or ['-'])[-1]
        process = start(command, folder)
        lived = f'{seconds_until_ended(orphans):.1f} s' if orphans else '-'
        print(line.format(kills, progress, done, code, lived, ' '.join(halves) or '-'), flush=True)
    if process.wait(PATIENCE_S):
        raise subprocess.CalledProcessError(process.returncode, words(command, folder))
    return kills


def check(command: str, kills: int, seed: int, out: Path, whole: Path | None) -> bool:
    """Compare a run that is killed again and again with one that is not; return whether equal."""
    began = time.monotonic()
    if whole is None:
        whole = out / f'{command}_whole'
        if start(command, whole).wait(PATIENCE_S):
            raise SystemExit(whole.with_suffix('.log').read_text('utf-8'))
    total, numbers = marks(whole), random.Random(seed)
    took = time.monotonic() - began
    killed = out / f'{command}_killed'
    moments = sorted(numbers.sample(range(total - LAST_MARKS), kills))
    found = kill_and_resume(command, killed, moments, numbers, total)
    unequal = differences(whole, killed)
    print(*unequal, f'{command}: {found} kills, {len(files(whole))} files compared, '
          f'{len(unequal)} unequal; {took:.0f} s undisturbed, '
          f'{time.monotonic() - began - took:.0f} s killed', '', sep='\n', flush=True)
    return not unequal and found == kills


def main(argv: Sequence[str] | None = None) -> int:
    """Run, kill, resume, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('commands', nargs='+', choices=('train', 'evaluate'))
    parser.add_argument('--kills', type=int, default=10)
    parser.add_argument('--seed', type=int, default=1, help='of the moments')
    parser.add_argument('--whole', type=Path, metavar='DIR',
                        help='folder of an undisturbed run of the one command')
    parser.add_argument('--out', type=Path, metavar='DIR', help='a new folder, to look into later')
    options = parser.parse_args(argv)
    if options.whole and len(options.commands) > 1:
        parser.error('--whole: expected one command, whose folder it is, found two')
    if options.out and options.out.exists():
        parser.error(f'--out: expected a new folder, found {options.out}')
    if options.out:
        options.out.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        equal = [check(command, options.kills, options.seed, options.out or Path(folder),
                       options.whole) for command in options.commands]
    return 0 if all(equal) else 1


if __name__ == '__main__':
    sys.exit(main())
