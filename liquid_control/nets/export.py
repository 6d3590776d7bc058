# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Networks to files that run without torch: two ONNX graphs, the weights, and the wiring.

What surrounds them in a policy bundle (specification, normaliser, golden steps, hashes) is
written by those who know it.
"""

from dataclasses import asdict
import json
from pathlib import Path
import warnings

from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.policy import Head, IMU_CHANNELS
from liquid_control.nets.vision import Encoder
from liquid_control.wiring.files import write_wiring
from safetensors.torch import save
import torch
from torch import nn, Tensor

OPSET = 17
CORE_INPUTS = ('features', 'imu', 'extra', 'state', 'dt')
CORE_OUTPUTS = ('command', 'next_state', 'time_constants')


class _Step(nn.Module):
    """One step of a head, as a module that can be traced."""

    def __init__(self, head: Head) -> None:
        super().__init__()
        self.head = head

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.head.step(*inputs)


def export_networks(encoder: Encoder, head: Head, folder: Path) -> None:
    """
    Write `encoder.onnx`, `core.onnx`, `core.safetensors` and, of a wired cell, `wiring.yaml`.

    All shapes are fixed, with a batch of one. An input without elements (`extra` of no extra
    inputs) stays an input, so that every bundle is fed alike.

    :param encoder: frame (1, H, W, 3) uint8 -> features (1, F).
    :param head: features (1, F), imu (1, 6) normalised, extra (1, E), state (1, S), dt (1, 1) ->
        command (1, A), next_state (1, S), time_constants (1, N).
    :param folder: where to; made if it is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = head.config
    frame = torch.zeros(1, encoder.config.height, encoder.config.width, 3, dtype=torch.uint8)
    _export(encoder, (frame,), folder / 'encoder.onnx', ('frame',), ('features',))
    example = (torch.zeros(1, config.features), torch.zeros(1, IMU_CHANNELS),
               torch.zeros(1, len(config.extra)), head.initial_state(1),
               torch.full((1, 1), config.nominal_dt))
    _export(_Step(head), example, folder / 'core.onnx', CORE_INPUTS, CORE_OUTPUTS)
    weights = {name: value.contiguous() for name, value in head.state_dict().items()}
    metadata = {'config': json.dumps(asdict(config), sort_keys=True)}
    # Not save_file: its files are readable by their owner alone, and a bundle is copied about.
    (folder / 'core.safetensors').write_bytes(save(weights, metadata))
    if isinstance(head.cell, LayeredCell):
        write_wiring(head.cell.wiring, folder / 'wiring.yaml')


def _export(module: nn.Module, example: tuple[Tensor, ...], path: Path,
            inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
    """Trace a module; torch's other exporter would need a package more for the same graph."""
    training = module.training
    module.eval()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter('ignore', DeprecationWarning)
            torch.onnx.export(module, example, path, input_names=list(inputs),
                              output_names=list(outputs), opset_version=OPSET, dynamo=False)
    finally:
        module.train(training)
