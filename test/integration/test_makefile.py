# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What `make` would do, read from its dry runs."""

import os
from pathlib import Path
import shutil
import subprocess

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which('make') is None, reason='make is not installed')


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the checkout, as if no other make had started these tests."""
    ours = ('MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'MAKEOVERRIDES', 'PYTHON', 'VENV')
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(['make', *arguments], cwd=ROOT, env=environment, text=True,
                          capture_output=True, timeout=120, check=False)


def ready(folder: Path) -> str:
    """Make a folder look like an environment in which everything is installed."""
    for name in ('.python.stamp', '.fly.stamp', '.all.stamp'):
        folder.joinpath(name).touch()
    return f'VENV={folder}'


def test_a_second_flight_installs_nothing(tmp_path: Path) -> None:
    """Otherwise it would not start at once."""
    dry = make('--dry-run', 'fly', ready(tmp_path))
    assert dry.returncode == 0, dry.stderr
    assert 'liquid-control fly' in dry.stdout
    assert 'pip' not in dry.stdout


def test_a_changed_requirement_is_installed(tmp_path: Path) -> None:
    """The stamp is older than what it stands for."""
    dry = make('--dry-run', 'fly', ready(tmp_path), '--what-if=requirements/constraints.txt')
    assert 'pip install' in dry.stdout.replace('--disable-pip-version-check ', '')


def test_flying_needs_no_torch_and_testing_does(tmp_path: Path) -> None:
    """Extra `train` is torch's."""
    fly = make('--dry-run', 'fly', f'VENV={tmp_path / "new"}').stdout
    assert "'.[sim,ros-wheels]'" in fly
    assert ',train' not in fly
    assert ',train' in make('--dry-run', 'test', f'VENV={tmp_path / "new"}').stdout


@pytest.mark.parametrize('target', ['fly', 'drive'])
def test_variables_become_options(tmp_path: Path, target: str) -> None:
    """WORLD, WIND, SEED, POLICY, VIDEO and GUI, where they are given."""
    dry = make('--dry-run', target, ready(tmp_path), 'WORLD=empty', 'WIND=W4', 'SEED=600007',
               'POLICY=mine', 'VIDEO=flight.gif', 'GUI=1').stdout
    for option in ("--world 'empty'", "--wind 'W4'", "--seed '600007'", "--policy 'mine'",
                   "--video 'flight.gif'", '--gui', f'liquid-control {target}'):
        assert option in dry
    assert '--gui' not in make('--dry-run', 'fly', ready(tmp_path), 'GUI=0').stdout
    assert '--' not in make('--dry-run', 'fly', ready(tmp_path)).stdout.split(' fly')[1]


@pytest.mark.parametrize('python', ['', 'false'])
def test_a_wrong_python_is_an_error_that_helps(python: str, tmp_path: Path) -> None:
    """Before anything is made."""
    result = make('setup', f'VENV={tmp_path / "new"}', f'PYTHON={python}')
    assert result.returncode != 0
    assert '3.10' in result.stderr and '3.11' in result.stderr
    assert not (tmp_path / 'new').exists()


def test_help_lists_the_targets() -> None:
    """The default target too."""
    for words in (['help'], []):
        text = make(*words).stdout
        for target in ('fly', 'setup', 'test', 'lint', 'campaign', 'clean'):
            assert f'make {target}' in text
