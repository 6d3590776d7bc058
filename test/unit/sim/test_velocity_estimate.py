# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Velocity estimates against the differential equations that their errors obey."""

from collections.abc import Callable

from liquid_control.runtime.inputs import Inputs
from liquid_control.signals import ImuSample, Reason, VelocityCommand
from liquid_control.sim.episode import run_episode
from liquid_control.sim.flow import Flow
from liquid_control.sim.sensor_config import BlackoutConfig
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import (
    DriftingVelocityConfig,
    FlowConfig,
    NoisyVelocityConfig,
    VelocityEstimateConfig,
)
from liquid_control.sim.velocity_estimate import DriftingVelocity, NoisyVelocity
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

Simulate = Callable[..., Simulation]
MakeWorld = Callable[..., WorldConfig]
DT = 1 / 240
LEVEL = np.array([0.0, 0.0, 0.0, 1.0])
PERFECT = {'specific_force_noise': 0.0, 'angular_velocity_noise': 0.0,
           'specific_force_bias': 0.0, 'angular_velocity_bias': 0.0}
CLEAR = FlowConfig(noise_std=0.0)
BIAS = np.array([0.1, -0.05, 0.08])


class Observer:
    """An estimate that drifts, and the flow that corrects it."""

    def __init__(self, config: DriftingVelocityConfig, flow: FlowConfig | None,
                 bias: np.ndarray, seed: int) -> None:
        self.estimate = DriftingVelocity(config, flow, bias, LEVEL, np.random.default_rng(seed))
        self._flow = None if flow is None else Flow(flow, np.random.default_rng(seed + 1))

    def update(self, sample: ImuSample, velocity: np.ndarray, dark: bool) -> np.ndarray:
        """Return the error after one substep."""
        flow = self._flow
        measured = flow.measure(velocity, dark) if flow is not None and flow.due(DT) else None
        self.estimate.update(sample, LEVEL, velocity, measured, DT)
        return self.estimate.velocity - velocity


def drifting(time_constant: float = 6.0, flow: FlowConfig | None = CLEAR,
             seed: int = 0, bias: np.ndarray = BIAS) -> Observer:
    config = DriftingVelocityConfig((time_constant, time_constant), 0.5)
    return Observer(config, flow, bias, seed)


def errors(observer: Observer, seconds: float, *, dark: bool = False,
           velocity: np.ndarray | None = None, bias: np.ndarray = BIAS) -> np.ndarray:
    """Fly steadily with a biased accelerometer, and return the estimate's errors, (T, 3)."""
    velocity = observer.estimate.start if velocity is None else velocity
    sample = ImuSample(0, np.array([0.0, 0.0, 9.8]) + bias, np.zeros(3))
    return np.array([observer.update(sample, velocity, dark)
                     for _ in range(round(seconds * 240))])


def estimate_of(**kinds: object) -> VelocityEstimateConfig:
    return VelocityEstimateConfig(**kinds)      # type: ignore[arg-type]


def test_a_perfect_imu_and_a_clear_flow_give_the_truth(simulate: Simulate,
                                                       make_world: MakeWorld) -> None:
    vehicle = {'velocity_estimate': estimate_of(drifting=DriftingVelocityConfig()), 'flow': CLEAR}
    simulation = simulate(make_world(imu=PERFECT, vehicle=vehicle), 'W3', 4)
    for k in range(720):
        if k % 24 == 0:
            simulation.command(np.array([1.0, np.sin(k / 80), 0.2, 1.0]))
        simulation.step()
        np.testing.assert_allclose(simulation.odometry.velocity, simulation.velocity, atol=1e-9)
    assert np.linalg.norm(simulation.velocity) > 0.5


def test_it_begins_and_stays_in_balance_with_the_bias() -> None:
    observer = drifting()
    assert not np.any(observer.estimate.velocity)    # the vehicle believes that it stands still
    found = errors(observer, 60.0)
    expected = BIAS * [6.0, 6.0, 0.5]           # the balance of e' = b - e / time constant
    np.testing.assert_allclose(found[0], expected, rtol=0.05)
    np.testing.assert_allclose(found, np.tile(found[:240].mean(axis=0), (len(found), 1)),
                               atol=0.004)      # but for the sawtooth between measurements


def test_without_flow_it_runs_away_and_with_it_comes_back_with_its_time_constant() -> None:
    observer = drifting()
    begin = -observer.estimate.start
    dark = errors(observer, 4.0, dark=True)[-1]
    np.testing.assert_allclose(dark[:2] - begin[:2], 4.0 * BIAS[:2], rtol=0.01)
    assert dark[2] == pytest.approx(begin[2], abs=0.004)      # the range finder sees in the dark
    t = 5.0
    back = errors(observer, t)[-1]
    rest = BIAS[:2] * 6.0
    np.testing.assert_allclose(back[:2], rest + (dark[:2] - rest) * np.exp(-t / 6.0), rtol=0.02)


@pytest.mark.parametrize('flow', [None, FlowConfig(noise_std=0.0, dropout=1.0)])
def test_what_is_lost_for_good_is_like_the_dark(flow: FlowConfig | None) -> None:
    observer = drifting(flow=flow)
    begin = -observer.estimate.start
    found = errors(observer, 3.0)[-1] - begin
    np.testing.assert_allclose(found[:2], 3.0 * BIAS[:2], rtol=0.01)
    assert (abs(found[2]) < 0.004) == (flow is not None)


