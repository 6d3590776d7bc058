# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Vehicles that are not the one on paper, each against its physics worked out by hand."""

from collections.abc import Callable
import dataclasses
import warnings

from liquid_control.sim.airframe import Airframe, draw_airframe
from liquid_control.sim.drone import Drone
from liquid_control.sim.inner_loop import substep
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import BatteryConfig, MotorConfig, VehicleConfig
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest
from scipy.optimize import brentq

MakeDrone = Callable[..., Drone]
DT = 1 / 240
STILL, LEVEL = np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0])
# The Crazyflie's published constants (its URDF), the gain and the fastest PWM of its inner loop.
WEIGHT, THRUST, FASTEST = 0.027 * 9.8, 3.16e-10, 0.2685 * 65535 + 4070.3
GAIN = 0.5                                  # upward [N s/m]
BARE = {'drag': 'none', 'velocity_integral': 0.0}
PLAIN = VehicleConfig(**BARE)               # type: ignore[arg-type]


def wrenches(drone: Drone, wanted: float, steps: int = 1, height: float = 1.0) -> np.ndarray:
    """
    Hold a drone level, believing that it moves at such a speed that it asks for a thrust.

    :returns: (steps, 6) force [N] and torque [N m] of its rotors.
    """
    believed = np.array([0.0, 0.0, (WEIGHT - wanted) / GAIN])
    return np.array([np.hstack(substep(
        drone._plant, drone._memory, height, LEVEL, STILL, believed, np.zeros(4), STILL, DT))
        for _ in range(steps)])


def climb(drone: Drone, seconds: float) -> float:
    """Return the vertical speed of a drone that hovers [m/s]."""
    for _ in range(round(seconds * 240)):
        drone.step(np.zeros(4), STILL, DT)
    return float(drone.velocity[2])


def test_the_vehicle_on_paper_gives_what_is_asked_for(make_drone: MakeDrone) -> None:
    for wanted in (0.2, WEIGHT, 0.36):
        np.testing.assert_allclose(wrenches(make_drone(PLAIN), wanted)[0],
                                   [0, 0, wanted, 0, 0, 0], atol=1e-9)


@pytest.mark.parametrize('lag', [0.02, 0.1])
def test_rotors_follow_with_a_first_order_lag(make_drone: MakeDrone, lag: float) -> None:
    motors = MotorConfig(time_constant_s=(lag, lag))
    drone = make_drone(dataclasses.replace(PLAIN, motors=motors))
    hover, asked = (np.sqrt(force / 4 / THRUST) for force in (WEIGHT, 0.36))
    t = DT * np.arange(1, 121)
    speed = asked + (hover - asked) * np.exp(-t / lag)
    np.testing.assert_allclose(wrenches(drone, 0.36, 120)[:, 2], 4 * THRUST * speed ** 2)
    np.testing.assert_allclose(drone.rotor_speeds, speed[-1])


def test_thrust_saturates_at_the_fastest_rotor_speed(make_drone: MakeDrone) -> None:
    for share in (1.0, 0.8):
        drone = make_drone(dataclasses.replace(PLAIN, motors=MotorConfig(max_speed=share)))
        most = 4 * THRUST * (share * FASTEST) ** 2
        assert wrenches(drone, 2 * most)[0, 2] == pytest.approx(most)
        assert wrenches(drone, 0.95 * most)[0, 2] == pytest.approx(0.95 * most)


def test_weak_motors_give_less_thrust_and_one_of_them_tilts(make_drone: MakeDrone) -> None:
    def wrench(seed: int = 0, **motors: tuple[float, float]) -> np.ndarray:
        config = dataclasses.replace(PLAIN, motors=MotorConfig(**motors))   # type: ignore
        return wrenches(make_drone(config, seed=seed), WEIGHT)[0]
    np.testing.assert_allclose(wrench(strength=(0.85, 0.85)), [0, 0, 0.85 * WEIGHT, 0, 0, 0],
                               atol=1e-9)
    corners = set()
    for seed in range(12):
        force, torque = np.split(wrench(seed, one_strength=(0.85, 0.85)), 2)
        assert force[2] == pytest.approx(WEIGHT * (1 - 0.15 / 4))
        # An arm of 28 mm each way; the reaction is km / kf of the thrust that is missing.
        np.testing.assert_allclose(np.abs(torque), 0.15 * WEIGHT / 4 * np.array(
            [0.028, 0.028, 7.94e-12 / 3.16e-10]), rtol=1e-6)
        corners.add(tuple(np.sign(torque[:2])))
    assert len(corners) == 4                    # it is not always the same one


def test_a_drone_with_one_weak_motor_still_hovers(make_drone: MakeDrone) -> None:
    drone = make_drone(VehicleConfig(motors=MotorConfig(one_strength=(0.85, 0.85))))
    assert abs(climb(drone, 8.0)) < 0.01
    assert np.linalg.norm(drone.velocity) < 0.02


