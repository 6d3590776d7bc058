# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One step of a policy's core, compiled for this machine from the weights of its bundle."""

import ctypes
from typing import ClassVar, Literal, TypeAlias

from liquid_control.errors import DependencyError, LiquidControlError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.c_source.generate import generate
from liquid_control.runtime.compiler import build_library
from liquid_control.runtime.golden import check_golden
from liquid_control.runtime.stepper import ProviderName, Stepper, StepResult
from liquid_control.signals import Float32Array
import numpy as np

StepperKind: TypeAlias = Literal['onnx', 'compiled', 'auto']


class CompiledStepper(Stepper):
    """
    Steps the core in C; frames are encoded by ONNX Runtime, as ever, on what executes it.

    The C function has fixed buffers, whose addresses are made once: that, and not the arithmetic,
    is what a call by ctypes costs.
    """

    kind: ClassVar[Literal['onnx', 'compiled']] = 'compiled'

    def __init__(self, bundle: Bundle, provider: ProviderName = 'cpu') -> None:
        """
        Compile the core, or take it from the cache, and compare it with the golden steps.

        :param bundle: the policy.
        :param provider: what of ONNX Runtime encodes frames.
        :raises DependencyError: if it cannot be compiled here.
        :raises BundleError: if the core cannot be written in C, or a golden step does not
            reproduce.
        """
        super().__init__(bundle, provider)
        spec = bundle.spec
        code = generate(bundle)
        library = build_library(code)
        try:
            step = getattr(ctypes.CDLL(str(library)), f'{code.name}_step')
        except (OSError, AttributeError) as error:
            raise DependencyError(f'{library}: expected a library that this machine can load, '
                                  f'found: {error}; remove it') from error
        taken = np.zeros(sum(size for (size,) in self._sizes[:3]), np.float32)
        self._features, self._sample, self._extra = np.split(
            taken, np.cumsum([size for (size,) in self._sizes[:2]]))
        self._given = np.zeros(spec.state_size + len(spec.command) + len(spec.neurons),
                               np.float32)
        self._state, command, time_constants = np.split(
            self._given, (spec.state_size, spec.state_size + len(spec.command)))
        self._command_end = spec.state_size + len(spec.command)
        pointer = ctypes.POINTER(ctypes.c_float)
        self._elapsed = ctypes.c_float()
        self._arguments = (
            *(array.ctypes.data_as(pointer) for array in
              (self._features, self._sample, self._extra)), self._elapsed,
            *(array.ctypes.data_as(pointer) for array in (self._state, command, time_constants)))
        step.restype = ctypes.c_int
        self._run = step
        check_golden(bundle, self)

    def step(self, features: Float32Array, imu: Float32Array, extra: Float32Array,
             state: Float32Array, dt: float) -> StepResult:
        """
        Advance the network by an interval.

        :param features: (F,) of `encode`.
        :param imu: (6,) mean over the interval, SI; normalised here.
        :param extra: (E,) in the order of the bundle.
        :param state: (S,) of the previous step.
        :param dt: elapsed [s].
        :raises NetworkError: if an array has another shape, or dt is not above zero and finite.
        """
        self._check_shapes(features, imu, extra, state)
        self._features[:] = features
        self._sample[:] = imu
        self._extra[:] = extra
        self._state[:] = state
        self._elapsed.value = dt
        if self._run(*self._arguments):
            raise self._impossible(dt)
        given, size, end = self._given.copy(), self.state_size, self._command_end
        return StepResult(given[size:end], given[:size], given[end:])


def make_stepper(bundle: Bundle, kind: StepperKind,
                 provider: ProviderName = 'cpu') -> tuple[Stepper, str]:
    """
    Make the stepper that is asked for, or what comes nearest to it on this machine.

    :param bundle: the policy.
    :param kind: `onnx`; `compiled`; `auto` for what is faster here.
    :param provider: what of ONNX Runtime executes the networks; the CPU where that fails.
    :returns: the stepper, and in words what of it is not as asked for, and why; '' where all is.
    """
    stepper, fallbacks = Stepper(bundle), []
    if provider != 'cpu':
        try:
            stepper = Stepper(bundle, provider)
            check_golden(bundle, stepper)
        except LiquidControlError as error:
            stepper = Stepper(bundle)
            fallbacks.append(f'the CPU executes the networks, not {provider}: {error}')
    if kind != 'onnx':
        try:
            stepper = CompiledStepper(bundle, stepper.provider)
        except LiquidControlError as error:
            fallbacks.append(f'ONNX Runtime steps the core: {error}')
    return stepper, '; '.join(fallbacks)
