# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The Gymnasium environment: checkers, the same flight as the episode loop, seeds, verdicts."""

from collections.abc import Callable, Iterator
from pathlib import Path
import subprocess
import sys
from typing import Any

import gymnasium
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv
from liquid_control.errors import ConfigError, SimulationError
from liquid_control.evaluation.splits import SPLITS
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
from liquid_control.sensing.extra import FLOW_LASTS, FLOW_NAMES
from liquid_control.sim.episode import run_episode
from liquid_control.sim.gym_env import DroneNav, TRAINING_SEEDS
from liquid_control.sim.registration import DRONE_NAV
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle import DRONE
from liquid_control.sim.wind.composition import load_wind
from liquid_control.sim.world_config import load_world
import numpy as np
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
FORWARD = np.array([1.0, 0.0, 0.0, 0.0], np.float32)
HOVER = np.zeros(4, np.float32)
MakeEnv = Callable[..., tuple[DroneNav, str]]


@pytest.fixture
def env() -> Iterator[DroneNav]:
    """Return the environment without Gymnasium's wrappers."""
    made = DroneNav()
    yield made
    made.close()


@pytest.fixture
def make_env(tmp_path: Path) -> Iterator[MakeEnv]:
    """Return a maker of environments whose camera differs from that of a shipped world."""
    made = []

    def make(name: str, camera: dict[str, Any], **options: Any) -> tuple[DroneNav, str]:
        text = yaml.safe_load(ROOT.joinpath(f'sim_worlds/{name}.yaml').read_text('utf-8'))
        text['camera'] |= camera
        path = tmp_path / 'mine.yaml'
        path.write_text(yaml.safe_dump(text))
        made.append(DroneNav(world=str(path), **options))
        return made[-1], str(path)
    yield make
    for one in made:
        one.close()


def finish(env: DroneNav, action: np.ndarray) -> list[Any]:
    """Repeat an action until the flight is over; return all that the steps returned."""
    steps = [env.step(action)]
    while not (steps[-1][2] or steps[-1][3]):
        steps.append(env.step(action))
    return steps


@pytest.mark.filterwarnings('error')
def test_gymnasiums_checker_has_nothing_to_say() -> None:
    made = gymnasium.make(DRONE_NAV, render_mode='rgb_array')
    check_env(made.unwrapped)
    made.close()


@pytest.mark.filterwarnings('error:::stable_baselines3')
def test_stable_baselines3s_checker_has_nothing_to_say(env: DroneNav) -> None:
    checker = pytest.importorskip('stable_baselines3.common.env_checker',
                                  reason='stable-baselines3 is not installed')
    checker.check_env(env)


@pytest.mark.parametrize('camera', [{}, {'latency_s': [0.06, 0.06], 'jitter': 0.3, 'drop': 0.1}],
                         ids=['shipped', 'late'])
def test_a_policy_flies_as_in_the_episode_loop(make_env: MakeEnv, camera: dict[str, Any]
                                               ) -> None:
    bundle = Bundle.load(find(DEFAULT_POLICY))
    env, world = make_env('forest', camera)
    simulation = Simulation(load_world(world), load_wind('W3'), 11)
    controller = Controller(bundle)
    controller.engage(True)
    flight = run_episode(simulation, controller)
    simulation.close()

    stepper = Stepper(bundle)
    state, sent, over, rewards = stepper.initial_state(), [], False, 0.0
    observation, info = env.reset(options={'flight_seed': 11, 'wind': 'W3'})
    begun, before_s = info['distance'], info['time_s']
    while not over:
        dt = np.clip(observation['dt'][0], 0.0, bundle.spec.dt_range[1])
        result = stepper.step(stepper.encode(observation['frame']), observation['imu'],
                              np.zeros(0, np.float32), state, float(dt))
        state = result.state
        observation, reward, terminated, truncated, info = env.step(result.command)
        assert env.observation_space.contains(observation)
        rewards += reward
        over = terminated or truncated
        sent.append(info['command'])
    # Not to the bit: dt comes as float32.
    np.testing.assert_allclose(sent, flight.command, atol=1e-3)
    assert (info['outcome'], info['time_s']) == (flight.outcome, pytest.approx(flight.time_s))
    last = {'reached': 10.0, 'collision': -10.0, 'out_of_bounds': -10.0, 'timeout': 0.0}
    assert rewards == pytest.approx(begun - info['distance'] - 0.1 * (flight.time_s - before_s)
                                    + last[flight.outcome])


