# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control evaluate`: the scorecard of policies over worlds, winds and seeds."""

import argparse
import json
import os
from pathlib import Path
import sys
from typing import TextIO, TYPE_CHECKING

from liquid_control.errors import ConfigError, DependencyError
from liquid_control.output import check_json, check_output, write_json

if TYPE_CHECKING:
    from liquid_control.evaluation.journal import FlightRecord, Journal
    from liquid_control.evaluation.plan import Plan

SUMMARY = 'fly policies over many seeds and print their scorecard'
EXAMPLE = 'liquid-control evaluate --policy forest_liquid expert --wind W0,W2,W5 --episodes 100'
JOURNAL = 'flights.jsonl'
WORLD = 'forest'
WINDS = 'W0,W1,W2'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('--policy', nargs='+', metavar='NAME',
                        help='names or folders of bundles, or "expert" (default: the shipped one)')
    parser.add_argument('--world', metavar='NAMES',
                        help=f'worlds or their YAML files, with commas (default: {WORLD})')
    parser.add_argument('--wind', metavar='NAMES',
                        help=f'wind levels or YAML files, with commas (default: {WINDS})')
    parser.add_argument('--suite', metavar='NAME',
                        help='cells to fly instead of --wind: wind, rate (cameras of other rates, '
                        'frames lost or stale), stress (spoilt images), camera (some of both), '
                        'range (farther targets), worlds (each of them), '
                        'vehicle, memory, drift (of the velocity estimate), everything, or a '
                        'YAML file')
    parser.add_argument('--episodes', type=int, default=100, metavar='N',
                        help='flights of each policy, world and wind (default: %(default)s)')
    parser.add_argument('--seed', type=int, metavar='SEED',
                        help='the first seed; all must belong to the split (default: its first)')
    parser.add_argument('--split', default='test', choices=('test', 'validation', 'training'),
                        help='whose seeds: test 600000-699999, validation 500000-599999, '
                        'training 0-499999 (default: %(default)s)')
    parser.add_argument('--stepper', default='onnx', choices=('onnx', 'compiled', 'auto'),
                        help='what steps the core: onnx (ONNX Runtime); compiled or auto (C, '
                        'built here from the bundle, else onnx) (default: %(default)s)')
    parser.add_argument('--jobs', type=int, default=-1, metavar='N',
                        help='processes (default: one a core)')
    parser.add_argument('--out', type=Path, default=Path('out/evaluation'), metavar='DIR',
                        help='folder of flights.jsonl, from which it resumes, and of the pictures '
                        '(default: %(default)s)')
    parser.add_argument('--fresh', action='store_true',
                        help='fly again what flights.jsonl already holds of these flights')
    parser.add_argument('--draw', type=int, default=4, metavar='N',
                        help='draw up to N of the worst failed flights (default: %(default)s)')
    parser.add_argument('--video', type=Path, metavar='PATH',
                        help='film the worst flight (or the longest, if none failed) as .gif, or '
                        'as .mp4 (needs imageio-ffmpeg)')
    parser.add_argument('--video-seed', type=int, metavar='SEED',
                        help='with --video: film a flight of this seed')
    parser.add_argument('--quiet', action='store_true', help='show no progress bar')
    parser.add_argument('--json', metavar='PATH',
                        help='write the scorecard as JSON (- for standard output)')
    parser.add_argument('--parquet', type=Path, metavar='PATH',
                        help='write the flights as rows of a Parquet file (needs pyarrow)')


def run(arguments: argparse.Namespace) -> int:
    """
    Evaluate.

    :param arguments: as parsed.
    :returns: 0 when every flight was flown, however it ended.
    :raises ConfigError: for an option, a name or a file that is wrong.
    :raises DependencyError: if the simulator is not installed.
    """
    try:
        from liquid_control.evaluation.evaluate import draw_failures
        from liquid_control.evaluation.filming import check_video, film_flight
        from liquid_control.evaluation.pairs import compare, comparison_table
        from liquid_control.evaluation.parquet import require_pyarrow, write_parquet
        from liquid_control.evaluation.scorecard import as_json, draw_scorecard, scorecard, table
        from liquid_control.evaluation.splits import choose_seeds
    except ModuleNotFoundError as error:
        raise DependencyError(f'evaluating needs {error.name}, which is not installed; run '
                              '"make setup", or "pip install .[sim]" in the checkout') from error
    _check_numbers(arguments)
    seeds = choose_seeds(arguments.split, arguments.seed, arguments.episodes)
    if arguments.parquet:
        require_pyarrow()
        check_output(arguments.parquet, '--parquet')
    check_json(arguments.json)
    check_video(arguments.video, arguments.video_seed, seeds)
    plan = _plan(arguments, seeds)
    for one in plan.contenders:
        if one.fallback:
            print(f'{one.name}: {one.fallback}', file=sys.stderr)
    json_out = _claim_standard_output() if arguments.json == '-' else None
    records = _fly(plan, arguments)
    rows = scorecard(records, plan.titles)
    comparisons = compare(records, plan.titles)
    aside = sys.stderr if json_out else sys.stdout
    print(table(rows), file=aside)
    if comparisons:
        print('\nIn pairs, on the same seeds:', comparison_table(comparisons), '', sep='\n',
              file=aside)
    if json_out:
        with json_out:
            print(json.dumps(as_json(rows, comparisons), indent=1), file=json_out)
    else:
        write_json(arguments.json, as_json(rows, comparisons))
    if arguments.parquet:
        write_parquet(records, arguments.parquet, plan.titles)
    # Pictures last: some are flown again, and nothing that is known should wait for them.
    pictures = draw_scorecard(rows, arguments.out)
    pictures += draw_failures(plan, records, arguments.out / 'failures', arguments.draw,
                              arguments.jobs)
    if arguments.video:
        pictures.append(film_flight(plan, records, arguments.video, arguments.video_seed))
    for picture in pictures:
        print(picture, file=aside)
    return 0


