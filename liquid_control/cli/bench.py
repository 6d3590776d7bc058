# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control bench`: liquid networks on the tasks of their papers, beside baselines."""

import argparse
from pathlib import Path
import sys
from typing import TYPE_CHECKING

from liquid_control.errors import DependencyError
from liquid_control.output import check_json, write_json

if TYPE_CHECKING:
    from liquid_control.tasks.runs import Run, RunResult, Skipped

SUMMARY = 'train liquid networks and baselines on published tasks; a table each'
EXAMPLE = 'liquid-control bench tasks --task xor_event half_cheetah --data traces --seeds 3'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('what', choices=('tasks',), help='what is benchmarked')
    parser.add_argument('--task', nargs='+', default=[], metavar='NAME',
                        help='names of tasks (default: all)')
    parser.add_argument('--model', nargs='+', default=[], metavar='NAME',
                        help='names of models, such as ltc, cfc, gru, lstm (default: all that a '
                        'task compares)')
    parser.add_argument('--seeds', type=int, default=3, metavar='N',
                        help='training seeds of each model, from 0 (default: %(default)s)')
    parser.add_argument('--quick', action='store_true',
                        help='seconds a run: a few sequences and epochs, figures that mean '
                        'nothing')
    parser.add_argument('--data', type=Path, metavar='DIR',
                        help='folder of recordings (half_cheetah: trace_0000.npy and so on); a '
                        'task that lacks its data is skipped')
    parser.add_argument('--jobs', type=int, default=2, metavar='N',
                        help='processes, of one thread each (default: %(default)s)')
    parser.add_argument('--out', type=Path, default=Path('runs/tasks'), metavar='DIR',
                        help='folder of the runs, from which it resumes (empty it when '
                        'the code of networks or tasks, or the data, changed), and of the '
                        'learning curves (default: %(default)s)')
    parser.add_argument('--quiet', action='store_true', help='show no progress bar')
    parser.add_argument('--json', metavar='PATH',
                        help='write the tables as JSON (- for standard output)')


def run(arguments: argparse.Namespace) -> int:
    """
    Benchmark.

    :param arguments: as parsed.
    :returns: 0 when every run is done or skipped.
    :raises DependencyError: if torch is not installed.
    """
    try:
        from liquid_control.tasks.benchmark import plan
        from liquid_control.tasks.report import as_json, draw, report, table
        from liquid_control.tasks.task import TaskOptions
    except ModuleNotFoundError as error:
        raise DependencyError(f'the tasks need {error.name}, which is not installed; run '
                              '"make setup", or "pip install .[train]" in the '
                              'checkout') from error
    check_json(arguments.json)
    options = TaskOptions(quick=arguments.quick, data=arguments.data)
    runs = plan(arguments.task, arguments.model, arguments.seeds, options, arguments.out)
    results = _run_all(runs, arguments)
    reports = report(results)
    aside = sys.stderr if arguments.json == '-' else sys.stdout
    for one in reports:
        print(table(one), end='\n\n', file=aside)
    for picture in draw(reports, results, runs[0].folder.parents[1]):
        print(picture, file=aside)
    write_json(arguments.json, as_json(reports))
    return 0


def _run_all(runs: 'list[Run]', arguments: argparse.Namespace) -> 'list[RunResult | Skipped]':
    """Do what is missing, under a progress bar on standard error."""
    from liquid_control.tasks.benchmark import run_all
    from liquid_control.tasks.runs import Skipped
    from tqdm import tqdm
    results: list[RunResult | Skipped] = []
    with tqdm(total=len(runs), unit='run', file=sys.stderr, dynamic_ncols=True, desc='bench',
              disable=arguments.quiet) as bar:
        def progress(result: 'RunResult | Skipped') -> None:
            results.append(result)
            if not isinstance(result, Skipped):
                bar.set_postfix_str(f'{result.task} {result.model} seed {result.seed}: '
                                    f'{sum(result.values) / len(result.values):.4g}',
                                    refresh=False)
            bar.update()

        run_all(runs, arguments.jobs, progress)
    return results
