# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""One lint verdict: what ament asks for, ruff and mypy."""

from pathlib import Path
import re
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHECKED = [name for name in ('setup.py', 'liquid_control', 'launch', 'test', 'benchmarks',
                             'examples') if (ROOT / name).exists()]
HEADER = '# Copyright 2026 the liquid_control authors\n# SPDX-License-Identifier: Apache-2.0\n'


def run(*arguments: str) -> tuple[int, str]:
    """
    Run a checker on the checkout with this Python.

    :returns: its exit code, and its findings without the list of the files that have none.
    """
    result = subprocess.run([sys.executable, *arguments], cwd=ROOT, text=True,
                            capture_output=True, timeout=280, check=False)
    findings = [line for line in (result.stdout + result.stderr).splitlines()
                if not re.match(r'checking |\* |\s*$', line)]
    return result.returncode, '\n' + '\n'.join(findings)[-8000:]


@pytest.mark.parametrize('checker', ['ament_flake8', 'ament_pep257'])
def test_ament(checker: str) -> None:
    """PEP 8, import order, quotes and docstrings, as ROS 2 has them."""
    pytest.importorskip(checker)
    code, findings = run('-c', f'import sys; from {checker}.main import main; sys.exit(main())',
                         *CHECKED)
    assert code == 0, findings


def test_ruff() -> None:
    """Rules in pyproject.toml, chosen to agree with ament's."""
    pytest.importorskip('ruff')
    code, findings = run('-m', 'ruff', 'check', '--output-format=concise', *CHECKED)
    assert code == 0, findings


def test_mypy() -> None:
    """Strict for signals, sensing, runtime and wiring; pyproject.toml says so."""
    pytest.importorskip('mypy')
    code, findings = run('-m', 'mypy')
    assert code == 0, findings


def test_every_file_names_its_licence() -> None:
    """Two lines, at the top of every Python file that has any text."""
    files = [path for name in CHECKED
             for path in ([ROOT / name] if name.endswith('.py') else (ROOT / name).rglob('*.py'))]
    without = [str(path.relative_to(ROOT)) for path in files
               if path.read_text('utf-8') and not path.read_text('utf-8').startswith(HEADER)]
    assert not without, f'no licence header: {", ".join(sorted(without))}'