def _check_numbers(arguments: argparse.Namespace) -> None:
    """Refuse numbers that mean nothing."""
    if arguments.jobs < 1 and arguments.jobs != -1:
        raise ConfigError('--jobs: expected 1 or more processes, or -1 for one a core, found '
                          f'{arguments.jobs}')
    if arguments.draw < 0:
        raise ConfigError(f'--draw: expected 0 or more flights, found {arguments.draw}')


def _plan(arguments: argparse.Namespace, seeds: range) -> 'Plan':
    """Look up what the options name."""
    from liquid_control.evaluation.plan import make_plan, make_suite_plan
    from liquid_control.evaluation.suite import load_suite
    from liquid_control.runtime.bundle import DEFAULT_POLICY
    policies = arguments.policy or [DEFAULT_POLICY]
    worlds = _names('--world', WORLD if arguments.world is None else arguments.world)
    if arguments.suite is None:
        winds = _names('--wind', WINDS if arguments.wind is None else arguments.wind)
        return make_plan(policies, worlds, winds, seeds, arguments.stepper)
    if arguments.wind is not None:
        raise ConfigError(f'expected --wind or --suite, found both; suite {arguments.suite} '
                          'names the wind of each of its cells')
    cells = load_suite(arguments.suite).cells
    if arguments.world is not None and all(cell.world is not None for cell in cells):
        raise ConfigError(f'expected --suite {arguments.suite} alone, found --world too; this '
                          'suite names the world of each of its cells')
    return make_suite_plan(policies, worlds, arguments.suite, seeds, arguments.stepper)


def _claim_standard_output() -> TextIO:
    """
    Keep standard output for the JSON alone, until the process ends.

    Bullet prints to it from native code, in this process and in those that fly; all of that goes
    to standard error.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, 'w', encoding='utf-8')


def _names(option: str, text: str) -> list[str]:
    """Take names apart; none would be an evaluation of nothing."""
    names = [name.strip() for name in text.split(',') if name.strip()]
    if not names:
        raise ConfigError(f'{option}: expected one name or more, with commas, found {text!r}')
    return names


def _fly(plan: 'Plan', arguments: argparse.Namespace) -> 'list[FlightRecord]':
    """Fly what is missing, under a progress bar on standard error."""
    from liquid_control.evaluation.evaluate import evaluate
    from liquid_control.evaluation.journal import Journal
    from tqdm import tqdm
    with Journal(arguments.out / JOURNAL) as journal:
        done = 0 if arguments.fresh else _flown_before(plan, journal)
        reached = 0
        with tqdm(total=len(plan), initial=done, unit='flight', file=sys.stderr,
                  dynamic_ncols=True, desc='evaluate', disable=arguments.quiet) as bar:
            def progress(entry: 'FlightRecord') -> None:
                nonlocal reached
                reached += entry.reached
                bar.update()
                bar.set_postfix_str(f'reached {reached} of {bar.n - done}', refresh=False)

            return evaluate(plan, jobs=arguments.jobs, journal=journal, fresh=arguments.fresh,
                            progress=progress)


def _flown_before(plan: 'Plan', journal: 'Journal') -> int:
    """Count the flights that need not be flown again, and say why others must be."""
    from liquid_control.evaluation.evaluate import flown_by_other_code
    if journal.damaged:
        print(f'{JOURNAL}: {journal.damaged} unreadable line(s) passed over; a flight that stands '
              'nowhere else is flown again', file=sys.stderr)
    keys = [task.key for task in plan.tasks()]
    if others := flown_by_other_code(keys, journal):
        print(f'{JOURNAL}: {others} of these flights were flown by other code, and are flown '
              'again', file=sys.stderr)
    return sum(key in journal.records for key in keys)
