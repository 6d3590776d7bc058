# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The core of the shipped policy on emulated processors; each skips where its tools are not."""

import importlib.util
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / 'benchmarks' / 'microcontroller.py'
PROCESSORS = ('cortex-m4', 'arm64', 'here')


def require_tools(module: ModuleType, processor: str) -> None:
    """Skip where a compiler or emulator is not installed, and name it."""
    missing = [tool for tool in module.PROCESSORS[processor][0] if shutil.which(tool) is None]
    if missing:
        pytest.skip(f'{", ".join(missing)} not installed; {SCRIPT.name} --help names the packages')


@pytest.fixture(scope='module')
def module() -> ModuleType:
    """Return the benchmark, imported."""
    spec = importlib.util.spec_from_file_location('microcontroller', SCRIPT)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope='module')
def printed() -> dict[str, Any]:
    """Return what the benchmark prints for the shipped policy."""
    done = subprocess.run([sys.executable, str(SCRIPT), '--json'], text=True, capture_output=True,
                          timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize('processor', PROCESSORS)
def test_golden_steps_reproduce(module: ModuleType, printed: dict[str, Any],
                                processor: str) -> None:
    """With float32 weights as exactly as here, with int8 weights as its bound says."""
    require_tools(module, processor)
    for row in printed['rows']:
        assert '16 golden steps' in row[processor]['golden']


def test_it_fits_a_crazyflie(module: ModuleType, printed: dict[str, Any]) -> None:
    """Figures are of a size that such a core has: its tables and some kilobytes of code."""
    require_tools(module, 'cortex-m4')
    for row in printed['rows']:
        figures = row['cortex-m4']
        assert row['table_bytes'] < figures['flash'] < row['table_bytes'] + 8 * 1024
        assert figures['ram'] == figures['stack'] + figures['state'] + figures['libm'] < 8 * 1024
        assert figures['stack'] > 4 * (38 + 64)      # inputs and sums live there
        assert 4 * row['macs'] < figures['instructions'] < 40 * row['macs']
    assert printed['fits_crazyflie']


@pytest.mark.parametrize('processor', PROCESSORS)
def test_a_core_that_is_wrong_ends_with_an_error(module: ModuleType, processor: str,
                                                 tmp_path: Path) -> None:
    """Through emulator and semihosting too."""
    require_tools(module, processor)
    bundle = module.Bundle.load(module.find(module.DEFAULT_POLICY))
    code = module.generate(bundle, 'core')
    (tmp_path / 'core.h').write_text(code.header)
    (tmp_path / 'core.c').write_text(code.source.replace('-dt * rate', '-dt * rate * 1.01f'))
    (tmp_path / 'core_golden.c').write_text(module.golden_program(bundle, code, 'float32'))
    with pytest.raises(SystemExit, match='exit status 1\n.*16 golden steps, largest error'):
        module.PROCESSORS[processor][1](tmp_path, bundle.spec.state_size)


def test_what_is_missing_is_named() -> None:
    """Nothing is installed there, and nothing fails."""
    done = subprocess.run([sys.executable, str(SCRIPT)], env=os.environ | {'PATH': ''},
                          text=True, capture_output=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    assert 'cortex-m4  skipped: arm-none-eabi-gcc, qemu-system-arm not installed' in done.stdout
    assert 'on the Cortex-M4: not measured' in done.stdout


def test_its_help_has_an_example() -> None:
    """And the packages."""
    text = subprocess.run([sys.executable, str(SCRIPT), '--help'], text=True, capture_output=True,
                          check=True).stdout
    assert 'python benchmarks/microcontroller.py' in text and 'qemu-system-arm' in text
