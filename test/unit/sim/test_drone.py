# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The drone against stock gym_pybullet_drones, and against balances worked out on paper."""

from collections.abc import Callable
import sys
import warnings

from liquid_control.errors import DependencyError
from liquid_control.sim.drone import Drone
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.vehicle import DRONE
from liquid_control.sim.vehicle_config import VehicleConfig
import numpy as np
import pytest
from scipy.optimize import fsolve

STILL = np.zeros(3)
HOVER = np.zeros(4)
DT = 1 / 240
# The Crazyflie's published constants (its URDF), and the shipped body drag.
WEIGHT, THRUST = 0.027 * 9.8, 3.16e-10                  # [N], [N/RPM^2]
ROTOR_DRAG = np.array([9.1785e-7, 9.1785e-7, 10.311e-7])   # [kg/rad]
BODY_DRAG = 0.5 * 1.225 * 0.003                         # [kg/m]
MakeDrone = Callable[..., Drone]


def attitude(drone: Drone) -> tuple[float, float]:
    """Return tilt and yaw [rad]."""
    rotation = rotation_matrix(drone.orientation)
    return float(np.arccos(rotation[2, 2])), float(np.arctan2(rotation[1, 0], rotation[0, 0]))


def drag(airspeed: np.ndarray, body_z: np.ndarray, thrust: float) -> np.ndarray:
    """Return the drag in the world frame for a heading in the plane of airspeed and tilt."""
    summed = 4 * np.sqrt(thrust / (4 * THRUST)) * 2 * np.pi / 60      # [rad/s]
    along = (airspeed @ body_z) * body_z
    rotor = ROTOR_DRAG[0] * (airspeed - along) + ROTOR_DRAG[2] * along
    return -summed * rotor - BODY_DRAG * np.linalg.norm(airspeed) * airspeed


def fly(drone: Drone, seconds: float, command: np.ndarray = HOVER,
        wind: np.ndarray = STILL, *, ramp: bool = False) -> np.ndarray:
    """Return velocities (T, 3); a ramp keeps to the vehicle's acceleration limits from rest."""
    limits = np.array([axis.acceleration for axis in DRONE.axes])
    velocities = []
    for k in range(round(seconds * 240)):
        reach = limits * DT * (k + 1) if ramp else np.full(4, np.inf)
        drone.step(np.clip(command, -reach, reach), wind, DT)
        velocities.append(drone.velocity)
    return np.array(velocities)


def weave(t: float) -> list[float]:
    return [0.15 * np.sin(2 * t), 0.12 * np.cos(3 * t), 0.08 * np.sin(t)]


def corners(t: float) -> list[float]:
    return [[0.2, 0, 0], [0, 0.2, 0.1], [-0.2, 0, 0], [0, 0, -0.15], [0, 0, 0]][int(t) % 5]