def test_actions_are_shares_of_the_limits_reached_at_the_acceleration(env: DroneNav) -> None:
    env.reset(seed=0)
    vx = DRONE.axes[0]
    first = env.step(FORWARD)[4]['command']
    assert 0 <= first[0] <= vx.acceleration * 5 / 240 * 3      # from rest, not at once
    assert any(np.allclose(env.step(FORWARD)[4]['command'], [vx.limit, 0, 0, 0])
               for _ in range(15))


def test_a_step_lasts_as_long_as_dt_says(make_env: MakeEnv) -> None:
    slow, _ = make_env('empty', {'rate_hz': [20.0, 20.0], 'jitter': 0.5, 'drop': 0.3})
    _, info = slow.reset(options={'flight_seed': 3})
    intervals = []
    for _ in range(40):
        before = info['time_s']
        observation, _, _, _, info = slow.step(HOVER)
        assert observation['dt'][0] == pytest.approx(info['time_s'] - before, rel=1e-5)
        intervals.append(observation['dt'][0])
    assert min(intervals) < 0.05 and max(intervals) > 0.08


def test_optional_inputs_come_by_the_names_of_bundles(make_env: MakeEnv) -> None:
    names = ('frame_brightness', 'velocity_x', 'velocity_z')
    env, _ = make_env('empty', {}, extra=names)
    observation, _ = env.reset(options={'flight_seed': 0, 'wind': 'W0'})
    assert env.observation_space.contains(observation)
    np.testing.assert_allclose(observation['extra'], [observation['frame'].mean() / 255, 0, 0],
                               atol=1e-6)
    for _ in range(30):
        observation, *_ = env.step(FORWARD)
    assert observation['extra'][1] == pytest.approx(DRONE.axes[0].limit, rel=0.15)
    assert abs(observation['extra'][2]) < 0.1
    with pytest.raises(ConfigError, match="unknown input 'velocity_w'; did you mean 'velocity_"):
        DroneNav(extra=('velocity_w',))


def test_optical_flow_comes_and_is_of_its_own_flight(make_env: MakeEnv) -> None:
    env, _ = make_env('empty', {}, extra=FLOW_NAMES)
    for _ in range(2):
        observation, _ = env.reset(options={'flight_seed': 0, 'wind': 'W0'})
        assert observation['extra'].tolist() == [0.0, 0.0, FLOW_LASTS], 'none was measured yet'
        for _ in range(30):
            observation, *_ = env.step(FORWARD)
        assert observation['extra'][0] == pytest.approx(DRONE.axes[0].limit, rel=0.3)
        assert abs(observation['extra'][1]) < 0.5 and observation['extra'][2] < 0.1


def test_verdicts_terminate_and_the_time_limit_truncates(env: DroneNav) -> None:
    def ending(action: np.ndarray, seed: int) -> tuple[str, float, bool, bool]:
        env.reset(options={'flight_seed': seed})
        _, reward, terminated, truncated, info = finish(env, action)[-1]
        assert info['is_success'] == (info['outcome'] == 'reached')
        return info['outcome'], reward, terminated, truncated
    outcome, reward, *flags = ending(np.array([0, 0, -1, 0], np.float32), 0)
    assert (outcome, flags) == ('collision', [True, False]) and -11 < reward < -9
    outcome, reward, *flags = ending(np.array([0, 0, 1, 0], np.float32), 0)
    assert (outcome, flags) == ('out_of_bounds', [True, False]) and -11 < reward < -9
    outcome, reward, *flags = ending(HOVER, 0)
    assert (outcome, flags) == ('timeout', [False, True]) and abs(reward) < 1


