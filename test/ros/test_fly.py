# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""`liquid-control fly` from its first line to the last process."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time
from typing import Any

from liquid_control.runtime.bundle import DEFAULT_POLICY, policy_names
import numpy as np
from PIL import Image
import pytest
import yaml

ROOT = Path(__file__).parents[2]


def command(*words: str) -> list[str]:
    """Return the command line of fly."""
    return [sys.executable, '-m', 'liquid_control', 'fly', *words]


def children(session: int) -> list[str]:
    """Return the command lines of processes that were started by a process or its children."""
    found = []
    for entry in Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / 'stat').read_text().rsplit(')', 1)[1].split()[1])
            line = (entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode()
        except (OSError, ValueError):
            continue
        if parent == session:
            found.append(line)
    return found


def nodes_of(process: int) -> list[int]:
    """Return the processes that one has started."""
    try:
        listed = Path(f'/proc/{process}/task/{process}/children').read_text()
    except FileNotFoundError:
        return []
    return [int(child) for child in listed.split()]


def wait_until(condition: Callable[[], bool], limit: float = 60.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.mark.parametrize(('success', 'outcome', 'code'), [
    ({'radius': 50.0}, 'reached', 0),
    ({'time_limit': 1.0}, 'timeout', 1),
])
def test_exit_code_verdict_and_picture(
        domain: int, policy: str, tmp_path: Path, quick_world: Callable[..., str],
        success: dict[str, float], outcome: str, code: int) -> None:
    result = subprocess.run(
        command('--world', quick_world(**success), '--wind', 'W1', '--policy', policy, '--out',
                str(tmp_path / 'out'), '--json', str(tmp_path / 'verdict.json')),
        capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == code, result.stderr
    assert outcome in result.stdout
    picture = tmp_path / 'out' / 'flight.png'
    assert str(picture) in result.stdout
    assert picture.read_bytes().startswith(b'\x89PNG')
    verdict: dict[str, Any] = json.loads((tmp_path / 'verdict.json').read_text())
    assert verdict['outcome'] == outcome
    assert verdict['reached'] is (code == 0)
    assert verdict['policy'] == 'tiny'
    assert 'Traceback' not in result.stderr


def test_a_film_follows_the_verdict(domain: int, policy: str, tmp_path: Path,
                                    quick_world: Callable[..., str]) -> None:
    path = tmp_path / 'new' / 'flight.gif'
    result = subprocess.run(
        command('--world', quick_world(time_limit=1.0), '--policy', policy, '--out',
                str(tmp_path), '--video', str(path)),
        capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 1, result.stderr
    lines = result.stdout.splitlines()
    verdict = next(i for i, line in enumerate(lines) if line.startswith('timeout after'))
    assert any(line.startswith(f'filming {path}') for line in lines[verdict + 1:-1])
    assert lines[-1] == str(path)
    assert [entry.name for entry in path.parent.iterdir()] == ['flight.gif']
    with Image.open(path) as film:
        assert film.n_frames > 10
        film.seek(film.n_frames - 1)
        end = np.asarray(film.convert('RGB'), dtype=int)
    # Where the network's state is painted there is colour, which text and paper have not.
    state = end[440:570, 570:1080]
    assert np.mean(np.ptp(state, axis=-1) > 30) > 0.2, 'no neurons in the film'


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupt_commands_zero_and_leaves_no_process(
        probe: Any, policy: str, tmp_path: Path, number: int) -> None:
    fly = subprocess.Popen(command('--world', 'empty', '--policy', policy, '--out',
                                   str(tmp_path)), stdout=subprocess.PIPE, text=True,
                           start_new_session=True)
    try:
        probe.until(lambda: probe.moving() and len(probe.commands) > 30, 'flight')
        nodes = children(fly.pid)
        assert sum('liquid_control.nodes' in line for line in nodes) == 4
        fly.send_signal(number)
        probe.until(lambda: fly.poll() is not None, 'end of fly')
    finally:
        if fly.poll() is None:
            os.killpg(fly.pid, signal.SIGKILL)
    output, _ = fly.communicate()
    assert fly.returncode == 130
    assert 'interrupted' in output
    assert (tmp_path / 'flight.png').is_file()
    probe.spin(0.2)
    assert not probe.moving()
    assert not children(fly.pid)
    publishers = probe.node.get_publishers_info_by_topic('cmd_vel')
    assert not publishers


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('started', [1, 4])
def test_an_interrupt_during_start_up_leaves_nothing(
        domain: int, policy: str, tmp_path: Path, number: int, started: int) -> None:
    earlier, verdict = tmp_path / 'flight.json', tmp_path / 'verdict.json'
    earlier.write_text('{"reached": true, "samples": {}}')
    fly = subprocess.Popen(command('--world', 'empty', '--policy', policy, '--out',
                                   str(tmp_path), '--json', str(verdict)),
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           start_new_session=True)
    try:
        wait_until(lambda: len(nodes_of(fly.pid)) >= started or fly.poll() is not None)
        nodes = nodes_of(fly.pid)
        fly.send_signal(number)
        _, errors = fly.communicate(timeout=60)
    finally:
        if fly.poll() is None:
            os.killpg(fly.pid, signal.SIGKILL)
    assert fly.returncode == 130
    # No picture of a flight that never was, and no verdict: the record is of an earlier one.
    assert list(tmp_path.iterdir()) == [earlier]
    assert 'interrupted' in errors
    assert 'Traceback' not in errors
    assert nodes and not [node for node in nodes if Path(f'/proc/{node}').exists()]


def test_nodes_end_when_fly_is_killed(probe: Any, policy: str, tmp_path: Path) -> None:
    """Nobody is left who could end them; the vehicle is commanded to zero all the same."""
    fly = subprocess.Popen(command('--world', 'empty', '--policy', policy, '--out',
                                   str(tmp_path)), stdout=subprocess.DEVNULL,
                           start_new_session=True)
    nodes: list[int] = []
    try:
        probe.until(lambda: probe.moving() and len(probe.commands) > 30, 'flight')
        nodes = nodes_of(fly.pid)
        fly.kill()
        fly.wait()
        assert len(nodes) == 4
        probe.until(lambda: not any(Path(f'/proc/{node}').exists() for node in nodes), 'end')
    finally:
        for node in nodes:
            if Path(f'/proc/{node}').exists():
                os.kill(node, signal.SIGKILL)
    probe.spin(0.2)
    assert not probe.moving()


HIDE = """
import sys
from liquid_control.cli.main import main

class Without:
    def __init__(self, finder, hidden):
        self.finder, self.hidden = finder, hidden
    def find_spec(self, name, *rest):
        return None if name.split('.')[0] == self.hidden else self.finder.find_spec(name, *rest)
    def __getattr__(self, name):
        return getattr(self.finder, name)

sys.meta_path[:] = [Without(finder, sys.argv[1]) for finder in sys.meta_path]
sys.exit(main(['fly', *sys.argv[2:]]))
"""


@pytest.mark.parametrize(('module', 'remedy'), [
    ('pybullet', "pip install '.[sim]'"),
    ('gym_pybullet_drones', 'requirements/gym-pybullet-drones.txt'),
    ('rclpy', 'make setup'),
    ('rosgraph_msgs', 'make setup'),
    ('onnxruntime', 'pip install onnxruntime'),
    ('matplotlib', 'pip install matplotlib'),
])
def test_what_is_not_installed_is_named_with_its_remedy(
        policy: str, tmp_path: Path, module: str, remedy: str) -> None:
    """The module is hidden from the import system; nothing is started without it."""
    result = subprocess.run(
        [sys.executable, '-c', HIDE, module, '--policy', policy, '--out', str(tmp_path)],
        capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2, result.stderr
    assert f'module {module}, which is not installed' in result.stderr
    assert remedy in result.stderr and 'make setup' in result.stderr
    assert 'liquid_control[' not in result.stderr, 'not a name that can be installed'
    assert 'Traceback' not in result.stderr
    assert not result.stdout and not list(tmp_path.iterdir()), 'something was started'


def test_policies_of_other_vehicles_and_altered_ones_are_refused_at_once(
        domain: int, bundle_writer: Callable[..., Path], tmp_path: Path) -> None:
    rover = bundle_writer(tmp_path / 'rover',
                          axes=(('vx', 1.0, 2.0, 2.0), ('yaw_rate', 1.0, 2.0, 2.0)))
    result = subprocess.run(command('--policy', str(rover)), capture_output=True, text=True,
                            timeout=60, check=False)
    assert result.returncode == 2
    assert 'vx, yaw_rate' in result.stderr and 'another kind of vehicle' in result.stderr
    network = (rover / 'core.onnx').read_bytes()
    (rover / 'core.onnx').write_bytes(network[:-1] + bytes([network[-1] ^ 1]))
    result = subprocess.run(command('--policy', str(rover)), capture_output=True, text=True,
                            timeout=60, check=False)
    assert result.returncode == 2
    assert 'core.onnx was altered' in result.stderr


def test_a_camera_unlike_the_one_of_the_training_is_refused_at_once(
        domain: int, policy: str, tmp_path: Path) -> None:
    world = yaml.safe_load(ROOT.joinpath('sim_worlds', 'empty.yaml').read_text())
    world['camera']['pitch_deg'] = 20.0
    path = tmp_path / 'pitched.yaml'
    path.write_text(yaml.safe_dump(world))
    result = subprocess.run(command('--world', str(path), '--policy', policy),
                            capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert 'pitched 0 degrees' in result.stderr and 'found 20' in result.stderr


@pytest.mark.parametrize(('words', 'text'), [
    (['--world', 'forrest'], "did you mean 'forest'"),
    (['--wind', 'W9'], 'unknown wind'),
    (['--wind', str(ROOT / 'sim_worlds' / 'forest.yaml')], 'forest.yaml: '),
    (['--drones', '2', '--record', 'never'], '--record: expected one drone, found 2'),
    (['--json', '/proc/verdict.json'], 'a folder that can be written'),
    (['--policy', 'no_such_policy'], 'no_such_policy'),
    (['--seed', '-1'], '--seed'),
    (['--seed', '99999999999'], 'expected 0 to 2147483647'),
    (['--real-time-factor', '0'], '--real-time-factor'),
    (['--namespace', '1 drone'], '--namespace'),
    (['--video', 'flight.avi'], 'ends in .gif or .mp4'),
    (['--video', '/proc/flight.gif'], 'a folder that can be written'),
])
def test_what_is_unknown_is_refused_at_once(domain: int, policy: str, words: list[str],
                                            text: str) -> None:
    given = [] if '--policy' in words else ['--policy', policy]
    result = subprocess.run(command(*given, *words), capture_output=True, text=True, timeout=60,
                            check=False)
    assert result.returncode == 2
    assert text in result.stderr
    assert 'Traceback' not in result.stderr
    assert 'ended before the flight' not in result.stderr, 'a node was started for nothing'


def test_the_first_flight_of_an_installation_flies(
        domain: int, policy: str, quick_world: Callable[..., str], tmp_path: Path) -> None:
    """What is compiled for it takes seconds; none of them may look like a camera that failed."""
    compiled = tmp_path / 'compiled'
    subprocess.run(command('--world', quick_world(time_limit=3.0), '--policy', policy, '--out',
                           str(tmp_path)), env=os.environ | {'NUMBA_CACHE_DIR': str(compiled)},
                   capture_output=True, timeout=120, check=False)
    assert list(compiled.rglob('*.nbi')), 'nothing was compiled: this shows nothing'
    samples = json.loads((tmp_path / 'flight.json').read_text())['samples']
    assert samples['t'][-1] > 2.5
    assert 'not_engaged' not in samples['reason']


def test_a_node_that_cannot_start_ends_the_flight(
        domain: int, policy: str, tmp_path: Path) -> None:
    parameters = tmp_path / 'drone.yaml'
    parameters.write_text('/**/guard:\n  ros__parameters:\n    camera_dedline: 0.2\n')
    result = subprocess.run(
        command('--policy', policy, '--params-file', str(parameters), '--out', str(tmp_path)),
        capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 2
    assert "did you mean 'camera_deadline'" in result.stderr
    assert 'guard' in result.stderr


@pytest.mark.skipif(DEFAULT_POLICY not in policy_names(), reason='no policy is shipped yet')
def test_shipped_policy_over_ros_as_in_process(domain: int, tmp_path: Path) -> None:
    """A sample of the campaign: two seeds, at most one of which may end otherwise."""
    campaign = Path(__file__).parents[1] / 'campaign' / 'fly_over_ros.py'
    result = subprocess.run([sys.executable, str(campaign), '--episodes', '2', '--out',
                             str(tmp_path)], capture_output=True, text=True, timeout=200,
                            check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert 'reached' in result.stdout
