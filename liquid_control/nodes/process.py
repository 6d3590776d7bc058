# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One node, one process: start, spin, stop on a signal, say why it ended."""

from collections.abc import Callable, Sequence
import gc
import os
from pathlib import Path
import signal
import sys
import time
from typing import cast, Protocol

from liquid_control.errors import LiquidControlError
from liquid_control.nodes.executor import OneThreadExecutor
from liquid_control.nodes.graph import STARTER
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions


class Worker(Protocol):
    """A node that runs in a process of its own: how it works, and whether it wants to end."""

    exit_code: int | None           # set to end the process

    def work(self, executor: SingleThreadedExecutor) -> None:
        """Handle what arrives next; return within a tenth of a second."""

    def close(self) -> None:
        """Leave the vehicle at rest; called while messages can still be sent."""


def run(make: Callable[[], Worker], arguments: Sequence[str] | None = None) -> int:
    """
    Run one node until it ends by itself, by a signal, or with the command that started it.

    rclpy's own signal handlers would take the context away before the last command, zero, is
    sent; so they are left out here.

    :param make: makes the node; called when rclpy is ready.
    :param arguments: ROS arguments; those of the command line if None.
    :returns: the exit code: 0 for a wanted end, 2 for an error of configuration.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: signals.append(received))
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        return _spin(make, signals)
    except LiquidControlError as error:
        print(f'error: {error}', file=sys.stderr, flush=True)
        return 2
    finally:
        rclpy.shutdown()


def age() -> float:
    """Return for how long this process has been there, to 10 ms [s]; proc(5), field 22 of stat."""
    after_name = Path('/proc/self/stat').read_text('ascii', errors='replace').rpartition(')')[2]
    begun = int(after_name.split()[19]) / os.sysconf('SC_CLK_TCK')
    return time.clock_gettime(time.CLOCK_BOOTTIME) - begun


def _spin(make: Callable[[], Worker], signals: Sequence[int]) -> int:
    """Work until a signal or the node itself says to end; close it whatever happens."""
    worker = make()
    executor = OneThreadExecutor()
    node = cast(Node, worker)
    executor.add_node(node)
    gc.collect()
    gc.freeze()     # what is here by now stays: no collection in flight goes through it again
    try:
        while not signals and worker.exit_code is None and not _orphaned():
            worker.work(executor)
    finally:
        worker.close()
        executor.remove_node(node)
        node.destroy_node()
    return worker.exit_code or 0


def _orphaned() -> bool:
    """Whether the command that started this node, and would end it, is gone."""
    starter = os.environ.get(STARTER)
    return starter is not None and os.getppid() != int(starter)
