# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A bundle is loaded exactly as it was sealed, or not at all."""

from collections.abc import Callable
import hashlib
from pathlib import Path
import shutil
from typing import Any

from liquid_control import config
from liquid_control.errors import BundleError
from liquid_control.runtime import bundle as bundle_module
from liquid_control.runtime.bundle import Bundle, find, read_specification, record_golden, seal
import numpy as np
import pytest
import yaml


@pytest.fixture
def folder(tiny_bundle: Bundle, tmp_path: Path) -> Path:
    """Return a copy of the tiny bundle that may be spoiled."""
    return Path(shutil.copytree(tiny_bundle.folder, tmp_path / 'policy'))


def change(folder: Path, keys: str, value: Any) -> None:
    """Change one value of bundle.yaml, named as a.b.c, and seal the bundle again."""
    path = folder / 'bundle.yaml'
    values = yaml.safe_load(path.read_text())
    inner = values
    *parents, last = keys.split('.')
    for key in parents:
        inner = inner[int(key) if key.isdigit() else key]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    path.write_text(yaml.safe_dump(values))
    seal(folder)


def test_a_sealed_bundle_loads(tiny_bundle: Bundle, folder: Path) -> None:
    """And is known by its hashes, wherever it lies."""
    loaded = Bundle.load(folder)
    assert loaded.digest == tiny_bundle.digest
    assert loaded.command_spec.names == ('vx', 'vy', 'vz', 'yaw_rate')
    assert (loaded.view.width, loaded.view.height) == (32, 24)
    assert loaded.view.horizontal_fov == pytest.approx(np.pi / 2)


def test_the_hashes_are_those_of_sha256sum(folder: Path) -> None:
    """Anyone can check a bundle without this package."""
    lines = (folder / 'bundle.sha256').read_text().splitlines()
    listed = dict(reversed(line.split('  ')) for line in lines)
    assert set(listed) == {path.name for path in folder.iterdir()} - {'bundle.sha256'}
    for name, expected in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == expected


def names() -> list[str]:
    """Return the files of the tiny bundle."""
    return ['bundle.yaml', 'core.onnx', 'core.safetensors', 'encoder.onnx', 'golden.npz',
            'wiring.yaml']


@pytest.mark.parametrize('name', names())
@pytest.mark.parametrize('where', [0.0, 0.5, 1.0])
def test_one_byte_changed_in_any_file(folder: Path, name: str, where: float) -> None:
    """First, middle and last byte: the error names the file, and never loads it."""
    path = folder / name
    content = bytearray(path.read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    with pytest.raises(BundleError, match=f'{name} was altered.*expected sha256.*copy or export'):
        Bundle.load(folder)


@pytest.mark.parametrize('name', names())
def test_a_missing_file(folder: Path, name: str) -> None:
    """The error names it."""
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f'{name} is missing; copy the whole bundle'):
        Bundle.load(folder)


def test_a_bundle_that_was_never_sealed(folder: Path) -> None:
    """No hashes, no flight."""
    (folder / 'bundle.sha256').unlink()
    with pytest.raises(BundleError, match='bundle.sha256 is missing; the bundle was never sealed'):
        Bundle.load(folder)


@pytest.mark.parametrize('name', ['policy.pkl', 'libcustom.so', '.hidden', 'core.onnx.data'])
def test_a_file_that_does_not_belong(folder: Path, name: str) -> None:
    """Nothing rides along."""
    (folder / name).write_bytes(b'x')
    with pytest.raises(BundleError, match=f'{name} does not belong in a bundle; remove it'):
        Bundle.load(folder)
    with pytest.raises(BundleError, match='does not belong'):
        seal(folder)


def test_a_folder_that_does_not_belong(folder: Path) -> None:
    """Not even under a file's name."""
    (folder / 'statistics.npz').mkdir()
    with pytest.raises(BundleError, match='statistics.npz does not belong'):
        Bundle.load(folder)


def test_a_file_added_after_sealing(folder: Path) -> None:
    """Of a right name, and not hashed."""
    np.savez(folder / 'statistics.npz', a=np.zeros(1))
    with pytest.raises(BundleError, match='statistics.npz is not listed'):
        Bundle.load(folder)


