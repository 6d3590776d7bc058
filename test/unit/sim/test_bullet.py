# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Bullet worlds are apart from each other, quiet, and closed once."""

import sys

import pytest

from liquid_control.errors import DependencyError
from liquid_control.sim.bullet import Bullet


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


def test_a_closed_world_cannot_be_stepped_in_anothers_name() -> None:
    first = Bullet()
    step = first.stepSimulation
    first.disconnect()
    second = Bullet()
    with pytest.raises(Exception, match='(?i)connect'):
        first.getNumBodies()
    assert callable(step)
    second.disconnect()


def test_a_world_that_is_forgotten_is_closed() -> None:
    # Bullet has room for 1,024 worlds; what nobody holds any more must not fill it.
    import pybullet
    forgotten = Bullet()
    number = forgotten.number
    del forgotten
    assert not pybullet.isConnected(number)


def test_nothing_on_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    Bullet().disconnect()
    assert capfd.readouterr().out == ''


def test_missing_pybullet_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pybullet', None)
    with pytest.raises(DependencyError, match='needs pybullet.*run "make setup"'):
        Bullet()
