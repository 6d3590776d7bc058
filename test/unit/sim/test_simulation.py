# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A simulation obeys, times out, ends in one way, and repeats itself to the bit."""

from collections.abc import Callable
from dataclasses import replace
import gc
import hashlib
from pathlib import Path
import subprocess
import sys

from liquid_control.errors import DependencyError, SimulationError
from liquid_control.signals import NANOSECONDS
from liquid_control.sim.outcome import Outcome
from liquid_control.sim.sensor_config import BlackoutConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_changes import changed
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest

Simulate = Callable[..., Simulation]
MakeWorld = Callable[..., WorldConfig]

FINGERPRINT = """
import hashlib
import numpy as np
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
digest = hashlib.sha256()
simulation = Simulation(load_world('forest'), load_wind('W3'), {seed})
for k in range(240):
    if k % 8 == 0:
        simulation.command(np.array([np.sin(k / 40), 0.4, 0.1, 1.0]))
    imu, frame, *_ = simulation.step()
    digest.update(simulation.position.tobytes() + simulation.state.orientation.tobytes())
    digest.update(imu.specific_force.tobytes() + imu.angular_velocity.tobytes())
    digest.update(frame.image.tobytes() if frame is not None else b'-')
simulation.close()
print(digest.hexdigest())
"""


