# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The shortcut around Bullet's contact check gives Bullet's answer, at every substep."""

from liquid_control.sim.episode import ExpertPilot, run_episode
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

# To the ground, blindly ahead into pillars, and as the expert goes, close to them.
COURSES = {'down': [0, 0, -1, 0], 'ahead': [2, 0, 0, 0], 'left': [0, 2, 0, 0], 'expert': None}


@pytest.mark.parametrize('course', COURSES)
def test_bullet_finds_nothing_where_nothing_is_near(course: str) -> None:
    far = contacts = 0
    for seed in range(4):
        simulation = Simulation(load_world('forest'), load_wind('W3'), seed)
        contact, drone, bullet = simulation._contact, simulation._vehicle, simulation._bullet
        near, step = contact.near, drone.step
        said: list[bool] = []

        def noted(point, near=near, said=said):
            said.append(near(point))
            return said[-1]

        def followed(*words, drone=drone, step=step, bullet=bullet, said=said, **options):
            step(*words, **options)
            if not said[-1]:
                drone.tell_bullet()
                bullet.performCollisionDetection()
                assert not bullet.getContactPoints(drone.body)
        contact.near, drone.step = noted, followed
        if COURSES[course] is None:
            run_episode(simulation, ExpertPilot(simulation))
        while simulation.outcome is None:
            simulation.command(np.array(COURSES[course], float))
            simulation.step()
        far += len(said) - sum(said)
        contacts += simulation.outcome is Outcome.COLLISION
        assert said[-1] or simulation.outcome is not Outcome.COLLISION
        simulation.close()
    assert far > 100 and (contacts >= 1 or course not in ('down', 'ahead'))


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
    assert not asked
