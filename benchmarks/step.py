# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
One step of the shipped policy's liquid core beside one of ncps, eager, one thread.

    python benchmarks/step.py

Ours is `Stepper.step`, normaliser and readout included, by ONNX Runtime and, where there is a C
compiler, compiled from the bundle. The peer is ncps'
WiredCfCCell over its own AutoNCP wiring, with as many inputs, neurons and motor neurons, in
PyTorch's inference mode.
"""

from collections.abc import Callable, Sequence
import sys

from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.compiled import make_stepper
from liquid_control.runtime.stepper import Stepper
from measure import compare, latency, parse, show
from ncps.torch import WiredCfCCell
from ncps.wirings import AutoNCP
import numpy as np
import torch

ONNX_BAR = 6.0
COMPILED_BAR = 40.0


def ours(bundle: Bundle, stepper: Stepper) -> Callable[[], object]:
    """Return a step of the shipped core, state carried on."""
    sizes = bundle.spec.observation
    features = np.zeros(sizes.features, np.float32)
    imu = np.array([0, 0, 9.81, 0, 0, 0], np.float32)
    extra = np.zeros(len(sizes.extra), np.float32)
    state = [stepper.initial_state()]

    def step() -> None:
        state[0] = stepper.step(features, imu, extra, state[0], 1 / 30).state
    return step


def peer(n_inputs: int, neurons: int, motor: int) -> Callable[[], object]:
    """Return a step of ncps' cell of the same size."""
    cell = WiredCfCCell(n_inputs, AutoNCP(neurons, motor)).eval()
    inputs, dt = torch.zeros(1, n_inputs), torch.full((1, 1), 1 / 30)
    state = [torch.zeros(1, neurons)]

    def step() -> None:
        with torch.inference_mode():
            _, state[0] = cell(inputs, state[0], dt)
    return step


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    arguments = parse(__doc__, argv)
    torch.set_num_threads(1)
    bundle = Bundle.load(find(DEFAULT_POLICY))
    spec = bundle.spec
    n_inputs = spec.observation.features + 6 + len(spec.observation.extra)
    neurons, motor = len(spec.neurons), len(spec.command)
    compiled, fallback = make_stepper(bundle, 'compiled')
    calls = {
        f'ncps WiredCfCCell, AutoNCP({neurons}, {motor}), eager': peer(n_inputs, neurons, motor),
        f'ours, {spec.name} ({n_inputs} inputs, {neurons} neurons), onnx':
            ours(bundle, Stepper(bundle)),
    }
    if not fallback:
        calls[f'ours, {spec.name}, compiled'] = ours(bundle, compiled)
    rows = latency(calls, *((3, 20) if arguments.quick else (40, 250)))
    notes = [compare(f'{kind} against ncps, p50', rows[0].median / row.median, bar)
             for kind, row, bar in zip(('onnx', 'compiled'), rows[1:], (ONNX_BAR, COMPILED_BAR))]
    show(rows, arguments.json, notes + ([f'not compiled: {fallback}'] if fallback else []))
    return 0


if __name__ == '__main__':
    sys.exit(main())
