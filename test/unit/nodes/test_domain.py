# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Whoever holds a domain holds it alone on this machine, until it ends."""

from contextlib import ExitStack
import os
from pathlib import Path
import subprocess
import sys
import tempfile

from liquid_control.errors import ConfigError
from liquid_control.nodes.domain import DOMAINS, own_domain
import pytest

HOLD = ('from liquid_control.nodes.domain import own_domain\n'
        'with own_domain() as number:\n'
        '    print(number, flush=True)\n'
        '    input()\n')


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep to domains of this test: others run beside it."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    monkeypatch.setenv('TMPDIR', str(tmp_path))


def test_each_is_held_once_and_given_back() -> None:
    with ExitStack() as held:
        numbers = [held.enter_context(own_domain()) for _ in DOMAINS]
        assert sorted(numbers) == list(DOMAINS)
        with pytest.raises(ConfigError, match='found all from 1 to 100 taken'), own_domain():
            pass
    with own_domain() as number:
        assert number in DOMAINS


def test_a_process_takes_another_than_before() -> None:
    with own_domain() as first:
        pass
    with own_domain() as second, own_domain() as between:
        assert len({first, second, between}) == 3
    with own_domain() as third:
        assert third not in (first, second, between)


def test_what_another_process_holds_is_free_when_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, '-c', HOLD], stdin=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE, env=os.environ.copy()) as other:
        assert other.stdout is not None
        theirs = int(other.stdout.readline())
        with ExitStack() as held:
            numbers = {held.enter_context(own_domain()) for _ in DOMAINS[1:]}
            assert numbers == set(DOMAINS) - {theirs}
            other.kill()
            other.wait()
            assert held.enter_context(own_domain()) == theirs