def test_the_scorecard_is_free_to_change(folder: Path) -> None:
    """It is written after the bundle is sealed."""
    (folder / 'scorecard.json').write_text('{}')
    Bundle.load(folder)


@pytest.mark.parametrize('line', ['', 'nonsense', f'{"0" * 64}  ../../etc/passwd',
                                  f'{"0" * 64}  bundle.sha256', f'{"g" * 64}  core.onnx'])
def test_hashes_that_are_none(folder: Path, line: str) -> None:
    """A path out of the folder least of all."""
    with (folder / 'bundle.sha256').open('a') as file:
        file.write(line + '\n')
    with pytest.raises(BundleError, match='expected lines of sha256sum'):
        Bundle.load(folder)


def test_a_required_file_left_out_of_the_hashes(folder: Path) -> None:
    """What is not hashed is not loaded."""
    path = folder / 'bundle.sha256'
    path.write_text(''.join(line for line in path.read_text().splitlines(keepends=True)
                            if 'core.onnx' not in line))
    with pytest.raises(BundleError, match='core.onnx is not listed'):
        Bundle.load(folder)


@pytest.mark.parametrize(('keys', 'value', 'text'), [
    ('format', 2, 'expected format 1, found 2.*another version'),
    ('format', None, "missing key 'format'"),
    ('normalizer', {}, "unknown key 'normalizer'; did you mean 'normaliser'"),
    ('normaliser', None, "missing key 'normaliser'"),
    ('nominal_dt', '33 ms', 'nominal_dt: expected float'),
    ('nominal_dt', 0.5, 'expected 0 < least <= nominal <= largest'),
    ('dt_range', [0.0, 0.1], 'expected 0 < least'), ('dt_range', [0.01, 2.0], 'expected 0 < '),
    ('step_on', 'lidar', 'expected one of camera, imu'),
    ('neurons', ['a'] * 8, 'expected at least one name, each once'),
    ('observation.extra', ['velocity_w'], "unknown input 'velocity_w'; did you mean 'velocity_"),
    ('observation.imu', ['ax'], 'imu: expected'),
    ('observation.camera.width', 0, 'expected width and height of at least 1'),
    ('observation.camera.horizontal_fov_deg', 180.0, 'expected between 0 and 180, found 180'),
    ('normaliser.imu_scale', [1, 1, 1, 1, 1, 0], 'imu_scale: expected numbers above 0'),
    ('normaliser.imu_mean', [1, 1, 1], 'expected 6 values, found 3'),
    ('command.0.acceleration', 0.0, 'acceleration above 0'),
    ('command.0.limit', -1.0, 'limit of 0 or more'),
    ('command.0.speed', 1.0, "unknown key 'speed'"),
    ('golden_tolerance', {'TensorrtExecutionProvider': 1e-3}, 'a tolerance for CPUExecution'),
    ('golden_tolerance.CPUExecutionProvider', 1.0, 'between 0 and 1, found 1')])
def test_a_specification_that_is_wrong(folder: Path, keys: str, value: Any, text: str) -> None:
    """Properly sealed, and still refused, with the key that is wrong."""
    change(folder, keys, value)
    with pytest.raises(BundleError, match=text):
        Bundle.load(folder)


@pytest.mark.parametrize(('keys', 'value', 'text'), [
    ('observation.camera.width', 64, r'encoder.onnx: expected inputs frame uint8\[1, 24, 64, 3\]'),
    ('observation.features', 9, r'encoder.onnx: expected outputs features float32\[1, 9\]'),
    ('observation.extra', ['frame_age'], r'core.onnx: expected inputs .*extra float32\[1, 1\]'),
    ('state_size', 9, r'core.onnx: expected inputs .*state float32\[1, 9\].*found'),
    ('neurons', ['a', 'b'], r'core.onnx: expected outputs .*time_constants float32\[1, 2\]'),
    ('command', [{'name': 'vx', 'limit': 1.0, 'acceleration': 1.0, 'stop_deceleration': 1.0}],
     r'core.onnx: expected outputs command float32\[1, 1\].*found command float32\[1, 4\]')])
