# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One PyBullet world of its own, so that several live in one process without mixing."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
import os
import sys
from typing import Any

from liquid_control.errors import DependencyError, SimulationError


@contextmanager
def _native_errors_hidden() -> Iterator[None]:
    """
    Keep PyBullet from printing its build time at import.

    It does so from native code, in every process that flies; what goes wrong in an import is an
    exception, not a line on standard error.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class Bullet:
    """
    PyBullet's functions and constants, bound to one physics server.

    What pybullet_utils' BulletClient does, without its line on standard output at every start,
    and with each function looked up once: the physics loop calls a dozen of them every substep.
    """

    _module: Any = None
    _server: int | None = None

    def __init__(self, gui: bool = False) -> None:
        """
        Start a physics server.

        :param gui: with Bullet's window.
        :raises DependencyError: if PyBullet is not installed.
        :raises SimulationError: if there is no display for the window.
        """
        if gui and sys.platform.startswith('linux') and not os.environ.get('DISPLAY'):
            # Bullet would end the process from native code.
            raise SimulationError('gui: expected an X display (DISPLAY), found none; leave gui '
                                  'off, or allow X forwarding')
        try:
            with _native_errors_hidden():
                import pybullet
            import pybullet_data
        except ImportError as error:
            raise DependencyError(
                f'the simulation needs pybullet, which cannot be imported ({error}); run '
                '"make setup", or "pip install .[sim]" in the checkout') from error
        self._module = pybullet
        self._server = int(pybullet.connect(pybullet.GUI if gui else pybullet.DIRECT))
        self.setAdditionalSearchPath(pybullet_data.getDataPath())

    def __getattr__(self, name: str) -> Any:
        """Bind a function of the module to this server, and remember it."""
        value = getattr(self._module, name)
        if callable(value):
            if self._server is None:
                raise SimulationError(f'{name}: this world is closed; make a new Simulation')
            value = partial(value, physicsClientId=self._server)
        setattr(self, name, value)
        return value

    def disconnect(self) -> None:
        """
        Stop the server; nothing can be called afterwards, and doing it twice does nothing.

        Bullet gives the number of a stopped server to the next one, so a number that is kept
        would reach into another simulation.
        """
        if self._server is not None:
            module, server = self._module, self._server
            vars(self).clear()
            self._module = module
            module.disconnect(physicsClientId=server)

    def __del__(self) -> None:
        """Stop a server that nobody has stopped: Bullet has room for a limited number."""
        if self._server is not None and self._module.isConnected(self._server):
            self.disconnect()
