# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""All models at once: the same flight twice to the bit, and nothing left behind by another."""

from collections.abc import Callable
import dataclasses
import hashlib

from liquid_control.sim.gym_env import DroneNav
from liquid_control.sim.sensor_config import (
    BlackoutConfig,
    DepthConfig,
    ExposureConfig,
    ImuConfig,
    LightChangeConfig,
    LightConfig,
    RangeFinderConfig,
)
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.vehicle_config import (
    BatteryConfig,
    DriftingVelocityConfig,
    MotorConfig,
    NoisyVelocityConfig,
    VehicleConfig,
    VelocityEstimateConfig,
)
from liquid_control.sim.world_config import load_world, WorldConfig
import numpy as np
import pytest
import yaml

Simulate = Callable[..., Simulation]
CAMERA = {
    'plain': {}, 'shutter': {'shutter_s': 0.03}, 'depth': {'depth': DepthConfig(noise=0.01)},
    'changes': {'light_changes': LightChangeConfig(0.3), 'exposure': ExposureConfig(),
                'light': LightConfig(brightness=(0.5, 1.5))},
    'dark': {'blackout': BlackoutConfig(0.5), 'latency_s': (0.0, 0.05)}}
IMU = {
    'instability': {'specific_force_instability': 0.1, 'angular_velocity_instability': 0.1},
    'walk': {'specific_force_walk': 0.1}, 'scale': {'specific_force_scale': 0.1},
    'limit': {'specific_force_limit': 10.0}, 'latency': {'latency_s': (0.0, 0.05)}}
VEHICLE = {
    'mass': {'mass': (0.7, 1.3)}, 'drag': {'drag_scale': (0.5, 2.0)},
    'latency': {'command_latency_s': (0.0, 0.1)}, 'ground': {'ground_effect': True},
    'motors': {'motors': MotorConfig((0.0, 0.1), (0.8, 1.0), (0.8, 1.0), 0.9)},
    'battery': {'battery': BatteryConfig((0.2, 0.9))},
    'noisy': {'velocity_estimate': VelocityEstimateConfig(noisy=NoisyVelocityConfig())},
    'drifting': {'velocity_estimate': VelocityEstimateConfig(
        drifting=DriftingVelocityConfig())}}


def world(camera: dict = {}, imu: dict = {}, vehicle: dict = {}) -> WorldConfig:  # noqa: B006
    """Return the forest with other sensors and another vehicle."""
    plain = load_world('forest')
    return dataclasses.replace(
        plain, camera=dataclasses.replace(plain.camera, **camera), imu=ImuConfig(**imu),
        vehicle=VehicleConfig(**vehicle),
        range_finder=RangeFinderConfig(noise_std=0.01) if camera or imu or vehicle else None)


def merged(table: dict[str, dict]) -> dict:
    """Return all entries of a table as one."""
    return {key: value for entry in table.values() for key, value in entry.items()}


def fingerprint(simulation: Simulation, steps: int = 200) -> str:
    """Return a hash of truth, odometry and everything sensed."""
    digest = hashlib.sha256()
    for k in range(steps):
        if k % 16 == 0:
            simulation.command(np.array([np.sin(k / 40), 0.4, -0.1, 1.0]))
        sensed = simulation.step()
        digest.update(simulation.position.tobytes() + simulation.odometry.velocity.tobytes())
        if sensed.imu is not None:
            digest.update(sensed.imu.specific_force.tobytes())
            digest.update(sensed.imu.angular_velocity.tobytes())
        if sensed.frame is not None:
            digest.update(sensed.frame.image.tobytes())
        digest.update(b'' if sensed.depth is None else sensed.depth.tobytes())
        digest.update(repr(sensed.ground).encode())
    return digest.hexdigest()


@pytest.mark.parametrize(('section', 'name'), [
    *(('camera', name) for name in CAMERA), *(('imu', name) for name in IMU),
    *(('vehicle', name) for name in VEHICLE)])
def test_each_model_repeats_itself_to_the_bit_and_does_something(simulate: Simulate, section: str,
                                                                 name: str) -> None:
    settings = {'camera': CAMERA, 'imu': IMU, 'vehicle': VEHICLE}[section][name]
    changed = world(**{section: settings})
    first, second = (fingerprint(simulate(changed, 'W3', 11)) for _ in range(2))
    assert first == second
    without = dataclasses.replace(world(), range_finder=changed.range_finder)
    assert (first != fingerprint(simulate(without, 'W3', 11))) == bool(settings)
    assert first != fingerprint(simulate(changed, 'W3', 12))


def test_a_second_episode_is_what_it_would_be_alone(simulate: Simulate) -> None:
    everything = world(merged(CAMERA), merged(IMU), merged(VEHICLE) | VEHICLE['drifting'])
    alone = fingerprint(simulate(everything, 'W4', 21))
    before = simulate(everything, 'W5', 20)
    fingerprint(before)
    before.close()
    assert fingerprint(simulate(everything, 'W4', 21)) == alone


def test_the_environment_waits_for_a_late_imu(tmp_path: object) -> None:
    values = yaml.safe_load(yaml.safe_dump({
        **dataclasses.asdict(load_world('empty')), 'imu': {'latency_s': [0.1, 0.1]}}))
    path = tmp_path / 'late.yaml'       # type: ignore[operator]
    path.write_text(yaml.safe_dump(values))
    env = DroneNav(str(path), ('W2',), extra=('velocity_x',))
    seen, info = env.reset(seed=0)
    assert 0.1 <= info['time_s'] < 0.15 and seen['imu'][2] == pytest.approx(9.8, abs=1.0)
    seen, *_ = env.step(np.zeros(4))
    assert 0.02 < seen['dt'][0] < 0.05
    env.close()
