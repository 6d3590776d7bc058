# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which code flies: the flights of two versions of it must never stand in one table."""

from functools import lru_cache
import hashlib
from pathlib import Path

FOLDERS = ('runtime', 'sensing', 'sim')       # all that a flight runs through
FILES = ('flight.py', 'signals.py')


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hash the sources that determine a flight, as they were when this process first asked."""
    return digest_of(Path(__file__).parents[1])


def digest_of(package: Path) -> str:
    """
    Hash the sources of a package by their names and contents.

    :param package: the folder liquid_control.
    """
    paths = [path for folder in FOLDERS for path in package.joinpath(folder).rglob('*.py')]
    total = hashlib.sha256()
    for path in sorted([*paths, *(package / name for name in FILES)]):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f'{content}  {path.relative_to(package).as_posix()}\n'.encode())
    return total.hexdigest()[:16]
