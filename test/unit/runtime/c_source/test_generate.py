# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The C of a core is its core, step after step, whatever the cell and the wiring."""

from collections.abc import Callable
import ctypes
import dataclasses
import json
from pathlib import Path
import struct
import subprocess
from typing import Any, get_args

from liquid_control.errors import BundleError, WiringError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.c_source.cells import KINDS
from liquid_control.runtime.c_source.cells.ode import SOLVERS
from liquid_control.runtime.c_source.generate import c_name, generate
from liquid_control.runtime.c_source.unit import number, Precision
from liquid_control.runtime.stepper import Stepper
from liquid_control.runtime.weights import Weights
from liquid_control.signals import Axis
from liquid_control.wiring.dense import dense
import numpy as np
import pytest
import yaml

STRICT = ('-Wall', '-Wextra', '-pedantic', '-std=c99', '-Werror', '-Wconversion',
          '-Wdouble-promotion', '-Wshadow')
LIBM = {'expf', 'fabsf', 'floorf', 'fmaxf', 'log1pf', 'logf', 'sqrtf', 'tanhf'}
EXTRA = ('frame_age', 'frame_brightness')
Recording = list[tuple[np.ndarray, np.ndarray, np.ndarray, float]]
Steps = tuple[np.ndarray, np.ndarray, np.ndarray]     # commands, states, time constants


def build(bundle: Bundle, compiler: str, folder: Path,
          precision: Precision = 'float32') -> Path:
    """Compile the C of a bundle where a warning is an error; core.o lies beside the library."""
    code = generate(bundle, 'core', precision)
    folder.joinpath('core.h').write_text(code.header)
    folder.joinpath('core.c').write_text(code.source)
    for command in ([*STRICT, '-O2', '-fPIC', '-ffreestanding', '-c', 'core.c', '-o', 'core.o'],
                    ['-shared', 'core.o', '-lm', '-o', 'core.so']):
        subprocess.run([compiler, *command], check=True, cwd=folder)
    return folder / 'core.so'


@pytest.fixture(scope='module')
def libraries(core_bundle: Bundle, compiler: str,
              tmp_path_factory: pytest.TempPathFactory) -> dict[Precision, Path]:
    """Return a core compiled with weights of either precision."""
    precisions: tuple[Precision, ...] = ('float32', 'int8')
    return {precision: build(core_bundle, compiler, tmp_path_factory.mktemp(precision), precision)
            for precision in precisions}


def run_c(library: Path, bundle: Bundle, recording: Recording) -> Steps:
    """Step the C of a bundle over a recording."""
    core = ctypes.CDLL(str(library))
    spec = bundle.spec
    state = np.full(spec.state_size, np.nan, np.float32)
    core.core_reset(pointer(state))
    command, times = (np.zeros(size, np.float32) for size in (len(spec.command),
                                                              len(spec.neurons)))
    found: list[Any] = []
    for features, imu, extra, dt in recording:
        assert core.core_step(*map(pointer, (features, imu, extra)), ctypes.c_float(dt),
                              *map(pointer, (state, command, times))) == 0
        found.append((command.copy(), state.copy(), times.copy()))
    return tuple(map(np.array, zip(*found)))     # type: ignore[return-value]


def run_onnx(bundle: Bundle, recording: Recording) -> Steps:
    """Step a bundle by ONNX Runtime over a recording."""
    stepper = Stepper(bundle)
    state, found = stepper.initial_state(), []
    for features, imu, extra, dt in recording:
        result = stepper.step(features, imu, extra, state, dt)
        state = result.state
        found.append((result.command, state, result.time_constants))
    return tuple(map(np.array, zip(*found)))     # type: ignore[return-value]


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    """Return the address of an array."""
    return ctypes.c_void_p(array.ctypes.data)


