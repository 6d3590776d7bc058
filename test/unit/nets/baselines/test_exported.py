# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every baseline runs without torch and gives the same numbers, step after step."""

from pathlib import Path

from liquid_control.nets.baselines.build import BaselineKind, BASELINES
from liquid_control.nets.export import export_networks
from liquid_control.nets.policy import build_policy, NetConfig
import numpy as np
import onnxruntime
import pytest
import torch

STEPS, FEATURES = 200, 8


@pytest.mark.parametrize('kind', BASELINES)
def test_onnx_equals_torch_over_200_irregular_steps(
        kind: BaselineKind, tmp_path: Path) -> None:
    config = NetConfig(cell=kind, neurons=9, width=48, height=32, features=FEATURES, seed=3)
    policy = build_policy(config)
    export_networks(policy.encoder, policy.head, tmp_path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    core = onnxruntime.InferenceSession(tmp_path / 'core.onnx', options,
                                        providers=['CPUExecutionProvider'])
    numbers = np.random.default_rng(0)
    torch_state = policy.head.initial_state(1)
    state, extra = torch_state.numpy().copy(), np.zeros((1, 0), np.float32)
    for _ in range(STEPS):
        features = numbers.standard_normal((1, FEATURES), np.float32)
        imu = numbers.standard_normal((1, 6), np.float32)
        dt = np.exp(numbers.uniform(np.log(0.004), np.log(0.4), (1, 1))).astype(np.float32)
        command, state, times = core.run(
            None, {'features': features, 'imu': imu, 'extra': extra, 'state': state, 'dt': dt})
        with torch.no_grad():
            expected, torch_state, torch_times = policy.head.step(
                *(torch.from_numpy(part) for part in (features, imu, extra)), torch_state,
                torch.from_numpy(dt))
        np.testing.assert_allclose(command, expected.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(state, torch_state.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(times, torch_times.numpy(), rtol=1e-4)
