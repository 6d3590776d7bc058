# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Test checkpoints and the random numbers that belong to a place of a run."""

from pathlib import Path

from liquid_control.errors import TrainingError
from liquid_control.training import checkpoint
import numpy as np
import pytest
import torch
from torch import nn


def _trained(steps: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    model = nn.Linear(3, 2)
    optimiser = torch.optim.AdamW(model.parameters(), 0.1)
    _train(model, optimiser, steps)
    return model, optimiser


def _train(model: nn.Module, optimiser: torch.optim.Optimizer, steps: int) -> None:
    for step in range(steps):
        optimiser.zero_grad()
        model(torch.full((1, 3), float(step + 1))).square().sum().backward()
        optimiser.step()


def test_training_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    """Weights and Adam's moments come back: the next steps are the same to the bit."""
    model, optimiser = _trained(5)
    checkpoint.save(tmp_path / 'x.safetensors', model, optimiser, {'steps': 5})
    other, other_optimiser = _trained(0)
    progress = checkpoint.restore(tmp_path / 'x.safetensors', other, other_optimiser)
    _train(model, optimiser, 3)
    _train(other, other_optimiser, 3)
    assert progress == {'steps': 5}
    assert torch.equal(model.weight, other.weight)


def test_no_half_file_remains(tmp_path: Path) -> None:
    """A checkpoint replaces the older one in one go."""
    model, optimiser = _trained(1)
    for _ in range(2):
        checkpoint.save(tmp_path / 'x.safetensors', model, optimiser)
    assert [path.name for path in tmp_path.iterdir()] == ['x.safetensors']


def test_another_structure_is_refused(tmp_path: Path) -> None:
    """A checkpoint of another network, a damaged one and a missing one are told apart."""
    checkpoint.save(tmp_path / 'x.safetensors', nn.Linear(3, 2))
    with pytest.raises(TrainingError, match='expected the structure'):
        checkpoint.restore(tmp_path / 'x.safetensors', nn.Linear(4, 2))
    (tmp_path / 'x.safetensors').write_bytes(b'damaged')
    with pytest.raises(TrainingError, match='expected a checkpoint'):
        checkpoint.restore(tmp_path / 'x.safetensors', nn.Linear(3, 2))
    with pytest.raises(TrainingError, match='expected a checkpoint'):
        checkpoint.restore(tmp_path / 'y.safetensors', nn.Linear(3, 2))


def test_streams_belong_to_their_place() -> None:
    """The same place gives the same numbers; another seed, stage or step gives others."""
    places = [(1, 'a', 0), (2, 'a', 0), (1, 'b', 0), (1, 'a', 1)]
    drawn = [checkpoint.stream(*place).random(4) for place in places]
    np.testing.assert_array_equal(drawn[0], checkpoint.stream(1, 'a', 0).random(4))
    assert len({tuple(numbers) for numbers in drawn}) == 4
    assert torch.equal(torch.rand(3, generator=checkpoint.torch_stream(1, 'a')),
                       torch.rand(3, generator=checkpoint.torch_stream(1, 'a')))


def test_a_part_is_read_alone(tmp_path: Path) -> None:
    """The part takes its own weights; one that is not there is refused."""
    whole = nn.ModuleDict({'encoder': nn.Linear(3, 2), 'command': nn.Linear(2, 1)})
    checkpoint.save(tmp_path / 'x.safetensors', whole)
    part = nn.Linear(3, 2)
    checkpoint.restore(tmp_path / 'x.safetensors', part, part='encoder.')
    assert torch.equal(part.weight, whole['encoder'].weight)
    with pytest.raises(TrainingError, match='structure'):
        checkpoint.restore(tmp_path / 'x.safetensors', part, part='decoder.')
