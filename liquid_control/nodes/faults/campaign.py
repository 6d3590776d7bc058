# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A campaign of faults: every kind with every seed, one flight at a time; it resumes."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
import json
from pathlib import Path
from typing import Any

from liquid_control import __version__
from liquid_control.errors import SimulationError
from liquid_control.nodes.faults.flight import fly, Key, Task, UnflownError
from liquid_control.nodes.faults.judge import judge, Verdict
from liquid_control.nodes.faults.kinds import Kind, KINDS

ATTEMPTS = 3            # at a flight that tells nothing, because the machine was busy
JOURNAL = 'faults.jsonl'


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of one flight."""

    kind: str
    seed: int
    policy: str                        # its name
    quick: bool
    verdict: str                       # passed, broken or not judged
    broken: tuple[str, ...] = ()
    untold: str = ''
    attempts: int = 1
    stopped_after_s: float | None = None
    reasons: tuple[str, ...] = ()      # from the fault on
    complaints: tuple[str, ...] = ()   # of /diagnostics, from the fault on
    commands: int = 0
    version: str = __version__
    flown_by: str = ''                 # hashes of policy and code

    @property
    def key(self) -> Key:
        """Tell what it was a flight of: its task's key."""
        return self.kind, self.seed, self.flown_by, self.quick


def plan(kinds: Sequence[Kind], seeds: range, policy: Path, real_time_factor: float,
         quick: bool, flown_by: str) -> list[Task]:
    """
    List the flights: all kinds with one seed, then with the next.

    :param kinds: of faults.
    :param seeds: of the worlds, and of the moments of the faults.
    :param policy: folder of the bundle.
    :param real_time_factor: simulated seconds a second.
    :param quick: faults come soon and are short; those that cannot be are left out.
    :param flown_by: names policy and code: what another one has flown is flown again.
    """
    return [Task(kind, seed, policy, real_time_factor, quick, flown_by)
            for seed in seeds for kind in kinds if kind.short or not quick]


def attempt(task: Task, scratch: Path) -> Entry:
    """
    Fly once; again where that told nothing.

    :param task: what to fly.
    :param scratch: folder for what is written on the way.
    """
    verdict, entry = Verdict(untold='not flown'), None
    for tries in range(1, ATTEMPTS + 1):
        try:
            recording = fly(task, scratch)
        except UnflownError as reason:
            verdict = Verdict(untold=str(reason))
            entry = None
            continue
        verdict = judge(task.kind, recording)
        after = {reason for when, reason in recording.reasons if when >= recording.began_ns}
        entry = Entry(task.kind.name, task.seed, task.policy.name, task.quick, name(verdict),
                      verdict.broken, verdict.untold, tries, verdict.stopped_after,
                      tuple(sorted(after)), tuple(recording.complaints), len(recording.commands),
                      flown_by=task.flown_by)
        if not verdict.untold:
            return entry
    return entry or Entry(task.kind.name, task.seed, task.policy.name, task.quick, name(verdict),
                          untold=verdict.untold, attempts=ATTEMPTS, flown_by=task.flown_by)


def name(verdict: Verdict) -> str:
    """Put a verdict in a word or two; what tells nothing is never passed."""
    if verdict.broken:
        return 'broken'
    return 'not judged' if verdict.untold else 'passed'


def run(tasks: Sequence[Task], folder: Path, progress: Callable[[Entry], None],
        flies: Callable[[], str]) -> list[Entry]:
    """
    Fly what the journal does not hold, and return all.

    A flight that told nothing is flown again by the next campaign.

    :param tasks: flights.
    :param folder: of the journal.
    :param progress: told of each flight.
    :param flies: names policy and code as they are now, as `Task.flown_by` does.
    :raises SimulationError: if a flight was of others than its task; it is not kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = judged(folder)
    entries = []
    for task in tasks:
        key = task.key
        if key not in known:
            entry = attempt(task, folder / 'scratch')
            if flies() != task.flown_by:
                raise SimulationError('expected policy and code that stay as they were, found '
                                      f'them changed during {task.kind.name} {task.seed}; begin '
                                      'again once nobody edits them')
            with (folder / JOURNAL).open('a', encoding='utf-8') as journal:
                # First an end of line: the one before may have been cut off.
                journal.write('\n' + json.dumps(asdict(entry)))
            progress(entry)
            known[key] = entry
        entries.append(known[key])
    return entries


def judged(folder: Path) -> dict[Key, Entry]:
    """
    Return the flights that need not be flown again.

    :param folder: of the journal.
    """
    return {entry.key: entry for entry in read_journal(folder / JOURNAL)
            if entry.verdict != 'not judged'}


def read_journal(path: Path) -> list[Entry]:
    """Return what was flown before; a line that was cut off is passed over."""
    if not path.is_file():
        return []
    entries = []
    for line in path.read_text('utf-8').splitlines():
        try:
            values = json.loads(line)
        except json.JSONDecodeError:
            continue
        for field in ('broken', 'reasons', 'complaints'):
            values[field] = tuple(values[field])
        entries.append(Entry(**values))
    return entries


def summary(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return a row for each kind that was flown, as JSON."""
    rows = []
    for kind in KINDS:
        flown = [entry for entry in entries if entry.kind == kind.name]
        if not flown:
            continue
        verdicts = Counter(entry.verdict for entry in flown)
        stops = [entry.stopped_after_s for entry in flown if entry.stopped_after_s is not None]
        rows.append({
            'kind': kind.name, 'what': kind.what, 'flights': len(flown),
            'passed': verdicts['passed'], 'broken': verdicts['broken'],
            'not_judged': verdicts['not judged'], 'must_stop': kind.stops or kind.silent,
            'stopped_after_s': round(max(stops), 3) if stops else None,
            'clock_of_the_stop': 'stamps' if kind.gone else 'system',
            'reasons': dict(Counter(reason for entry in flown for reason in entry.reasons)),
            'findings': sorted({text for entry in flown for text in entry.broken})})
    return {'version': __version__, 'policies': sorted({entry.policy for entry in entries}),
            'policy_and_code': sorted({entry.flown_by for entry in entries}), 'results': rows}
