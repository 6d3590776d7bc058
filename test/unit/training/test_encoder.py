# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test that the encoder learns where a bar is, on any number of threads, stopped or not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from liquid_control.nets.policy import build_policy
from liquid_control.runtime.specification import Normaliser
from liquid_control.training import encoder as encoder_module
from liquid_control.training.dataset import Dataset
from liquid_control.training.encoder import (
    fast_precision,
    frame_batch,
    FrameModel,
    FrameTask,
    held_out_losses,
    losses,
    train_encoder,
)
from liquid_control.training.parallel import gather_gradients, replicas
from liquid_control.training.progress import Progress
from liquid_control.training.settings import TrainingConfig
import numpy as np
import pytest
import torch
from torch.nn import functional


@pytest.fixture
def data(tmp_path: Path, make_flights: Callable[..., Dataset]) -> Dataset:
    """Return ten flights of 60 frames."""
    return make_flights(tmp_path / 'data', count=10)


def _model(config: TrainingConfig) -> FrameModel:
    torch.manual_seed(0)
    return FrameModel(build_policy(config.policy).encoder, 6, 4)


def _train(config: TrainingConfig, data: Dataset, plain: Normaliser, frames: int, path: Path,
           progress: Progress) -> FrameModel:
    model = _model(config)
    train_encoder(model, FrameTask(data, np.arange(480), plain, config), frames, 'encoder', path,
                  progress, fine_tune=False)
    return model


@pytest.mark.parametrize('precision', ['float32', 'bfloat16'])
def test_a_bar_is_found(tmp_path: Path, config: TrainingConfig, data: Dataset, plain: Normaliser,
                        progress: Progress, precision: Literal['float32', 'bfloat16']) -> None:
    """On flights never seen, both losses fall well below those of the untrained model."""
    config = replace(config, encoder=replace(config.encoder, precision=precision))
    held_out = FrameTask(data, np.arange(480, 600), plain, config)
    before = held_out_losses(_model(config), held_out)
    model = _train(config, data, plain, 6_000, tmp_path / 'x.safetensors', progress)
    after = held_out_losses(model, held_out)
    assert after['label'] < 0.1 * before['label']
    assert after['auxiliary'] < 0.5 * before['auxiliary']


def test_what_nobody_knows_is_not_learned(config: TrainingConfig, data: Dataset,
                                          plain: Normaliser) -> None:
    """A recorded flight tells its command, and not what its frames show."""
    model = _model(config)
    indices = np.arange(40)
    batch = frame_batch(data, indices, np.zeros(40, bool), plain, config)
    nowhere = torch.full((20,), torch.nan)
    target, sectors = batch.target.clone(), batch.sectors.clone()
    target[20:], sectors[20:] = nowhere[:, None], nowhere[:, None]
    label, auxiliary = losses(model, replace(batch, target=target, sectors=sectors))
    assert label == losses(model, batch)[0]
    assert torch.isfinite(auxiliary)
    auxiliary.backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters()
               if parameter.grad is not None)
    half = frame_batch(data, indices[:20], np.zeros(20, bool), plain, config)
    dark = functional.binary_cross_entropy_with_logits
    with torch.no_grad():
        told = [losses(model, half)[1], auxiliary]
        for number, one in enumerate((half, batch)):     # all frames tell whether they are black
            _, shown = model(one.frames, one.inputs, 'float32')
            told[number] = told[number] - dark(shown[:, -1], one.dark)
    torch.testing.assert_close(*told)


def test_bfloat16_is_in_the_convolution_alone(
        tmp_path: Path, config: TrainingConfig, data: Dataset, plain: Normaliser,
        progress: Progress) -> None:
    """Half the digits there; weights, and so what is exported, stay float32."""
    found = []
    for precision in ('float32', 'bfloat16'):
        settings = replace(config, encoder=replace(
            config.encoder, precision=precision))  # type: ignore[arg-type]
        model = _train(settings, data, plain, 64, tmp_path / f'{precision}.safetensors', progress)
        assert all(value.dtype == torch.float32 for value in model.state_dict().values())
        found.append(torch.cat([value.flatten() for value in model.state_dict().values()]))
    assert not torch.equal(*found)
    torch.testing.assert_close(*found, rtol=0.0, atol=0.01)


