# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control train`: from a YAML file to a policy bundle."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import sys

from liquid_control.errors import DependencyError
from liquid_control.output import check_json, STANDARD_OUTPUT, write_json

SUMMARY = 'train a policy by imitation and DAgger; ends with a bundle'
EXAMPLE = 'liquid-control train config/training/forest_liquid.yaml --out runs/forest_liquid'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('config', type=Path, help='the training YAML')
    parser.add_argument('--out', type=Path, metavar='DIR',
                        help='folder of the run (default: runs/ and the name in the YAML, with '
                        '_quick after it for --quick)')
    parser.add_argument('--resume', action='store_true',
                        help='go on with the run in that folder; starts one if there is none')
    parser.add_argument('--share', type=Path, metavar='RUN',
                        help='take the flights and the encoder of this finished run; the head '
                             'and the last round are trained and flown anew (to compare heads)')
    parser.add_argument('--bags', type=Path, nargs='+', default=[], metavar='DIR',
                        help='learn from these recorded flights too (rosbag2, MCAP): what was '
                        'flown is the label of what was seen')
    parser.add_argument('--namespace', metavar='NAME',
                        help='of the vehicle, in bags of several')
    parser.add_argument('--set', dest='overrides', action='append', default=[],
                        metavar='KEY=VALUE',
                        help='override a key, such as encoder.batch=128 or rounds.0.flights=8')
    parser.add_argument('--quick', action='store_true',
                        help='try the pipeline and the settings in less than a minute: a few '
                        'flights and steps of everything, and a policy that cannot fly')
    parser.add_argument('--quiet', action='store_true', help='show no progress bars')
    parser.add_argument('--json', metavar='PATH', help='write the result (- for standard output)')


def run(arguments: argparse.Namespace) -> int:
    """
    Train.

    :param arguments: as parsed.
    :returns: 0 when the bundle is written.
    :raises DependencyError: if torch is not installed.
    """
    try:
        from liquid_control.training.bags import BagsConfig
        from liquid_control.training.pipeline import Pipeline, summary
        from liquid_control.training.settings_file import read_settings
    except ModuleNotFoundError as error:
        raise DependencyError(f'training needs {error.name}, which is not installed; run '
                              '"make setup", or "pip install .[train,sim]" in the '
                              'checkout') from error
    config = read_settings(arguments.config, arguments.overrides, arguments.quick)
    check_json(arguments.json)
    folder = arguments.out or Path('runs') / config.name
    bags = BagsConfig(tuple(arguments.bags), arguments.namespace) if arguments.bags else None
    with _bullet_muted():
        result = Pipeline(config, folder, arguments.resume, arguments.quiet,
                          arguments.share, bags).run()
    if arguments.json != STANDARD_OUTPUT:
        print(summary(result))
    write_json(arguments.json, result.plain())
    sys.stdout.flush()
    if arguments.quick:
        print('--quick: pipeline and settings work; this policy cannot fly', file=sys.stderr)
    return 0


@contextmanager
def _bullet_muted() -> Iterator[None]:
    """
    Send file descriptor 1 nowhere, for this process and those that it starts.

    Bullet's C code prints a line a simulation, which would tear the bars and spoil `--json -`.
    """
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
