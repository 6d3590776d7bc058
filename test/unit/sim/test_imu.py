# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An IMU at rest reads +g on z; signs, noise and bias are those of REP-145 and of the YAML."""

from collections.abc import Callable

from liquid_control.sim.imu import Imu
from liquid_control.sim.sensor_config import ImuConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

SILENT = {'specific_force_noise': 0.0, 'angular_velocity_noise': 0.0,
          'specific_force_bias': 0.0, 'angular_velocity_bias': 0.0}
LEVEL = np.array([0.0, 0.0, 0.0, 1.0])
NONE = np.zeros(3)
GRAVITY = 9.8


def turned(axis: int, angle: float) -> np.ndarray:
    """Return the quaternion of a turn about one axis."""
    quaternion = np.array([0.0, 0.0, 0.0, np.cos(angle / 2)])
    quaternion[axis] = np.sin(angle / 2)
    return quaternion


@pytest.mark.parametrize(('orientation', 'acceleration', 'expected'), [
    (LEVEL, [0, 0, 0], [0, 0, GRAVITY]),                          # at rest
    (LEVEL, [0, 0, -GRAVITY], [0, 0, 0]),                         # free fall
    (LEVEL, [2, 0, 0], [2, 0, GRAVITY]),                          # forward
    (LEVEL, [0, 2, 0], [0, 2, GRAVITY]),                          # to the left
    (turned(2, np.pi / 2), [0, 2, 0], [2, 0, GRAVITY]),           # forward, facing +y
    (turned(1, np.pi / 2), [0, 0, 0], [-GRAVITY, 0, 0]),          # at rest, nose down
    (turned(0, np.pi / 2), [0, 0, 0], [0, GRAVITY, 0])])          # at rest, right side down
def test_specific_force(orientation: np.ndarray, acceleration: list[float],
                        expected: list[float]) -> None:
    imu = Imu(ImuConfig(**SILENT), np.random.default_rng(0))
    sample = imu.sample(5, orientation, np.array(acceleration), NONE)
    assert sample.stamp_ns == 5
    np.testing.assert_allclose(sample.specific_force, expected, atol=1e-12)


def test_gyro_measures_in_the_body() -> None:
    imu = Imu(ImuConfig(**SILENT), np.random.default_rng(0))
    rolled = turned(0, np.pi / 2)           # right side down: the world's up is the body's left
    sample = imu.sample(0, rolled, NONE, np.array([0.1, 0.2, 0.3]))
    np.testing.assert_allclose(sample.angular_velocity, [0.1, 0.3, -0.2], atol=1e-12)


def test_noise_is_white_and_bias_is_fixed_over_a_flight() -> None:
    config = ImuConfig(specific_force_noise=0.2, angular_velocity_noise=0.03,
                       specific_force_bias=0.5, angular_velocity_bias=0.07)
    means = np.empty((120, 6))
    for seed in range(len(means)):
        imu = Imu(config, np.random.default_rng(seed))
        samples = [imu.sample(0, LEVEL, NONE, NONE) for _ in range(500)]     # more than a block
        values = np.array([[*s.specific_force, *s.angular_velocity] for s in samples])
        means[seed] = values.mean(axis=0) - [0, 0, GRAVITY, 0, 0, 0]
        if seed == 0:
            noise = values - values.mean(axis=0)
            np.testing.assert_allclose(noise.std(axis=0), [0.2] * 3 + [0.03] * 3, rtol=0.15)
            lagged = np.mean(noise[1:] * noise[:-1], axis=0) / noise.var(axis=0)
            assert np.all(np.abs(lagged) < 0.2)
            cross = np.corrcoef(noise.T) - np.eye(6)
            assert np.all(np.abs(cross) < 0.2)
    sd = np.array([0.5] * 3 + [0.07] * 3)
    np.testing.assert_allclose(means.std(axis=0), sd, rtol=0.3)
    assert np.all(np.abs(means.mean(axis=0)) < 4 * sd / np.sqrt(len(means)))


@pytest.fixture
def quiet(simulate: Callable[..., Simulation],
          make_world: Callable[..., WorldConfig]) -> Simulation:
    """Return a drone in still air with a perfect IMU and no drag."""
    return simulate(make_world(imu=SILENT, vehicle={'drag': 'none'}))


def samples_of(simulation: Simulation, command: list[float], steps: int) -> np.ndarray:
    """Return (steps, 6): specific force and angular velocity under a command."""
    rows = []
    for _ in range(steps):
        simulation.command(np.array(command))
        imu = simulation.step().imu
        rows.append([*imu.specific_force, *imu.angular_velocity])
    return np.array(rows)


def test_hovering_drone_reads_gravity(quiet: Simulation) -> None:
    np.testing.assert_allclose(quiet.sense().imu.specific_force, [0, 0, GRAVITY])
    rows = samples_of(quiet, [0, 0, 0, 0], 240)[120:]
    np.testing.assert_allclose(rows.mean(axis=0), [0, 0, GRAVITY, 0, 0, 0], atol=0.02)


def test_flying_drone_feels_its_thrust_alone(quiet: Simulation) -> None:
    # Without drag the only force beside weight is thrust, along the body's z: whatever the
    # acceleration, an accelerometer cannot tell it sideways (but for one substep's turn).
    rows = samples_of(quiet, [1.5, 0, 0, 0], 40)
    assert np.linalg.norm(quiet.velocity[:2]) > 0.1
    assert np.all(np.abs(rows[:, :2]) < 0.35)
    assert rows[:, 4].max() > 0.5          # nose down to go forward: positive about y (left)


def test_left_turn_is_positive_about_z(quiet: Simulation) -> None:
    rows = samples_of(quiet, [0, 0, 0, 1.0], 240)
    np.testing.assert_allclose(rows[-1, 3:], [0, 0, 1.0], atol=0.02)
    assert 0.8 < (quiet.yaw - quiet.scene.start_yaw) % (2 * np.pi) < 1.2


def test_rising_reads_more_than_gravity_at_first(quiet: Simulation) -> None:
    assert samples_of(quiet, [0, 0, 0.5, 0], 5)[:, 2].min() > GRAVITY + 1.0