def test_a_specification_of_another_policy(folder: Path, keys: str, value: Any,
                                           text: str) -> None:
    """Networks and specification must fit in name, type and shape."""
    change(folder, keys, value)
    with pytest.raises(BundleError, match=text):
        Bundle.load(folder)


def test_a_changed_normaliser_does_not_reproduce_the_golden_steps(folder: Path) -> None:
    """Nothing but the golden steps could notice."""
    change(folder, 'normaliser.imu_scale', [2.0, 2.0, 2.0, 2.0, 2.0, 3.0])
    with pytest.raises(BundleError, match='golden step 0 does not reproduce: expected .*found'):
        Bundle.load(folder)


def rewrite_golden(folder: Path, **arrays: Any) -> None:
    """Replace some golden arrays, None to leave one out, and seal the bundle again."""
    with np.load(folder / 'golden.npz') as archive:
        golden = {name: archive[name] for name in archive.files}
    golden.update(arrays)
    np.savez(folder / 'golden.npz', **{k: v for k, v in golden.items() if v is not None})
    seal(folder)


@pytest.mark.parametrize(('arrays', 'text'), [
    ({'command': None}, 'expected arrays'), ({'more': np.zeros(1)}, 'expected arrays'),
    ({'imu': np.zeros((4, 5), np.float32)}, 'expected imu finite'),
    ({'dt': np.full(4, np.nan, np.float32)}, 'expected dt above 0 and finite'),
    ({'dt': np.zeros(4, np.float32)}, 'expected dt above 0 and finite'),
    ({'frames': np.zeros((0, 24, 32, 3), np.uint8)}, 'at least one step'),
    ({'frames': np.zeros((4, 24, 32, 3), np.float32)}, 'expected frames finite'),
    ({'command': np.zeros((4, 4), np.float32)}, 'golden step 0 does not reproduce'),
    ({'command': np.array([object()])}, 'expected plain arrays')])
def test_golden_steps_that_are_none(folder: Path, arrays: dict[str, Any], text: str) -> None:
    """Missing, of another shape, not a number, altered, pickled."""
    rewrite_golden(folder, **arrays)
    with pytest.raises(BundleError, match=text):
        Bundle.load(folder)


def test_a_late_golden_step_counts_too(folder: Path) -> None:
    """Each is compared, not the first alone."""
    with np.load(folder / 'golden.npz') as archive:
        state = archive['state']
    state[3, 2] += 1e-3
    rewrite_golden(folder, state=state)
    with pytest.raises(BundleError, match='golden step 3 does not reproduce: expected state'):
        Bundle.load(folder)


@pytest.mark.parametrize(('name', 'content', 'text'), [
    ('core.onnx', b'not a network', 'core.onnx: expected a network that ONNX Runtime'),
    ('encoder.onnx', b'', 'encoder.onnx: expected a network that ONNX Runtime'),
    ('bundle.yaml', b'- 1\n', 'expected keys and values, found list'),
    ('bundle.yaml', b'\xff\xfe', 'expected YAML'), ('bundle.yaml', b'a: [', 'expected YAML'),
    ('bundle.yaml', b'!!python/object/apply:os.system ["true"]', 'expected YAML'),
    ('golden.npz', b'PK', 'golden.npz: expected plain arrays'),
    ('golden.npz', b'', 'golden.npz: expected plain arrays')])
def test_a_sealed_file_that_is_not_what_its_name_says(folder: Path, name: str, content: bytes,
                                                      text: str) -> None:
    """A right hash makes nothing right; and nothing is executed."""
    (folder / name).write_bytes(content)
    seal(folder)
    with pytest.raises(BundleError, match=text):
        Bundle.load(folder)


@pytest.mark.parametrize(('cell', 'text'), [
    ('lstm', r'core.onnx: expected inputs .*state float32\[1, 8\].* as bundle.yaml says, found '
     r'.*state float32\[1, 16\].*of different policies'),
    ('gru', 'golden step 0 does not reproduce'), ('cfc', 'golden step 0 does not reproduce')])
