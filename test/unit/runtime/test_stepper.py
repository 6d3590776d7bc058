# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The networks by ONNX Runtime are the networks that were trained."""

from collections.abc import Callable
from pathlib import Path

from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.stepper import Stepper
import numpy as np
import pytest

MEAN, SCALE = np.array([0, 0, 9.81, 0, 0, 0], np.float32), np.float32(2.0)


def test_many_steps_equal_torch(bundle_writer: Callable[..., Path], tmp_path: Path) -> None:
    """100 recurrent steps of encoder and core with random dt, normalised IMU, extra inputs."""
    torch = pytest.importorskip('torch', reason='the other side of the comparison')
    from liquid_control.nets.policy import build_policy, NetConfig

    extra = ('velocity_x', 'frame_age')
    stepper = Stepper(Bundle.load(bundle_writer(tmp_path / 'policy', extra=extra)))
    policy = build_policy(NetConfig(neurons=8, width=32, height=24, features=8, extra=extra))
    rng = np.random.default_rng(5)
    state, expected_state = stepper.initial_state(), policy.head.initial_state(1)
    for _ in range(100):
        frame = rng.integers(0, 256, (24, 32, 3), dtype=np.uint8)
        imu = rng.normal(0, 3, 6).astype(np.float32)
        inputs, dt = rng.normal(size=2).astype(np.float32), float(rng.uniform(0.01, 0.25))
        result = stepper.step(stepper.encode(frame), imu, inputs, state, dt)
        with torch.no_grad():
            command, expected_state, time_constants = policy(
                torch.from_numpy(frame[None]), torch.from_numpy(((imu - MEAN) / SCALE)[None]),
                torch.from_numpy(inputs[None]), expected_state, torch.tensor([[dt]]))
        assert result.command == pytest.approx(command[0].numpy(), abs=1e-5)
        assert result.state == pytest.approx(expected_state[0].numpy(), abs=1e-5)
        assert result.time_constants == pytest.approx(time_constants[0].numpy(), rel=1e-4)
        state = result.state


def test_the_hidden_state_is_the_callers(tiny_bundle: Bundle) -> None:
    """One stepper serves two vehicles; nothing of one reaches the other."""
    stepper = Stepper(tiny_bundle)
    rng = np.random.default_rng(6)
    features = rng.normal(size=(2, 8)).astype(np.float32)
    none = np.zeros(0, np.float32)

    def run(vehicles: list[int]) -> dict[int, list[np.ndarray]]:
        state = {vehicle: stepper.initial_state() for vehicle in vehicles}
        commands: dict[int, list[np.ndarray]] = {vehicle: [] for vehicle in vehicles}
        for _ in range(5):
            for vehicle in vehicles:
                result = stepper.step(features[vehicle], MEAN, none, state[vehicle], 0.03)
                state[vehicle] = result.state
                commands[vehicle].append(result.command)
        return commands

    together = run([0, 1])
    for vehicle in (0, 1):
        assert np.array_equal(together[vehicle], run([vehicle])[vehicle])


def test_results_are_not_overwritten_by_the_next_step(tiny_bundle: Bundle) -> None:
    """Buffers are reused for what goes in only."""
    stepper = Stepper(tiny_bundle)
    none = np.zeros(0, np.float32)
    first = stepper.step(np.ones(8, np.float32), MEAN, none, stepper.initial_state(), 0.03)
    kept = first.command.copy(), first.state.copy()
    stepper.step(-np.ones(8, np.float32), MEAN + 3, none, first.state, 0.2)
    assert np.array_equal(first.command, kept[0])
    assert np.array_equal(first.state, kept[1])


def test_elapsed_time_reaches_the_network(tiny_bundle: Bundle) -> None:
    """Two intervals, two results."""
    stepper = Stepper(tiny_bundle)
    states = [stepper.step(np.ones(8, np.float32), MEAN, np.zeros(0, np.float32),
                           stepper.initial_state(), dt).state for dt in (0.01, 0.2)]
    assert np.abs(states[1]).sum() > np.abs(states[0]).sum()
