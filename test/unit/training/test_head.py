# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test that the head learns what it is told, and that stopping it changes nothing."""

from dataclasses import replace
from pathlib import Path

from liquid_control.nets.policy import build_head, Head
from liquid_control.training import head as head_module
from liquid_control.training.features import Windows
from liquid_control.training.head import held_out_loss, states_seen, train_head, window_loss
from liquid_control.training.progress import Progress
from liquid_control.training.settings import HeadTraining, TrainingConfig
import numpy as np
import pytest
import torch


class Memory:
    """Windows in which vx is the first IMU channel of now, and vy that of the step before."""

    def __init__(self, features: int) -> None:
        self._features = features

    def draw(self, numbers: np.random.Generator, config: HeadTraining) -> Windows:
        """Draw as `FeatureCache.draw` does."""
        shape = (config.batch, config.steps)
        imu = numbers.choice([-1.0, 1.0], (*shape, 6)).astype(np.float32)
        label = np.zeros((*shape, 4), np.float32)
        label[:, :, 0] = 0.5 * imu[:, :, 0]
        label[:, 1:, 1] = 0.5 * imu[:, :-1, 0]
        dt = numbers.uniform(0.02, 0.1, (*shape, 1)).astype(np.float32)
        weight = np.ones(shape, np.float32)
        weight[:, 0] = 0.0
        tensors = [torch.zeros(*shape, self._features), torch.from_numpy(imu),
                   torch.zeros(*shape, 0), torch.from_numpy(dt),
                   torch.zeros(shape, dtype=torch.bool), torch.from_numpy(label),
                   torch.from_numpy(weight)]
        return Windows(*tensors)


def _train(config: TrainingConfig, iterations: int, path: Path, progress: Progress) -> Head:
    head = build_head(config.policy)
    train_head(head, Memory(8), config, iterations, 'head', path, progress)
    return head


@pytest.mark.parametrize('cell', ['ltc', 'cfc'])
def test_a_known_task_is_learned(cell: str, tmp_path: Path, config: TrainingConfig,
                                 progress: Progress) -> None:
    """Both what is seen and what must be remembered are learned to a tenth of their variance."""
    config = replace(config, policy=replace(config.policy, cell=cell, neurons=12),
                     head=replace(config.head, batch=32, learning_rate=2e-2))
    memory, untrained = Memory(8), build_head(config.policy)
    before = held_out_loss(untrained, memory, config)
    after = held_out_loss(_train(config, 250, tmp_path / 'x.safetensors', progress), memory,
                          config)
    assert before > 0.1        # variance: 2 axes of 0.25, over 4 axes
    assert after < 0.1 * before


def test_stopped_and_resumed_equals_uninterrupted(
        tmp_path: Path, config: TrainingConfig, progress: Progress,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off between two checkpoints and resumed, the weights are the same to the bit."""
    whole = _train(config, 35, tmp_path / 'whole.safetensors', progress)
    calls = []

    def cut_off(*arguments: object) -> torch.Tensor:
        calls.append(1)
        if len(calls) == 25:
            raise KeyboardInterrupt
        return window_loss(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(head_module, 'window_loss', cut_off)
    with pytest.raises(KeyboardInterrupt):
        _train(config, 35, tmp_path / 'cut.safetensors', progress)
    resumed = _train(config, 35, tmp_path / 'cut.safetensors', progress)
    assert len(calls) == 25 + 15  # steps 21 to 24 were lost, and done again
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_no_window_is_drawn_twice(tmp_path: Path, config: TrainingConfig, progress: Progress,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block between two checkpoints has random numbers of its own, and so has a stage."""
    seen = []

    def watched(head: Head, windows: Windows) -> torch.Tensor:
        seen.append(windows.imu.numpy().tobytes())
        return window_loss(head, windows)

    monkeypatch.setattr(head_module, 'window_loss', watched)
    _train(config, 35, tmp_path / 'x.safetensors', progress)    # blocks of 10
    train_head(build_head(config.policy), Memory(8), config, 10, 'next head',
               tmp_path / 'y.safetensors', progress)
    assert len(seen) == 45 and len(set(seen)) == 45


def test_torch_keeps_its_threads(tmp_path: Path, config: TrainingConfig,
                                 progress: Progress) -> None:
    """What a stage asks for ends with the stage."""
    config = replace(config, head=replace(config.head, threads=2))
    _train(config, 1, tmp_path / 'x.safetensors', progress)
    assert torch.get_num_threads() == 1     # of the fixture


def test_steps_without_weight_teach_nothing(config: TrainingConfig) -> None:
    """A wrong label has no gradient where its weight is zero."""
    head, memory = build_head(config.policy), Memory(8)
    windows = memory.draw(np.random.default_rng(0), config.head)
    wrong = windows.label.clone()
    wrong[:, 0] = 9.0
    assert window_loss(head, windows) == window_loss(head, replace(windows, label=wrong))


@pytest.mark.parametrize('cell', ['ltc', 'lstm', 'mlp'])
def test_the_states_that_flights_lead_to(cell: str, config: TrainingConfig) -> None:
    """One a window, as stepping through it leaves it; the same for every run."""
    config = replace(config, policy=replace(config.policy, cell=cell))
    head, memory = build_head(config.policy), Memory(8)
    states = states_seen(head, memory, config)
    assert states.shape == (16 * config.head.batch, head.cell.state_size)
    assert np.array_equal(states, states_seen(head, memory, config))
    windows = memory.draw(head_module.checkpoint.stream(config.seed, 'states'), config.head)
    state = head.initial_state(config.head.batch)
    for step in range(config.head.steps):
        _, state, _ = head.step(windows.features[:, step], windows.imu[:, step],
                                windows.extra[:, step], state, windows.dt[:, step])
    assert states[:config.head.batch] == pytest.approx(state.detach().numpy(), abs=1e-5)
