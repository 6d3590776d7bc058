# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Training throughput of the encoder on one core; `cells.py` has that of liquid heads.

    python benchmarks/training.py

Forward, backward and a step of Adam over 384 frames of 64x48, beside the same layers as PyTorch
lays them out by default.
"""

from collections.abc import Callable, Sequence
import sys

from liquid_control.nets.vision import Encoder, EncoderConfig
from measure import parse, show, throughput
import torch
from torch import Tensor

FRAMES = 384


def encoder(memory_format: torch.memory_format) -> Callable[[], float]:
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

    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    run = forward if memory_format is torch.channels_last else contiguous

    def work() -> float:
        optimiser.zero_grad(set_to_none=True)
        run().square().mean().backward()
        optimiser.step()
        return FRAMES
    return work


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = throughput({'encoder, ours (channels last)': encoder(torch.channels_last),
                       'encoder, default layout': encoder(torch.contiguous_format)},
                      1 if arguments.quick else 15, 'frames/s')
    show(rows, arguments.json, [
        f'encoder against the default layout: {rows[0].median / rows[1].median:.1f} times'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
