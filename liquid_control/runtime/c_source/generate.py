# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The core of a policy as one C99 file with its header, for a microcontroller or for this machine.

It allocates nothing, and needs nothing but math.h. No text of a bundle reaches the code but its
name, of which letters, digits and underscores are kept: a policy is data, not a program.
"""

from dataclasses import dataclass
import re
from string import Template

from liquid_control import __version__
from liquid_control.errors import BundleError
from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.c_source.cells import KINDS
from liquid_control.runtime.c_source.core import Core, Kind
from liquid_control.runtime.c_source.templates import HEADER, SOURCE
from liquid_control.runtime.c_source.unit import Precision, Unit
from liquid_control.runtime.weights import Weights
from liquid_control.sensing.imu import IMU_NAMES
import numpy as np

# Settings of the networks that hold for every cell, are told by the shapes of the weights, or
# whose values the cell that needs them checks.
SETTINGS = frozenset((
    'cell', 'readout', 'skip', 'nominal_dt', 'features', 'extra', 'axes', 'width', 'height',
    'wiring', 'neurons', 'project', 'inter', 'command', 'sensory_fanout', 'inter_fanout',
    'recurrent_command', 'motor_fanin', 'sparsity', 'wiring_file', 'seed', 'time_constants',
    'substeps'))


@dataclass(frozen=True)
class CSource:
    """A core in C."""

    name: str              # that every symbol begins with
    header: str
    source: str
    macs: int              # multiply-accumulates of a step, pointwise functions apart
    table_bytes: int       # of weights and indices


def generate(bundle: Bundle, name: str | None = None,
             precision: Precision = 'float32') -> CSource:
    """
    Write a core in C; a step of it is `Stepper.step`, normaliser and readout included.

    :param bundle: the policy.
    :param name: that every symbol begins with; None for the policy's.
    :param precision: of the weights of synapses.
    :raises BundleError: if this generator does not know the cell or one of its settings.
    :raises WiringError: if the wiring cannot be read.
    """
    weights = Weights(bundle.files['core.safetensors'], f'{bundle.folder}/core.safetensors')
    core = Core(bundle.folder, bundle.spec, weights, weights.settings,
                bundle.files.get('wiring.yaml'))
    kind, unit = _kind(core), Unit(precision)
    _emit_inputs(core, unit)
    output = kind.emit(core, unit)
    _emit_readout(core, unit, output)
    if weights.left:
        raise BundleError(f'{core.folder}: C export: expected no other weights than those of '
                          f'cell {core.settings["cell"]}, found {", ".join(weights.left)}; this '
                          'version does not know what they are for')
    name = c_name(name or bundle.spec.name)
    sizes = bundle.spec.observation
    values = {
        'name': name, 'NAME': name.upper(), 'version': __version__, 'digest': bundle.digest,
        'precision': precision, 'features': sizes.features, 'extra': len(sizes.extra),
        'state': bundle.spec.state_size, 'commands': len(bundle.spec.command),
        'neurons': len(bundle.spec.neurons), 'inputs': core.n_inputs,
        'macs': unit.macs, 'bytes': unit.table_bytes,
        'limits': ', '.join(f'{axis.limit:g}' for axis in bundle.spec.command),
        'tables': unit.tables, 'helpers': unit.helpers, 'statements': unit.statements}
    return CSource(name, Template(HEADER).substitute(values), Template(SOURCE).substitute(values),
                   unit.macs, unit.table_bytes)


def c_name(text: str) -> str:
    """
    Make a name that C allows.

    :param text: any.
    """
    name = re.sub(r'\W', '_', text, flags=re.ASCII)
    return name if re.match('[A-Za-z]', name) else f'policy_{name}'


def _kind(core: Core) -> Kind:
    """Look the cell up, and refuse settings that would make it another."""
    cell = core.settings.get('cell')
    if cell not in KINDS:
        raise BundleError(f'{core.folder}: C export: expected a cell of {", ".join(KINDS)}, found '
                          f'{cell!r}; export --target onnx runs every cell')
    kind = KINDS[cell]
    elsewhere = {setting for other in KINDS.values() for setting in other.settings}
    for setting, value in core.settings.items():
        allowed = kind.settings.get(setting)
        known = setting in SETTINGS | elsewhere if allowed is None else value in allowed
        if not known:
            expected = ' or '.join(repr(one) for one in allowed or ()) or 'no such setting'
            raise BundleError(f'{core.folder}: C export: found {cell} with {setting}: {value!r}, '
                              f'expected {expected}; export --target onnx runs every cell')
    return kind


def _emit_inputs(core: Core, unit: Unit) -> None:
    """Write `inputs`: features, normalised IMU and extra inputs, side by side."""
    features, extra = core.spec.observation.features, len(core.spec.observation.extra)
    normaliser = core.spec.normaliser
    unit.table('imu_mean', np.array(normaliser.imu_mean, np.float32))
    unit.table('imu_scale', np.array(normaliser.imu_scale, np.float32))
    unit.need('copy')
    unit.code("""
        float inputs[$inputs];
        copy(features, $features, inputs);
        for (int i = 0; i < $imu; ++i) {
            inputs[$features + i] = (imu[i] - imu_mean[i]) / imu_scale[i];
        }
    """, {'inputs': core.n_inputs, 'features': features, 'imu': len(IMU_NAMES)})
    unit.code('copy(extra, $n, inputs + $first);' if extra else '(void)extra;',
              {'n': extra, 'first': core.n_inputs - extra})


def _emit_readout(core: Core, unit: Unit, output: str) -> None:
    """Write the command of the cell's outputs, and of the inputs where these skip the cell."""
    neurons, commands = len(core.spec.neurons), len(core.spec.command)
    read = np.arange(neurons)
    if core.settings['readout'] == 'motor':
        read = np.array(core.wiring().motor)
    weight = core.weights.take('readout.weight', commands, len(read))
    whole = np.zeros((neurons, commands), np.float32)
    whole[read] = weight.T
    reads = np.isin(np.arange(neurons), read)[:, None].repeat(commands, axis=1)
    unit.start('readout', core.weights.take('readout.bias', commands))
    unit.add('readout_weight', whole, output, 'readout', mask=reads)
    if core.settings['skip']:
        skip = core.weights.take('skip.weight', commands, core.n_inputs)
        unit.add('skip_weight', skip.T, 'inputs', 'readout')
    unit.code('for (int i = 0; i < $n; ++i) {\n    command[i] = tanhf(readout[i]);\n}',
              {'n': commands})