@pytest.mark.parametrize(('units', 'precision'), [
    ({'avx2': True, 'avx512_bf16': False, 'amx_bf16': False}, 'float32'),
    ({'avx512_bf16': True}, 'bfloat16'),
    ({'amx_bf16': True}, 'bfloat16'),
    ({'neon': True, 'bf16': True}, 'bfloat16'),
])
def test_auto_is_what_this_processor_multiplies_itself(
        tmp_path: Path, config: TrainingConfig, data: Dataset, plain: Normaliser,
        progress: Progress, monkeypatch: pytest.MonkeyPatch, units: dict[str, bool],
        precision: Literal['float32', 'bfloat16']) -> None:
    """Emulated, bfloat16 takes several times as long as float32."""
    monkeypatch.setattr(torch.cpu, 'get_capabilities', lambda: units)
    assert fast_precision() == precision
    found = []
    for asked in ('auto', precision):
        settings = replace(config, encoder=replace(
            config.encoder, precision=asked))  # type: ignore[arg-type]
        model = _train(settings, data, plain, 64, tmp_path / f'{asked}.safetensors', progress)
        found.append(torch.cat([value.flatten() for value in model.state_dict().values()]))
    assert torch.equal(*found)


def test_stopped_and_resumed_equals_uninterrupted(
        tmp_path: Path, config: TrainingConfig, data: Dataset, plain: Normaliser,
        progress: Progress, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off between two checkpoints and resumed, the weights are the same to the bit."""
    config = replace(config, encoder=replace(config.encoder, threads=1))
    whole = _train(config, data, plain, 32 * 7, tmp_path / 'whole.safetensors', progress)
    calls = []

    def cut_off(*arguments: object) -> tuple[torch.Tensor, torch.Tensor]:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return losses(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encoder_module, 'losses', cut_off)
    with pytest.raises(KeyboardInterrupt):
        _train(config, data, plain, 32 * 7, tmp_path / 'cut.safetensors', progress)
    resumed = _train(config, data, plain, 32 * 7, tmp_path / 'cut.safetensors', progress)
    assert len(calls) == 4 + 5  # two of seven steps were kept
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_the_same_threads_give_the_same_weights(
        tmp_path: Path, config: TrainingConfig, data: Dataset, plain: Normaliser,
        progress: Progress) -> None:
    """Who is faster makes no difference."""
    one, two = (_train(config, data, plain, 32 * 5, tmp_path / f'{name}.safetensors', progress)
                for name in 'ab')
    for name, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[name]), name


def test_divided_batches_have_the_whole_batch_s_gradient(
        config: TrainingConfig, data: Dataset, plain: Normaliser) -> None:
    """The mean over the parts is the gradient of the whole, and weights are shared."""
    def loss(model: FrameModel, indices: np.ndarray) -> torch.Tensor:
        batch = frame_batch(data, indices, np.zeros(len(indices), bool), plain, config)
        return losses(model, batch)[0]

    model = _model(config)
    loss(model, np.arange(30)).backward()
    expected = [parameter.grad.clone() if parameter.grad is not None else None
                for parameter in model.encoder.parameters()]
    model.zero_grad()
    models = replicas(model, 3)
    for part, indices in zip(models, np.array_split(np.arange(30), 3)):
        (loss(part, indices) + 0.0 * part.auxiliary.weight.sum()
         + 0.0 * part.auxiliary.bias.sum()).backward()
    gather_gradients(models)
    for parameter, known in zip(model.encoder.parameters(), expected):
        torch.testing.assert_close(parameter.grad, known, rtol=1e-4, atol=1e-6)
    assert all(parameter.grad is None for parameter in models[1].parameters())
    assert models[1].auxiliary.weight.data_ptr() == model.auxiliary.weight.data_ptr()
