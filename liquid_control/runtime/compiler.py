# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
C into a library of this machine, kept in a folder that nobody else can write.

What lies there is loaded into the process that flies, so it is used only where neither the file
nor any folder above it can be changed by another user. It is named by the hash of the source
itself, of the flags and of the machine; it is built aside and renamed into place, so any number of
processes may build it at once.
"""

import hashlib
import os
from pathlib import Path
import platform
import shlex
import shutil
import stat
import subprocess
import tempfile

from liquid_control.errors import DependencyError
from liquid_control.runtime.c_source.generate import CSource

COMPILERS = ('cc', 'gcc', 'clang')
# Strict C99 contracts nothing to fused operations and reorders no sum: every machine computes the
# same but for its libm.
FLAGS = ('-std=c99', '-O3', '-fPIC', '-shared')
TIMEOUT_S = 120.0
FOLDER = 'liquid_control'
OTHERS = stat.S_IWGRP | stat.S_IWOTH


def build_library(code: CSource) -> Path:
    """
    Compile a core, or find it compiled.

    :param code: the core.
    :returns: the shared library.
    :raises DependencyError: if there is no compiler, it fails, or no safe place for the result.
    """
    key = '\n'.join((platform.machine(), *FLAGS, code.header, code.source))
    library = cache_folder() / f'{code.name}-{hashlib.sha256(key.encode()).hexdigest()[:32]}.so'
    if library.exists():
        require_private(library)
        return library
    try:
        with tempfile.TemporaryDirectory(prefix='build-', dir=library.parent) as name:
            built = _compile(code, Path(name))
            built.chmod(0o500)
            built.replace(library)
    except OSError as error:
        raise DependencyError(f'{library.parent}: the compiled stepper cannot be written: {error}'
                              ) from error
    require_private(library)
    return library


def cache_folder() -> Path:
    """
    Return the folder of compiled cores, made if it is not there: XDG_CACHE_HOME/liquid_control.

    :raises DependencyError: if it cannot be made, or others can write there.
    """
    try:
        base = os.environ.get('XDG_CACHE_HOME', '')
        root = Path(base) if os.path.isabs(base) else Path.home() / '.cache'
        folder = root.resolve() / FOLDER
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:      # no home, not a folder, read-only
        raise DependencyError(f'the compiled stepper needs a cache folder, found: {error}; set '
                              'XDG_CACHE_HOME to one that can be written') from error
    require_private(folder)
    return folder


def require_private(path: Path) -> None:
    """
    Check that nobody but this user and root can change a file, or put another in its place.

    :param path: absolute, without links.
    :raises DependencyError: if somebody else can.
    """
    for place in (path, *path.parents):
        found = place.lstat()
        sticky = place != path and stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX
        if (found.st_uid not in (os.geteuid(), 0) or stat.S_ISLNK(found.st_mode)
                or (found.st_mode & OTHERS and not sticky)):
            raise DependencyError(
                f'{path}: expected a place that only this user can change, since what lies there '
                f'is run; found {place} of user {found.st_uid} with mode '
                f'{stat.S_IMODE(found.st_mode):o}; take it from others (chown, chmod go-w), or '
                'set XDG_CACHE_HOME to a folder of your own')


def find_compiler() -> list[str]:
    """
    Return the words that call a C compiler: those of CC, or the first that is installed.

    :raises DependencyError: if there is none.
    """
    words = shlex.split(os.environ.get('CC', ''))
    for candidate in ([words] if words else [[name] for name in COMPILERS]):
        if shutil.which(candidate[0]):
            return candidate
    raise DependencyError(f'expected a C compiler, found none of {words[:1] or list(COMPILERS)}; '
                          'install gcc, or use stepper: onnx')


def _compile(code: CSource, folder: Path) -> Path:
    """Compile in a folder."""
    (folder / f'{code.name}.h').write_text(code.header, encoding='ascii')
    (folder / f'{code.name}.c').write_text(code.source, encoding='ascii')
    command = [*find_compiler(), *FLAGS, f'{code.name}.c', '-lm', '-o', 'core.so']
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True,
                       timeout=TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        raise DependencyError(f'expected {shlex.join(command)} to compile, found: '
                              f'{error.stderr.strip()[-500:]}') from error
    except subprocess.TimeoutExpired as error:
        raise DependencyError(f'expected {shlex.join(command)} to end within {TIMEOUT_S:g} s, '
                              'found it still at work') from error
    return folder / 'core.so'