def fingerprint(seed: int, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the hash of a second of flight: truth, IMU and every pixel."""
    exec(compile(FINGERPRINT.format(seed=seed), 'fingerprint', 'exec'), {})  # noqa: S102
    return capsys.readouterr().out.split()[-1]


def advance(simulation: Simulation, seconds: float, command: list[float] | None = None) -> None:
    """Step; a command is given anew at every substep."""
    for _ in range(round(seconds * 240)):
        if command is not None:
            simulation.command(np.array(command))
        simulation.step()


def toward(simulation: Simulation, place: np.ndarray, speed: float = 1.5) -> None:
    """Fly straight at a place until the flight is over."""
    while simulation.outcome is None:
        away = place - simulation.position
        direction = speed * away / np.linalg.norm(away)
        cos, sin = np.cos(simulation.yaw), np.sin(simulation.yaw)
        simulation.command(np.array([cos * direction[0] + sin * direction[1],
                                     cos * direction[1] - sin * direction[0],
                                     direction[2], 0.0]))
        simulation.step()


def test_starts_at_rest_where_the_scene_says(simulate: Simulate) -> None:
    simulation = simulate('forest', 'W2', 3)
    assert simulation.time_ns == 0 and simulation.outcome is None
    np.testing.assert_array_equal(simulation.position, simulation.scene.start)
    assert simulation.yaw == pytest.approx(simulation.scene.start_yaw)
    assert not np.any(simulation.velocity)
    assert np.linalg.norm(simulation.wind_velocity) > 0.5
    expected = np.linalg.norm(simulation.scene.target - simulation.scene.start)
    assert simulation.distance_to_target == pytest.approx(expected)


def test_time_goes_by_substeps_without_drift(simulate: Simulate) -> None:
    simulation = simulate()
    first = simulation.sense()
    assert first.imu.stamp_ns == 0
    assert first.frame is not None and first.frame.stamp_ns == 0      # a frame at once
    stamps = [simulation.step().imu.stamp_ns for _ in range(480)]
    assert stamps[239] == 1_000_000_000 and stamps[479] == 2_000_000_000
    assert set(np.diff(stamps)) <= {4166666, 4166667}


def test_state_has_the_rates_in_the_body_and_the_velocity_in_the_world(
        simulate: Simulate) -> None:
    simulation = simulate()
    advance(simulation, 1.0, [0.5, 0.0, 0.0, 1.0])
    state = simulation.state
    assert state.stamp_ns == simulation.time_ns
    assert state.angular_velocity[2] == pytest.approx(1.0, abs=0.1)
    forward = [np.cos(simulation.yaw), np.sin(simulation.yaw), 0.0]
    assert state.velocity @ forward > 0.3
    np.testing.assert_array_equal(state.position, simulation.position)


def test_a_command_is_held_for_its_timeout_and_then_the_drone_hovers(simulate: Simulate) -> None:
    simulation = simulate()
    start = simulation.position
    simulation.command(np.array([1.0, 0.0, 0.0, 0.5]))
    speeds = []
    for _ in range(4 * 240):
        simulation.step()
        speeds.append(np.linalg.norm(simulation.velocity))
    fastest = int(np.argmax(speeds)) / 240
    assert max(speeds) > 0.4 and 0.28 < fastest < 0.55         # 0.3 s, and the loop's lag
    assert speeds[-1] < 0.02 and abs(simulation.state.angular_velocity[2]) < 0.01
    assert np.linalg.norm(simulation.position - start) < 1.0


def test_timeout_is_measured_from_the_latest_command(simulate: Simulate) -> None:
    simulation = simulate()
    for _ in range(20):                     # every 0.25 s: never silent for 0.3 s
        simulation.command(np.array([1.0, 0.0, 0.0, 0.0]))
        advance(simulation, 0.25)
    assert np.linalg.norm(simulation.velocity) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize('bad', [[np.nan, 0, 0, 0], [0, np.inf, 0, 0], [1, 0, 0], [[1, 0, 0, 0]],
                                 [1, 0, 0, 0, 0]])
def test_a_bad_command_is_refused_and_nothing_moves(simulate: Simulate, bad: list) -> None:
    simulation = simulate()
    start = simulation.position
    with pytest.raises(SimulationError, match='command: expected 4 finite numbers, found'):
        simulation.command(np.array(bad, dtype=float))
    advance(simulation, 1.0)
    assert np.linalg.norm(simulation.position - start) < 0.01
    assert np.all(np.isfinite(simulation.position))


def test_the_caller_may_reuse_its_array(simulate: Simulate) -> None:
    simulation = simulate()
    values = np.zeros(4)
    simulation.command(values)
    values[0] = 2.0
    advance(simulation, 0.25)
    assert np.linalg.norm(simulation.velocity) < 0.01


def test_reached(simulate: Simulate) -> None:
    simulation = simulate(seed=4)
    toward(simulation, simulation.scene.target)
    assert simulation.outcome is Outcome.REACHED
    assert 0.65 < simulation.distance_to_target < 0.7           # at the rim of success


def test_collision_with_the_ground(simulate: Simulate) -> None:
    simulation = simulate()
    toward(simulation, simulation.position - [0.0, 0.0, 5.0], speed=0.5)
    assert simulation.outcome is Outcome.COLLISION
    assert 0.0 < simulation.position[2] < 0.05      # its hull is 2.5 cm high


def test_collision_with_a_pillar_when_the_hull_touches_it(simulate: Simulate) -> None:
    simulation = simulate('forest', seed=1)
    pillars = simulation.scene.pillars[simulation.scene.pillars[:, 3] > 2]
    away = np.linalg.norm(pillars[:, :2] - simulation.position[:2], axis=1) - pillars[:, 2]
    x, y, radius, _ = pillars[np.argmin(away)]
    toward(simulation, np.array([x, y, 1.0]), speed=0.8)
    assert simulation.outcome is Outcome.COLLISION
    surface = np.linalg.norm(simulation.position[:2] - [x, y]) - radius
    assert 0.04 < surface < 0.09                    # its hull's radius is 6 cm


def test_timeout(simulate: Simulate, make_world: MakeWorld) -> None:
    simulation = simulate(make_world(success={'time_limit': 0.5}))
    for _ in range(119):
        simulation.step()
        assert simulation.outcome is None
    simulation.step()
    assert simulation.outcome is Outcome.TIMEOUT and simulation.time_ns == 500_000_000


@pytest.mark.parametrize(('limit', 'goal'), [
    ({'max_distance': 2.0}, [0.0, 50.0, 1.0]), ({'max_altitude': 1.5}, [0.0, 0.0, 50.0])])
def test_out_of_bounds(simulate: Simulate, make_world: MakeWorld, limit: dict[str, float],
                       goal: list[float]) -> None:
    simulation = simulate(make_world(success=limit, target={'bearing_deg': (0.0, 0.0)},
                                     start={'yaw_deg': (-90.0, -90.0)}))
    toward(simulation, np.array(goal), speed=0.8)
    assert simulation.outcome is Outcome.OUT_OF_BOUNDS
    far = (np.linalg.norm(simulation.position - simulation.scene.start)
           if 'max_distance' in limit else simulation.position[2])
    assert next(iter(limit.values())) < far < next(iter(limit.values())) + 0.02


def test_the_first_outcome_stands(simulate: Simulate, make_world: MakeWorld) -> None:
    simulation = simulate(make_world(success={'time_limit': 0.1}))
    advance(simulation, 0.2, [0.0, 0.0, -1.0, 0.0])
    assert simulation.outcome is Outcome.TIMEOUT
    advance(simulation, 2.0, [0.0, 0.0, -1.0, 0.0])
    assert simulation.position[2] < 0.1 and simulation.outcome is Outcome.TIMEOUT


def test_same_seed_same_flight_to_the_bit(capsys: pytest.CaptureFixture[str]) -> None:
    first = fingerprint(5, capsys)
    assert fingerprint(5, capsys) == first
    assert fingerprint(6, capsys) != first
    fresh = subprocess.run([sys.executable, '-c', FINGERPRINT.format(seed=5)], check=True,
                           capture_output=True, text=True, timeout=120)
    assert fresh.stdout.split()[-1] == first


def test_two_simulations_do_not_disturb_each_other(simulate: Simulate) -> None:
    def digest(simulations: list[Simulation]) -> str:
        state = hashlib.sha256()
        for _ in range(240):
            for index, simulation in enumerate(simulations):
                simulation.command(np.array([0.5 + index, 0.2, 0.0, 0.3]))
                sensed = simulation.step()
                if index == 0:
                    state.update(simulation.position.tobytes())
                    state.update(sensed.imu.specific_force.tobytes())
                    if sensed.frame is not None:
                        state.update(sensed.frame.image.tobytes())
        return state.hexdigest()
    alone = digest([simulate('forest', 'W2', 8)])
    beside = digest([simulate('forest', 'W2', 8), simulate('forest', 'W5', 9)])
    assert alone == beside


def test_a_closed_simulation_says_so_and_leaves_the_next_alone() -> None:
    closed = Simulation(load_world('empty'), load_wind('W0'), 0)
    closed.close()
    open_one = Simulation(load_world('empty'), load_wind('W0'), 0)
    with pytest.raises(SimulationError, match='this world is closed'):
        closed.step()
    closed.close()
    open_one.step()
    open_one.close()


def test_wind_and_sensor_faults_do_not_move_the_scene(simulate: Simulate,
                                                      make_world: MakeWorld) -> None:
    plain = simulate('forest', 'W0', 21)
    other = simulate(make_world('forest', camera={'noise_std': 9.0, 'drop': 0.5}), 'W5', 21)
    np.testing.assert_array_equal(plain.scene.pillars, other.scene.pillars)
    np.testing.assert_array_equal(plain.scene.target, other.scene.target)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(SimulationError, match='seed: expected 0 or more, found -1'):
        Simulation(load_world('empty'), load_wind('W0'), -1)


@pytest.mark.parametrize('module', ['pybullet', 'gym_pybullet_drones'])
def test_missing_dependency_names_the_command(module: str,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(DependencyError, match=f'needs {module}.*run "make setup"'):
        Simulation(load_world('empty'), load_wind('W0'), 0)


def test_other_sensors_in_flight_take_up_from_the_next_substep_and_move_nothing() -> None:
    world = load_world('forest')
    night = BlackoutConfig(0.01, (90.0, 91.0))
    dark = replace(world, camera=replace(world.camera, blackout=night),
                   imu=replace(world.imu, specific_force_bias=100.0))
    flights = [Simulation(world, load_wind('W2'), 500_000) for _ in range(2)]
    frames = []
    for substep in range(60):
        if substep == 20:
            flights[1].set_sensors(dark)
        sensed = [flight.step() for flight in flights]
        assert all(one.imu is not None for one in sensed)
        frames += [sensed[1].frame] if sensed[1].frame is not None else []
        assert np.array_equal(flights[0].position, flights[1].position)
    stamps = [frame.stamp_ns for frame in frames]
    assert stamps == sorted(set(stamps)) and frames[0].image.any() and not frames[-1].image.any()
    new = [stamp for stamp in stamps if stamp > 20 * NANOSECONDS // 240]
    assert min(np.diff(new)) > 25e6, 'the new camera makes up for none'
    assert np.abs(sensed[1].imu.specific_force - sensed[0].imu.specific_force).max() > 20
    for flight in flights:
        flight.close()


def test_a_flight_controller_keeps_its_imu_when_the_one_of_the_policy_fails() -> None:
    vehicle = {'velocity_estimate': {'drifting': {}}}
    world = changed(load_world('empty'), {'vehicle': vehicle}, '')
    biased = replace(world, imu=replace(world.imu, specific_force_bias=5.0))
    flights = [Simulation(world, load_wind('W2'), 500_000) for _ in range(2)]
    for substep in range(240):
        if substep == 20:
            flights[1].set_sensors(biased)
        sensed = [flight.step() for flight in flights]
    assert all(one.imu is not None for one in sensed)
    assert np.abs(sensed[1].imu.specific_force - sensed[0].imu.specific_force).max() > 1.0
    assert np.array_equal(flights[0].position, flights[1].position)
    assert np.array_equal(flights[0].odometry.velocity, flights[1].odometry.velocity)
    for flight in flights:
        flight.close()


def test_a_simulation_that_is_closed_leaves_no_memory_behind() -> None:
    """A world that is reset for hours, and a worker that flies thousands of seeds, live by it."""
    def held() -> float:
        gc.collect()
        lines = Path('/proc/self/status').read_text('ascii', errors='replace').splitlines()
        return int(next(line for line in lines if line.startswith('RssAnon')).split()[1]) / 1024

    world, wind = load_world('forest'), load_wind('W2')
    after = []
    for _ in range(30):
        simulation = Simulation(world, wind, 500_000)
        simulation.step()
        simulation.close()
        after.append(held())
    assert after[-1] - after[9] < 1.0, f'MB: {after}'     # Bullet kept 4.6 MB of twenty
