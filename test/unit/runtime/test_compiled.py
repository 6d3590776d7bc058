# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A compiled core gives what ONNX Runtime gives, and where it cannot be had, a reason."""

from collections.abc import Callable
import dataclasses
import io
from pathlib import Path
import shutil
from typing import Any

from liquid_control.errors import BundleError, DependencyError, NetworkError
from liquid_control.runtime import compiled
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.compiled import CompiledStepper, make_stepper
from liquid_control.runtime.controller import Controller
from liquid_control.runtime.stepper import Stepper
import numpy as np
import pytest

REST = np.array([0, 0, 9.81, 0, 0, 0], np.float32)
NONE = np.zeros(0, np.float32)

pytestmark = pytest.mark.skipif(not (shutil.which('cc') or shutil.which('gcc')),
                                reason='no C compiler is installed')


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep compiled cores apart from the user's, for all tests together."""
    folder = tmp_path_factory.getbasetemp() / 'compiled'
    monkeypatch.setenv('XDG_CACHE_HOME', str(folder))
    return folder


def test_200_steps_of_the_shipped_policy_equal_onnx() -> None:
    """As it is: with intervals from 2 ms to 1 s."""
    bundle = Bundle.load(find(DEFAULT_POLICY))
    steppers = Stepper(bundle), CompiledStepper(bundle)
    rng = np.random.default_rng(8)
    states = [stepper.initial_state() for stepper in steppers]
    for _ in range(200):
        features = rng.normal(size=bundle.spec.observation.features).astype(np.float32)
        imu = REST + rng.normal(size=6).astype(np.float32)
        dt = float(np.exp(rng.uniform(np.log(0.002), 0.0)))
        first, second = (stepper.step(features, imu, NONE, state, dt)
                         for stepper, state in zip(steppers, states))
        assert second.command == pytest.approx(first.command, abs=1e-5)
        assert second.state == pytest.approx(first.state, abs=1e-5)
        assert second.time_constants == pytest.approx(first.time_constants, rel=1e-4)
        states = [first.state, second.state]


@pytest.mark.parametrize('cell', ['plastic', 'transformer'])
def test_a_state_larger_than_the_neurons_is_carried(bundle_writer: Callable[..., Path], cell: str,
                                                    tmp_path: Path) -> None:
    """Plastic synapses, and a window of steps."""
    bundle = Bundle.load(bundle_writer(tmp_path / cell, nets={'cell': cell}))
    assert bundle.spec.state_size > 8
    steppers = Stepper(bundle), CompiledStepper(bundle)
    states = [stepper.initial_state() for stepper in steppers]
    for features in np.random.default_rng(4).normal(size=(40, 8)).astype(np.float32):
        first, second = (stepper.step(features, REST, NONE, state, 0.03)
                         for stepper, state in zip(steppers, states))
        assert second.command == pytest.approx(first.command, abs=1e-5)
        assert second.state == pytest.approx(first.state, abs=1e-5)
        states = [first.state, second.state]


def test_frames_are_encoded_as_ever(tiny_bundle: Bundle) -> None:
    """By the same network."""
    frame = np.random.default_rng(1).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    assert np.array_equal(CompiledStepper(tiny_bundle).encode(frame),
                          Stepper(tiny_bundle).encode(frame))


def test_results_and_inputs_stay_as_they_are(tiny_bundle: Bundle) -> None:
    """Buffers are the stepper's own: the next step changes nothing that was given or taken."""
    stepper = CompiledStepper(tiny_bundle)
    before = stepper.initial_state()
    before.setflags(write=False)      # as the controller keeps it
    first = stepper.step(np.ones(8, np.float32), REST, NONE, before, 0.03)
    kept = first.command.copy(), first.state.copy(), first.time_constants.copy()
    stepper.step(-np.ones(8, np.float32), REST + 3, NONE, first.state, 0.2)
    assert not before.any()
    for actual, expected in zip((first.command, first.state, first.time_constants), kept):
        assert np.array_equal(actual, expected)


@pytest.mark.parametrize('kind', [Stepper, CompiledStepper])
@pytest.mark.parametrize('changes', [
    {'features': np.ones(7, np.float32)}, {'features': np.ones(1, np.float32)},
    {'imu': np.ones((1, 6), np.float32)}, {'extra': np.ones(1, np.float32)},
    {'state': np.zeros(9, np.float32)}])
