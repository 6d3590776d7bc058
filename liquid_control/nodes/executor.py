# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The executor of a node that runs in one thread: it waits once for each message, not twice.

rclpy's executors (7.1.6, 9.1.2) trigger a guard condition of their own whenever a callback has
run, so that other threads wait again with the entities that are free now. In one thread nobody
waits meanwhile, and the next wait has every entity anyhow; but it ends at once, for nothing, and
to begin a wait is most of what a small node does.
"""

from typing import Any

from rclpy.executors import SingleThreadedExecutor


class _Nobody:
    """What is triggered where nobody waits."""

    def trigger(self) -> None:
        """Wake nobody."""


class OneThreadExecutor(SingleThreadedExecutor):
    """Waits without being woken by its own callbacks; who wakes it from elsewhere still does."""

    _guard: Any

    def wait_for_ready_callbacks(self, *arguments: Any, **named: Any) -> Any:
        """
        Return the next callback; all that were ready get their turn, also if timeouts differ.

        rclpy begins anew where the timeout is another than before, with what is first in its
        order: a flood there would starve the rest.
        """
        self._last_args, self._last_kwargs = arguments, named
        return super().wait_for_ready_callbacks(*arguments, **named)

    def _make_handler(self, *arguments: Any) -> Any:
        """Have a callback run that, when it has, wakes nobody."""
        guard, self._guard = self._guard, _Nobody()
        try:
            return super()._make_handler(*arguments)
        finally:
            self._guard = guard
