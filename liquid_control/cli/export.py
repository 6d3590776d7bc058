# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control export`: a policy as files for another runtime, or for a microcontroller."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from liquid_control.errors import ConfigError

if TYPE_CHECKING:
    from liquid_control.runtime.bundle import Bundle
    from liquid_control.runtime.c_source.unit import Precision

SUMMARY = 'write a policy as C99 for a microcontroller, or as ONNX for another runtime'
EXAMPLE = 'liquid-control export --policy forest_liquid --target c --out out/forest_liquid_c'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """
    Declare the options.

    :param parser: of this command.
    """
    parser.add_argument('--policy', metavar='NAME',
                        help='name or folder of a bundle (default: the shipped one)')
    parser.add_argument('--target', required=True, choices=('onnx', 'c'),
                        help='onnx: encoder and core with a description; c: the core alone, one '
                        'C99 file that needs math.h alone, its header, and a program that '
                        'checks the golden steps')
    parser.add_argument('--out', required=True, type=Path, metavar='DIR',
                        help='folder, made if it is not there')
    parser.add_argument('--weights', default='float32', choices=('float32', 'int8'),
                        help='of synapses, in C (default: %(default)s; int8 is a third of the '
                        'size and not exact: the program says how far off)')
    parser.add_argument('--name', metavar='NAME',
                        help='that every symbol in C begins with (default: its policy)')


def run(arguments: argparse.Namespace) -> int:
    """
    Export.

    :param arguments: as parsed.
    :returns: 0.
    :raises ConfigError: if options contradict each other, or the folder cannot be written.
    :raises BundleError: if the policy does not load, or the target does not know its cell.
    """
    from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
    if arguments.target == 'onnx' and (arguments.name or arguments.weights != 'float32'):
        raise ConfigError('export: --name and --weights belong to --target c; leave them out')
    bundle = Bundle.load(find(arguments.policy or DEFAULT_POLICY))
    files, note = (_onnx(bundle) if arguments.target == 'onnx'
                   else _c(bundle, arguments.name, arguments.weights))
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            arguments.out.joinpath(name).write_bytes(content)
    except OSError as error:
        raise ConfigError(f'--out {arguments.out}: expected a folder to write to, found: '
                          f'{error}; choose another') from error
    for name in files:
        print(arguments.out / name)
    print(note)
    return 0


def _c(bundle: 'Bundle', name: str | None,
       precision: 'Precision') -> tuple[dict[str, bytes], str]:
    """Return the files of the core in C, and what there is to say."""
    from liquid_control.runtime.c_source.generate import generate
    from liquid_control.runtime.c_source.golden_program import golden_program
    code = generate(bundle, name, precision)
    files = {f'{code.name}.h': code.header, f'{code.name}.c': code.source,
             f'{code.name}_golden.c': golden_program(bundle, code, precision)}
    note = (f'{code.table_bytes:,} bytes of tables, {code.macs:,} multiply-accumulates a step; '
            f'to check: cc -std=c99 -O2 {code.name}.c {code.name}_golden.c -lm && ./a.out\n'
            'The features of a frame come from the encoder (--target onnx).')
    return {name: text.encode('ascii') for name, text in files.items()}, note


def _onnx(bundle: 'Bundle') -> tuple[dict[str, bytes], str]:
    """Return both networks with a description, and what there is to say."""
    from liquid_control.runtime.description import describe
    files = {name: bundle.files[name] for name in ('encoder.onnx', 'core.onnx')}
    files['README.md'] = describe(bundle).encode('utf-8')
    return files, 'README.md says what goes in and what comes out.'