def test_a_network_of_another_cell(folder: Path, bundle_writer: Callable[..., Path],
                                   tmp_path: Path, cell: str, text: str) -> None:
    """Its shapes tell, and where they are the same, the golden steps do."""
    other = bundle_writer(tmp_path / 'other', nets={'cell': cell})
    shutil.copy(other / 'core.onnx', folder)
    seal(folder)
    with pytest.raises(BundleError, match=text):
        Bundle.load(folder)


def test_a_path_that_is_no_bundle(tmp_path: Path) -> None:
    """Nothing there, a file, an empty folder."""
    with pytest.raises(BundleError, match='found nothing'):
        Bundle.load(tmp_path / 'nowhere')
    (tmp_path / 'file').touch()
    with pytest.raises(BundleError, match='found a file'):
        Bundle.load(tmp_path / 'file')
    (tmp_path / 'file').unlink()
    with pytest.raises(BundleError, match='never sealed'):
        Bundle.load(tmp_path)
    with pytest.raises(BundleError, match='bundle.yaml is missing; a bundle needs'):
        seal(tmp_path)


def test_a_policy_for_another_vehicle(tiny_bundle: Bundle) -> None:
    """A drone's policy on a rover."""
    tiny_bundle.require_axes(('vx', 'vy', 'vz', 'yaw_rate'))
    with pytest.raises(BundleError, match='expected a policy that commands vx, yaw_rate, found'):
        tiny_bundle.require_axes(('vx', 'yaw_rate'))


def test_the_specification_alone(tiny_bundle: Bundle, folder: Path) -> None:
    """For the guard, which needs limits and no networks; the hashes count all the same."""
    assert read_specification(folder) == tiny_bundle.spec
    with (folder / 'bundle.yaml').open('a') as file:
        file.write('# faster\n')
    with pytest.raises(BundleError, match='bundle.yaml was altered'):
        read_specification(folder)


def test_find_by_name_and_by_path(folder: Path, tmp_path: Path,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipped policy by its name, any other by its path."""
    shipped = tmp_path / 'share' / 'config' / 'policies' / 'forest_liquid'
    shutil.copytree(folder, shipped)
    monkeypatch.setattr(bundle_module, 'share_directory', lambda: tmp_path / 'share')
    assert find('forest_liquid') == shipped
    assert find(folder) == folder
    assert bundle_module.policy_names() == ('forest_liquid',)
    with pytest.raises(BundleError, match="unknown policy 'forest_liqid'; did you mean 'forest_l"):
        find('forest_liqid')
    with pytest.raises(BundleError, match='found nothing there; shipped policies: forest_liquid'):
        find(tmp_path / 'share' / 'forest')
    monkeypatch.chdir(tmp_path)
    assert find('policy') == Path('policy')


def test_find_without_any_shipped_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first was trained."""
    monkeypatch.setattr(bundle_module, 'share_directory', lambda: tmp_path)
    with pytest.raises(BundleError, match='unknown policy .*known: none'):
        find('forest_liquid')
    assert config.share_directory().is_dir()


def test_golden_steps_must_fit_when_they_are_recorded(folder: Path) -> None:
    """A mistake shows where it is made."""
    frames = np.zeros((2, 24, 32, 3), np.uint8)
    good = (np.zeros((2, 6)), np.zeros((2, 0)), np.full(2, 0.03))
    record_golden(folder, frames, *good)
    with pytest.raises(BundleError, match='expected frames finite, of shape'):
        record_golden(folder, frames[:, :5], *good)
    with pytest.raises(BundleError, match='expected imu finite'):
        record_golden(folder, frames, np.full((2, 6), np.nan), *good[1:])
    (folder / 'core.onnx').unlink()
    with pytest.raises(BundleError, match='core.onnx is missing; write it before'):
        record_golden(folder, frames, *good)


def test_a_bundle_of_a_rover_with_extra_inputs(bundle_writer: Callable[..., Path],
                                               tmp_path: Path) -> None:
    """Axes and inputs come from the bundle alone."""
    path = bundle_writer(tmp_path / 'rover', extra=('velocity_x', 'frame_age'), step_on='imu',
                         axes=(('vx', 1.0, 2.0, 1.0), ('yaw_rate', 1.5, 3.0, 3.0)))
    assert Bundle.load(path).command_spec.names == ('vx', 'yaw_rate')