def test_a_ground_robot_has_two_axes_and_leaves_its_lane() -> None:
    env = DroneNav('road', winds=('W0',))
    env.reset(options={'flight_seed': 500_000})
    assert env.action_space.shape == (2,)
    _, reward, terminated, truncated, info = finish(env, np.array([0.6, 0.4], np.float32))[-1]
    env.close()
    assert (info['outcome'], terminated, truncated) == ('off_lane', True, False)
    assert -11 < reward < -9 and len(info['command']) == 2


def test_flights_are_drawn_from_the_training_seeds(env: DroneNav) -> None:
    assert TRAINING_SEEDS == SPLITS['training']
    both = DroneNav(winds=('W0', 'W4'))
    infos = [both.reset(seed=5)[1]] + [both.reset()[1] for _ in range(9)]
    again = [both.reset(seed=5)[1]] + [both.reset()[1] for _ in range(9)]
    both.close()
    assert [info['flight_seed'] for info in infos] == [info['flight_seed'] for info in again]
    assert len({info['flight_seed'] for info in infos}) == 10
    assert all(info['flight_seed'] in TRAINING_SEEDS for info in infos)
    assert {info['wind'] for info in infos} == {'W0', 'W4'}
    assert env.reset(options={'flight_seed': 600_000})[1]['flight_seed'] == 600_000


@pytest.mark.parametrize('vectorise', [SyncVectorEnv, AsyncVectorEnv])
def test_it_vectorises(vectorise: type[VectorEnv]) -> None:
    def make() -> gymnasium.Env:
        return gymnasium.make(DRONE_NAV, world='empty')
    vector = vectorise([make, make])
    observation, _ = vector.reset(seed=7)
    actions = np.stack([FORWARD, HOVER])
    for _ in range(5):
        observation, rewards, *_ = vector.step(actions)
    vector.close()
    assert observation['frame'].shape == (2, 48, 64, 3) and rewards.shape == (2,)
    alone = gymnasium.make(DRONE_NAV, world='empty')
    for row, action in enumerate(actions):      # each as if it were alone
        alone.reset(seed=7 + row)
        for _ in range(5):
            single, *_ = alone.step(action)
        for key, value in single.items():
            np.testing.assert_array_equal(observation[key][row], value)
    alone.close()


def test_what_is_wrong_is_said(env: DroneNav) -> None:
    with pytest.raises(SimulationError, match='found none; call reset'):
        env.step(HOVER)
    with pytest.raises(ConfigError, match="unknown option 'flight_sed'.*flight_seed"):
        env.reset(options={'flight_sed': 1})
    with pytest.raises(ConfigError, match='winds: expected a sequence'):
        DroneNav(winds='W2')
    with pytest.raises(ConfigError, match='render_mode: expected rgb_array'):
        DroneNav(render_mode='human')
    env.reset(options={'flight_seed': 0})
    finish(env, np.array([0, 0, -1, 0], np.float32))
    with pytest.raises(SimulationError, match='one that is over'):
        env.step(HOVER)


def test_registration_is_light() -> None:
    code = ('import sys, liquid_control.sim.registration as r, gymnasium; gymnasium.spec('
            'r.DRONE_NAV); sys.exit(bool({"pybullet", "torch", "numba"} & set(sys.modules)))')
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0


def test_the_example_reaches_its_target() -> None:
    result = subprocess.run([sys.executable, str(ROOT / 'examples/gymnasium_drone.py')],
                            capture_output=True, text=True, timeout=120, check=True)
    assert result.stdout.startswith('reached after')
