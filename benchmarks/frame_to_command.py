# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
From a camera frame to a command: the whole `Controller.tick` of the shipped policy, in process.

    python benchmarks/frame_to_command.py

Ours takes a frame and eight IMU samples, fits and encodes the frame, steps the core and filters
the command; with a frame of the policy's own size, and with one of 640x480. The peer does less:
the same encoder in eager PyTorch and ncps' WiredCfCCell, without fitting, IMU, limits or checks.
"""

from collections.abc import Callable, Sequence
import sys

from liquid_control.nets.vision import Encoder, EncoderConfig
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.inputs import Inputs
from liquid_control.signals import CameraFrame, ImuSample, NANOSECONDS, Reason
from measure import latency, parse, show
from ncps.torch import WiredCfCCell
from ncps.wirings import AutoNCP
import numpy as np
import torch

BAR_US = 1000.0
SAMPLES = 8                          # of the IMU, a frame: 240 Hz at 30 Hz
INTERVAL_NS = NANOSECONDS // 30


def ours(bundle: Bundle, width: int, height: int) -> Callable[[], object]:
    """Return a tick with a new frame of some size, time going on."""
    controller = Controller(bundle)
    controller.engage(True)
    images = np.random.default_rng(0).integers(0, 256, (8, height, width, 3), dtype=np.uint8)
    force, rate = np.array([0.0, 0.0, 9.81]), np.zeros(3)
    now = [0]

    def inputs() -> Inputs:
        now[0] += INTERVAL_NS
        samples = tuple(ImuSample(now[0] - k * INTERVAL_NS // SAMPLES, force, rate)
                        for k in reversed(range(SAMPLES)))
        image = images[now[0] // INTERVAL_NS % len(images)]
        return Inputs(CameraFrame(now[0], image, bundle.view.horizontal_fov), samples)

    def tick() -> None:
        command = controller.tick(inputs(), now[0], now[0])
        if command.reason not in (Reason.OK, Reason.LIMITED):
            raise SystemExit(f'the controller stopped: {command.reason.value}')
    return tick


def peer(bundle: Bundle) -> Callable[[], object]:
    """Return the networks alone, in eager PyTorch."""
    spec = bundle.spec
    camera, sizes = spec.observation.camera, spec.observation
    encoder = Encoder(EncoderConfig(camera.width, camera.height, sizes.features)).eval()
    n_inputs, neurons = sizes.features + 6 + len(sizes.extra), len(spec.neurons)
    cell = WiredCfCCell(n_inputs, AutoNCP(neurons, len(spec.command))).eval()
    rest, dt = torch.zeros(1, n_inputs - sizes.features), torch.full((1, 1), 1 / 30)
    image = np.zeros((1, camera.height, camera.width, 3), np.uint8)
    state = [torch.zeros(1, neurons)]

    def step() -> None:
        with torch.inference_mode():
            features = encoder(torch.from_numpy(image))
            _, state[0] = cell(torch.cat([features, rest], 1), state[0], dt)
    return step


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    torch.set_num_threads(1)
    bundle = Bundle.load(find(DEFAULT_POLICY))
    camera = bundle.spec.observation.camera
    rows = latency({
        f'ours, frame of {camera.width}x{camera.height}': ours(bundle, camera.width,
                                                               camera.height),
        'ours, frame of 640x480': ours(bundle, 640, 480),
        'same encoder and ncps cell in eager PyTorch': peer(bundle),
    }, *((3, 10) if arguments.quick else (30, 100)))
    slowest = max(rows[0].median, rows[1].median)
    show(rows, arguments.json, [
        f'PyTorch against ours: {rows[2].median / rows[0].median:.1f} times',
        f'slower of ours, p50: {slowest:,.0f} us (bar {BAR_US:,.0f}: '
        f'{"met" if slowest < BAR_US else "missed"})'])
    return 0


if __name__ == '__main__':
    sys.exit(main())