@pytest.mark.parametrize('charge', [1.0, 0.5, 0.1])
def test_thrust_falls_with_the_charge_and_with_the_load(make_drone: MakeDrone,
                                                        charge: float) -> None:
    battery = BatteryConfig(charge=(charge, charge))
    drone = make_drone(dataclasses.replace(PLAIN, battery=battery))
    asked = 0.3

    def unbalance(thrust: float) -> float:
        # The cell's voltage under load; speed goes with voltage, thrust with its square.
        voltage = 3.2 + charge * 1.0 - 0.2 * thrust / WEIGHT
        return float(asked * (voltage / 4.0) ** 2 - thrust)
    expected = brentq(unbalance, 0.0, 1.0)
    assert wrenches(drone, asked, 20)[-1, 2] == pytest.approx(expected, rel=1e-3)


def test_a_full_battery_hovers_as_on_paper_and_lasts_as_stated(make_drone: MakeDrone) -> None:
    battery = BatteryConfig(endurance_s=60.0, empty_v=4.2)      # its voltage does not fall
    drone = make_drone(dataclasses.replace(PLAIN, battery=battery))
    assert wrenches(drone, WEIGHT)[0, 2] == pytest.approx(WEIGHT)
    wrenches(drone, WEIGHT, 30 * 240 - 1)
    assert drone.charge == pytest.approx(0.5, abs=1e-6)
    wrenches(drone, WEIGHT, 40 * 240)
    assert drone.charge == 0.0                                  # and not below


def test_a_low_battery_sinks_where_nothing_integrates(make_drone: MakeDrone) -> None:
    battery = BatteryConfig(charge=(0.2, 0.2), hover_sag_v=0.0, endurance_s=1e6)
    drone = make_drone(dataclasses.replace(PLAIN, battery=battery))
    # The loop must ask for weight over (3.4 V / 4.2 V)^2; only sinking makes it.
    assert climb(drone, 5.0) == pytest.approx(-WEIGHT * ((4.2 / 3.4) ** 2 - 1) / GAIN, rel=0.02)
    # The integral holds 0.12 N of the 0.139 N that lack.
    rest = WEIGHT * ((4.2 / 3.4) ** 2 - 1) - 0.12
    assert climb(make_drone(VehicleConfig(battery=battery)), 12.0) == pytest.approx(
        -rest / GAIN, rel=0.05)


@pytest.mark.parametrize('factor', [0.7, 1.3])
def test_mass_that_the_inner_loop_does_not_know(make_drone: MakeDrone, factor: float) -> None:
    config = dataclasses.replace(PLAIN, mass=(factor, factor))
    drone = make_drone(config)
    drone.step(np.zeros(4), STILL, DT)
    # At first thrust is that of the nominal weight: F = m a.
    assert drone.velocity[2] == pytest.approx(9.8 * (1 / factor - 1) * DT, rel=1e-3)
    assert climb(drone, 5.0) == pytest.approx(-(factor - 1) * WEIGHT / GAIN, rel=0.02)
    assert abs(climb(make_drone(VehicleConfig(mass=(factor, factor))), 12.0)) < 0.01
    inertia = drone._bullet.getDynamicsInfo(drone.body, -1)[2]
    np.testing.assert_allclose(inertia, factor * np.array([1.4e-5, 1.4e-5, 2.17e-5]))


@pytest.mark.parametrize('factor', [0.0, 2.0])
def test_drag_scales(make_drone: MakeDrone, factor: float) -> None:
    def forces(config: VehicleConfig) -> np.ndarray:
        drone = make_drone(config)
        return np.array(substep(drone._plant, drone._memory, 1.0, LEVEL, STILL, STILL,
                                np.zeros(4), np.array([5.0, -2.0, 1.0]), DT)[0])
    none, plain = forces(PLAIN), forces(VehicleConfig(velocity_integral=0.0))
    scaled = forces(VehicleConfig(velocity_integral=0.0, drag_scale=(factor, factor)))
    assert np.linalg.norm(plain - none) > 0.01
    np.testing.assert_allclose(scaled - none, factor * (plain - none), atol=1e-12)


@pytest.mark.parametrize('height', [0.02, 0.05, 0.2, 1.0])
def test_ground_effect_adds_what_the_formula_says(make_drone: MakeDrone, height: float) -> None:
    drone = make_drone(dataclasses.replace(PLAIN, ground_effect=True))
    least = 0.25 * 0.0231348 * np.sqrt(15 * 11.36859 / 4)       # of gym-pybullet-drones
    gain = 11.36859 * (0.0231348 / 4 / max(height, least)) ** 2
    assert wrenches(drone, WEIGHT, height=height)[0, 2] == pytest.approx(WEIGHT * (1 + gain))


