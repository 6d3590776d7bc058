# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control drive`: what `fly` does, for a robot on the ground."""

import argparse

from liquid_control.cli import fly
from liquid_control.config import share_directory

SUMMARY = 'drive a simulated ground robot to a target over ROS 2, in real time'
EXAMPLE = 'liquid-control drive --world yard --seed 600000 --out out/drive'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options of `fly`, with a ground robot's world and policy.

    :param parser: of this command.
    """
    fly.add_arguments(parser)
    parser.set_defaults(world='yard', policy='yard_liquid')


def run(arguments: argparse.Namespace) -> int:
    """
    Drive once.

    :param arguments: as parsed.
    :returns: 0 exactly where the target was reached, 1 where not, 130 after Ctrl-C.
    :raises LiquidControlError: if something is missing or unknown.
    """
    arguments.params_file = arguments.params_file or share_directory() / 'config' / 'rover.yaml'
    return fly.run(arguments)