def run_torch(bundle: Bundle, recording: Recording) -> Steps:
    """Step the networks that a bundle was exported from."""
    import torch

    head = rebuild_head(bundle)
    state, found = head.initial_state(1), []
    for features, imu, extra, dt in recording:
        normaliser = bundle.spec.normaliser
        normal = (imu - np.float32(normaliser.imu_mean)) / np.float32(normaliser.imu_scale)
        with torch.no_grad():
            command, state, times = head.step(
                *(torch.from_numpy(array[None]) for array in (features, normal, extra)), state,
                torch.tensor([[dt]]))
        found.append([array[0].numpy() for array in (command, state, times)])
    return tuple(map(np.array, zip(*found)))     # type: ignore[return-value]


def rebuild_head(bundle: Bundle) -> Any:
    """Return the head of a bundle in torch, with its weights."""
    from liquid_control.nets.policy import build_head, NetConfig
    from safetensors.torch import load

    head = build_head(NetConfig(**{name: tuple(value) if isinstance(value, list) else value
                                   for name, value in core_settings(bundle).items()}))
    head.load_state_dict(load(bundle.files['core.safetensors']))
    return head


def test_200_steps_equal_onnx_and_torch(core_bundle: Bundle, libraries: dict[Precision, Path],
                                        recording: Recording) -> None:
    """Intervals from 2 ms to 1 s, frames that are dark now and then."""
    found = run_c(libraries['float32'], core_bundle, recording)
    for other in (run_onnx(core_bundle, recording), run_torch(core_bundle, recording)):
        for actual, expected in zip(found[:2], other[:2]):
            np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5)
        np.testing.assert_allclose(found[2], other[2], rtol=1e-4)


def test_the_recording_tells_cores_apart(core_bundle: Bundle, recording: Recording) -> None:
    """Commands move, and elapsed time matters, unless a frame is dark: so the test above tells."""
    commands = run_onnx(core_bundle, recording)[0]
    hurried = run_onnx(core_bundle, [(*inputs, dt / 2) for *inputs, dt in recording])[0]
    assert commands.std(axis=0).min() > 1e-3
    assert np.abs(commands - hurried).max() > 1e-3


def test_int8_weights_stay_near(core_bundle: Bundle, libraries: dict[Precision, Path],
                                recording: Recording) -> None:
    """Rounding to 1/127 of the largest weight of a sum: some hundredths of the whole scale."""
    commands, _, _ = run_c(libraries['int8'], core_bundle, recording)
    error = np.abs(commands - run_onnx(core_bundle, recording)[0])
    assert 1e-5 < error.max() < 0.05
    assert error.mean() < 0.01


@pytest.mark.parametrize('precision', ['float32', 'int8'])
def test_it_needs_libm_alone_and_keeps_nothing(libraries: dict[Precision, Path],
                                               precision: Precision) -> None:
    """By its symbols: no allocation, no variable that outlives a step."""
    lines = subprocess.run(['nm', libraries[precision].with_suffix('.o')], check=True, text=True,
                           capture_output=True).stdout.splitlines()
    symbols = {tuple(line.split()[-2:]) for line in lines}
    assert {name for kind, name in symbols if kind in 'Uu'} <= LIBM | {'_GLOBAL_OFFSET_TABLE_'}
    assert {name for kind, name in symbols if kind == 'T'} == {'core_reset', 'core_step'}
    assert {kind for kind, _ in symbols} <= {'U', 'T', 't', 'r'}


CENTRED = ('synaptic_ltc', 'lrc')     # whose synapses have slope and centre
# How often a step takes the product with weights of a baseline that it takes more than once.
REPEATED = {'tcn': {'near': 4}, 'ct_rnn': {'recurrent': 6}, 'neural_ode': {'recurrent': 8,
                                                                           'outer': 8},
            'ode_rnn': {'field.0': 8, 'field.2': 8}, 'transformer': {'keys_and_values': 32}}


