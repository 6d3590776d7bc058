# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Checkpoints of a stage: tensors in safetensors, numbers in JSON, nothing pickled.

A checkpoint holds the module, Adam's moments and how far the stage has come. Random numbers
are drawn anew from (seed, stage, step), so they need no saving.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from liquid_control.errors import TrainingError
import numpy as np
from safetensors import safe_open, SafetensorError
from safetensors.torch import save_file
import torch
from torch import nn, Tensor


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """
    Return random numbers that belong to one place of a run and to no other.

    :param seed: of the run.
    :param names: the place, such as a stage and a step.
    """
    text = '/'.join(str(name) for name in (seed, *names))
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], 'big'))


def torch_stream(seed: int, *names: str | int) -> torch.Generator:
    """
    Return torch's random numbers of one place of a run.

    :param seed: of the run.
    :param names: the place.
    """
    return torch.Generator().manual_seed(int(stream(seed, *names).integers(2**62)))


def write_json(path: Path, values: Any) -> None:
    """
    Write JSON so that the file is either the old or the new one.

    :param path: the file.
    :param values: plain values.
    """
    half = path.with_suffix('.part')
    half.write_text(json.dumps(values, indent=1) + '\n', encoding='utf-8')
    half.replace(path)


def save(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer | None = None,
         progress: dict[str, float] | None = None) -> None:
    """
    Write a checkpoint, replacing an older one in one go.

    :param path: the .safetensors file.
    :param module: whose parameters and buffers are kept.
    :param optimiser: Adam or AdamW on the module's parameters, in their order.
    :param progress: how far the stage has come.
    """
    tensors = {f'module.{name}': value.detach().contiguous().clone()
               for name, value in module.state_dict().items()}
    if optimiser is not None:
        for index, moments in optimiser.state_dict()['state'].items():
            for name, value in moments.items():
                tensors[f'optimiser.{index}.{name}'] = value.detach().contiguous().clone()
    half = path.with_suffix('.part')
    half.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, half, {'progress': json.dumps(progress or {})})
    half.replace(path)


def restore(path: Path, module: nn.Module, optimiser: torch.optim.Optimizer | None = None,
            part: str = '') -> dict[str, float]:
    """
    Read a checkpoint back.

    :param path: the .safetensors file.
    :param module: of the same structure as the saved one, or as the part of it.
    :param optimiser: to continue with, or None for the module alone.
    :param part: name of the part that is read, such as `encoder.`; empty for all.
    :returns: the progress that was saved.
    :raises TrainingError: if the file is missing, damaged, or of another structure.
    """
    try:
        with safe_open(path, 'pt') as source:
            metadata = source.metadata() or {}
            tensors = {name: source.get_tensor(name) for name in source.keys()}
    except (OSError, SafetensorError) as error:
        raise TrainingError(f'{path}: expected a checkpoint, found {error}; '
                            'start the run anew in another folder') from error
    prefix = f'module.{part}'
    state = {name.removeprefix(prefix): value for name, value in tensors.items()
             if name.startswith(prefix)}
    try:
        module.load_state_dict(state)
    except RuntimeError as error:
        raise TrainingError(f'{path}: expected the structure of this configuration, found another:'
                            f' {error}; resume with the configuration it began with') from error
    if optimiser is not None:
        _restore_moments(optimiser, tensors)
    return json.loads(metadata.get('progress', '{}'))


def _restore_moments(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put Adam's moments back."""
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in tensors.items():
        if name.startswith('optimiser.'):
            _, index, field = name.split('.')
            moments.setdefault(int(index), {})[field] = value
    state = optimiser.state_dict()
    state['state'] = moments
    optimiser.load_state_dict(state)
