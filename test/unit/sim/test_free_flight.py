# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Where nothing is near, the drone moves as Bullet would move it."""

from collections.abc import Callable

from liquid_control.sim.drone import Drone
from liquid_control.sim.vehicle_config import MotorConfig, VehicleConfig
import numpy as np
import pytest

MakeDrone = Callable[..., Drone]
STEADY = np.array([3.0, -2.0, 0.5])
CONFIGS = {
    'bare': VehicleConfig(drag='none'),
    'drag': VehicleConfig(),
    'heavy, slow motors': VehicleConfig(mass=(1.3, 1.3),
                                        motors=MotorConfig(time_constant_s=(0.05, 0.05))),
}


def wild(number: int) -> np.ndarray:
    """Return a command that turns and throws the drone about, another every 0.2 s."""
    rng = np.random.default_rng(number // 48)
    return rng.uniform(-1.0, 1.0, 4) * [2.0, 2.0, 1.0, 6.0]


@pytest.mark.parametrize('config', CONFIGS.values(), ids=CONFIGS)
def test_it_is_what_bullet_does(make_drone: MakeDrone, config: VehicleConfig) -> None:
    free, stepped = make_drone(config), make_drone(config)
    fastest = 0.0
    for number in range(5 * 240):
        for drone, near in ((free, False), (stepped, True)):
            drone.step(wild(number), STEADY, 1 / 240, near=near)
        for what in ('position', 'velocity', 'angular_velocity'):
            np.testing.assert_allclose(getattr(free, what), getattr(stepped, what), rtol=0,
                                       atol=1e-9, err_msg=what)
        # A quaternion and its negative are the same orientation.
        assert abs(free.orientation @ stepped.orientation) == pytest.approx(1.0, abs=1e-12)
        # A difference of velocities over 1/240 s is that much less exact.
        np.testing.assert_allclose(free.acceleration, stepped.acceleration, rtol=0, atol=1e-6)
        fastest = max(fastest, float(np.linalg.norm(free.angular_velocity)))
    assert fastest > 5.0        # so fast that a gyroscopic torque is felt


def test_between_free_flight_and_bullet_nothing_is_lost(make_drone: MakeDrone) -> None:
    changing, stepped = make_drone(), make_drone()
    for number in range(2 * 240):
        changing.step(wild(number), STEADY, 1 / 240, near=number % 20 < 7)
        stepped.step(wild(number), STEADY, 1 / 240, near=True)
    np.testing.assert_allclose(changing.position, stepped.position, rtol=0, atol=1e-9)
    np.testing.assert_allclose(changing.velocity, stepped.velocity, rtol=0, atol=1e-9)


def test_bullet_is_told_before_it_is_asked(make_drone: MakeDrone) -> None:
    drone = make_drone()
    for number in range(240):
        drone.step(wild(number), STEADY, 1 / 240, near=False)
    there, _ = drone._bullet.getBasePositionAndOrientation(drone.body)
    assert there == (0.0, 0.0, 1.0)
    drone.tell_bullet()
    there, _ = drone._bullet.getBasePositionAndOrientation(drone.body)
    np.testing.assert_allclose(there, drone.position)
