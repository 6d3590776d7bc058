# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Rover and racecar against kinematics and friction that paper and pencil give."""

from collections.abc import Callable, Iterator
import math
from typing import Any, NamedTuple

from liquid_control.signals import heading
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.free_flight import GRAVITY
from liquid_control.sim.racecar import LARGEST_STEERING, steering, WHEELBASE
from liquid_control.sim.rover import TRACK
from liquid_control.sim.vehicle import ROVER, Vehicle
from liquid_control.sim.vehicle_config import GroundVehicleConfig
from liquid_control.sim.vehicles import build_vehicle
import numpy as np
import pytest

RATE = 240
KINDS = ('rover', 'racecar')
Make = Callable[..., Vehicle]


@pytest.fixture
def make_vehicle() -> Iterator[Make]:
    """Return a maker of ground vehicles, each alone on a plane."""
    worlds: list[Bullet] = []

    def make(kind: str, yaw: float = 0.0, seed: int = 0, **config: Any) -> Vehicle:
        bullet = Bullet()
        worlds.append(bullet)
        bullet.setGravity(0.0, 0.0, -GRAVITY)
        bullet.setTimeStep(1.0 / RATE)
        bullet.loadURDF('plane.urdf')
        vehicle, _ = build_vehicle(bullet, GroundVehicleConfig(kind, **config),  # type: ignore
                                   np.random.default_rng(seed), np.zeros(3), yaw, False)
        return vehicle
    yield make
    for bullet in worlds:
        bullet.disconnect()


class Drive(NamedTuple):
    """What was driven, a row a substep."""

    position: np.ndarray         # (T, 3) [m]
    speed: np.ndarray            # (T,) along its nose [m/s]
    yaw: np.ndarray              # (T,) without jumps [rad]

    @property
    def yaw_rate(self) -> float:
        """Return the mean of the last second [rad/s]."""
        return float(self.yaw[-1] - self.yaw[-1 - RATE])


def drive(vehicle: Vehicle, speed: float, yaw_rate: float, seconds: float,
          wind: tuple[float, float, float] = (0.0, 0.0, 0.0), ramp: float = 2.0) -> Drive:
    """Drive, the command rising as the limiter lets it."""
    position, along, yaw = [], [], []
    largest = max(abs(speed), abs(yaw_rate))
    for substep in range(round(seconds * RATE)):
        share = min(1.0, (substep + 1) / RATE * ramp / largest) if largest else 0.0
        vehicle.step(share * np.array([speed, yaw_rate]), np.array(wind), 1.0 / RATE)
        nose = heading(vehicle.orientation)
        position.append(vehicle.position)
        along.append(vehicle.velocity[0] * np.cos(nose) + vehicle.velocity[1] * np.sin(nose))
        yaw.append(nose)
    return Drive(np.array(position), np.array(along), np.unwrap(yaw))


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('speed', [1.0, 0.4, -0.5])
def test_straight_is_speed_times_time(make_vehicle: Make, kind: str, speed: float) -> None:
    run = drive(make_vehicle(kind, yaw=0.6), speed, 0.0, 3.0)
    ramp = abs(speed) / 2.0       # seconds of it, at half the speed on the whole
    far = speed * (3.0 - ramp / 2)
    np.testing.assert_allclose(run.position[-1, :2], far * np.array([np.cos(0.6), np.sin(0.6)]),
                               atol=0.01)
    assert run.speed[-1] == pytest.approx(speed, abs=1e-3)
    assert np.ptp(run.position[:, 2]) < 1e-3 and abs(run.yaw[-1] - 0.6) < 1e-3


# A racecar's tyres are flat: where in their width they hold is the solver's choice.
@pytest.mark.parametrize(('kind', 'tolerance'), [('rover', 0.005), ('racecar', 0.05)])
@pytest.mark.parametrize(('speed', 'yaw_rate'), [(0.5, 0.5), (0.8, -0.8), (-0.4, 0.5)])
def test_a_circle_has_the_radius_of_speed_over_yaw_rate(
        make_vehicle: Make, kind: str, tolerance: float, speed: float, yaw_rate: float) -> None:
    run = drive(make_vehicle(kind), speed, yaw_rate, 8.0)
    assert run.yaw_rate == pytest.approx(yaw_rate, rel=tolerance)
    here, nose = run.position[3 * RATE:, :2], run.yaw[3 * RATE:]
    # The centre lies to the left by v / omega, wherever on the circle it is.
    centre = here + speed / yaw_rate * np.stack([-np.sin(nose), np.cos(nose)], axis=1)
    assert np.ptp(centre, axis=0).max() < 2 * tolerance * abs(speed / yaw_rate) + 0.01


def test_a_rover_turns_on_the_spot_and_a_racecar_cannot(make_vehicle: Make) -> None:
    run = drive(make_vehicle('rover'), 0.0, 1.2, 3.0)
    assert run.yaw_rate == pytest.approx(1.2, rel=0.005)
    assert np.abs(run.position[-1, :2]).max() < 0.005
    assert abs(drive(make_vehicle('racecar'), 0.0, 1.2, 3.0).yaw[-1]) < 0.01


def test_steering_is_that_of_a_bicycle() -> None:
    for speed, yaw_rate in ((0.8, 0.6), (0.5, -0.9)):
        turned = speed * math.tan(steering(speed, yaw_rate)) / WHEELBASE
        assert turned == pytest.approx(yaw_rate)
        assert steering(-speed, yaw_rate) == -steering(speed, yaw_rate)
    assert steering(0.0, 1.0) == LARGEST_STEERING and steering(0.0, 0.0) == 0.0
    assert steering(0.1, -1.5) == -LARGEST_STEERING


