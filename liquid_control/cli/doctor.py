# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control doctor`: what is wrong with the running graph, and how to mend it."""

import argparse
from importlib.util import find_spec
import os
import re
from typing import TYPE_CHECKING

from liquid_control.errors import BundleError, ConfigError, DependencyError
from liquid_control.output import check_json, STANDARD_OUTPUT, write_json

if TYPE_CHECKING:
    from liquid_control.nodes.doctor.evidence import Evidence

SUMMARY = 'look at the running ROS graph: what is wrong with it, and how to mend it'
EXAMPLE = 'liquid-control doctor --namespace drone_1 --seconds 5'

EXIT_WELL, EXIT_WRONG = 0, 1
LAST_DOMAIN = 232     # of DDS, whose ports end there


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument('--namespace', default='', help='of the vehicle (default: none)')
    parser.add_argument('--policy', help='to judge rates and camera for: a name in '
                        "config/policies, or a path (default: the controller's, else the "
                        'shipped one)')
    parser.add_argument('--seconds', type=float, default=3.0,
                        help='how long to listen (default: %(default)g)')
    parser.add_argument('--json', help='also write the findings there; - for standard output')


def run(arguments: argparse.Namespace) -> int:
    """
    Look, judge, tell.

    :returns: 0 where all is well, 1 where something is wrong.
    :raises LiquidControlError: if it cannot look, which is exit code 2.
    """
    if find_spec('rclpy') is None:
        raise DependencyError('doctor needs the Python module rclpy, which is not installed; run '
                              '"make setup", or source a ROS 2 installation')
    namespace = arguments.namespace.strip('/')
    if namespace and not re.fullmatch(r'[A-Za-z_]\w*(/[A-Za-z_]\w*)*', namespace):
        raise ConfigError('--namespace: expected letters, digits and _, not beginning with a '
                          f'digit, like drone_1; found {arguments.namespace!r}')
    if not 0.5 <= arguments.seconds <= 600.0:
        raise ConfigError(f'--seconds: expected 0.5 to 600, found {arguments.seconds:g}')
    domain = os.environ.get('ROS_DOMAIN_ID') or '0'
    if not domain.isdecimal() or int(domain) > LAST_DOMAIN:
        raise ConfigError(f'ROS_DOMAIN_ID: expected 0 to {LAST_DOMAIN}, found {domain!r}; set it '
                          'as on the vehicle')
    from liquid_control.nodes.doctor.diagnosis import examine
    from liquid_control.nodes.doctor.listening import listen
    from liquid_control.nodes.doctor.report import lines, record
    if arguments.policy is not None:
        _load(arguments.policy)     # a wrong name is said before anybody waits
    check_json(arguments.json)
    evidence = listen(f'/{namespace}' if namespace else '', arguments.seconds)
    _add_policy(evidence, arguments.policy)
    findings = examine(evidence)
    if arguments.json != STANDARD_OUTPUT:
        print('\n'.join(lines(evidence, findings)))
    write_json(arguments.json, record(evidence, findings))
    return EXIT_WRONG if any(finding.wrong for finding in findings) else EXIT_WELL


def _load(name: str) -> object:
    from liquid_control.runtime.bundle import Bundle, find
    return Bundle.load(find(name))


def _add_policy(evidence: 'Evidence', asked: str | None) -> None:
    """Load the policy that the graph is judged for: as asked, or as the controller flies."""
    from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
    evidence.policy_name = asked or str((evidence.controller or {}).get('policy', DEFAULT_POLICY))
    try:
        evidence.policy = Bundle.load(find(evidence.policy_name))
    except BundleError as error:
        evidence.policy_complaint = str(error)
