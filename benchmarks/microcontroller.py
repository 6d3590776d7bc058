# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The exported C of a core on small processors: golden steps, flash, RAM, instructions a step.

    python benchmarks/microcontroller.py --policy forest_liquid

Cortex-M4 with floating-point unit, in QEMU (mps2-an386); 64-bit Arm, in QEMU's user mode; this
processor, under callgrind. What is not installed is skipped, and named. On Debian and Ubuntu:

    apt install gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm gcc-aarch64-linux-gnu \
        libc6-dev-arm64-cross qemu-user gcc valgrind

Flash is all that a step needs, libm included. RAM is its stack, the state, and what libm keeps.
The exit code is 1 where a golden step does not reproduce, or the core does not fit a Crazyflie.
"""

import argparse
from collections.abc import Callable, Sequence
import json
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile
from typing import Any

from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
from liquid_control.runtime.c_source.generate import generate
from liquid_control.runtime.c_source.golden_program import golden_program

HERE = Path(__file__).resolve().parent / 'cortex_m4'
STRICT = ('-std=c99', '-O2', '-Wall', '-Wextra', '-pedantic', '-Werror')
CORTEX_M4 = ('arm-none-eabi-gcc', '-mcpu=cortex-m4', '-mthumb', '-mfloat-abi=hard',
             '-mfpu=fpv4-sp-d16', *STRICT)
QEMU_M4 = ('qemu-system-arm', '-M', 'mps2-an386', '-nographic', '-icount', 'shift=0',
           '-semihosting-config', 'enable=on,target=native', '-kernel')
SECONDS = 120.0
FLASH, RAM = 64 * 1024, 8 * 1024     # that a Crazyflie has to spare for a core [bytes]
STEPS = 100                          # of measure.c

Figures = dict[str, Any]


def run(*command: str | Path, folder: Path) -> str:
    """Run a tool, and return what it prints; what it finds wrong ends the benchmark."""
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, text=True,
                          capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise SystemExit(f'{" ".join(map(str, command))}: exit status {done.returncode}\n'
                         f'{done.stdout}{done.stderr}')
    return done.stdout + done.stderr


def found(pattern: str, text: str) -> tuple[int, ...]:
    """Read whole numbers out of what a tool has printed."""
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f'expected {pattern!r}, found:\n{text}')
    return tuple(int(number.replace(',', '')) for number in match.groups())


def cortex_m4(folder: Path, state_size: int) -> Figures:
    """Take a core through its golden steps on a Cortex-M4, and measure a step."""
    board = (HERE / 'startup.c', '--specs=rdimon.specs', '-T', HERE / 'mps2_an386.ld', '-I.',
             '-lm', '-o')
    run(*CORTEX_M4, 'core.c', 'core_golden.c', *board, 'golden.elf', folder=folder)
    said = run(*QEMU_M4, 'golden.elf', folder=folder)
    run(*CORTEX_M4, 'core.c', HERE / 'measure.c', *board, 'measure.elf', folder=folder)
    stack, instructions = found(r'stack (\d+) instructions (\d+)',
                                run(*QEMU_M4, 'measure.elf', folder=folder))
    # What a program has to link that calls both functions and nothing else.
    run(*CORTEX_M4, '-ffunction-sections', '-fdata-sections', 'core.c', '-nostartfiles',
        '--specs=nano.specs', '--specs=nosys.specs', '-Wl,--gc-sections', '-Wl,-e,core_step',
        '-Wl,-u,core_reset', '-lm', '-o', 'image.elf', folder=folder)
    text, data, bss = found(r'\n\s*(\d+)\s+(\d+)\s+(\d+)',
                            run('arm-none-eabi-size', 'image.elf', folder=folder))
    state, libm = 4 * state_size, data + bss
    return {'golden': said.strip(), 'flash': text + data, 'ram': stack + state + libm,
            'stack': stack, 'state': state, 'libm': libm, 'instructions': instructions}


def arm64(folder: Path, state_size: int) -> Figures:
    """Take a core through its golden steps on 64-bit Arm."""
    run('aarch64-linux-gnu-gcc', *STRICT, '-static', 'core.c', 'core_golden.c', '-lm', '-o',
        'golden.arm64', folder=folder)
    return {'golden': run('qemu-aarch64', './golden.arm64', folder=folder).strip()}


def this_processor(folder: Path, state_size: int) -> Figures:
    """Take a core through its golden steps here, and count the instructions of a step."""
    run('gcc', *STRICT, 'core.c', 'core_golden.c', '-lm', '-o', 'golden.here', folder=folder)
    said = run('./golden.here', folder=folder)
    run('gcc', '-std=c99', '-O3', '-I.', 'core.c', HERE / 'measure.c', '-lm', '-o', 'measure.here',
        folder=folder)
    collected, = found(r'Collected : ([\d,]+)', run(
        'valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
        '--toggle-collect=core_step', './measure.here', folder=folder))
    return {'golden': said.strip(), 'instructions': collected // STEPS}


PROCESSORS: dict[str, tuple[tuple[str, ...], Callable[[Path, int], Figures]]] = {
    'cortex-m4': (('arm-none-eabi-gcc', 'qemu-system-arm'), cortex_m4),
    'arm64': (('aarch64-linux-gnu-gcc', 'qemu-aarch64'), arm64),
    'here': (('gcc', 'valgrind'), this_processor),
}


def measure_core(bundle: Bundle, precision: Any) -> Figures:
    """Export a core, and take it to every processor there is."""
    code = generate(bundle, 'core', precision)
    row: Figures = {'policy': bundle.spec.name, 'weights': precision, 'macs': code.macs,
                    'table_bytes': code.table_bytes}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.joinpath('core.h').write_text(code.header)
        folder.joinpath('core.c').write_text(code.source)
        folder.joinpath('core_golden.c').write_text(golden_program(bundle, code, precision))
        for processor, (tools, measure) in PROCESSORS.items():
            missing = [tool for tool in tools if shutil.which(tool) is None]
            row[processor] = ({'skipped': f'{", ".join(missing)} not installed'} if missing
                              else measure(folder, bundle.spec.state_size))
    return row


def show(row: Figures) -> None:
    """Print one core."""
    print(f'{row["policy"]}, {row["weights"]} weights: {row["table_bytes"]:,} bytes of tables, '
          f'{row["macs"]:,} multiply-accumulates a step')
    for processor in PROCESSORS:
        figures = dict(row[processor])
        golden = figures.pop('golden', None)
        numbers = ', '.join(f'{name} {value:,}' if isinstance(value, int) else f'{name}: {value}'
                            for name, value in figures.items())
        print(f'  {processor:<10} {golden or numbers}')
        if golden and numbers:
            print(f'  {"":<10} {numbers}')


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--policy', default=DEFAULT_POLICY, help='name or folder of a bundle')
    parser.add_argument('--json', action='store_true', help='print JSON instead of text')
    arguments = parser.parse_args(argv)
    bundle = Bundle.load(find(arguments.policy))
    rows = [measure_core(bundle, precision) for precision in ('float32', 'int8')]
    fits = all(row['cortex-m4'].get('flash', 0) < FLASH and row['cortex-m4'].get('ram', 0) < RAM
               for row in rows)
    if arguments.json:
        print(json.dumps({'rows': rows, 'fits_crazyflie': fits}, indent=2))
    else:
        for row in rows:
            show(row)
        print(f'below {FLASH:,} bytes of flash and {RAM:,} of RAM on the Cortex-M4: '
              + (('yes' if fits else 'no') if 'flash' in rows[0]['cortex-m4'] else 'not measured'))
    return 0 if fits else 1


if __name__ == '__main__':
    sys.exit(main())