def test_arrays_of_another_policy_are_refused(tiny_bundle: Bundle, kind: type[Stepper],
                                              changes: dict[str, np.ndarray]) -> None:
    """Nothing is broadcast: a state of another net would fly."""
    arrays = {'features': np.ones(8, np.float32), 'imu': REST, 'extra': NONE,
              'state': np.zeros(8, np.float32)} | changes
    with pytest.raises(NetworkError, match=r'expected features, imu, extra and state of shapes '
                       r'\(\(8,\), \(6,\), \(0,\), \(8,\)\), found'):
        kind(tiny_bundle).step(**arrays, dt=0.03)


@pytest.mark.parametrize('kind', [Stepper, CompiledStepper])
@pytest.mark.parametrize('dt', [0.0, -0.1, np.nan, np.inf])
def test_an_impossible_interval_is_refused(tiny_bundle: Bundle, kind: type[Stepper],
                                           dt: float) -> None:
    """The controller gives none; whoever else does hears of it."""
    with pytest.raises(NetworkError, match='expected dt above 0 and finite, found'):
        kind(tiny_bundle).step(np.ones(8, np.float32), REST, NONE, np.zeros(8, np.float32), dt)


def with_golden(bundle: Bundle, shift: float) -> Bundle:
    """Return a bundle whose golden commands are others."""
    with np.load(io.BytesIO(bundle.files['golden.npz'])) as archive:
        arrays = dict(archive)
    arrays['command'] = arrays['command'] + np.float32(shift)
    content = io.BytesIO()
    np.savez(content, **arrays)
    return dataclasses.replace(bundle, files=dict(bundle.files) | {
        'golden.npz': content.getvalue()})


def test_golden_steps_must_reproduce(tiny_bundle: Bundle) -> None:
    """A compiler that computes something else does not fly."""
    CompiledStepper(with_golden(tiny_bundle, 1e-6))
    with pytest.raises(BundleError, match='golden step 0 does not reproduce'):
        CompiledStepper(with_golden(tiny_bundle, 0.01))


def test_onnx_is_what_is_given_where_nothing_else_is_asked_for(tiny_bundle: Bundle,
                                                               cache: Path) -> None:
    """And compiled where it can be; nothing is compiled unasked."""
    stepper, reason = make_stepper(tiny_bundle, 'onnx')
    assert type(stepper) is Stepper and reason == ''
    for kind in ('compiled', 'auto'):
        stepper, reason = make_stepper(tiny_bundle, kind)   # type: ignore[arg-type]
        assert type(stepper) is CompiledStepper and reason == ''


def test_without_a_compiler_onnx_steps(tiny_bundle: Bundle, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    """And says why."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.delenv('CC', raising=False)
    monkeypatch.setenv('PATH', str(tmp_path))
    stepper, reason = make_stepper(tiny_bundle, 'compiled')
    assert type(stepper) is Stepper
    assert reason.startswith('ONNX Runtime steps the core: expected a C compiler, found none of')


def test_a_core_that_c_does_not_know_steps_by_onnx(tiny_bundle: Bundle,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    """The same."""
    def refuse(bundle: Bundle) -> None:
        raise BundleError('unknown cell')

    monkeypatch.setattr(compiled, 'generate', refuse)
    stepper, reason = make_stepper(tiny_bundle, 'auto')
    assert type(stepper) is Stepper
    assert reason == 'ONNX Runtime steps the core: unknown cell'


def test_a_library_that_does_not_load_is_named(tiny_bundle: Bundle, tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged, or of another machine."""
    damaged = tmp_path / 'core.so'
    damaged.write_bytes(b'no library')
    monkeypatch.setattr(compiled, 'build_library', lambda code: damaged)
    with pytest.raises(DependencyError, match='core.so: expected a library that this machine'):
        CompiledStepper(tiny_bundle)


def test_a_controller_flies_with_it(tiny_bundle: Bundle,
                                    make_vehicle: Callable[[Bundle], Any]) -> None:
    """`Controller.tick` gives the same commands by either."""
    commands = []
    for stepper in (Stepper(tiny_bundle), CompiledStepper(tiny_bundle)):
        vehicle = make_vehicle(tiny_bundle)
        vehicle.controller = Controller(tiny_bundle, stepper=stepper)
        vehicle.controller.engage(True)
        commands.append(vehicle.fly().values)
    assert np.abs(commands[0]).max() > 1e-3
    assert commands[1] == pytest.approx(commands[0], abs=1e-4)
