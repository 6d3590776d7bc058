# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control faults`: the real graph flies, one thing goes wrong, the rest is judged."""

import argparse
from importlib.util import find_spec
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from liquid_control.config import nearest
from liquid_control.errors import ConfigError, DependencyError
from liquid_control.output import check_json, STANDARD_OUTPUT, write_json

if TYPE_CHECKING:
    from liquid_control.nodes.faults.campaign import Entry
    from liquid_control.nodes.faults.kinds import Kind

SUMMARY = 'put faults into the running graph, and judge what reaches cmd_vel'
EXAMPLE = 'liquid-control faults --kind camera_black clock_back --seeds 2 --out runs/faults'

EXIT_PASSED, EXIT_BROKEN, EXIT_NOT_JUDGED = 0, 1, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('--kind', nargs='+', default=[], metavar='NAME',
                        help='kinds of faults (default: all; --list names them)')
    parser.add_argument('--seeds', type=int, default=20,
                        help='flights of each kind; each draws world and moment (default: 20)')
    parser.add_argument('--policy', help='name in config/policies, or path of a bundle '
                        '(default: the shipped one)')
    parser.add_argument('--quick', action='store_true',
                        help='faults come soon and are short; the long ones are left out')
    parser.add_argument('--real-time-factor', type=float, default=1.0,
                        help='simulated seconds a second; less on a busy machine (default: 1)')
    parser.add_argument('--out', type=Path, default=Path('runs/faults'),
                        help='folder of the journal, by which a campaign resumes '
                        '(default: runs/faults)')
    parser.add_argument('--json', metavar='PATH',
                        help='write a row a kind there (- for standard output)')
    parser.add_argument('--list', action='store_true', help='name the kinds, fly nothing')


def run(arguments: argparse.Namespace) -> int:
    """
    Fly, and say what was broken.

    :returns: 0 if everything was kept to, 1 if not, 3 if some flights told nothing.
    :raises LiquidControlError: if something is missing or unknown.
    """
    from liquid_control.nodes.faults.kinds import KINDS
    if arguments.list:
        for kind in KINDS:
            print(f'{kind.name:<22} {kind.what}')
        return EXIT_PASSED
    kinds = _kinds(arguments.kind)
    if not 1 <= arguments.seeds <= 1000:
        raise ConfigError(f'--seeds: expected 1 to 1000, found {arguments.seeds}')
    if not 0.05 <= arguments.real_time_factor <= 2.0:
        raise ConfigError('--real-time-factor: expected 0.05 to 2, found '
                          f'{arguments.real_time_factor:g}')
    for module in ('rclpy', 'pybullet'):
        if find_spec(module) is None:
            raise DependencyError(f'faults needs the Python module {module}, which is not '
                                  'installed; run "make setup"')
    check_json(arguments.json)
    entries = _fly(arguments, kinds)
    return _conclude(entries, arguments.json)


def _kinds(names: list[str]) -> 'list[Kind]':
    """Look up kinds by name."""
    from liquid_control.nodes.faults.kinds import find, KINDS, NAMES
    for name in names:
        if name not in NAMES:
            raise ConfigError(f'--kind: unknown fault {name!r}{nearest(name, NAMES)}')
    return [find(name) for name in names] if names else list(KINDS)


def _fly(arguments: argparse.Namespace, kinds: 'list[Kind]') -> 'list[Entry]':
    """Fly what is missing, under a progress bar on standard error."""
    from liquid_control.evaluation.identity import package_digest
    from liquid_control.nodes.faults import campaign
    from liquid_control.nodes.faults.flight import policy_folder
    from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY
    from tqdm import tqdm
    policy = policy_folder(arguments.policy or DEFAULT_POLICY)

    def flies() -> str:
        return f'{Bundle.load(policy).digest} {package_digest()}'

    tasks = campaign.plan(kinds, range(arguments.seeds), policy, arguments.real_time_factor,
                          arguments.quick, flies())
    known = campaign.judged(arguments.out)
    with tqdm(total=len(tasks), unit='flight', file=sys.stderr, dynamic_ncols=True,
              desc='faults', initial=sum(task.key in known for task in tasks)) as bar:
        def progress(entry: 'Entry') -> None:
            bar.update()
            tqdm.write(f'{entry.kind} {entry.seed}: {entry.verdict}'
                       + ''.join(f'; {text}' for text in (*entry.broken, entry.untold) if text),
                       file=sys.stderr)

        return campaign.run(tasks, arguments.out, progress, flies)


def _conclude(entries: 'list[Entry]', path: str | None) -> int:
    """Print a line a kind, and write the rows."""
    from liquid_control.nodes.faults.campaign import summary
    found, aside = summary(entries), sys.stderr if path == STANDARD_OUTPUT else sys.stdout
    for row in found['results']:
        stop = ('' if row['stopped_after_s'] is None else
                f', zero after {row["stopped_after_s"]:.2f} s at most')
        print(f'{row["kind"]:<22} passed {row["passed"]} of {row["flights"]}, not judged '
              f'{row["not_judged"]}{stop}; {", ".join(row["reasons"])}', file=aside)
        for text in row['findings']:
            print(f'    BROKEN: {text}', file=aside)
    write_json(path, found)
    if any(entry.verdict == 'broken' for entry in entries):
        return EXIT_BROKEN
    return EXIT_PASSED if all(entry.verdict == 'passed' for entry in entries) \
        else EXIT_NOT_JUDGED
