# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Train liquid heads and their baselines with equal parameters, data and iterations.

    python test/campaign/compare_heads.py --out runs/heads --json docs/results/heads.json
    python test/campaign/compare_heads.py --task worlds --out runs/worlds_heads
    python test/campaign/compare_heads.py --task worlds --seeds 3 --policy worlds_liquid

For every training seed the liquid run flies, trains its encoder and ends with a policy; every
other head then learns from the same flights through the same encoder, and flies the last round
itself (`liquid-control train --share`). The first seed trains all heads, the others the liquid
one and the baseline that the first seed's validation flights prefer. In `--task worlds` the first
seed alone flies and trains an encoder; on those every other seed trains all heads. With
`--policy NAME` nobody trains an encoder: every seed trains all heads on that of a policy that
ships, and on flights of its own that `share_policy.py` collects.

Prints one line a policy; the bundles are OUT/HEAD_SEED/bundle. What is finished is kept: start it
again after an interruption.
--json writes what the finished ones reached in their validation flights, and keeps there what it
knows of others: seeds may be trained one by one, on several machines. --list only writes that.
"""

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
import json
from pathlib import Path
import subprocess
import sys
from typing import Any

from liquid_control import __version__

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Task:
    """Heads that are compared, by the names of their YAML."""

    liquid: str
    baselines: tuple[str, ...]
    others: tuple[str, ...] = ()     # that the first seed alone trains


TASKS = {
    'forest': Task('forest_liquid', (
        'forest_gru', 'forest_lstm', 'forest_mlp', 'forest_mlp_hold', 'forest_tcn'), (
        'forest_liquid_small', 'forest_cfc_ncp', 'forest_ltc_ncp', 'forest_cfc',
        'forest_cfc_mixed', 'forest_plastic', 'forest_transformer')),
    'worlds': Task('worlds_liquid', (
        'worlds_gru', 'worlds_lstm', 'worlds_mlp', 'worlds_mlp_hold'))}


def train(head: str, seed: int, out: Path, share: Path | None = None,
          flights: int | None = None) -> dict[str, Any]:
    """
    Train a head, or go on with it.

    :param head: name of its YAML.
    :param seed: of the training; the first is that of the YAML.
    :param out: folder of all runs.
    :param share: the run whose flights and encoder it takes.
    :param flights: the seed that those flights are of; None for its own.
    :returns: what `train --json` says.
    :raises SystemExit: if it fails.
    """
    folder = out / f'{head}_{seed}'
    command = [sys.executable, '-m', 'liquid_control', 'train',
               str(ROOT / 'config' / 'training' / f'{head}.yaml'), '--out', str(folder),
               '--resume', '--quiet', '--json', str(folder.with_suffix('.json'))]
    flights = seed if flights is None else flights
    values: dict[str, Any] = {}
    if seed != 1:
        values |= {'name': f'{head}_{seed}', 'seed': seed, 'policy.seed': seed}
    if flights != 1:
        values |= {'collection.first_seed': 10_000 * flights}
    for key, value in values.items():
        command += ['--set', f'{key}={value}']
    if share:
        command += ['--share', str(share)]
    with folder.with_suffix('.log').open('a') as log:
        code = subprocess.run(command, check=False, stdout=log,
                              stderr=subprocess.STDOUT).returncode
    if code:
        raise SystemExit(f'{folder.name}: train ended with {code}; see {log.name}')
    found: dict[str, Any] = json.loads(folder.with_suffix('.json').read_text(encoding='utf-8'))
    print(f'{folder.name:<28} {found["success_rate"]:6.1%} of '
          f'{len(found["flights"])} validation flights, {found["minutes"]:5.1f} min', flush=True)
    return found


def train_shared(heads: Sequence[str], seed: int, share: Path, flights: int,
                 jobs: int) -> dict[str, dict[str, Any]]:
    """Train heads on the flights of a liquid run, of a seed, some at a time."""
    out = share.parent
    with ThreadPoolExecutor(jobs) as pool:
        found = pool.map(lambda head: train(head, seed, out, share, flights), heads)
        return dict(zip(heads, found))


def validated(out: Path, known: Path) -> list[dict[str, Any]]:
    """Return what every finished policy reached in its validation flights, by name."""
    before = json.loads(known.read_text(encoding='utf-8'))['results'] if known.is_file() else []
    rows = {(row['head'], row['training_seed']): row for row in before}
    for path in sorted(out.glob('*_[0-9]*.json')):
        found = json.loads(path.read_text(encoding='utf-8'))
        reached = [flight['outcome'] == 'reached' for flight in found['flights']]
        head, _, seed = path.stem.rpartition('_')
        rows[head, int(seed)] = {
            'head': head, 'training_seed': int(seed), 'flights': len(reached),
            'successes': sum(reached), 'minutes': found['minutes']}
    return [rows[key] for key in sorted(rows)]


def best(found: dict[str, dict[str, Any]]) -> str:
    """Return the baseline that reached most targets in its validation flights."""
    return max(found, key=lambda head: float(found[head]['success_rate']))


def main(argv: Sequence[str] | None = None) -> int:
    """Train all."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--task', choices=list(TASKS), default='forest')
    parser.add_argument('--out', type=Path, default=Path('runs/heads'))
    parser.add_argument('--seeds', type=int, nargs='+', default=[1, 2, 3])
    parser.add_argument('--policy', help='with --task worlds: share the encoder of this one')
    parser.add_argument('--jobs', type=int, default=2, help='heads trained at a time')
    parser.add_argument('--json', type=Path, help='file for the validation flights of all')
    parser.add_argument('--list', action='store_true', help='train nothing')
    arguments = parser.parse_args(argv)
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    task, seeds, jobs = TASKS[arguments.task], arguments.seeds, arguments.jobs
    if arguments.policy and arguments.task != 'worlds':
        parser.error(f'expected --policy with --task worlds, found --task {arguments.task}')
    if arguments.list:
        pass
    elif arguments.policy:
        train_on_policy(task, out, seeds, jobs, arguments.policy)
    else:
        work = train_forest if arguments.task == 'forest' else train_worlds
        work(task, out, seeds, jobs)
    if arguments.json:
        results = validated(out, arguments.json)
        part = arguments.json.with_name(arguments.json.name + '.part')
        part.write_text(json.dumps({'version': __version__, 'results': results}, indent=1) + '\n',
                        encoding='utf-8')
        part.replace(arguments.json)
    return 0


