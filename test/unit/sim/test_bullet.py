# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Bullet worlds are apart from each other, quiet, and closed once."""

import subprocess
import sys

from liquid_control.errors import DependencyError, SimulationError
from liquid_control.sim.bullet import Bullet
import pytest


def test_worlds_are_apart() -> None:
    first, second = Bullet(), Bullet()
    first.loadURDF('plane.urdf')
    assert (first.getNumBodies(), second.getNumBodies()) == (1, 0)
    first.disconnect()
    second.disconnect()


def test_closing_twice_does_not_close_the_next_world() -> None:
    # Bullet gives the number of a closed world to the next one.
    first = Bullet()
    first.disconnect()
    second = Bullet()
    second.loadURDF('plane.urdf')
    first.disconnect()
    assert second.getNumBodies() == 1
    second.disconnect()


def test_a_closed_world_does_not_reach_into_the_next() -> None:
    first = Bullet()
    first.stepSimulation()
    first.disconnect()
    second = Bullet()
    for call in ('stepSimulation', 'getNumBodies'):
        with pytest.raises(SimulationError, match=f'{call}: this world is closed; make a new'):
            getattr(first, call)()
    second.disconnect()


def test_a_world_that_is_forgotten_is_closed() -> None:
    # Bullet has room for 1,024 worlds; what nobody holds any more must not fill it.
    def number_of_a_world() -> int:
        return int(Bullet()._server)      # type: ignore[arg-type]
    numbers = {number_of_a_world() for _ in range(5)}
    assert len(numbers) == 1


def test_it_prints_nothing() -> None:
    # PyBullet by itself: its build time at the first import, a line at every start of a world.
    code = ('from liquid_control.sim.wind.composition import load_wind as wind;'
            'from liquid_control.sim.world_config import load_world as world;'
            'from liquid_control.sim.simulation import Simulation;'
            'one = Simulation(world("forest"), wind("W2"), 0); one.step(); one.close()')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b'', b'')


def test_a_window_without_a_display_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    # Bullet itself would end the process.
    monkeypatch.delenv('DISPLAY', raising=False)
    with pytest.raises(SimulationError, match='expected an X display'):
        Bullet(gui=True)


def test_missing_pybullet_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pybullet', None)
    with pytest.raises(DependencyError, match='needs pybullet.*run "make setup"'):
        Bullet()
