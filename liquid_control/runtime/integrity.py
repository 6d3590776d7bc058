# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Which files a bundle consists of, and that they are what was sealed."""

import hashlib
from pathlib import Path
import re

from liquid_control.errors import BundleError

HASHES = 'bundle.sha256'
UNHASHED = (HASHES, 'scorecard.json')     # a scorecard is written after the bundle is sealed
REQUIRED = ('bundle.yaml', 'encoder.onnx', 'core.onnx', 'core.safetensors', 'golden.npz')
OPTIONAL = ('wiring.yaml', 'statistics.npz')     # a baseline has no wiring
LINE = re.compile(r'([0-9a-f]{64}) [ *](\S+)')     # as sha256sum writes it


def seal(folder: Path) -> None:
    """
    Write the hashes of a bundle's files, in the format of sha256sum.

    :param folder: the bundle, complete but for this.
    :raises BundleError: if a file is missing or does not belong there.
    """
    names = sorted(set(_names(folder)) - set(UNHASHED))
    for name in REQUIRED:
        if name not in names:
            raise BundleError(f'{folder}: {name} is missing; a bundle needs '
                              f'{", ".join(REQUIRED)} before it can be sealed')
    lines = [f'{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n'
             for name in names]
    (folder / HASHES).write_text(''.join(lines), encoding='ascii')


def read_sealed(folder: Path) -> dict[str, bytes]:
    """
    Read every hashed file of a bundle once, and check it: what was checked is what is used.

    :param folder: the bundle.
    :return: name -> content.
    :raises BundleError: if a file is missing, altered, or does not belong there.
    """
    found = set(_names(folder))
    if HASHES not in found:
        raise BundleError(f'{folder}: {HASHES} is missing; the bundle was never sealed, or not '
                          'copied whole: export or copy it again')
    hashes = _hashes(folder / HASHES)
    for name in sorted({*REQUIRED, *hashes} - found):
        raise BundleError(f'{folder}: {name} is missing; copy the whole bundle again')
    for name in sorted(found - set(hashes) - set(UNHASHED)):
        raise BundleError(f'{folder}: {name} is not listed in {HASHES}; the bundle was changed '
                          'after it was sealed: remove the file, or export the bundle again')
    contents = {}
    for name, expected in hashes.items():
        contents[name] = (folder / name).read_bytes()
        actual = hashlib.sha256(contents[name]).hexdigest()
        if actual != expected:
            raise BundleError(f'{folder}: {name} was altered or damaged: expected sha256 '
                              f'{expected[:12]}..., found {actual[:12]}...; copy or export the '
                              'bundle again')
    return contents


def _names(folder: Path) -> list[str]:
    """List a bundle's files, refusing what can be none of them."""
    if not folder.is_dir():
        raise BundleError(f'{folder}: expected the folder of a policy bundle, found '
                          f'{"a file" if folder.exists() else "nothing"}; give the name of a '
                          'shipped policy or the path of a bundle')
    names = []
    for path in folder.iterdir():
        if path.name not in (*REQUIRED, *OPTIONAL, *UNHASHED) or not path.is_file():
            raise BundleError(f'{folder}: {path.name} does not belong in a bundle; remove it '
                              f'(files of a bundle: {", ".join((*REQUIRED, *OPTIONAL))}, '
                              f'{", ".join(UNHASHED)})')
        names.append(path.name)
    return names


def _hashes(path: Path) -> dict[str, str]:
    """Parse a file as sha256sum writes it."""
    hashes: dict[str, str] = {}
    for line in path.read_bytes().decode('ascii', 'replace').splitlines():
        match = LINE.fullmatch(line)
        if match is None or match[2] not in (*REQUIRED, *OPTIONAL) or match[2] in hashes:
            raise BundleError(f'{path}: expected lines of sha256sum, one for each file of the '
                              f'bundle, found {line[:80]!r}; copy or export the bundle again')
        hashes[match[2]] = match[1]
    return hashes
