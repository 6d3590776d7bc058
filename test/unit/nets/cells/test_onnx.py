# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every liquid cell runs without torch and gives the same numbers, step after step."""

from pathlib import Path
from typing import Any, get_args, Literal, TypeAlias

from liquid_control.nets.cells.catalogue import LiquidName, TAKERS
from liquid_control.nets.export import export_networks
from liquid_control.nets.policy import build_head, NetConfig
from liquid_control.nets.vision import Encoder, EncoderConfig
import numpy as np
import onnxruntime
import pytest
import torch

WiringKind: TypeAlias = Literal['dense', 'ncp_of_size', 'random']
SMALL: dict[str, Any] = {'neurons': 12, 'features': 6, 'axes': ('vx', 'yaw_rate'),
                         'extra': ('age',)}
# Euler and Runge-Kutta are not stable for long steps.
SLOW: dict[str, Any] = {'time_constants': (1.0, 3.0)}
NAMES: tuple[LiquidName, ...] = get_args(LiquidName)
WIRINGS: tuple[WiringKind, ...] = ('dense', 'ncp_of_size', 'random')
CELLS = {f'{cell}, {wiring}': NetConfig(cell=cell, wiring=wiring, **SMALL)
         for cell in NAMES for wiring in WIRINGS}
CELLS |= {f'{cell} behind a memory, {wiring}': NetConfig(
    cell=cell, mixed_memory=True, wiring=wiring, **SMALL)
    for cell in TAKERS['mixed_memory'] for wiring in WIRINGS[:2]}
CELLS |= {
    'ltc fused, 3 sub-steps': NetConfig(solver='fused', substeps=3, **SMALL),
    'ltc Euler, ncp': NetConfig(solver='euler', substeps=4, wiring='ncp_of_size', **SLOW, **SMALL),
    'ltc Runge-Kutta, random': NetConfig(solver='runge_kutta', substeps=4, wiring='random',
                                         **SLOW, **SMALL),
    'synaptic ltc exponential': NetConfig(cell='synaptic_ltc', solver='exponential', **SMALL),
    'lrc symmetric': NetConfig(cell='lrc', elastance='symmetric', **SMALL),
    'cfc log time, ncp': NetConfig(cell='cfc', time_gate='log', wiring='ncp_of_size', **SMALL),
    'plastic by state': NetConfig(cell='plastic', senses='state', **SMALL),
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
