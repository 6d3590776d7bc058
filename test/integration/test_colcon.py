# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Built by colcon on top of an ament prefix, as on a ROS 2 machine, and started from there."""

from collections.abc import Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time

from liquid_control.nodes.domain import own_domain
import pytest

rclpy = pytest.importorskip('rclpy', reason='needs ROS 2 or its wheels')
COLCON = shutil.which('colcon', path=f'{sys.prefix}/bin{os.pathsep}{os.environ["PATH"]}')
ROOT = Path(__file__).resolve().parents[2]
EXECUTABLES = ('controller', 'guard', 'world', 'monitor', 'recorder', 'liquid-control')
DATA = ('launch', 'config', 'sim_worlds')
PATIENCE = 60.0  # [s]; a limit for a hung process, not a measure of speed

pytestmark = pytest.mark.skipif(COLCON is None, reason='colcon is not installed')


@dataclass(frozen=True)
class Workspace:
    """A colcon workspace with this package built in it."""

    folder: Path
    listing: str    # what `colcon list` printed
    domain: int     # of its own, so that other tests are not heard

    @property
    def prefix(self) -> Path:
        """Return the package's install prefix."""
        return self.folder / 'install' / 'liquid_control'

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command in the sourced workspace, away from the checkout."""
        script = f'source {self.folder}/install/local_setup.bash && exec "$@"'
        return subprocess.Popen(
            ['bash', '-c', script, 'bash', *command], cwd=self.folder, env=self.environment(),
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def environment(self) -> dict[str, str]:
        """Return the environment of a ROS machine: the underlay, discovery on this machine."""
        kept = {key: value for key, value in os.environ.items()
                if key not in ('PYTHONPATH', 'COLCON_PREFIX_PATH')}
        underlay = os.environ.get('AMENT_PREFIX_PATH') or sys.prefix
        return kept | {'AMENT_PREFIX_PATH': underlay, 'ROS_DOMAIN_ID': str(self.domain),
                       'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
                       'PATH': f'{sys.prefix}/bin{os.pathsep}{os.environ["PATH"]}'}


def checkout_files() -> list[str]:
    """List what a clone of this checkout would hold, with what is not committed yet."""
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard'], cwd=ROOT, text=True,
        capture_output=True, check=False)
    if listed.returncode:
        pytest.skip('not a git checkout')
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.fixture(scope='module')
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Copy the checkout into a workspace and build it."""
    with own_domain() as domain:
        yield built_workspace(tmp_path_factory.mktemp('workspace'), domain)


def built_workspace(folder: Path, domain: int) -> Workspace:
    """Copy the checkout into a folder and build it."""
    for name in checkout_files():
        target = folder / 'src' / 'liquid_control' / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    environment = Workspace(folder, '', domain).environment()
    listing = subprocess.run([str(COLCON), 'list'], cwd=folder, env=environment, text=True,
                             capture_output=True, timeout=PATIENCE, check=True)
    built = subprocess.run([str(COLCON), 'build'], cwd=folder, env=environment, text=True,
                           capture_output=True, timeout=4 * PATIENCE, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return Workspace(folder, listing.stdout, domain)


def test_colcon_sees_an_ament_package(workspace: Workspace) -> None:
    """One invalid field in package.xml would silently make it `(python)`."""
    assert '(ros.ament_python)' in workspace.listing


def test_executables_are_where_ros2_run_looks(workspace: Workspace) -> None:
    """Below lib/liquid_control, executable."""
    for name in EXECUTABLES:
        assert os.access(workspace.prefix / 'lib' / 'liquid_control' / name, os.X_OK), name


def test_the_index_and_all_data_are_in_share(workspace: Workspace) -> None:
    """Every file of launch/, config/ and sim_worlds/, byte for byte, at its own path."""
    share = workspace.prefix / 'share' / 'liquid_control'
    index = workspace.prefix / 'share/ament_index/resource_index/packages/liquid_control'
    assert index.is_file()
    assert (share / 'package.xml').is_file()
    names = [name for name in checkout_files() if name.split('/')[0] in DATA]
    assert {name.split('/')[0] for name in names} == set(DATA)
    different = [name for name in names
                 if not (share / name).is_file()
                 or (share / name).read_bytes() != (ROOT / name).read_bytes()]
    assert not different


def test_the_installed_copy_runs_and_finds_its_data(workspace: Workspace) -> None:
    """Neither the checkout's code nor its data may be what answers."""
    probe = ('import liquid_control, liquid_control.config as c; '
             'print(liquid_control.__file__); print(c.share_directory())')
    process = workspace.start(sys.executable, '-c', probe)
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, output
    module, share = output.splitlines()[-2:]
    assert Path(module).is_relative_to(workspace.prefix)
    assert Path(share) == workspace.prefix / 'share' / 'liquid_control'


def test_an_installed_node_explains_why_it_does_not_start(workspace: Workspace) -> None:
    """An unknown policy: exit code 2 and a message, no traceback."""
    process = workspace.start(str(workspace.prefix / 'lib/liquid_control/guard'), '--ros-args',
                              '-p', 'policy:=no_such_policy')
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, output
    assert 'no_such_policy' in output
    assert 'Traceback' not in output


@pytest.fixture
def guard(workspace: Workspace, tiny_bundle: object) -> Iterator[subprocess.Popen[str]]:
    """Start the installed guard in a namespace, with a bundle that is valid."""
    process = workspace.start(
        str(workspace.prefix / 'lib/liquid_control/guard'), '--ros-args',
        '-r', '__ns:=/colcon', '-p', f'policy:={getattr(tiny_bundle, "folder", "")}')
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_an_installed_node_answers_over_dds(
        workspace: Workspace, guard: subprocess.Popen[str],
        monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers `engage` with a refusal, since no sensor was heard, and leaves on SIGINT."""
    from std_srvs.srv import SetBool
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=workspace.domain)
    node = rclpy.create_node('test_colcon', context=context)
    executor = rclpy.executors.SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        client = node.create_client(SetBool, '/colcon/guard/engage')
        deadline = time.monotonic() + PATIENCE
        while not client.wait_for_service(timeout_sec=0.5):
            assert guard.poll() is None, guard.communicate()[0]
            assert time.monotonic() < deadline, 'the service did not appear'
        answer = None
        while answer is None:      # a server drops an answer to a client that it does not know yet
            assert time.monotonic() < deadline, 'no answer'
            future = client.call_async(SetBool.Request(data=True))
            executor.spin_until_future_complete(future, timeout_sec=5.0)
            answer = future.result()
        assert not answer.success
        assert 'not engaged' in answer.message
    finally:
        executor.remove_node(node)
        node.destroy_node()
        rclpy.shutdown(context=context)
    guard.send_signal(signal.SIGINT)
    assert guard.wait(timeout=PATIENCE) == 0