def train_forest(task: Task, out: Path, seeds: Sequence[int], jobs: int) -> None:
    """Train every head with the first seed, and two heads with the others, on own flights."""
    first, *further = seeds
    runs = {seed: out / f'{task.liquid}_{seed}' for seed in seeds}
    train(task.liquid, first, out)
    compared = best(train_shared(task.baselines, first, runs[first], first, jobs))
    for seed in further:
        train(task.liquid, seed, out)
        train_shared([compared], seed, runs[seed], seed, jobs)
    train_shared(task.others, first, runs[first], first, jobs)


def train_worlds(task: Task, out: Path, seeds: Sequence[int], jobs: int) -> None:
    """Train every head with every seed, on the flights of the first."""
    first, *further = seeds
    train(task.liquid, first, out)
    share = out / f'{task.liquid}_{first}'
    train_shared(task.baselines, first, share, first, jobs)
    for seed in further:
        train_shared((*task.baselines, task.liquid), seed, share, first, jobs)


def train_on_policy(task: Task, out: Path, seeds: Sequence[int], jobs: int, policy: str) -> None:
    """Train every head with every seed, on the encoder of a policy and flights of the seed."""
    for seed in seeds:
        share = out / f'flights_{seed}'
        with share.with_suffix('.log').open('a') as log:
            subprocess.run([sys.executable, str(Path(__file__).with_name('share_policy.py')),
                            policy, '--seed', str(seed), '--out', str(share)], check=True,
                           stdout=log, stderr=subprocess.STDOUT)
        train_shared((*task.baselines, task.liquid), seed, share, seed, jobs)


if __name__ == '__main__':
    raise SystemExit(main())