@pytest.mark.parametrize('program', [weave, corners])
def test_bare_vehicle_flies_as_stock_velocity_aviary(
        make_drone: MakeDrone, program: Callable[[float], list[float]],
        capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        from gym_pybullet_drones.envs.VelocityAviary import VelocityAviary
        stock = VelocityAviary(initial_xyzs=np.array([[0.0, 0.0, 1.0]]), pyb_freq=240,
                               ctrl_freq=240)
        stock.reset()
    drone = make_drone(VehicleConfig(drag='none', velocity_integral=0.0))
    apart, flown = [], []
    for k in range(5 * 240):
        wanted = np.array(program(k * DT))
        magnitude = np.linalg.norm(wanted)
        direction = wanted / magnitude if magnitude else wanted
        observed, *_ = stock.step(np.array([[*direction, magnitude / stock.SPEED_LIMIT]]))
        yaw = attitude(drone)[1]
        drone.step(np.array([np.cos(yaw) * wanted[0] + np.sin(yaw) * wanted[1],
                             np.cos(yaw) * wanted[1] - np.sin(yaw) * wanted[0],
                             wanted[2], 0.0]), STILL, DT)
        apart.append(np.linalg.norm(drone.position - observed[0, :3]))
        flown.append(drone.position)
    stock.close()
    assert max(apart) < 1e-3
    assert np.max(np.ptp(flown, axis=0)) > 0.1     # both have flown somewhere


@pytest.mark.parametrize('speed', [2.5, 5.5, 7.0])
def test_tilt_in_steady_wind_balances_drag_against_weight(make_drone: MakeDrone,
                                                          speed: float) -> None:
    drone = make_drone()
    velocity = fly(drone, 12.0, wind=np.array([speed, 0.0, 0.0]))

    def unbalance(unknown: np.ndarray) -> np.ndarray:
        tilt, thrust = unknown
        body_z = np.array([-np.sin(tilt), 0.0, np.cos(tilt)])
        force = thrust * body_z + drag(np.array([-speed, 0.0, 0.0]), body_z, thrust)
        return np.array([force[0], force[2] - WEIGHT])
    tilt, _ = fsolve(unbalance, [0.2, WEIGHT])
    assert attitude(drone)[0] == pytest.approx(tilt, rel=0.02)
    assert rotation_matrix(drone.orientation)[0, 2] < 0                # it leans into the wind
    assert np.linalg.norm(velocity[-1]) < 0.01                         # the integral holds it


@pytest.mark.parametrize('speed', [2.5, 7.0])
def test_terminal_drift_without_integral_is_the_root_of_the_balance(make_drone: MakeDrone,
                                                                    speed: float) -> None:
    drone = make_drone(VehicleConfig(velocity_integral=0.0))
    velocity = fly(drone, 10.0, wind=np.array([0.0, speed, 0.0]))

    def unbalance(drift: np.ndarray) -> np.ndarray:
        # The velocity loop alone: gains 0.2, 0.2, 0.5 N s/m on the error, weight fed forward.
        sent = -np.array([0.2, 0.2, 0.5]) * drift + [0.0, 0.0, WEIGHT]
        thrust = float(np.linalg.norm(sent))
        airspeed = drift - [0.0, speed, 0.0]
        return sent + drag(airspeed, sent / thrust, thrust) - [0.0, 0.0, WEIGHT]
    drift = fsolve(unbalance, [0.0, 0.1, 0.0])
    assert drift[1] > 0.05
    np.testing.assert_allclose(velocity[-1], drift, rtol=0.02, atol=2e-3)


def test_wind_acts_on_relative_airspeed(make_drone: MakeDrone) -> None:
    wind = np.array([1.5, 0.0, 0.0])
    along, against, still = make_drone(), make_drone(), make_drone()
    fly(along, 10.0, np.array([1.5, 0.0, 0.0, 0.0]), wind)
    fly(against, 10.0, np.array([-1.5, 0.0, 0.0, 0.0]), wind)
    fly(still, 10.0, HOVER, 2 * wind)
    assert attitude(along)[0] < 1e-3                           # it feels no wind at all
    # The same airspeed tilts the same, whichever of the two moves.
    assert attitude(against)[0] == pytest.approx(attitude(still)[0], rel=0.01)
    assert attitude(still)[0] > 0.05


def test_without_drag_wind_does_nothing(make_drone: MakeDrone) -> None:
    config = VehicleConfig(drag='none')
    calm, storm = (fly(make_drone(config), 1.0, wind=wind)
                   for wind in (STILL, np.array([9.0, 0.0, 0.0])))
    np.testing.assert_array_equal(calm, storm)


@pytest.mark.parametrize(('axis', 'speed'), [(0, 1.0), (0, 2.0), (1, -1.6), (2, 0.6), (2, -1.0)])
def test_step_of_velocity_settles_with_little_overshoot(make_drone: MakeDrone, axis: int,
                                                        speed: float) -> None:
    command = np.zeros(4)
    command[axis] = speed
    share = fly(make_drone(), 5.0, command, ramp=True)[:, axis] / speed
    assert share.max() < 1.15
    assert np.all(share[180:] > 0.88)           # there soon, and no dip
    np.testing.assert_allclose(share[2 * 240:], 1.0, atol=0.08)
    assert share[-1] == pytest.approx(1.0, abs=0.02)


def test_commands_within_the_limits_never_turn_it_over(make_drone: MakeDrone) -> None:
    limits = np.array([axis.limit for axis in DRONE.axes])
    slew = np.array([axis.acceleration for axis in DRONE.axes]) * DT
    worst = 0.0
    for seed in range(6):
        rng, drone, sent = np.random.default_rng(seed), make_drone(), np.zeros(4)
        for _ in range(24):
            # Corners of the limits among them, slewed as the safety filter slews.
            command = limits * np.clip(rng.uniform(-1.6, 1.6, 4), -1, 1)
            for _ in range(120):
                sent = sent + np.clip(command - sent, -slew, slew)
                drone.step(sent, np.array([0.0, 7.0, 0.0]), DT)
                worst = max(worst, attitude(drone)[0])
    assert worst < np.deg2rad(80)


@pytest.mark.parametrize('rate', [0.5, 1.5, -1.5])
def test_yaw_rate_is_tracked(make_drone: MakeDrone, rate: float) -> None:
    drone = make_drone(yaw=3.0)     # 1.5 rad/s crosses +-pi in the first tenth of a second
    turned, kick = [], 0.0
    for _ in range(6 * 240):
        drone.step(np.array([0.0, 0.0, 0.0, rate]), STILL, DT)
        turned.append(drone.angular_velocity[2])
        kick = max(kick, float(np.linalg.norm(drone.velocity)))
    np.testing.assert_allclose(turned[240:], rate, rtol=0.01)
    assert max(np.abs(turned)) < 1.25 * abs(rate)
    assert kick < 0.1                # it turns on the spot


@pytest.mark.parametrize('yaw', [3.1, -3.1, 1.0])
def test_flight_does_not_depend_on_the_heading_of_the_world(make_drone: MakeDrone,
                                                            yaw: float) -> None:
    # Turns in flight and wind: from a yaw of +-3.1 rad they cross +-pi.
    def path(start: float) -> np.ndarray:
        turn = np.array([[np.cos(start), -np.sin(start), 0],
                         [np.sin(start), np.cos(start), 0], [0, 0, 1]])
        drone = make_drone(yaw=start)
        rows = []
        for k in range(3 * 240):
            rate = 1.5 * np.sin(k * DT * 4)
            drone.step(np.array([1.0, 0.3, 0.1, rate]), turn @ [2.0, 1.0, 0.0], DT)
            rows.append([*(turn.T @ drone.position), *(turn.T @ drone.angular_velocity)])
        return np.array(rows)
    np.testing.assert_allclose(path(yaw), path(0.0), atol=1e-6)


def test_velocity_is_commanded_in_the_stabilized_body_frame(make_drone: MakeDrone) -> None:
    drone = make_drone(yaw=np.pi / 2)      # facing +y: forward is +y, left is -x
    fly(drone, 6.0, np.array([0.5, 0.2, 0.0, 0.0]))
    np.testing.assert_allclose(drone.velocity, [-0.2, 0.5, 0.0], atol=0.01)


def test_missing_gym_pybullet_drones_names_the_command(
        make_drone: MakeDrone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'gym_pybullet_drones', None)
    with pytest.raises(DependencyError, match='gym_pybullet_drones.*run "make setup"'):
        make_drone()
