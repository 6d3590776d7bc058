# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The shortcut around Bullet's contact check gives Bullet's answer, at every substep."""

from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

# To the ground, blindly ahead into pillars, and as the expert goes, close to them.
COURSES = {'down': [0, 0, -1, 0], 'ahead': [2, 0, 0, 0], 'left': [0, 2, 0, 0], 'expert': None}


@pytest.mark.parametrize('course', COURSES)
def test_it_agrees_with_bullet(course: str) -> None:
    asked = contacts = 0
    for seed in range(4):
        simulation = Simulation(load_world('forest'), load_wind('W3'), seed)
        contact, bullet = simulation._contact, simulation._bullet
        touches, body = contact.touches, contact._body
        verdicts: list[tuple[bool, bool]] = []

        def compared(point, touches=touches, bullet=bullet, body=body, verdicts=verdicts):
            verdicts.append((touches(point), bool(bullet.getContactPoints(body))))
            return verdicts[-1][0]
        contact.touches = compared
        if COURSES[course] is None:
            run_episode(simulation, ExpertPilot(simulation))
        while simulation.outcome is None:
            simulation.command(np.array(COURSES[course], float))
            simulation.step()
        simulation.close()
        assert all(short == full for short, full in verdicts)
        asked += len(verdicts)
        contacts += verdicts[-1][0]
    assert asked > 100 and (contacts >= 1 or course not in ('down', 'ahead'))


def test_far_from_everything_bullet_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    simulation = Simulation(load_world('empty'), load_wind('W0'), 0)
    asked = []
    full = simulation._bullet.getContactPoints
    monkeypatch.setattr(simulation._bullet, 'getContactPoints',
                        lambda body: (asked.append(body), full(body))[1])
    for _ in range(240):
        simulation.command(np.zeros(4))
        simulation.step()
    simulation.close()
    assert len(asked) == 1
