# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Execution providers: what is asked for executes, or the CPU does and says so."""

import dataclasses
from pathlib import Path
from typing import Any

from liquid_control.errors import BundleError, DependencyError
from liquid_control.runtime import stepper as module
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.compiled import CompiledStepper, make_stepper
from liquid_control.runtime.golden import check_golden
from liquid_control.runtime.stepper import PROVIDERS, Stepper
import onnxruntime
import pytest

pytestmark = pytest.mark.skipif(
    'CUDAExecutionProvider' in onnxruntime.get_available_providers(),
    reason='says what happens where there is no CUDA')


class OnTheCpu:
    """A session of the CPU that says it is another's, as one on such a machine would."""

    def __init__(self, model: bytes, options: Any, providers: tuple[str, ...]) -> None:
        self._session = CPU_SESSION(model, options, providers=PROVIDERS['cpu'])
        self._providers = [*providers, *PROVIDERS['cpu']]

    def get_providers(self) -> list[str]:
        return self._providers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


CPU_SESSION = onnxruntime.InferenceSession


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ONNX Runtime have every provider."""
    monkeypatch.setattr(onnxruntime, 'get_available_providers',
                        lambda: [name for names in PROVIDERS.values() for name in names])
    monkeypatch.setattr(onnxruntime, 'InferenceSession', OnTheCpu)


def tolerant(bundle: Bundle, **tolerances: float) -> Bundle:
    """Return a bundle with golden tolerances of other providers too."""
    return dataclasses.replace(bundle, spec=dataclasses.replace(
        bundle.spec, golden_tolerance=bundle.spec.golden_tolerance | tolerances))


@pytest.mark.parametrize('provider', ['cuda', 'tensorrt'])
def test_where_it_is_missing_the_cpu_executes_and_says_so(tiny_bundle: Bundle,
                                                          provider: Any) -> None:
    """And a stepper that is asked for by name is refused."""
    stepper, reason = make_stepper(tiny_bundle, 'onnx', provider)
    assert stepper.provider == 'cpu'
    assert reason.startswith(f'the CPU executes the networks, not {provider}: execution provider: '
                             f'expected {PROVIDERS[provider][0]}, found ')
    check_golden(tiny_bundle, stepper)
    with pytest.raises(DependencyError, match=f'expected {PROVIDERS[provider][0]}, found .*CPU'):
        Stepper(tiny_bundle, provider)


def test_a_provider_whose_libraries_do_not_load_is_noticed(
        tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    """ONNX Runtime itself goes on with the CPU, and does not say so."""
    monkeypatch.setattr(onnxruntime, 'get_available_providers',
                        lambda: [*PROVIDERS['cuda'], *PROVIDERS['cpu']])
    monkeypatch.setattr(
        onnxruntime, 'InferenceSession',
        lambda model, options, providers: CPU_SESSION(model, options, providers=PROVIDERS['cpu']))
    _, reason = make_stepper(tiny_bundle, 'onnx', 'cuda')
    assert 'expected CUDAExecutionProvider, found CPUExecutionProvider' in reason


def test_the_tolerance_is_the_providers_own(tiny_bundle: Bundle, elsewhere: None,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    """None: refused. Too far off: refused. Near enough: it flies."""
    _, reason = make_stepper(tiny_bundle, 'onnx', 'cuda')
    assert 'expected a tolerance for CUDAExecutionProvider, found CPUExecutionProvider' in reason

    bundle = tolerant(tiny_bundle, CUDAExecutionProvider=1e-3, TensorrtExecutionProvider=1e-5)
    rough = module.Stepper.step

    def off(self: Stepper, *inputs: Any) -> Any:
        result = rough(self, *inputs)
        return dataclasses.replace(result, command=result.command + (
            2e-4 if self.provider != 'cpu' else 0.0))

    monkeypatch.setattr(module.Stepper, 'step', off)
    stepper, reason = make_stepper(bundle, 'onnx', 'cuda')
    assert (stepper.provider, reason) == ('cuda', '')
    stepper, reason = make_stepper(bundle, 'onnx', 'tensorrt')
    assert stepper.provider == 'cpu'
    assert 'golden step 0 does not reproduce' in reason
    with pytest.raises(BundleError, match='tolerance 1e-05 on TensorrtExecutionProvider'):
        check_golden(bundle, Stepper(bundle, 'tensorrt'))


def test_frames_on_the_gpu_and_the_core_in_c(tiny_bundle: Bundle, elsewhere: None,
                                             tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    """A core of a few dozen neurons is nothing to send to a GPU; the convolution is."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    bundle = tolerant(tiny_bundle, CUDAExecutionProvider=1e-3)
    stepper, reason = make_stepper(bundle, 'compiled', 'cuda')
    assert type(stepper) is CompiledStepper
    assert (stepper.provider, reason) == ('cuda', '')
    _, reason = make_stepper(tiny_bundle, 'compiled', 'cuda')
    assert reason.startswith('the CPU executes the networks, not cuda: ')
