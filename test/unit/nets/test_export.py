# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is exported runs without torch and gives the same numbers, step after step."""

from pathlib import Path

from liquid_control.config import read_yaml
from liquid_control.nets.export import export_networks
from liquid_control.nets.policy import build_head, build_policy, NetConfig
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.golden import check_golden
from liquid_control.runtime.stepper import Stepper
from liquid_control.wiring.wiring import Wiring
import numpy as np
import onnxruntime
import pytest
from safetensors.torch import load_file
import torch

CONFIGS = {
    'ltc-dense': NetConfig(),
    'cfc-ncp': NetConfig(cell='cfc', wiring='ncp', readout='motor', skip=True,
                         extra=('age', 'height'), axes=('vx', 'yaw_rate')),
    'ltc-ncp': NetConfig(wiring='ncp', width=48, height=32, features=16),
    'cfc-dense': NetConfig(cell='cfc', neurons=19, time_constants=None),
}


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])


@pytest.mark.parametrize('config', CONFIGS.values(), ids=CONFIGS)
def test_onnx_equals_torch_over_100_steps(config: NetConfig, tmp_path: Path) -> None:
    policy = build_policy(config)
    export_networks(policy.encoder, policy.head, tmp_path)
    encoder, core = session(tmp_path / 'encoder.onnx'), session(tmp_path / 'core.onnx')
    rng = np.random.default_rng(0)
    torch_state = policy.head.initial_state(1)
    state = torch_state.numpy().copy()
    for _ in range(100):
        frame = rng.integers(0, 256, (1, config.height, config.width, 3), dtype=np.uint8)
        imu = rng.standard_normal((1, 6)).astype(np.float32)
        extra = rng.standard_normal((1, len(config.extra))).astype(np.float32)
        dt = np.full((1, 1), rng.uniform(0.005, 0.3), dtype=np.float32)
        (features,) = encoder.run(['features'], {'frame': frame})
        command, state, times = core.run(
            ['command', 'next_state', 'time_constants'],
            {'features': features, 'imu': imu, 'extra': extra, 'state': state, 'dt': dt})
        with torch.no_grad():
            expected, torch_state, torch_times = policy(
                *(torch.from_numpy(array) for array in (frame, imu, extra)), torch_state,
                torch.from_numpy(dt))
        np.testing.assert_allclose(command, expected.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(state, torch_state.numpy(), rtol=0, atol=1e-5)
        np.testing.assert_allclose(times, torch_times.numpy(), rtol=1e-4)


def test_names_and_shapes_are_fixed(tmp_path: Path) -> None:
    config = CONFIGS['cfc-ncp']
    policy = build_policy(config)
    export_networks(policy.encoder, policy.head, tmp_path)
    encoder, core = session(tmp_path / 'encoder.onnx'), session(tmp_path / 'core.onnx')
    neurons = policy.head.cell.n_neurons

    def shapes(arguments: list[onnxruntime.NodeArg]) -> dict[str, list[int]]:
        return {argument.name: argument.shape for argument in arguments}

    assert shapes(encoder.get_inputs()) == {'frame': [1, 48, 64, 3]}
    assert encoder.get_inputs()[0].type == 'tensor(uint8)'
    assert shapes(encoder.get_outputs()) == {'features': [1, 32]}
    assert shapes(core.get_inputs()) == {'features': [1, 32], 'imu': [1, 6], 'extra': [1, 2],
                                         'state': [1, neurons], 'dt': [1, 1]}
    assert shapes(core.get_outputs()) == {'command': [1, 2], 'next_state': [1, neurons],
                                          'time_constants': [1, neurons]}


def test_no_extra_inputs_are_an_input_without_elements(tmp_path: Path) -> None:
    policy = build_policy(NetConfig())
    export_networks(policy.encoder, policy.head, tmp_path)
    assert session(tmp_path / 'core.onnx').get_inputs()[2].shape == [1, 0]


def test_weights_and_wiring_come_back(tmp_path: Path) -> None:
    config = CONFIGS['cfc-ncp']
    policy = build_policy(config)
    with torch.no_grad():
        policy.head.readout.bias.add_(0.5)
    export_networks(policy.encoder, policy.head, tmp_path)
    again = build_head(config)
    again.load_state_dict(load_file(tmp_path / 'core.safetensors'))
    for name, value in policy.head.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    assert Wiring.from_yaml(read_yaml(tmp_path / 'wiring.yaml')) == build_head(config).cell.wiring


def test_the_same_networks_give_the_same_files(tmp_path: Path) -> None:
    for folder in ('one', 'two'):
        policy = build_policy(NetConfig())
        export_networks(policy.encoder, policy.head, tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / 'one').iterdir())
    assert names == ['core.onnx', 'core.safetensors', 'encoder.onnx', 'wiring.yaml']
    for name in names:
        assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()


def test_export_leaves_the_networks_as_they_were(tmp_path: Path) -> None:
    policy = build_policy(NetConfig()).train()
    export_networks(policy.encoder, policy.head, tmp_path)
    assert policy.encoder.training and policy.head.training


def test_every_file_may_be_read_by_whoever_the_umask_allows(tmp_path: Path) -> None:
    """A robot's service seldom runs as the user who trained."""
    policy = build_policy(NetConfig())
    export_networks(policy.encoder, policy.head, tmp_path)
    (tmp_path / 'plain').touch()
    allowed = (tmp_path / 'plain').stat().st_mode
    assert {path.name for path in tmp_path.iterdir() if path.stat().st_mode != allowed} == set()


def test_the_committed_bundle_is_what_is_exported(tiny_bundle: Bundle,
                                                  committed_bundle: Bundle) -> None:
    """Machines without torch test with it; after a change, `python test/conftest.py`."""
    assert committed_bundle.spec == tiny_bundle.spec
    assert committed_bundle.files['wiring.yaml'] == tiny_bundle.files['wiring.yaml']
    check_golden(tiny_bundle, Stepper(committed_bundle))
    check_golden(committed_bundle, Stepper(tiny_bundle))
