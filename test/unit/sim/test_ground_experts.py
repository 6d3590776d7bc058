# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The experts of ground robots turn and drive as a hand-worked answer says."""

from dataclasses import replace
from types import SimpleNamespace

from liquid_control.sim.lane_expert import LaneExpert, LaneExpertConfig
from liquid_control.sim.mission.lane import Lane, STEP
from liquid_control.sim.rover_expert import RoverExpert, RoverExpertConfig
from liquid_control.sim.scene import draw_scene
from liquid_control.sim.scenery.solids import Obstacle
from liquid_control.sim.vehicle import ROVER
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest

SPEED, GAIN = RoverExpertConfig.speed, RoverExpertConfig.yaw_gain


class Puppet:
    """A pose that the test sets, before a target and obstacles (x, y, radius)."""

    def __init__(self, target: tuple[float, float], *obstacles: tuple[float, float, float],
                 yaw: float = 0.0) -> None:
        scene = draw_scene(load_world('empty'), np.random.default_rng(0))
        self.scene = replace(scene, obstacles=tuple(
            Obstacle(np.array([x, y]), radius, 0.5, np.zeros(3)) for x, y, radius in obstacles))
        self.target = np.array([*target, 0.3])
        self.mission = SimpleNamespace(done=0, goal=scene.goals[0])
        self.position, self.yaw = np.array([0.0, 0.0, 0.05]), yaw


def command(puppet: Puppet, config: RoverExpertConfig = RoverExpertConfig()) -> np.ndarray:
    """Return what the expert says."""
    return RoverExpert(puppet, config).command()      # type: ignore[arg-type]


def test_straight_at_a_free_target() -> None:
    np.testing.assert_allclose(command(Puppet((5.0, 0.0))), [SPEED, 0.0], atol=1e-9)


def test_it_turns_as_far_off_as_the_target_is_and_slows_for_it() -> None:
    speed, yaw_rate = command(Puppet((5.0, 0.0), yaw=-0.3))
    assert yaw_rate == pytest.approx(GAIN * 0.3)
    assert speed == pytest.approx(SPEED * np.cos(0.3) ** 2)


def test_farther_off_it_turns_on_the_spot_but_a_car_creeps() -> None:
    for side in (1.0, -1.0):
        speed, yaw_rate = command(Puppet((-5.0, 0.5 * side)))
        assert speed == 0.0 and yaw_rate == side * RoverExpertConfig.max_yaw_rate
    assert command(Puppet((-5.0, 0.5)), RoverExpertConfig(creep=0.3))[0] == 0.3


def test_it_goes_around_what_stands_on_the_nearer_side() -> None:
    for left in (0.1, -0.1):
        speed, yaw_rate = command(Puppet((6.0, 0.0), (1.5, left, 0.2)))
        assert yaw_rate * left < 0 < speed < SPEED


def test_it_is_slow_where_little_is_free() -> None:
    ring = [(1.2 * np.cos(a), 1.2 * np.sin(a), 0.3) for a in np.arange(0.0, 2 * np.pi, 0.3)]
    # 1.2 m less the radius and the clearance: 0.42 m of the metre that full speed asks for.
    assert command(Puppet((6.0, 0.0), *ring))[0] == pytest.approx(0.42 * SPEED, rel=0.1)


def test_its_commands_are_within_the_limits_of_the_vehicle() -> None:
    for angle in np.linspace(-3.1, 3.1, 23):
        said = command(Puppet((4 * np.cos(angle), 4 * np.sin(angle))))
        assert np.all(np.abs(said) <= [axis.limit for axis in ROVER.axes])


@pytest.mark.parametrize('left', [1.0, -1.0])
def test_in_a_round_lane_it_drives_the_circle(left: float) -> None:
    """Pure pursuit of a point on the circle that one is on is that circle."""
    radius, lane_config = 2.0, load_world('road').lane
    angles = np.arange(0.0, np.pi, STEP / radius)
    points = radius * np.stack([np.sin(angles), left * (1 - np.cos(angles))], axis=1)
    lane = Lane(points, left * angles, 1.0, 5.0, lane_config)
    puppet = SimpleNamespace(position=np.array([0.0, 0.0, 0.0]), yaw=0.0)
    speed, yaw_rate = LaneExpert(puppet, lane).command()      # type: ignore[arg-type]
    assert yaw_rate / speed == pytest.approx(left / radius, rel=0.01)
    assert speed == LaneExpertConfig.speed
    puppet.position = np.array([0.0, -0.3 * left, 0.0])       # outside of it: steer in
    assert LaneExpert(puppet, lane).command()[1] * left > abs(yaw_rate)    # type: ignore


def test_both_brake_as_the_dark_goes_on() -> None:
    rover = RoverExpert(Puppet((5.0, 1.0)))                   # type: ignore[arg-type]
    points = np.stack([np.arange(0.0, 5.0, STEP), np.zeros(100)], axis=1)
    lane = LaneExpert(SimpleNamespace(position=np.zeros(3), yaw=0.1),    # type: ignore[arg-type]
                      Lane(points, np.zeros(100), 1.0, 4.0, load_world('road').lane))
    for expert in (rover, lane):
        seeing = expert.command()
        assert np.all(seeing != 0)
        for dark_s, share in ((0.2, 0.75), (0.8, 0.0), (1.3, 0.0)):
            np.testing.assert_allclose(expert.command(dark_s), share * seeing, atol=1e-9)
