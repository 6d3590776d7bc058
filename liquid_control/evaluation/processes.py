# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Work in many processes, none of which outlives the one that asked for it.

Processes are joblib's: local ones (loky) by default, or those of any backend that the caller
has registered and chosen with `joblib.parallel_config`. Loky's go on with their work when their
parent is killed, and would write into the folder of the next run.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
import os
import threading
import time
from typing import Any, TypeAlias

import joblib
from joblib.externals.loky import BrokenProcessPool
from joblib.parallel import get_active_backend, LokyBackend, ParallelBackendBase
from liquid_control.errors import SimulationError

# What `joblib.delayed(function)(...)` returns: function, arguments, named arguments.
Call: TypeAlias = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

_LOOK_S = 0.2   # between two looks at whether the parent lives


def in_processes(calls: Sequence[Call], jobs: int, *,
                 ordered: bool = False) -> Generator[Any, None, None]:
    """
    Give results as they come; closing the iterator stops the processes.

    :param calls: of `joblib.delayed`.
    :param jobs: processes; less than 1 for one a core; 1 works in this process.
    :param ordered: give results in the order of the calls.
    :raises SimulationError: if a process is ended from outside.
    """
    processes = min(joblib.cpu_count() if jobs < 1 else jobs, len(calls))
    if processes == 0:
        return
    parallel = joblib.Parallel(n_jobs=processes, backend=_backend(),
                               return_as='generator' if ordered else 'generator_unordered')
    try:
        with closing(parallel(calls)) as results:
            yield from results
    except BrokenProcessPool as error:
        raise SimulationError('expected processes that work to the end, found that one was ended '
                              'from outside, perhaps for its memory; start again with fewer, what '
                              'is done stays done') from error


class _Attended(LokyBackend):
    """Local processes that end with this one, even if it ends before they were given work."""

    def configure(self, *arguments: Any, **named: Any) -> int:
        """Let every new process watch this one before all else."""
        count: int = super().configure(*arguments, initializer=_end_with, initargs=(os.getpid(),),
                                       **named)
        return count


def _backend() -> ParallelBackendBase | None:
    """Return what local processes come from; None for the backend that the caller has chosen."""
    return _Attended() if type(get_active_backend()[0]) is LokyBackend else None


def _end_with(starter: int) -> None:
    """End this process soon after its parent; the parent may be gone already."""
    if os.getppid() != starter:
        os._exit(1)
    threading.Thread(target=_watch, args=(starter,), daemon=True).start()


def _watch(starter: int) -> None:
    while os.getppid() == starter:
        time.sleep(_LOOK_S)
    os._exit(1)     # at once: what is written is renamed into place when it is whole
