# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""An IMU at rest reads +g on z; signs, noise and bias are those of REP-145 and of the YAML."""

from collections.abc import Callable

from liquid_control.signals import ImuSample, NANOSECONDS
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


def series(seconds: float, seed: int = 0, **settings: float) -> np.ndarray:
    """Return the errors (n, 6) of an IMU at rest."""
    imu = Imu(ImuConfig(**{**SILENT, **settings}), np.random.default_rng(seed))
    samples = [imu.sample(0, LEVEL, NONE, NONE) for _ in range(round(seconds * 240))]
    return np.array([[*one.specific_force, *one.angular_velocity] for one in samples]) - [
        0, 0, GRAVITY, 0, 0, 0]


def allan_deviation(values: np.ndarray, seconds: float) -> np.ndarray:
    """
    Return the Allan deviation, (2,) of specific force and of angular velocity.

    :param values: (n, 6) at 240 Hz; the three axes of a kind count as one series.
    :param seconds: averaging time.
    """
    count = round(seconds * 240)
    sums = np.cumsum(np.vstack([np.zeros(6), values]), axis=0)
    means = (sums[count:] - sums[:-count]) / count             # overlapping
    squares = np.mean((means[count:] - means[:-count]) ** 2, axis=0) / 2
    return np.sqrt(squares.reshape(2, 3).mean(axis=1))


def gauss_markov(sd: float, constant: float, t: float) -> float:
    """Return its Allan deviation (IEEE Std 952-1997, annex C.1.1.8, with q^2 = 2 sd^2 / T)."""
    ratio = constant / t
    return sd * np.sqrt(2 * ratio * (1 - ratio / 2 * (
        3 - 4 * np.exp(-1 / ratio) + np.exp(-2 / ratio))))


def test_allan_deviation_of_white_noise_falls_with_the_root_of_time() -> None:
    values = series(200.0, specific_force_noise=0.2, angular_velocity_noise=0.03)
    for t in (0.02, 0.1, 0.5):
        expected = np.array([0.2, 0.03]) / np.sqrt(240 * t)
        np.testing.assert_allclose(allan_deviation(values, t), expected, rtol=0.1)


def test_allan_deviation_of_a_walk_rises_with_the_root_of_time() -> None:
    values = series(300.0, specific_force_walk=0.05, angular_velocity_walk=0.004)
    for t in (0.05, 0.2, 0.6):
        expected = np.array([0.05, 0.004]) * np.sqrt(t / 3)
        np.testing.assert_allclose(allan_deviation(values, t), expected, rtol=0.1)


def test_allan_deviation_of_the_instability_has_its_hill() -> None:
    values = series(400.0, specific_force_instability=0.1, angular_velocity_instability=0.02,
                    instability_time_constant_s=0.15)
    np.testing.assert_allclose(values.reshape(-1, 2, 3).std(axis=(0, 2)), [0.1, 0.02], rtol=0.1)
    for t in (0.04, 0.15, 0.3, 0.9):
        expected = np.array([0.1, 0.02]) * gauss_markov(1.0, 0.15, t)
        np.testing.assert_allclose(allan_deviation(values, t), expected, rtol=0.1)
    # Its top, 0.618 sd, is at 1.89 time constants: the standard's 0.437 q sqrt(T).
    assert gauss_markov(1.0, 1.0, 1.89) == pytest.approx(0.437 * np.sqrt(2), rel=0.01)


def test_a_whole_specification_is_met_at_all_times() -> None:
    values = series(400.0, 1, specific_force_noise=0.5, angular_velocity_noise=0.05,
                    specific_force_instability=0.1, angular_velocity_instability=0.01,
                    instability_time_constant_s=0.1, specific_force_walk=0.2,
                    angular_velocity_walk=0.02, specific_force_bias=1.0)
    for t in (0.02, 0.1, 0.3, 0.9):
        for found, scale in zip(allan_deviation(values, t), (1.0, 0.1)):
            squares = (0.5 ** 2 / (240 * t) + gauss_markov(0.1, 0.1, t) ** 2
                       + 0.2 ** 2 * t / 3)
            assert found == pytest.approx(scale * np.sqrt(squares), rel=0.1)


def test_a_kind_of_error_does_not_move_the_others() -> None:
    plain = series(5.0, 3, specific_force_noise=0.2, specific_force_bias=0.1)
    walk = series(5.0, 3, specific_force_walk=0.2)
    both = series(5.0, 3, specific_force_noise=0.2, specific_force_bias=0.1,
                  specific_force_walk=0.2)
    np.testing.assert_allclose(both, plain + walk, atol=1e-12)
    np.testing.assert_array_equal(series(5.0, 3, specific_force_walk=0.2), walk)