def expected_macs(head: Any) -> int:
    """Count the weights that masks leave, as often as a step uses them."""
    from liquid_control.nets.cells.masked import MaskedWeight
    from torch import nn

    kind, repeated = head.config.cell, REPEATED.get(head.config.cell, {})
    liquid = getattr(head.cell, 'cell', head.cell)      # behind a memory, if there is one
    evaluations = getattr(liquid, 'substeps', 1) * (
        4 if head.config.solver == 'runge_kutta' else 1)
    total = 2 * 32 * head.cell.query.out_features if kind == 'transformer' else 0
    for name, part in head.named_modules():
        if isinstance(part, MaskedWeight):
            of_liquid = any(part is other for other in liquid.modules())
            # The centre of a synapse that has one is subtracted.
            spare = part.count // part.gates if of_liquid and kind in CENTRED else 0
            again = evaluations if of_liquid and name.endswith('recurrent') else 1
            total += again * (part.count - spare)
        elif isinstance(part, nn.Linear):
            total += repeated.get(name.removeprefix('cell.'), 1) * part.weight.numel()
    own = dict(head.cell.named_parameters(recurse=False)).get('recurrent')
    return total + (0 if own is None else repeated.get('recurrent', 1) * own.numel())


def test_only_synapses_are_written(core_bundle: Bundle) -> None:
    """As many multiply-accumulates as weights that masks leave; a sparse wiring is smaller."""
    head, code = rebuild_head(core_bundle), generate(core_bundle)
    assert code.macs == expected_macs(head)
    if head.config.wiring == 'ncp':
        assert 'add_sparse' in code.source
        stored = sum(value.numel() for value in head.state_dict().values()) / 2
        assert code.table_bytes < 0.7 * 4 * stored
    small = generate(core_bundle, precision='int8').table_bytes
    assert small < (0.6 if head.config.wiring in ('dense', 'ncp') else 0.85) * code.table_bytes


def test_every_cell_and_solver_is_known() -> None:
    """And every setting that makes a cell another one."""
    from liquid_control.nets.baselines.build import BASELINES
    from liquid_control.nets.cells.catalogue import LiquidName, TAKERS
    from liquid_control.nets.cells.solvers import SolverName

    assert set(KINDS) == {*BASELINES, *get_args(LiquidName)}
    assert set(SOLVERS) == set(get_args(SolverName))
    for setting, takers in TAKERS.items():
        assert {cell for cell, kind in KINDS.items() if len(kind.settings.get(setting, ())) > 1
                } == set(takers if setting != 'substeps' else ()), setting


@pytest.mark.parametrize('count', [1, 7])
def test_what_a_mask_excludes_is_nothing_however_large(tiny_bundle: Bundle, compiler: str,
                                                       tmp_path: Path, recording: Recording,
                                                       count: int) -> None:
    """A million behind a mask is the same as a zero, in a dense table and in a sparse one."""
    inputs = [(features, imu, extra[:0], dt) for features, imu, extra, dt in recording[:20]]
    found = []
    for place, (value, mask) in enumerate(((0.0, 1.0), (1e6, 0.0))):
        arrays = {}
        for name in ('values', 'mask'):
            array = stored(tiny_bundle, f'cell.layers.0.recurrent.{name}').copy()
            array.reshape(8, 2, 8)[:, :, :count] = value if name == 'values' else mask
            arrays[f'cell.layers.0.recurrent.{name}'] = array
        for precision in ('float32', 'int8'):
            folder = tmp_path / f'{place}_{precision}'
            folder.mkdir()
            bundle = changed(tiny_bundle, arrays)
            found.append(run_c(build(bundle, compiler, folder, precision), bundle, inputs))
    for precision in (0, 1):
        np.testing.assert_allclose(found[2 + precision][1], found[precision][1], rtol=0, atol=1e-6)


def stored(bundle: Bundle, name: str) -> np.ndarray:
    """Read one array of the weights."""
    weights = Weights(bundle.files['core.safetensors'], 'here')
    header = read_header(bundle)[0]
    return weights.take(name, *header[name]['shape'])


def read_header(bundle: Bundle) -> tuple[dict[str, Any], bytes]:
    """Split the file of the weights into its header and its numbers."""
    content = bundle.files['core.safetensors']
    end = 8 + struct.unpack('<Q', content[:8])[0]
    return json.loads(content[8:end]), content[end:]


def core_settings(bundle: Bundle) -> dict[str, Any]:
    """Read the configuration of the networks."""
    return dict(json.loads(read_header(bundle)[0]['__metadata__']['config']))


