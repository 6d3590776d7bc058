# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The console command `liquid-control`.

Every other file of this folder is one command: SUMMARY, EXAMPLE, add_arguments and run. Only the
command that was asked for is imported, so each needs no more than its own dependencies.
"""

import argparse
from collections.abc import Sequence
import importlib
import pkgutil
import sys
from typing import cast, Protocol

from liquid_control import __version__, cli
from liquid_control.config import nearest
from liquid_control.errors import LiquidControlError

EXIT_ERROR = 2          # an error that says what to do; argparse uses the same
EXIT_INTERRUPTED = 130  # Ctrl-C, by the shell's convention


class Command(Protocol):
    """What a module of this folder provides."""

    SUMMARY: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options of the command."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it, and return the exit code."""


def command_names() -> tuple[str, ...]:
    """List the commands: the files of this folder, without this one."""
    return tuple(sorted(module.name.replace('_', '-')
                        for module in pkgutil.iter_modules(cli.__path__)
                        if module.name != 'main'))


def load_command(name: str) -> Command:
    """
    Import one command.

    :param name: as it is typed.
    """
    return cast(Command, importlib.import_module(f'{cli.__name__}.{name.replace("-", "_")}'))


def overview() -> str:
    """List every command with its summary and an example."""
    lines = ['usage: liquid-control COMMAND [options]', '']
    for name in command_names():
        command = load_command(name)
        lines += [f'  {name:<10} {command.SUMMARY}', f'  {"":<10}   {command.EXAMPLE}']
    lines += ['', '  liquid-control COMMAND --help   options of a command',
              '  liquid-control --version']
    return '\n'.join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run one command.

    :param argv: what follows `liquid-control`; of the process if None.
    :returns: the exit code: 2 after an error that was explained, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _dispatch(words)
    except LiquidControlError as error:
        print(f'liquid-control: {error}', file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        print('liquid-control: interrupted', file=sys.stderr)
        return EXIT_INTERRUPTED


def _dispatch(words: list[str]) -> int:
    if not words:
        print(overview(), file=sys.stderr)
        return EXIT_ERROR
    name, *rest = words
    if name in ('-h', '--help', 'help'):
        print(overview())
        return 0
    if name == '--version':
        print(f'liquid-control {__version__}')
        return 0
    if name not in command_names():
        print(f'liquid-control: expected a command, found {name!r}'
              f'{nearest(name, command_names())}', file=sys.stderr)
        return EXIT_ERROR
    command = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f'liquid-control {name}', description=command.SUMMARY,
        epilog=f'example: {command.EXAMPLE}',
        formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_arguments(parser)
    return command.run(parser.parse_args(rest))


if __name__ == '__main__':
    sys.exit(main())
