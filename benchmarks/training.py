# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Training throughput on one core: frames through the encoder, sequences through liquid heads.

    python benchmarks/training.py

Each is forward, backward and a step of Adam. Encoder: 384 frames of 64x48, beside the same
layers as PyTorch lays them out by default. Heads: 64 sequences of 64 steps, 38 inputs, 4
commands; LTC (dense) and CfC (NCP) with elapsed times, beside nn.GRU (about as many parameters,
elapsed time as an input) and ncps' CfC, which takes no batch of elapsed times and has none here.
"""

from collections.abc import Callable, Sequence
import sys

from liquid_control.nets.policy import build_head, NetConfig, parameter_count
from liquid_control.nets.vision import Encoder, EncoderConfig
from measure import parse, show, throughput
from ncps.torch import CfC
from ncps.wirings import AutoNCP
import torch
from torch import nn, Tensor

BATCH, STEPS, FRAMES = 64, 64, 384
COMMANDS = 4
Work = Callable[[], float]


def work_of(modules: Sequence[nn.Module], forward: Callable[[], Tensor], amount: int) -> Work:
    """Return one training step."""
    optimiser = torch.optim.Adam([parameter for module in modules
                                  for parameter in module.parameters()], 1e-3)

    def work() -> float:
        optimiser.zero_grad(set_to_none=True)
        forward().square().mean().backward()
        optimiser.step()
        return amount
    return work


def encoder(memory_format: torch.memory_format) -> Work:
    """Return a training step of the encoder."""
    model = Encoder(EncoderConfig())
    model.convolution.to(memory_format=memory_format)  # type: ignore[call-overload]
    frames = torch.randint(0, 256, (FRAMES, 48, 64, 3), dtype=torch.uint8)

    def forward() -> Tensor:
        features: Tensor = model(frames)
        return features

    def contiguous() -> Tensor:
        values = frames.to(torch.float32).permute(0, 3, 1, 2).contiguous()
        centred = values - values.mean(dim=(1, 2, 3), keepdim=True)
        contrast = centred.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
        features: Tensor = model.readout(model.convolution(centred / contrast.clamp_min(4.0)))
        return features
    return work_of([model], forward if memory_format is torch.channels_last else contiguous,
                   FRAMES)


def head(config: NetConfig, inputs: Tensor, dt: Tensor) -> tuple[int, Work]:
    """Return parameters and a training step of a liquid head."""
    model = build_head(config)
    features, imu, extra = inputs[..., :config.features], inputs[..., config.features:], \
        inputs[..., :0]
    return parameter_count(model), work_of(
        [model], lambda: model.sequence(features, imu, extra, dt)[0], BATCH * STEPS)


def gru(units: int, inputs: Tensor, dt: Tensor) -> tuple[int, Work]:
    """Return parameters and a training step of PyTorch's GRU with a readout."""
    layer = nn.GRU(inputs.shape[2] + 1, units, batch_first=True)
    readout = nn.Linear(units, COMMANDS)
    joined = torch.cat([inputs, dt], 2)
    return parameter_count(layer) + parameter_count(readout), work_of(
        [layer, readout], lambda: torch.tanh(readout(layer(joined)[0])), BATCH * STEPS)


def ncps(units: int, inputs: Tensor) -> Work:
    """Return a training step of ncps' CfC; its motor neurons are the commands."""
    layer = CfC(inputs.shape[2], AutoNCP(units, COMMANDS))
    return work_of([layer], lambda: layer(inputs)[0], BATCH * STEPS)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    inputs = torch.randn(BATCH, STEPS, 38)
    dt = torch.empty(BATCH, STEPS, 1).uniform_(1 / 60, 1 / 10)
    rounds = 1 if arguments.quick else 15
    ltc_size, ltc = head(NetConfig(), inputs, dt)
    cfc_size, cfc = head(NetConfig(cell='cfc', wiring='ncp'), inputs, dt)
    units = 24
    gru_size, gru_work = gru(units, inputs, dt)
    frames = throughput({'encoder, ours (channels last)': encoder(torch.channels_last),
                         'encoder, default layout': encoder(torch.contiguous_format)},
                        rounds, 'frames/s')
    heads = throughput({f'LTC dense, 32 neurons, {ltc_size:,} parameters': ltc,
                        f'CfC NCP, 34 neurons, {cfc_size:,} parameters': cfc,
                        f'nn.GRU, {units} units, {gru_size:,} parameters': gru_work,
                        'ncps CfC, AutoNCP(34, 4), no elapsed times': ncps(34, inputs)},
                       rounds, 'frame-steps/s')
    ltc_rate, cfc_rate, gru_rate, ncps_rate = (row.median for row in heads)
    show([*frames, *heads], arguments.json, [
        f'encoder against the default layout: {frames[0].median / frames[1].median:.1f} times',
        f'LTC against nn.GRU: {ltc_rate / gru_rate:.2f} times',
        f'CfC against nn.GRU: {cfc_rate / gru_rate:.2f} times, against ncps: '
        f'{cfc_rate / ncps_rate:.2f} times'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
