# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Golden steps: recorded inputs and outputs that a loaded policy must reproduce."""

from __future__ import annotations

import io
from typing import Any, TYPE_CHECKING
import zipfile

from liquid_control.errors import BundleError
from liquid_control.runtime.stepper import PROVIDERS, Stepper
from liquid_control.signals import Float32Array, FloatArray, ImageArray
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle

INPUTS = ('frames', 'imu', 'extra', 'dt')
OUTPUTS = ('command', 'state')


def run_steps(stepper: Stepper, frames: ImageArray, imu: Float32Array, extra: Float32Array,
              dt: Float32Array) -> tuple[Float32Array, Float32Array]:
    """
    Step a policy over a recording, beginning from a state that has seen nothing.

    :param stepper: the policy.
    :param frames: (T, H, W, 3) uint8.
    :param imu: (T, 6), SI.
    :param extra: (T, E).
    :param dt: (T,) [s].
    :return: commands (T, A) in [-1, 1] and states (T, S).
    """
    state, commands, states = stepper.initial_state(), [], []
    for index in range(len(frames)):
        features = stepper.encode(frames[index])
        result = stepper.step(features, imu[index], extra[index], state, float(dt[index]))
        state = result.state
        commands.append(result.command)
        states.append(state)
    return np.stack(commands), np.stack(states)


def check_golden(bundle: Bundle, stepper: Stepper) -> None:
    """
    Step through the golden steps, and compare by the tolerance of what executes them.

    :param bundle: the policy.
    :param stepper: its networks.
    :raises BundleError: if a step does not reproduce, or nobody has said how well it must.
    """
    provider = PROVIDERS[stepper.provider][0]
    if provider not in bundle.spec.golden_tolerance:
        raise BundleError(f'{bundle.folder}: golden_tolerance: expected a tolerance for '
                          f'{provider}, found {", ".join(bundle.spec.golden_tolerance)}; '
                          'add it to bundle.yaml and seal the bundle again')
    tolerance = bundle.spec.golden_tolerance[provider]
    golden = golden_steps(bundle)
    command, state = run_steps(stepper, *(golden[name] for name in INPUTS))
    for name, actual in zip(OUTPUTS, (command, state)):
        error = np.abs(actual - golden[name]) / np.maximum(1.0, np.abs(golden[name]))
        wrong = np.flatnonzero(~(error <= tolerance).all(axis=1))     # NaN is wrong too
        if wrong.size:
            step = int(wrong[0])
            raise BundleError(f'{bundle.folder}: golden step {step} does not reproduce: expected '
                              f'{name} {golden[name][step][:4]}, found {actual[step][:4]} '
                              f'(tolerance {tolerance} on {provider}); another version of ONNX '
                              'Runtime, another compiler or a broken processor: do not fly with '
                              'it')


def write_golden(bundle: Bundle, frames: ImageArray, imu: FloatArray, extra: FloatArray,
                 dt: FloatArray) -> None:
    """
    Record golden steps of a bundle that is not sealed yet.

    :param bundle: the policy; its folder gets `golden.npz`.
    :param frames: (T, H, W, 3) uint8.
    :param imu: (T, 6), SI.
    :param extra: (T, E).
    :param dt: (T,) [s].
    :raises BundleError: if a shape is another, or a number is not finite.
    """
    arrays: dict[str, NDArray[Any]] = {
        'frames': np.ascontiguousarray(frames), 'imu': np.asarray(imu, np.float32),
        'extra': np.asarray(extra, np.float32), 'dt': np.asarray(dt, np.float32)}
    _check_shapes(bundle, arrays, INPUTS)
    arrays['command'], arrays['state'] = run_steps(
        Stepper(bundle), *(arrays[name] for name in INPUTS))
    _check_shapes(bundle, arrays, INPUTS + OUTPUTS)
    np.savez_compressed(bundle.folder / 'golden.npz', **arrays)     # type: ignore[arg-type]


def golden_steps(bundle: Bundle) -> dict[str, NDArray[Any]]:
    """
    Read golden.npz without unpickling anything.

    :param bundle: the policy.
    :return: `frames`, `imu`, `extra`, `dt`, `command` and `state`, step by step.
    :raises BundleError: if it is not what the specification says.
    """
    try:
        with np.load(io.BytesIO(bundle.files['golden.npz']), allow_pickle=False) as archive:
            golden = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise BundleError(f'{bundle.folder}: golden.npz: expected plain arrays, found: {error}; '
                          'export the bundle again') from error
    _check_shapes(bundle, golden, INPUTS + OUTPUTS)
    return golden


def _check_shapes(bundle: Bundle, arrays: dict[str, NDArray[Any]],
                  names: tuple[str, ...]) -> None:
    """Compare golden arrays with the specification."""
    spec = bundle.spec
    camera, count = spec.observation.camera, len(arrays.get('frames', ()))
    shapes: dict[str, tuple[int, ...]] = {
        'frames': (count, camera.height, camera.width, 3), 'imu': (count, 6),
        'extra': (count, len(spec.observation.extra)), 'dt': (count,),
        'command': (count, len(spec.command)), 'state': (count, spec.state_size)}
    if set(arrays) != set(names) or count == 0:
        raise BundleError(f'{bundle.folder}: golden steps: expected arrays {", ".join(names)} of '
                          f'at least one step, found {", ".join(arrays)} of {count}; record them '
                          'again')
    for name in names:
        kind = np.uint8 if name == 'frames' else np.float32
        array = arrays[name]
        right = array.shape == shapes[name] and array.dtype == kind
        least = 'above 0 and ' if name == 'dt' else ''
        if not right or not np.isfinite(array).all() or (least and not (array > 0).all()):
            raise BundleError(f'{bundle.folder}: golden steps: expected {name} {least}finite, of '
                              f'shape {shapes[name]} and type {kind.__name__}, found '
                              f'{array.shape} of {array.dtype}; record them again')