def test_noise_of_the_flow_becomes_that_of_a_first_order_filter() -> None:
    flow = FlowConfig(rate_hz=60.0, noise_std=2.0)
    found = errors(drifting(0.5, flow, bias=np.zeros(3)), 400.0,
                   bias=np.zeros(3))[1200::4]
    gain = 1 - np.exp(-1 / 60.0 / 0.5)
    np.testing.assert_allclose(found.std(axis=0), 2.0 * np.sqrt(gain / (2 - gain)), rtol=0.1)


def test_a_flow_of_wrong_scale_pulls_to_a_wrong_speed() -> None:
    flow = FlowConfig(noise_std=0.0, scale=(0.8, 0.8))
    still = np.zeros(3)
    found = errors(drifting(1.0, flow, bias=still), 15.0, bias=still,
                   velocity=np.array([1.0, -0.5, 0.3]))[-1]
    np.testing.assert_allclose(found, [-0.2, 0.1, 0.0], atol=1e-3)


def test_drift_is_as_large_as_the_suite_says() -> None:
    found = []
    for seed in range(300):
        bias = 0.1 * np.random.default_rng(seed).standard_normal(3)
        observer = Observer(DriftingVelocityConfig(), FlowConfig(), bias, seed)
        found.append(errors(observer, 0.5, bias=bias)[-1])
    # Time constants of 5 to 10 s: their mean square is 58 s^2.
    np.testing.assert_allclose(np.std(found, axis=0)[:2], 0.1 * np.sqrt(175 / 3), rtol=0.12)
    assert np.std(found, axis=0)[2] < 0.08


def test_noisy_velocity_is_white_and_held() -> None:
    estimate = NoisyVelocity(NoisyVelocityConfig(0.3, 40.0), np.random.default_rng(0))
    velocity, sample = np.array([1.0, 2.0, 3.0]), ImuSample(0, np.zeros(3), np.zeros(3))
    rows = []
    for _ in range(240 * 40):
        estimate.update(sample, LEVEL, velocity, None, DT)
        rows.append(estimate.velocity - velocity)
    found = np.array(rows)
    changes = np.flatnonzero(np.any(np.diff(found, axis=0) != 0, axis=1))
    assert set(np.diff(changes)) == {6}                      # 240 Hz / 40 Hz
    fresh = found[::6]
    np.testing.assert_allclose(fresh.std(axis=0), 0.3, rtol=0.08)
    assert np.all(np.abs(np.mean(fresh[1:] * fresh[:-1], axis=0)) < 0.1 * 0.3 ** 2)


def test_the_inner_loop_flies_on_the_estimate(simulate: Simulate, make_world: MakeWorld) -> None:
    vehicle = {'velocity_estimate': estimate_of(drifting=DriftingVelocityConfig((8.0, 8.0))),
               'flow': CLEAR}
    imu = {**PERFECT, 'specific_force_bias': 0.1}
    simulation = simulate(make_world(imu=imu, vehicle=vehicle), seed=2)
    begin = simulation.velocity
    assert np.linalg.norm(begin[:2]) > 0.3
    for _ in range(240 * 6):
        # It stands still as it believes, that is, moves against its error.
        assert np.linalg.norm(simulation.odometry.velocity) < 0.1
        simulation.step()
    np.testing.assert_allclose(simulation.velocity, begin, atol=0.1)
    np.testing.assert_array_equal(simulation.odometry.position, simulation.position)
    np.testing.assert_array_equal(simulation.state.velocity, simulation.velocity)


def test_policies_get_the_estimate_and_the_record_keeps_the_truth(
        simulate: Simulate, make_world: MakeWorld) -> None:
    kind = estimate_of(noisy=NoisyVelocityConfig(0.5))
    simulation = simulate(make_world(success={'time_limit': 1.0},
                                     vehicle={'velocity_estimate': kind}))
    given, true = [], []

    class Listener:
        """Keeps what it is given."""

        def tick(self, inputs: Inputs, now_ns: int, steady_ns: int) -> VelocityCommand:
            """Hover."""
            if inputs.odometry is not None:
                given.append(inputs.odometry.velocity)
                true.append(simulation.velocity)
                np.testing.assert_array_equal(given[-1], simulation.odometry.velocity)
            return VelocityCommand(now_ns, np.zeros(4), Reason.OK)
    flight = run_episode(simulation, Listener())
    assert np.std(np.array(given) - true) == pytest.approx(0.5, rel=0.3)
    np.testing.assert_array_equal(flight.velocity, true)


def test_the_dark_of_the_camera_blinds_the_flow(simulate: Simulate,
                                                make_world: MakeWorld) -> None:
    vehicle = {'velocity_estimate': estimate_of(drifting=DriftingVelocityConfig((1.0, 1.0))),
               'flow': CLEAR}
    imu = {**PERFECT, 'specific_force_bias': 0.3}
    world = make_world(imu=imu, vehicle=vehicle,
                       success={'max_distance': 1e3},
                       camera={'blackout': BlackoutConfig(2.0, (1.5, 1.5))})
    simulation = simulate(world, seed=1)
    sizes, dark = [], []
    for _ in range(240 * 12):
        simulation.step()
        sizes.append(np.linalg.norm(
            (simulation.odometry.velocity - simulation.velocity)[:2]))
        dark.append(simulation.camera.dark(simulation.time_ns))
    edges = np.flatnonzero(np.diff(np.array(dark, int)) == 1)
    assert len(edges) >= 2
    for begin in edges[:-1]:
        assert sizes[begin + 340] > sizes[begin] + 0.1       # it has grown for 1.4 s