def changed(bundle: Bundle, arrays: dict[str, np.ndarray] | None = None, *, ghost: bool = False,
            **settings: Any) -> Bundle:
    """Return a bundle of other weights, other settings, or with weights of no use."""
    header, data = read_header(bundle)
    for name, array in (arrays or {}).items():
        begin, end = header[name]['data_offsets']
        data = data[:begin] + array.astype('<f4').tobytes() + data[end:]
    header['__metadata__']['config'] = json.dumps(core_settings(bundle) | settings)
    if ghost:
        header['ghost'] = {'dtype': 'F32', 'shape': [0], 'data_offsets': [0, 0]}
    text = json.dumps(header).encode()
    return dataclasses.replace(bundle, files=dict(bundle.files) | {
        'core.safetensors': struct.pack('<Q', len(text)) + text + data})


@pytest.mark.parametrize('dt', [0.0, -0.03, np.nan, np.inf])
def test_an_impossible_interval_changes_nothing(tiny_bundle: Bundle, compiler: str, dt: float,
                                                tmp_path: Path) -> None:
    """Neither state nor command."""
    library = ctypes.CDLL(str(build(tiny_bundle, compiler, tmp_path)))
    state, command = np.full(8, 0.25, np.float32), np.full(4, 7.0, np.float32)
    inputs = np.ones(8, np.float32)
    assert library.core_step(pointer(inputs), pointer(inputs), None, ctypes.c_float(dt),
                             pointer(state), pointer(command), None) == -1
    assert (state == 0.25).all() and (command == 7.0).all()


@pytest.mark.parametrize('cell', ['gru', 'transformer'])
def test_the_logarithm_of_no_time_is_not_taken(bundle_writer: Callable[..., Path], cell: str,
                                               compiler: str, tmp_path: Path,
                                               recording: Recording) -> None:
    """An interval below a microsecond is told as one."""
    bundle = Bundle.load(bundle_writer(tmp_path / cell, extra=EXTRA, nets={'cell': cell}))
    library = build(bundle, compiler, tmp_path)
    commands = [run_c(library, bundle, [(*inputs, dt) for *inputs, _ in recording[:8]])[0]
                for dt in (1e-6, 1e-9, 1e-44, 1e-5)]
    assert np.array_equal(commands[0], commands[1]) and np.array_equal(commands[0], commands[2])
    assert not np.array_equal(commands[0], commands[3])


def test_time_constants_need_not_be_asked_for(tiny_bundle: Bundle, compiler: str,
                                              tmp_path: Path) -> None:
    """NULL, as on a microcontroller."""
    library = ctypes.CDLL(str(build(tiny_bundle, compiler, tmp_path)))
    state, command = np.zeros(8, np.float32), np.full(4, 7.0, np.float32)
    inputs = np.ones(8, np.float32)
    assert library.core_step(pointer(inputs), pointer(inputs), None, ctypes.c_float(0.03),
                             pointer(state), pointer(command), None) == 0
    assert state.any() and (np.abs(command) <= 1).all()


@pytest.mark.parametrize('settings, text', [
    ({'cell': 'hopfield'}, "expected a cell of ltc, synaptic_ltc, .*found 'hopfield'"),
    ({'solver': 'heun'}, "found ltc with solver: 'heun', expected None or 'exponential' or "),
    ({'substeps': 0}, 'expected 1 to 1000 substeps, found 0'),
    ({'substeps': '6; exit(1)'}, 'expected 1 to 1000 substeps, found .6; exit'),
    ({'cell': 'plastic', 'mixed_memory': True}, 'plastic with mixed_memory: True, expected False'),
    ({'cell': 'plastic', 'time_constants': [3.0, 0.05]}, 'time_constants .*found .3.0, 0.05'),
    ({'cell': 'lrc', 'elastance': 'none'}, "elastance: 'none', expected 'asymmetric' or 'symm"),
    ({'unheard_of': 1}, 'found ltc with unheard_of: 1, expected no such setting'),
])
def test_what_is_not_known_is_refused(tiny_bundle: Bundle, settings: dict[str, Any],
                                      text: str) -> None:
    """Never the code of another cell."""
    with pytest.raises(BundleError, match=text):
        generate(changed(tiny_bundle, **settings))