def test_over_the_ground_it_flies_as_stock_gym_pybullet_drones(
        make_drone: MakeDrone, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        from gym_pybullet_drones.envs.VelocityAviary import VelocityAviary
        from gym_pybullet_drones.utils.enums import Physics
        stock = VelocityAviary(initial_xyzs=np.array([[0.0, 0.0, 0.1]]), pyb_freq=240,
                               ctrl_freq=240, physics=Physics.PYB_GND)
        stock.reset()
    ours, without = (make_drone(VehicleConfig(**BARE, ground_effect=on),    # type: ignore
                                height=0.1) for on in (True, False))
    apart, effect = [], []
    for k in range(3 * 240):
        wanted = [0.15, 0.0, 0.02 * np.sin(3 * k * DT)]
        magnitude = np.linalg.norm(wanted)
        observed, *_ = stock.step(np.array([[*(wanted / magnitude),
                                             magnitude / stock.SPEED_LIMIT]]))
        for drone in (ours, without):
            drone.step(np.array([*wanted, 0.0]), STILL, DT)
        apart.append(np.linalg.norm(ours.position - observed[0, :3]))
        effect.append(np.linalg.norm(without.position - observed[0, :3]))
    stock.close()
    assert max(apart) < 1e-3 and max(effect) > 0.01


def test_a_command_takes_effect_after_its_latency(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig]) -> None:
    def path(latency: float, steps: int) -> np.ndarray:
        simulation = simulate(make_world(vehicle={'command_latency_s': (latency, latency)}))
        rows = []
        for k in range(steps):
            if k % 24 == 0:
                simulation.command(np.array([1.0 if k < 120 else -0.5, 0.0, 0.0, 0.3]))
            simulation.step()
            rows.append(simulation.velocity)
        return np.array(rows)
    prompt, late = path(0.0, 240), path(0.1, 264)
    assert np.linalg.norm(late[23]) < 1e-3 < np.linalg.norm(late[30])
    np.testing.assert_allclose(late[24:], prompt, atol=2e-3)


@pytest.mark.parametrize('latency', [0.0, 0.05])
def test_commands_do_not_pile_up_where_time_stands_still(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig],
        latency: float) -> None:
    """A guard goes on sending to a world that has stopped; the newest of a moment counts."""
    world = make_world(vehicle={'command_latency_s': (latency, latency)})
    once, often = simulate(world), simulate(world)
    for k in range(1000):
        often.command(np.array([0.001 * k, 0.0, 0.0, 0.0]))
    once.command(np.array([0.999, 0.0, 0.0, 0.0]))
    assert len(often._arriving) == 1
    for _ in range(60):
        once.step(), often.step()
    assert np.linalg.norm(once.velocity) > 0.05 and np.array_equal(once.velocity, often.velocity)


FULL = VehicleConfig(
    mass=(0.7, 1.3), drag_scale=(0.5, 2.0), command_latency_s=(0.0, 0.1),
    motors=MotorConfig(time_constant_s=(0.0, 0.1), strength=(0.8, 1.0), one_strength=(0.7, 0.9)),
    battery=BatteryConfig(charge=(0.1, 0.9)))


def numbers(frame: Airframe) -> np.ndarray:
    """Return all draws, the motors' as their sum."""
    return np.array([np.sum(value) for value in frame])


def test_what_is_drawn_fills_its_ranges_and_comes_from_the_seed() -> None:
    def drawn(config: VehicleConfig, seed: int) -> np.ndarray:
        return numbers(draw_airframe(config, np.random.default_rng(seed)))
    table = np.array([drawn(FULL, seed) for seed in range(200)])
    np.testing.assert_array_equal(table[:3], [drawn(FULL, seed) for seed in range(3)])
    ends = np.array([(0.7, 1.3), (0.5, 2.0), (0.0, 0.1), (0.8 * 3.7, 3.9), (0.1, 0.9), (0.0, 0.1)])
    assert np.all(table >= ends[:, 0]) and np.all(table <= ends[:, 1])
    spread = ends[:, 1] - ends[:, 0]
    assert np.all(np.ptp(table, axis=0) > 0.8 * spread)
    correlations = np.corrcoef(table.T) - np.eye(6)
    assert np.all(np.abs(correlations) < 0.3)


@pytest.mark.parametrize(('key', 'column'), [('mass', 0), ('drag_scale', 1), ('motors', None),
                                             ('battery', 4), ('command_latency_s', 5)])
def test_a_range_does_not_move_what_is_drawn_from_the_others(key: str, column: int | None) -> None:
    without = dataclasses.replace(FULL, **{key: getattr(VehicleConfig(), key)})
    one, other = (numbers(draw_airframe(config, np.random.default_rng(3)))
                  for config in (FULL, without))
    columns = [2, 3] if column is None else [column]
    np.testing.assert_array_equal(np.delete(one, columns), np.delete(other, columns))
    assert np.all(one[columns] != other[columns])
