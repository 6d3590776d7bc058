# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is compiled lies where only its user can put anything, whole or not at all."""

import ctypes
from pathlib import Path
import shutil
import subprocess
import sys

from liquid_control.errors import DependencyError
from liquid_control.runtime import compiler
from liquid_control.runtime.c_source.generate import CSource
from liquid_control.runtime.compiler import build_library, cache_folder, find_compiler
import pytest

CODE = CSource('two', 'int two(void);\n', '#include "two.h"\nint two(void) { return 2; }\n', 0, 0)

needs_compiler = pytest.mark.skipif(not (shutil.which('cc') or shutil.which('gcc')),
                                    reason='no C compiler is installed')


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache folder, in a place of the test's own."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return tmp_path / 'liquid_control'


@needs_compiler
def test_it_is_compiled_once(cache: Path) -> None:
    """Another source is another library; nothing is left of the building."""
    library = build_library(CODE)
    assert library.parent == cache and ctypes.CDLL(str(library)).two() == 2
    made = library.stat().st_mtime_ns
    assert build_library(CODE) == library and library.stat().st_mtime_ns == made
    other = build_library(CSource('two', CODE.header, CODE.source + '\n', 0, 0))
    assert other != library
    assert set(cache.iterdir()) == {library, other}


@needs_compiler
def test_nobody_else_may_read_or_write(cache: Path) -> None:
    """Whatever the umask is."""
    script = ('import os, sys; os.umask(0); sys.path[:0] = [sys.argv[1]];'
              'from test_compiler import build_library, CODE; build_library(CODE)')
    subprocess.run([sys.executable, '-c', script, str(Path(__file__).parent)], check=True)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in cache.iterdir()] == [0o500]


@needs_compiler
def test_many_processes_at_once(cache: Path) -> None:
    """Each gets a whole library."""
    script = ('import ctypes, sys; sys.path[:0] = [sys.argv[1]];'
              'from test_compiler import build_library, CODE;'
              'sys.exit(ctypes.CDLL(str(build_library(CODE))).two() - 2)')
    running = [subprocess.Popen([sys.executable, '-c', script, str(Path(__file__).parent)])
               for _ in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    assert len(list(cache.iterdir())) == 1


def test_a_folder_that_others_can_write_is_refused(cache: Path, tmp_path: Path) -> None:
    """They could put a library of their own there."""
    cache.mkdir(mode=0o700)
    cache.chmod(0o770)
    with pytest.raises(DependencyError, match='expected a place that only this user can change'):
        cache_folder()
    cache.chmod(0o700)
    cache_folder()
    tmp_path.chmod(0o777)       # or put another folder in its place
    with pytest.raises(DependencyError, match='only this user can change.*mode 777'):
        cache_folder()
    tmp_path.chmod(0o1777)      # as /tmp is: what others cannot rename is safe
    cache_folder()


@needs_compiler
def test_a_library_that_others_can_write_is_refused(cache: Path, tmp_path: Path) -> None:
    """Or one that is a link to somewhere else."""
    library = build_library(CODE)
    library.chmod(0o722)
    with pytest.raises(DependencyError, match=f'{library.name}.*mode 722'):
        build_library(CODE)
    shutil.copy(library, tmp_path / 'elsewhere.so')
    library.unlink()
    library.symlink_to(tmp_path / 'elsewhere.so')
    with pytest.raises(DependencyError, match='expected a place that only this user'):
        build_library(CODE)


def test_a_link_to_the_cache_folder_is_followed_before_it_is_checked(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home on another disk is usual; what counts is where it leads."""
    tmp_path.joinpath('real').mkdir(mode=0o700)
    tmp_path.joinpath('link').symlink_to(tmp_path / 'real')
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'link'))
    assert cache_folder() == tmp_path / 'real' / 'liquid_control'
    tmp_path.joinpath('real', 'liquid_control').rmdir()
    tmp_path.joinpath('real', 'liquid_control').symlink_to('/tmp')
    with pytest.raises(DependencyError, match='expected a place that only this user'):
        cache_folder()


def test_no_place_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that is a file."""
    tmp_path.joinpath('file').touch()
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path / 'file'))
    with pytest.raises(DependencyError, match='needs a cache folder, found: .*XDG_CACHE_HOME'):
        cache_folder()


@needs_compiler
@pytest.mark.usefixtures('cache')
def test_an_error_of_the_compiler_is_told() -> None:
    """With what it said."""
    with pytest.raises(DependencyError, match='expected .*cc.* to compile, found: .*error'):
        build_library(CSource('two', CODE.header, 'no C', 0, 0))


@needs_compiler
@pytest.mark.usefixtures('cache')
def test_a_compiler_that_does_not_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """And ended."""
    monkeypatch.setattr(compiler, 'TIMEOUT_S', 1e-6)
    with pytest.raises(DependencyError, match='to end within 1e-06 s'):
        build_library(CODE)


@needs_compiler
@pytest.mark.usefixtures('cache')
def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing half-written is loaded."""
    def full(*_words: object) -> None:
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(Path, 'replace', full)
    with pytest.raises(DependencyError, match='cannot be written: .*No space left'):
        build_library(CODE)


def test_cc_names_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its options, and nothing else where it is not there."""
    monkeypatch.setenv('CC', f'{sys.executable} -x')
    assert find_compiler() == [sys.executable, '-x']
    monkeypatch.setenv('CC', 'no-such-compiler')
    with pytest.raises(DependencyError, match="found none of .'no-such-compiler'"):
        find_compiler()
