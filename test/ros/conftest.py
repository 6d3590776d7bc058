# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Real processes over real DDS, each test in a domain of its own; skipped without ROS 2."""

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
import subprocess
import sys
from typing import Any, TYPE_CHECKING

from liquid_control.nodes.domain import own_domain
from liquid_control.nodes.graph import Graph, profile_environment
from liquid_control.runtime.bundle import Bundle
import pytest
import yaml

if TYPE_CHECKING:
    from played import Driver, Probe

sys.path.insert(0, str(Path(__file__).parent))     # for played.py, which needs rclpy

LIMIT = 60.0        # [s] of patience with a busy machine; nothing here is that slow


class WithoutRos(pytest.Module):
    """A test module that cannot be imported."""

    def collect(self) -> Iterable[Any]:
        """Skip it, and say why."""
        pytest.skip('ROS 2 (rclpy) is not installed: run make setup, or source an installation')


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> Any:
    """Keep test modules from being imported where there is no rclpy."""
    if find_spec('rclpy') is None:
        return WithoutRos.from_parent(parent, path=module_path)
    return None


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Give the test a ROS domain of its own, on this machine only, whoever tests here beside."""
    with own_domain() as number:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(number))
        monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
        monkeypatch.delenv('ROS_LOCALHOST_ONLY', raising=False)
        for name, value in profile_environment().items():   # as its nodes: to be found as soon
            monkeypatch.setenv(name, value)
        yield number


@pytest.fixture
def probe(domain: int) -> 'Iterator[Probe]':
    """Return a node of the test in its domain."""
    from played import Probe
    node = Probe(domain)
    yield node
    node.close()


@pytest.fixture
def graph(domain: int) -> Iterator[Graph]:
    """Return what starts nodes; they end with the test."""
    nodes = Graph()
    yield nodes
    nodes.stop()


@pytest.fixture
def policy(tiny_bundle: Bundle) -> str:
    """Return the folder of an untrained policy, whose commands are small and not zero."""
    return str(tiny_bundle.folder)


def run_node(node: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a node that is expected to refuse to start."""
    return subprocess.run([sys.executable, '-m', f'liquid_control.nodes.{node}', '--ros-args',
                           *words], capture_output=True, text=True, timeout=LIMIT, check=False)


@pytest.fixture
def refused(domain: int) -> Callable[..., str]:
    """Return a function that runs a node, and gives the error that it ends with."""
    def check(node: str, *words: str) -> str:
        result = run_node(node, *words)
        assert result.returncode == 2, result.stderr
        assert 'Traceback' not in result.stderr
        return result.stderr
    return check


@pytest.fixture
def quick_world(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a world whose flight is over soon."""
    def write(**success: float) -> str:
        world = yaml.safe_load(
            (Path(__file__).parents[2] / 'sim_worlds' / 'empty.yaml').read_text())
        world['success'].update(success)
        path = tmp_path / 'quick.yaml'
        path.write_text(yaml.safe_dump(world))
        return str(path)
    return write


@pytest.fixture
def driver(probe: 'Probe') -> 'Driver':
    """Return what plays the drivers of a vehicle."""
    from played import Driver
    return Driver(probe)