@pytest.mark.parametrize('kind', KINDS)
def test_it_stops_as_the_limiter_brakes(make_vehicle: Make, kind: str) -> None:
    """From v with deceleration a within v^2 / 2a, and stays; friction allows more than a."""
    vehicle = make_vehicle(kind)
    drive(vehicle, 1.0, 0.0, 2.0)
    begun, a = vehicle.position, ROVER.axes[0].stop_deceleration
    for substep in range(2 * RATE):
        vehicle.step(np.array([max(0.0, 1.0 - a * substep / RATE), 0.0]), np.zeros(3), 1 / RATE)
    assert np.linalg.norm(vehicle.position - begun) == pytest.approx(1 / (2 * a), abs=0.01)
    assert np.linalg.norm(vehicle.velocity) < 1e-3


@pytest.mark.parametrize('kind', KINDS)
def test_slip_takes_its_share_of_speed_and_of_turning(make_vehicle: Make, kind: str) -> None:
    plain = drive(make_vehicle(kind), 0.5, 0.5, 4.0)
    slips = drive(make_vehicle(kind, slip=(0.2, 0.2)), 0.5, 0.5, 4.0)
    assert slips.yaw_rate == pytest.approx(0.8 * plain.yaw_rate, rel=0.02)
    assert slips.speed[-1] == pytest.approx(0.8 * plain.speed[-1], rel=0.02)


def test_a_side_that_slips_more_turns_it(make_vehicle: Make) -> None:
    vehicle = make_vehicle('rover', slip=(0.0, 0.3), seed=4)
    left, right = vehicle._wheels.grip      # type: ignore[attr-defined]
    assert 0.7 <= left <= 1.0 and 0.7 <= right <= 1.0 and abs(left - right) > 0.02
    run = drive(vehicle, 0.6, 0.0, 4.0)
    assert run.yaw_rate == pytest.approx(0.6 * (right - left) / TRACK, rel=0.02)
    assert run.speed[-1] == pytest.approx(0.6 * (right + left) / 2, rel=0.01)


def test_on_ice_a_racecar_runs_out_of_its_bend(make_vehicle: Make) -> None:
    """Sideways a tyre holds mu g; the command asks for v omega, one and a half times as much."""
    mu = 0.1
    run = drive(make_vehicle('racecar', friction=(mu, mu)), 1.0, 1.5, 4.0)
    assert run.speed[-1] * run.yaw_rate < 1.1 * mu * GRAVITY
    assert run.yaw_rate < 0.75 * 1.5


def test_tyres_accelerate_no_harder_than_friction_allows(make_vehicle: Make) -> None:
    """A step of the command: all four of a racecar's tyres carry, the two behind drive."""
    for kind, share in (('rover', 0.75), ('racecar', 0.5)):
        mu = 0.2
        run = drive(make_vehicle(kind, friction=(mu, mu)), 1.0, 0.0, 0.4, ramp=1e9)
        gained = (run.speed[48] - run.speed[8]) / (40 / RATE)
        assert 0.5 * share * mu * GRAVITY < gained < 1.05 * mu * GRAVITY


def test_weak_motors_take_longer(make_vehicle: Make) -> None:
    times = [int(np.argmax(drive(make_vehicle('rover', traction=(part, part)), 1.0, 0.0, 3.0,
                                 ramp=1e9).speed > 0.9)) for part in (1.0, 0.05)]
    # 0.05 N m on each of two wheels of 5 cm drives 3 kg with 0.67 m/s^2.
    assert times[1] / RATE == pytest.approx(0.9 / (2 * 0.05 / 0.05 / 3.0), rel=0.15)
    assert times[0] < times[1] / 2


def test_wind_pushes_on_the_body_and_tyres_hold(make_vehicle: Make) -> None:
    assert np.abs(drive(make_vehicle('rover'), 0.0, 0.0, 1.0, wind=(5.0, 5.0, 0.0)
                        ).position[-1, :2]).max() < 0.01
    vehicle = make_vehicle('rover', friction=(0.001, 0.001), traction=(0.001, 0.001))
    run = drive(vehicle, 0.0, 0.0, 0.5, wind=(8.0, 0.0, 0.0))
    force = 0.5 * 1.225 * 0.03 * 64.0
    assert run.speed[-1] == pytest.approx(0.5 * (force / 3.1 - 0.001 * GRAVITY), rel=0.25)


@pytest.mark.parametrize('kind', KINDS)
def test_twice_from_a_seed_to_the_bit(make_vehicle: Make, kind: str) -> None:
    ranges = {'friction': (0.3, 1.0), 'slip': (0.0, 0.2), 'mass': (0.7, 1.4),
              'traction': (0.5, 1.0)}
    runs = [drive(make_vehicle(kind, seed=seed, **ranges), 0.7, 0.6, 1.0).position.tobytes()
            for seed in (3, 3, 4)]
    assert runs[0] == runs[1] != runs[2]


def test_a_range_does_not_move_what_is_drawn_from_the_others(make_vehicle: Make) -> None:
    one = make_vehicle('rover', seed=5, friction=(0.3, 1.0), slip=(0.0, 0.2))._wheels
    other = make_vehicle('rover', seed=5, friction=(0.3, 1.0), slip=(0.0, 0.2), mass=(0.7, 1.4),
                         command_latency_s=(0.0, 0.1))._wheels
    assert (one.friction, one.grip) == (other.friction, other.grip)
    assert other.mass != 1.0 and other.command_latency > 0.0
