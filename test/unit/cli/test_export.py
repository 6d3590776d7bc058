# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control export` writes what runs elsewhere."""

from collections.abc import Callable
from pathlib import Path
import shutil
import subprocess
import sys

from liquid_control.cli import main as console
from liquid_control.runtime.bundle import Bundle, DEFAULT_POLICY, find
import pytest

STRICT = ('-Wall', '-Wextra', '-pedantic', '-std=c99', '-Werror', '-Wconversion')


def export(out: Path, *options: str) -> int:
    """Run the command."""
    return console.main(['export', '--out', str(out), *options])


def check(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """Compile a core with its golden steps, warning-free, and run them."""
    compiler = shutil.which('cc') or shutil.which('gcc') or shutil.which('clang')
    if compiler is None:
        pytest.skip('no C compiler is installed')
    subprocess.run([compiler, *STRICT, f'{name}.c', f'{name}_golden.c', '-lm', '-o', 'golden'],
                   cwd=folder, check=True)
    return subprocess.run([folder / 'golden'], text=True, capture_output=True, check=False)


@pytest.mark.parametrize('weights', ['float32', 'int8'])
def test_the_shipped_policy_in_c_reproduces_its_golden_steps(tmp_path: Path, weights: str) -> None:
    """As it ships."""
    assert export(tmp_path, '--target', 'c', '--weights', weights) == 0
    names = {f'forest_liquid{end}' for end in ('.h', '.c', '_golden.c')}
    assert {path.name for path in tmp_path.iterdir()} == names
    result = check(tmp_path, 'forest_liquid')
    assert result.returncode == 0 and '16 golden steps' in result.stdout, result.stdout


def test_a_core_that_is_wrong_fails_its_golden_steps(bundle_writer: Callable[..., Path],
                                                     tmp_path: Path) -> None:
    """With extra inputs and a name of its own; then with a leak that is not the policy's."""
    folder = bundle_writer(tmp_path / 'policy', extra=('frame_age',))
    out = tmp_path / 'new' / 'out'
    assert export(out, '--target', 'c', '--policy', str(folder), '--name', 'my core') == 0
    assert check(out, 'my_core').returncode == 0
    source = (out / 'my_core.c').read_text()
    assert '-dt * rate' in source
    (out / 'my_core.c').write_text(source.replace('-dt * rate', '-dt * rate * 1.01f'))
    result = check(out, 'my_core')
    assert result.returncode == 1 and 'largest error' in result.stdout


def test_onnx_is_copied_and_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the byte, and what a user of the files must know."""
    assert export(tmp_path, '--target', 'onnx') == 0
    bundle = Bundle.load(find(DEFAULT_POLICY))
    for name in ('encoder.onnx', 'core.onnx'):
        assert tmp_path.joinpath(name).read_bytes() == bundle.files[name]
    text = tmp_path.joinpath('README.md').read_text('utf-8')
    for fact in ('(1, 48, 64, 3) uint8', 'next_state', 'vx 2, vy 2', bundle.digest,
                 str(bundle.spec.normaliser.imu_mean[0])):
        assert fact in text
    assert str(tmp_path / 'core.onnx') in capsys.readouterr().out


@pytest.mark.parametrize('options, text', [
    (('--target', 'onnx', '--weights', 'int8'), '--name and --weights belong to --target c'),
    (('--target', 'c', '--policy', 'forest_liqid'), "did you mean 'forest_liquid'"),
])
def test_bad_options_are_explained(options: tuple[str, ...], text: str, tmp_path: Path,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and nothing written."""
    assert export(tmp_path / 'out', *options) == 2
    assert text in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_a_place_that_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Says which."""
    tmp_path.joinpath('file').touch()
    assert export(tmp_path / 'file', '--target', 'c') == 2
    assert f'--out {tmp_path / "file"}: expected a folder' in capsys.readouterr().err


def test_a_robot_can_export() -> None:
    """Neither torch nor safetensors nor PyBullet is imported."""
    probe = ('import sys, tempfile; from liquid_control.cli.main import main;'
             'main(["export", "--target", "c", "--out", tempfile.mkdtemp()]);'
             'print(sorted({"torch", "safetensors", "pybullet", "rclpy"} & set(sys.modules)))')
    result = subprocess.run([sys.executable, '-c', probe], text=True, capture_output=True,
                            timeout=120, check=True)
    assert result.stdout.splitlines()[-1] == '[]'
