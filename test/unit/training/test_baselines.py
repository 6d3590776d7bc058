# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test that every baseline learns and flies by the path of the liquid ones."""

from dataclasses import replace
from pathlib import Path

from liquid_control.nets.baselines.build import BASELINES
from liquid_control.nets.policy import build_policy, NetConfig
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.golden import run_steps
from liquid_control.runtime.stepper import Stepper
from liquid_control.training.bundling import UNTRAINED, write_bundle
from liquid_control.training.settings import TrainingConfig
from liquid_control.training.validation import fly_seeds
import numpy as np
import pytest
import torch

STEPS = 100
NETS = {kind: NetConfig(cell=kind, neurons=8) for kind in BASELINES}
HOLD = NetConfig(cell='mlp', neurons=8, hold_when_dark=True, extra=('frame_brightness',))


@pytest.mark.parametrize('nets', [*NETS.values(), HOLD], ids=[*NETS, 'hold'])
def test_a_bundle_equals_its_networks_and_flies(nets: NetConfig, tmp_path: Path, short_world: str,
                                                config: TrainingConfig) -> None:
    """Over many steps to 1e-5, sealed without a wiring, and through the whole flight path."""
    config = replace(config, policy=nets,
                     collection=replace(config.collection, worlds=(short_world,)),
                     validation=replace(config.validation, winds=('W0',)))
    policy = build_policy(config.policy)
    write_bundle(tmp_path / 'bundle', policy, UNTRAINED, config, {})
    bundle = Bundle.load(tmp_path / 'bundle')
    assert 'wiring.yaml' not in bundle.files and len(bundle.spec.neurons) == 8
    numbers = np.random.default_rng(0)
    frames = numbers.integers(256, size=(STEPS, 48, 64, 3), dtype=np.uint8)
    imu = numbers.normal(size=(STEPS, 6)).astype(np.float32)
    extra = numbers.uniform(0, 0.05, (STEPS, len(config.policy.extra))).astype(np.float32)
    dt = numbers.uniform(0.01, 0.1, STEPS).astype(np.float32)
    commands, _ = run_steps(Stepper(bundle), frames, imu, extra, dt)
    with torch.inference_mode():
        scaled = (torch.from_numpy(imu) - torch.tensor(UNTRAINED.imu_mean)) / torch.tensor(
            UNTRAINED.imu_scale)
        expected, _ = policy.head.sequence(
            policy.encoder(torch.from_numpy(frames))[None], scaled[None],
            torch.from_numpy(extra)[None], torch.from_numpy(dt)[None, :, None])
    np.testing.assert_allclose(commands, expected[0].numpy(), atol=1e-5)
    world_end = fly_seeds(config, tmp_path / 'bundle', range(500_000, 500_001))[0]
    assert world_end.outcome in ('reached', 'collision', 'timeout', 'out_of_bounds')
