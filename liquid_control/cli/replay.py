# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control replay`: a recorded flight, flown again through a policy."""

import argparse
import math
from pathlib import Path
import sys
from typing import Any, TYPE_CHECKING

from liquid_control import __version__
from liquid_control.errors import ConfigError, DependencyError
from liquid_control.output import check_json, write_json

if TYPE_CHECKING:
    from liquid_control.bags.reader import Bag
    from liquid_control.bags.replay import Comparison
    from liquid_control.runtime.bundle import Bundle

SUMMARY = 'feed a recorded bag to a policy and compare commands; exit 0 where they are the same'
EXAMPLE = 'liquid-control replay runs/bag --policy forest_liquid --out runs/replay'

EXIT_SAME, EXIT_DIFFERENT = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('bag', type=Path, help='rosbag2 folder with an .mcap file, or that file')
    parser.add_argument('--policy', required=True,
                        help='name in config/policies, or path of a bundle')
    parser.add_argument('--namespace', help='of the vehicle, where several were recorded')
    parser.add_argument('--horizontal-fov', type=float, metavar='DEGREES',
                        help='of the camera, for a bag without camera/camera_info')
    parser.add_argument('--tolerance', type=float, default=1e-5, metavar='VALUE',
                        help='commands closer than this are the same [m/s, rad/s] '
                        '(default: %(default)g)')
    parser.add_argument('--out', type=Path, metavar='DIR', help='folder for replay.png')
    parser.add_argument('--json', metavar='PATH', help='write the result (- for standard output)')


def run(arguments: argparse.Namespace) -> int:
    """
    Replay one bag.

    :param arguments: as parsed.
    :returns: 0 where all commands are the same, 1 where they are not.
    :raises LiquidControlError: if the bag or the policy cannot be used.
    """
    try:
        from liquid_control.bags.reader import Bag
        from liquid_control.bags.replay import replay
        from liquid_control.bags.ticks import ticks_of
    except ModuleNotFoundError as error:
        raise DependencyError(f'replay needs {error.name}, which is not installed; run "pip '
                              'install mcap-ros2-support"') from error
    from liquid_control.runtime.bundle import Bundle, find
    if not arguments.tolerance >= 0.0:
        raise ConfigError(f'--tolerance: expected 0 or more, found {arguments.tolerance}')
    check_json(arguments.json)
    bag = Bag(arguments.bag, arguments.namespace)
    bundle = Bundle.load(find(arguments.policy))
    comparison = replay(bag, ticks_of(bag, _fov(arguments.horizontal_fov)), bundle)
    facts = result(bag, bundle, comparison, arguments.tolerance)
    aside = sys.stderr if arguments.json == '-' else sys.stdout
    print(summary(facts), file=aside)
    if arguments.out is not None:
        from liquid_control.viz.replay import draw_replay
        picture = arguments.out / 'replay.png'
        draw_replay(comparison.t, comparison.recorded, comparison.replayed, comparison.rms,
                    f'{bag.path.name} through {bundle.spec.name}', picture)
        print(picture, file=aside)
    write_json(arguments.json, facts)
    return EXIT_SAME if facts['same'] else EXIT_DIFFERENT


def result(bag: 'Bag', bundle: 'Bundle', comparison: 'Comparison',
           tolerance: float) -> dict[str, Any]:
    """
    Return what was found, as plain values.

    :param bag: the flight.
    :param bundle: the policy.
    :param comparison: of their commands.
    :param tolerance: within which commands are the same [m/s, rad/s].
    """
    flown_by = comparison.flown_by
    return {
        'version': __version__, 'bag': bag.path.name, 'bag_sha256': bag.sha256(),
        'incomplete': bag.incomplete, 'policy': bundle.spec.name,
        'policy_sha256': bundle.digest, 'flown_by': sorted(set(flown_by.values())),
        'same_policy': list(flown_by) == [bundle.digest], 'recorded_ticks': comparison.exact,
        'ticks': comparison.ticks, 'steps': comparison.steps, 'compared': comparison.compared,
        'before_known_state': comparison.unknown, 'without_command': comparison.silent,
        'missing_inputs': comparison.missing_inputs, 'missing_ticks': comparison.missing_ticks,
        'seconds': float(comparison.t[-1]), 'tolerance': tolerance,
        'largest_difference': comparison.largest, 'rms': comparison.rms,
        'same': comparison.largest <= tolerance}


def summary(facts: dict[str, Any]) -> str:
    """
    Say in words what was found.

    :param facts: what `result` returned.
    """
    flown_by = ' and '.join(facts['flown_by']) or 'somebody else'
    whose = ('the same bundle' if facts['same_policy'] else
             f'flown by {flown_by}, another bundle' if facts['flown_by'] else
             'whose policy the bag does not tell')
    lines = [f'{facts["bag"]}, {whose}: {facts["compared"]} of {facts["ticks"]} commands '
             f'compared over {facts["seconds"]:.1f} s']
    lines += [f'  {axis:<10} RMS difference in flight {value:.3g} '
              f'{"m/s" if axis[0] == "v" else "rad/s"}'
              for axis, value in facts['rms'].items()]
    verdict = 'same' if facts['same'] else 'different'
    lines.append(f'{verdict}: the largest difference is {facts["largest_difference"]:.3g} '
                 f'(tolerance {facts["tolerance"]:g})')
    for key, text in (
            ('incomplete', 'the bag is not whole: {}'),
            ('missing_inputs', '{} inputs that the controller had are not in the bag'),
            ('missing_ticks', '{} ticks of the controller are not in the bag'),
            ('before_known_state', '{} ticks came before the hidden state was known'),
            ('without_command', '{} ticks have no command in the bag')):
        if facts[key]:
            lines.append('note: ' + text.format(facts[key]))
    if not facts['recorded_ticks']:
        lines.append('note: the bag holds no ticks of our controller; one a frame was made, so '
                     'the same commands cannot be expected')
    return '\n'.join(lines)


def _fov(degrees: float | None) -> float | None:
    """Return a field of view in radians."""
    if degrees is None:
        return None
    if not 0.0 < degrees < 180.0:
        raise ConfigError(f'--horizontal-fov: expected degrees between 0 and 180, found {degrees}')
    return math.radians(degrees)