def test_weights_of_another_cell_are_refused(tiny_bundle: Bundle) -> None:
    """What is missing is named, and so is what is left."""
    with pytest.raises(BundleError, match='expected weights cell.feeding.weight, found none'):
        generate(changed(tiny_bundle, cell='gru'))
    spec = dataclasses.replace(tiny_bundle.spec, neurons=tiny_bundle.spec.neurons[:-1])
    with pytest.raises(BundleError, match=r'cell.log_leak of shape \(7,\), found \(8,\)'):
        generate(dataclasses.replace(tiny_bundle, spec=spec))
    with pytest.raises(BundleError, match='expected weights cell.cell.log_leak, found none'):
        generate(changed(tiny_bundle, mixed_memory=True))
    with pytest.raises(BundleError, match='no other weights than those of cell ltc, found ghost'):
        generate(changed(tiny_bundle, ghost=True))


def test_a_wired_cell_needs_its_wiring(tiny_bundle: Bundle) -> None:
    """A baseline has none."""
    files = {name: content for name, content in tiny_bundle.files.items()
             if name != 'wiring.yaml'}
    with pytest.raises(BundleError, match='expected wiring.yaml of a wired cell, found none'):
        generate(dataclasses.replace(tiny_bundle, files=files))


@pytest.mark.parametrize('content, error, text', [
    (b'[', BundleError, 'wiring.yaml: expected YAML'),
    (b'{n_inputs: 3}', WiringError, "missing key 'neuron_names'"),
    (None, BundleError, 'expected wiring.yaml of 14 inputs and 8 neurons, found 3 and 8'),
])
def test_another_wiring_is_refused(tiny_bundle: Bundle, content: bytes | None,
                                   error: type[Exception], text: str) -> None:
    """Damaged, or of another policy."""
    if content is None:
        content = yaml.safe_dump(dense(3, 8, 4).to_yaml()).encode()
    files = dict(tiny_bundle.files) | {'wiring.yaml': content}
    with pytest.raises(error, match=text):
        generate(dataclasses.replace(tiny_bundle, files=files))


def test_holding_needs_the_brightness(tiny_bundle: Bundle) -> None:
    """By which it holds."""
    with pytest.raises(BundleError, match=r'expected extra input frame_brightness.*found \[\]'):
        generate(changed(tiny_bundle, cell='mlp', hold_when_dark=True))


def test_no_text_of_a_bundle_becomes_code(tiny_bundle: Bundle) -> None:
    """The compiled stepper runs what is written: a name must not end a comment."""
    attack = '*/\n#include "/etc/passwd"\nint x = system("id"); /* ??/'
    spec = dataclasses.replace(
        tiny_bundle.spec, name=attack, description=attack,
        neurons=tuple(f'{attack}{n}' for n in range(8)),
        command=tuple(Axis(f'{attack}{n}', 1.0, 1.0, 1.0) for n in range(4)))
    code = generate(dataclasses.replace(tiny_bundle, spec=spec))
    text = code.header + code.source
    assert [line for line in text.splitlines() if '#include' in line] == [
        f'#include "{code.name}.h"', '#include <math.h>', '#include <stdint.h>']
    assert 'system(' not in text and '??/' not in text and text.isascii()


@pytest.mark.parametrize('text, name', [
    ('forest_liquid', 'forest_liquid'), ('2nd try', 'policy_2nd_try'), ('Ünï-x', 'policy__n__x'),
    ('', 'policy_')])
def test_names_are_c_names(text: str, name: str) -> None:
    """Whatever a policy is called."""
    assert c_name(text) == name


def test_numbers_read_back_to_the_bit() -> None:
    """Nine digits are enough for any float32."""
    rng = np.random.default_rng(0)
    for value in [*rng.normal(size=200), 0.0, 1.0, -3.0, 1e-30, 123456789.0, 1e20]:
        text = number(np.float32(value))
        assert text.endswith('f') and ('.' in text or 'e' in text)
        assert np.float32(text[:-1]) == np.float32(value)
