# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What tests of several folders share: a tiny policy bundle, valid in every respect."""

from collections.abc import Callable
import importlib.util
from pathlib import Path
from typing import Any

from liquid_control.runtime.bundle import Bundle, record_golden, seal
from liquid_control.sensing.imu import IMU_NAMES
import numpy as np
import pytest
import yaml

# What `write_bundle` wrote once, for machines without torch; `python test/conftest.py` writes it.
TINY = Path(__file__).resolve().parent / 'data' / 'tiny'
AXES = (('vx', 1.6, 4.0, 5.0), ('vy', 0.8, 4.0, 5.0), ('vz', 0.8, 4.0, 5.0),
        ('yaw_rate', 2.0, 12.0, 12.0))


def write_bundle(folder: Path, *, extra: tuple[str, ...] = (), step_on: str = 'camera',
                 axes: tuple[tuple[str, float, float, float], ...] = AXES,
                 nets: dict[str, Any] | None = None) -> Path:
    """Export a small untrained policy as a bundle, and return its folder."""
    # Importing torch takes seconds: only the tests that use a bundle pay for it.
    pytest.importorskip('torch', reason='exports a bundle of its own for this test')
    from liquid_control.nets.export import export_networks
    from liquid_control.nets.policy import build_policy, NetConfig

    small = {'neurons': 8, 'width': 32, 'height': 24, 'features': 8}
    policy = build_policy(NetConfig(**small | (nets or {}), extra=extra,
                                    axes=tuple(axis[0] for axis in axes)))
    export_networks(policy.encoder, policy.head, folder)
    names = ('name', 'limit', 'acceleration', 'stop_deceleration')
    specification = {
        'format': 1, 'name': folder.name, 'description': 'untrained, for tests',
        'observation': {
            'camera': {'width': 32, 'height': 24, 'horizontal_fov_deg': 90.0, 'pitch_deg': 0.0},
            'imu': list(IMU_NAMES), 'extra': list(extra), 'features': 8},
        'command': [dict(zip(names, axis)) for axis in axes],
        'normaliser': {'imu_mean': [0.0, 0.0, 9.81, 0.0, 0.0, 0.0], 'imu_scale': [2.0] * 6},
        'step_on': step_on, 'dt_range': [0.01, 0.25], 'nominal_dt': 1 / 30,
        'neurons': [f'neuron_{i}' for i in range(policy.head.cell.n_neurons)],
        'state_size': int(policy.head.initial_state(1).shape[1]),
        'golden_tolerance': {'CPUExecutionProvider': 1.0e-4}, 'training': {}}
    (folder / 'bundle.yaml').write_text(yaml.safe_dump(specification, sort_keys=False))
    rng = np.random.default_rng(0)
    record_golden(folder, rng.integers(0, 256, (4, 24, 32, 3), dtype=np.uint8),
                  rng.normal(size=(4, 6)), rng.normal(size=(4, len(extra))),
                  rng.uniform(0.01, 0.25, 4))
    seal(folder)
    return folder


@pytest.fixture(scope='session')
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Return the bundle of an untrained policy: 32x24 frames, 8 neurons, four axes."""
    if importlib.util.find_spec('torch') is None:
        return Bundle.load(TINY)
    return Bundle.load(write_bundle(tmp_path_factory.mktemp('bundles') / 'tiny'))


@pytest.fixture(scope='session')
def bundle_writer() -> Callable[..., Path]:
    """Return `write_bundle(folder, extra=, step_on=, axes=, nets=)`, for other bundles."""
    return write_bundle


@pytest.fixture(scope='session')
def committed_bundle() -> Bundle:
    """Return the tiny bundle as it was exported when its format was last changed."""
    return Bundle.load(TINY)


if __name__ == '__main__':
    write_bundle(TINY)
