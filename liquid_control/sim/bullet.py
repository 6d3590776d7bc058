# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One PyBullet world of its own, so that several live in one process without mixing."""

from functools import partial
from typing import Any

from liquid_control.errors import DependencyError


class Bullet:
    """
    PyBullet's functions and constants, bound to one physics server.

    What pybullet_utils' BulletClient does, without its line on standard output at every start,
    and with each function looked up once: the physics loop calls a dozen of them every substep.
    """

    def __init__(self, gui: bool = False) -> None:
        """
        Start a physics server.

        :param gui: with Bullet's window.
        :raises DependencyError: if PyBullet is not installed.
        """
        try:
            import pybullet
            import pybullet_data
        except ImportError as error:
            raise DependencyError(
                f'the simulation needs pybullet, which cannot be imported ({error}); run '
                '"make setup" or "pip install liquid_control[sim]"') from error
        self._module = pybullet
        self._server = pybullet.connect(pybullet.GUI if gui else pybullet.DIRECT)
        self.setAdditionalSearchPath(pybullet_data.getDataPath())

    def __getattr__(self, name: str) -> Any:
        """Bind a function of the module to this server, and remember it."""
        value = getattr(self._module, name)
        if callable(value):
            value = partial(value, physicsClientId=self._server)
        setattr(self, name, value)
        return value
