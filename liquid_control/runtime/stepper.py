# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One step of a policy's networks, by ONNX Runtime."""

from __future__ import annotations

from dataclasses import dataclass
import math
from typing import Any, ClassVar, Literal, TYPE_CHECKING, TypeAlias

from liquid_control.errors import BundleError, DependencyError, NetworkError
from liquid_control.signals import Float32Array, ImageArray
import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_errors

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle

PROVIDER = 'CPUExecutionProvider'
# What a parameter calls them. TensorRT leaves to CUDA what it cannot do itself.
PROVIDERS: dict[str, tuple[str, ...]] = {
    'cpu': (PROVIDER,),
    'cuda': ('CUDAExecutionProvider',),
    'tensorrt': ('TensorrtExecutionProvider', 'CUDAExecutionProvider'),
}
ProviderName: TypeAlias = Literal['cpu', 'cuda', 'tensorrt']
TYPES = {'tensor(float)': 'float32', 'tensor(uint8)': 'uint8'}
# ONNX Runtime's exceptions have no common base.
ONNX_ERRORS: tuple[type[Exception], ...] = (
    onnx_errors.Fail, onnx_errors.InvalidArgument, onnx_errors.InvalidGraph,
    onnx_errors.InvalidProtobuf, onnx_errors.NoModel, onnx_errors.NotImplemented,
    onnx_errors.RuntimeException)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step of the core returns."""

    command: Float32Array            # (A,) in [-1, 1]
    state: Float32Array              # (S,)
    time_constants: Float32Array     # (N,) [s]


class Stepper:
    """
    Steps the networks of a bundle; the hidden state is the caller's.

    One stepper may serve any number of vehicles, one after the other. Its arrays go to ONNX
    Runtime without a copy, in buffers that are made once.
    """

    kind: ClassVar[Literal['onnx', 'compiled']] = 'onnx'

    def __init__(self, bundle: Bundle, provider: ProviderName = 'cpu') -> None:
        """
        Load both networks and compare them with the bundle's specification.

        :param bundle: the policy.
        :param provider: what of ONNX Runtime executes them.
        :raises BundleError: if a network cannot be loaded, or has other inputs or outputs.
        :raises DependencyError: if this machine does not have the provider.
        """
        self.provider = provider
        spec = bundle.spec
        camera, sizes = spec.observation.camera, spec.observation
        extra, state = len(sizes.extra), spec.state_size
        self._encoder = _session(bundle, 'encoder.onnx', provider)
        self._core = _session(bundle, 'core.onnx', provider)
        _compare(bundle, 'encoder.onnx', self._encoder,
                 {'frame': ('uint8', 1, camera.height, camera.width, 3)},
                 {'features': ('float32', 1, sizes.features)})
        _compare(bundle, 'core.onnx', self._core,
                 {'features': ('float32', 1, sizes.features), 'imu': ('float32', 1, 6),
                  'extra': ('float32', 1, extra), 'state': ('float32', 1, state),
                  'dt': ('float32', 1, 1)},
                 {'command': ('float32', 1, len(spec.command)),
                  'next_state': ('float32', 1, state),
                  'time_constants': ('float32', 1, len(spec.neurons))})
        self._mean = np.array(spec.normaliser.imu_mean, np.float32)
        self._scale = np.array(spec.normaliser.imu_scale, np.float32)
        self._imu = np.zeros((1, 6), np.float32)
        self._dt = np.zeros((1, 1), np.float32)
        self._sizes = ((sizes.features,), (6,), (extra,), (state,))
        self.state_size = state
        self.digest = bundle.digest     # of the policy that this steps

    def initial_state(self) -> Float32Array:
        """Return the state of a network that has seen nothing: (S,) zeros."""
        return np.zeros(self.state_size, np.float32)

    def encode(self, frame: ImageArray) -> Float32Array:
        """
        Turn a frame into features.

        :param frame: (height, width, 3) uint8, RGB, of the bundle's size.
        :return: (features,).
        """
        features: Float32Array = self._encoder.run(('features',), {'frame': frame[None]})[0][0]
        return features

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
        if not 0 < dt < math.inf:
            raise self._impossible(dt)
        np.subtract(imu, self._mean, out=self._imu[0])
        np.divide(self._imu, self._scale, out=self._imu)
        self._dt[0, 0] = dt
        command, state, time_constants = self._core.run(
            ('command', 'next_state', 'time_constants'),
            {'features': features[None], 'imu': self._imu, 'extra': extra[None],
             'state': state[None], 'dt': self._dt})
        return StepResult(command[0], state[0], time_constants[0])

    def _check_shapes(self, *arrays: Float32Array) -> None:
        """Refuse features, imu, extra or state of another policy."""
        found = tuple(array.shape for array in arrays)
        if found != self._sizes:
            raise NetworkError('step: expected features, imu, extra and state of shapes '
                               f'{self._sizes}, found {found}; give what this policy takes')

    def _impossible(self, dt: float) -> NetworkError:
        """Say what is wrong with an interval."""
        return NetworkError(f'step: expected dt above 0 and finite, found {dt} [s]; drop that '
                            'sample, or reset the state where time goes back')


def _session(bundle: Bundle, name: str, provider: ProviderName) -> Any:
    """Load one network from its checked bytes, for one thread."""
    wanted = PROVIDERS[provider]
    _require(wanted[0], onnxruntime.get_available_providers())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3     # errors; they are raised and reported as well
    try:
        session = onnxruntime.InferenceSession(bundle.files[name], options, providers=wanted)
    except ONNX_ERRORS as error:
        raise BundleError(f'{bundle.folder}: {name}: expected a network that ONNX Runtime '
                          f'{onnxruntime.__version__} can load, found: {error}; export the '
                          'bundle again') from error
    # ONNX Runtime takes the CPU without a word where the libraries of a provider do not load.
    _require(wanted[0], session.get_providers())
    return session


def _require(wanted: str, found: list[str]) -> None:
    """Refuse to run on something else than what was asked for."""
    if wanted not in found:
        raise DependencyError(f'execution provider: expected {wanted}, found '
                              f'{", ".join(found)}; install an ONNX Runtime that has it, with '
                              'the libraries that it needs')


def _compare(bundle: Bundle, name: str, session: Any, inputs: dict[str, Any],
             outputs: dict[str, Any]) -> None:
    """Compare names, types and shapes of a network with the specification."""
    for side, expected, nodes in (('inputs', inputs, session.get_inputs()),
                                  ('outputs', outputs, session.get_outputs())):
        found = {node.name: (TYPES.get(node.type, node.type), *node.shape) for node in nodes}
        if found != expected:
            raise BundleError(f'{bundle.folder}: {name}: expected {side} {_text(expected)}, as '
                              f'bundle.yaml says, found {_text(found)}; network and '
                              'specification are of different policies: export the bundle again')


def _text(signature: dict[str, Any]) -> str:
    """Write inputs or outputs for an error text."""
    return ', '.join(f'{name} {kind}{list(shape)}'
                     for name, (kind, *shape) in signature.items()) or 'none'
