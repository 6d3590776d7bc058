# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every liquid cell runs without torch and gives the same numbers, step after step."""

from pathlib import Path

from liquid_control.nets.export import export_networks
from liquid_control.nets.policy import build_head, NetConfig
from liquid_control.nets.vision import Encoder, EncoderConfig
import numpy as np
import onnxruntime
import pytest
import torch

SMALL = {'neurons': 12, 'features': 6, 'axes': ('vx', 'yaw_rate'), 'extra': ('age',)}
CELLS = {
    'ltc fused, 3 sub-steps': NetConfig(solver='fused', substeps=3, **SMALL),
    'ltc Runge-Kutta, random': NetConfig(     # slow neurons: it is not stable for long steps
        solver='runge_kutta', substeps=4, wiring='random', time_constants=(1.0, 3.0), **SMALL),
    'synaptic ltc': NetConfig(cell='synaptic_ltc', **SMALL),
    'synaptic ltc, ncp': NetConfig(cell='synaptic_ltc', wiring='ncp_of_size', **SMALL),
    'lrc, ncp': NetConfig(cell='lrc', wiring='ncp_of_size', **SMALL),
    'lrc symmetric': NetConfig(cell='lrc', elastance='symmetric', **SMALL),
    'cfc log time, ncp': NetConfig(cell='cfc', time_gate='log', wiring='ncp_of_size', **SMALL),
    'cfc no gate': NetConfig(cell='cfc_no_gate', **SMALL),
    'cfc pure, random': NetConfig(cell='cfc_pure', wiring='random', **SMALL),
    'cfc mixed memory, ncp': NetConfig(cell='cfc', mixed_memory=True, wiring='ncp_of_size',
                                       **SMALL),
    'ltc mixed memory': NetConfig(mixed_memory=True, **SMALL),
    'plastic': NetConfig(cell='plastic', **SMALL),
    'plastic, ncp': NetConfig(cell='plastic', wiring='ncp_of_size', **SMALL),
}
ENCODER = Encoder(EncoderConfig(64, 48, 6))


@pytest.mark.parametrize('config', CELLS.values(), ids=CELLS)
def test_onnx_equals_torch_over_200_steps_of_uneven_dt(config: NetConfig, tmp_path: Path) -> None:
    head = build_head(config)
    export_networks(ENCODER, head, tmp_path)
    assert (tmp_path / 'wiring.yaml').exists()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    core = onnxruntime.InferenceSession(tmp_path / 'core.onnx', options,
                                        providers=['CPUExecutionProvider'])
    rng = np.random.default_rng(0)
    expected_state = head.initial_state(1)
    state = expected_state.numpy().copy()
    for _ in range(200):
        given = {name: rng.standard_normal((1, size)).astype(np.float32)
                 for name, size in (('features', 6), ('imu', 6), ('extra', 1))}
        dt = np.full((1, 1), np.exp(rng.uniform(np.log(0.002), 0.0)), dtype=np.float32)
        command, state, times = core.run(None, {**given, 'state': state, 'dt': dt})
        with torch.no_grad():
            expected, expected_state, expected_times = head.step(
                *(torch.from_numpy(array) for array in given.values()), expected_state,
                torch.from_numpy(dt))
        np.testing.assert_allclose(command, expected.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(state, expected_state.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(times, expected_times.numpy(), rtol=1e-4)
