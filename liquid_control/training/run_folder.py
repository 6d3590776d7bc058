# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The folder of a run: what is done, how long it took, and with which configuration."""

from collections.abc import Mapping
import fcntl
import json
import os
from pathlib import Path
import socket
import time
from typing import Any, TextIO

from liquid_control import __version__
from liquid_control.errors import TrainingError
from liquid_control.training.checkpoint import write_json
from liquid_control.training.settings import settings_values, TrainingConfig

_NOTED_EVERY_S = 10.0
FINAL = 'final flights'    # the stage after the last round
_FREE = ('jobs',)  # may change from one resumption to the next: no result depends on it


class RunFolder:
    """
    Remembers finished stages and the seconds that each took, interruptions included.

    The folder is locked for other processes until `close`, or until this one ends, however it
    ends.

    :param folder: of the run.
    :param config: of the run.
    :param resume: go on with what is there; there may be more rounds at the end than before.
    :param share: folder of the run whose flights it takes, if any.
    :param places: digests of its worlds and winds, by name.
    :raises TrainingError: if another process works on the run, if there is one and `resume` is
        not asked for, or it had another configuration, world, wind or version.
    """

    def __init__(self, folder: Path, config: TrainingConfig, resume: bool,
                 share: Path | None = None, places: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self._path = folder / 'run.json'
        self._began = time.perf_counter()
        values, shared = settings_values(config), str(share.resolve()) if share else None
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(folder)
        if not self._path.exists():
            self._record: dict[str, Any] = {
                'package_version': __version__, 'config': values, 'shared': shared,
                'places': dict(places or {}), 'done': {}, 'seconds': 0.0}
            write_json(self._path, self._record)
            return
        self._record = json.loads(self._path.read_text(encoding='utf-8'))
        if not resume:
            raise TrainingError(f'{folder}: expected no run here, found one; add --resume to go '
                                'on with it, or give another folder with --out')
        self._check(values, shared)
        check_places_of(self._record, places or {}, f'{self._path}', 'start anew with --out')
        self._record['places'] = {**self._record.get('places', {}), **(places or {})}
        if values['rounds'] != self._record['config']['rounds']:
            # What is done stays: a stage hangs on nothing that comes after it.
            self._record['config']['rounds'] = values['rounds']
            self._record['done'].pop(FINAL, None)
        self.note()

    @property
    def minutes(self) -> float:
        """Time spent so far, without what a kill cut off before the last note."""
        return (self._record['seconds'] + time.perf_counter() - self._began) / 60.0

    @property
    def stages(self) -> dict[str, dict[str, Any]]:
        """Finished stages in order, with `seconds` and what each found."""
        return self._record['done']

    def done(self, stage: str) -> bool:
        """
        Tell whether a stage is finished.

        :param stage: its name.
        """
        return stage in self._record['done']

    def begin(self, stage: str) -> None:
        """
        Note that a stage begins, or goes on where an interruption has left it.

        :param stage: its name.
        """
        self.note()
        if self._record.get('begun', {}).get('stage') != stage:
            self._record['begun'] = {'stage': stage, 'at': self._record['seconds']}
            self.note()

    def finish(self, stage: str, **found: Any) -> None:
        """
        Note that the stage which began last is finished.

        :param stage: its name.
        :param found: results, plain values.
        """
        self.note()
        begun = self._record.pop('begun')
        seconds = round(self._record['seconds'] - begun['at'], 2)
        self._record['done'][stage] = {'seconds': seconds, **found}
        self.note()

    def note(self) -> None:
        """Write down the time spent."""
        now = time.perf_counter()
        self._record['seconds'] = round(self._record['seconds'] + now - self._began, 2)
        self._began = now
        write_json(self._path, self._record)

    def note_at_times(self) -> None:
        """Write down the time spent, every so often: a kill loses no more than that."""
        if time.perf_counter() - self._began > _NOTED_EVERY_S:
            self.note()

    def close(self) -> None:
        """Let other processes go on with the run; nothing may be noted afterwards."""
        self._lock.close()

    def _check(self, values: dict[str, Any], shared: str | None) -> None:
        """Refuse to mix two configurations or versions in one run."""
        if self._record['package_version'] != __version__:
            raise TrainingError(f'{self._path}: expected version {__version__}, found a run of '
                                f'{self._record["package_version"]}; start anew with --out')
        if self._record.get('shared') != shared:
            before, now = (f'--share {run}' if run else 'no --share'
                           for run in (self._record.get('shared'), shared))
            raise TrainingError(f'{self._path}: expected {before}, as the run began with, found '
                                f'{now}; resume as it began, or start anew with --out')
        before = self._record['config']
        changed = [key for key in values
                   if key not in _FREE and values[key] != before.get(key)]
        begun = before['rounds']
        if changed == ['rounds'] and not shared and values['rounds'][:len(begun)] == begun:
            return      # it goes on with further rounds
        if changed:
            raise TrainingError(f'{self._path}: expected the configuration that the run began '
                                f'with, found another {", ".join(changed)}; start anew with '
                                '--out, or restore the configuration')


def check_places_of(record: Mapping[str, Any], places: Mapping[str, str], where: str,
                    remedy: str) -> None:
    """
    Refuse worlds and winds that are not what a run flew in, though they are called the same.

    :param record: of the run.
    :param places: digests of what is there now, by name.
    :param where: how the error names the place.
    :param remedy: what else can be done.
    :raises TrainingError: if one of them was edited.
    """
    begun = record.get('places', {})
    edited = [name for name, digest in places.items() if begun.get(name, digest) != digest]
    if edited:
        raise TrainingError(f'{where}: expected {", ".join(edited)} as the run began with it, '
                            f'found it edited; restore the file, or {remedy}')


def _locked(folder: Path) -> TextIO:
    """Lock a folder, and say in the lock who did; the system unlocks it when a process ends."""
    lock = (folder / 'run.lock').open('a+', encoding='utf-8')
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        with lock:
            lock.seek(0)
            other = lock.read().strip() or 'one that has just begun'
        raise TrainingError(f'{folder}: expected no other process at work on this run, found '
                            f'{other}; wait until it ends, end it, or give another folder with '
                            '--out') from error
    lock.truncate(0)
    lock.write(f'process {os.getpid()} on {socket.gethostname()}')
    lock.flush()
    return lock
