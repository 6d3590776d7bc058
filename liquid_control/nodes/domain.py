# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A ROS domain for flights that must not hear others on this machine: tests, campaigns.

A domain is taken by a lock on a file of the user's, which the system gives back when the process
ends, however it does. Who shares a machine without taking domains so can still be heard.
"""

from collections.abc import Iterator
from contextlib import contextmanager, ExitStack
import fcntl
import os
from pathlib import Path
import tempfile

from liquid_control.errors import ConfigError

DOMAINS = range(1, 101)     # 0 is everybody's; above 101 the ports are those of Linux itself
_last = os.getpid() * 11    # that this process held


@contextmanager
def own_domain() -> Iterator[int]:
    """
    Hold a domain that nobody else holds, another than this process held last.

    :raises ConfigError: if all are held.
    """
    global _last
    for step in range(len(DOMAINS)):
        number = DOMAINS[(_last + step) % len(DOMAINS)]
        with ExitStack() as held:
            lock = held.enter_context(_file(number).open('a'))
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _last = number      # the place after it in DOMAINS, whose first is 1
            yield number
            return
    raise ConfigError(f'expected a free ROS domain, found all from {DOMAINS[0]} to {DOMAINS[-1]} '
                      'taken by tests and campaigns; wait for those to end')


def _file(number: int) -> Path:
    """Return the file that stands for a domain."""
    return Path(tempfile.gettempdir()) / f'liquid_control_{os.getuid()}_domain_{number}.lock'
