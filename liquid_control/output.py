# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where a command leaves its result: looked for before the work, written after it."""

import json
from pathlib import Path
import sys
from tempfile import TemporaryFile
from typing import Any

from liquid_control.errors import ConfigError

STANDARD_OUTPUT = '-'


def check_output(path: Path, what: str) -> None:
    """
    See that a file can be written there, before hours are spent on it; its folder is made.

    :param path: the file.
    :param what: as errors call what is to be written.
    :raises ConfigError: if it cannot be written.
    """
    if path.is_dir():
        raise ConfigError(f'{path}: expected a file for {what}, found a folder; give another '
                          'name')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ConfigError(f'{path}: expected a folder that can be written, found '
                          f'{error.strerror}; give another path for {what}') from error


def check_json(path: str | None) -> None:
    """
    See that the file of an option --json can be written; nothing to see where there is none.

    :param path: as it was typed; - for standard output.
    :raises ConfigError: if it cannot be written.
    """
    if path and path != STANDARD_OUTPUT:
        check_output(Path(path), '--json')


def write_json(path: str | None, values: Any) -> None:
    """
    Write what an option --json asks for; nothing where it was not given.

    :param path: as it was typed; - for standard output.
    :param values: plain values.
    :raises ConfigError: if it can be written no more.
    """
    text = json.dumps(values, indent=1) + '\n'
    if path == STANDARD_OUTPUT:
        sys.stdout.write(text)
    elif path:
        try:
            Path(path).write_text(text, encoding='utf-8')
        except OSError as error:
            raise ConfigError(f'--json: expected a file to write, found: {error}') from error