def test_scale_is_an_error_of_each_axis_fixed_over_a_flight() -> None:
    factors = []
    for seed in range(200):
        imu = Imu(ImuConfig(**SILENT, specific_force_scale=0.02, angular_velocity_scale=0.05),
                  np.random.default_rng(seed))
        first, second = (imu.sample(0, LEVEL, np.array([a, a, a - GRAVITY]), np.full(3, a))
                         for a in (1.0, -4.0))
        np.testing.assert_allclose(second.specific_force, -4 * first.specific_force)
        factors.append([*first.specific_force, *first.angular_velocity])
    np.testing.assert_allclose(np.mean(factors, axis=0), 1.0, atol=0.02)
    np.testing.assert_allclose(np.std(factors, axis=0), [0.02] * 3 + [0.05] * 3, rtol=0.2)


def test_readings_saturate_with_their_errors() -> None:
    imu = Imu(ImuConfig(specific_force_limit=15.0, angular_velocity_limit=2.0),
              np.random.default_rng(0))
    sample = imu.sample(0, LEVEL, np.array([-40.0, 3.0, 40.0]), np.array([9.0, -9.0, 0.5]))
    np.testing.assert_array_equal(sample.specific_force[[0, 2]], [-15.0, 15.0])
    np.testing.assert_array_equal(sample.angular_velocity[:2], [2.0, -2.0])
    assert abs(sample.specific_force[1] - 3.0) < 1 and abs(sample.angular_velocity[2] - 0.5) < 0.1


def test_latency_delays_samples_and_not_their_stamps(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig]) -> None:
    prompt = simulate(make_world(), seed=1)
    late = simulate(make_world(imu={'latency_s': (0.05, 0.05)}), seed=1)
    first = [prompt.sense().imu] + [prompt.step().imu for _ in range(60)]
    second = [late.sense().imu] + [late.step().imu for _ in range(72)]
    assert second[:12] == [None] * 12
    for one, other in zip(first, second[12:], strict=True):
        assert one is not None and other is not None and one.stamp_ns == other.stamp_ns
        np.testing.assert_array_equal(one.specific_force, other.specific_force)


@pytest.mark.parametrize('rate', [25.0, 50.0, 100.0, 240.0])
def test_latency_is_that_of_the_specification_whatever_the_rate(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig],
        rate: float) -> None:
    """To half a substep; samples come in their order, as many as without."""
    late = simulate(make_world(imu={'latency_s': (0.015, 0.015), 'rate_hz': rate}), seed=1)
    stamps = []
    late.sense()
    for _ in range(240):
        imu = late.step().imu
        if imu is not None:
            stamps.append(imu.stamp_ns)
            assert (late.time_ns - imu.stamp_ns) * 1e-9 == pytest.approx(0.015, abs=0.5 / 240)
    assert stamps == sorted(set(stamps)) and len(stamps) >= rate - 4


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


@pytest.mark.parametrize('rate', [100.0, 60.0, 239.0])
def test_a_slower_imu_gives_means_that_hold_all_of_the_motion(rate: float) -> None:
    """So many samples a second, at stamps of the physics, whose sum over time is the same."""
    def motion(k: int) -> np.ndarray:
        return np.array([0.0, 0.0, np.sin(k / 30.0)])

    def fly(config: ImuConfig) -> list[ImuSample]:
        imu = Imu(config, np.random.default_rng(4))
        level = np.array([0.0, 0.0, 0.0, 1.0])
        samples = (imu.delivered(imu.sample(k * NANOSECONDS // 240, level, motion(k),
                                            np.zeros(3))) for k in range(1, 2401))
        return [sample for sample in samples if sample is not None]

    fast, slow = fly(ImuConfig()), fly(ImuConfig(rate_hz=rate))
    assert len(fast) == 2400
    assert abs(len(slow) - 10 * rate) <= 1
    stamps = np.array([sample.stamp_ns for sample in slow])
    assert set(stamps) <= {sample.stamp_ns for sample in fast}
    spans = np.diff(stamps, prepend=0) / NANOSECONDS
    whole = sum(sample.specific_force for sample in fast if sample.stamp_ns <= stamps[-1]) / 240
    summed = sum(sample.specific_force * span for sample, span in zip(slow, spans))
    np.testing.assert_allclose(summed, whole, rtol=1e-6)
