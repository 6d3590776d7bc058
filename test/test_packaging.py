# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What is imported is declared, for rosdep and for pip; versions agree wherever they stand."""

import ast
import configparser
from pathlib import Path
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

from liquid_control import __version__
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ElementTree.parse(ROOT / 'package.xml').getroot()
# Names on PyPI that differ from the module's.
DISTRIBUTIONS = {'yaml': 'pyyaml', 'PIL': 'pillow', 'pybullet_data': 'pybullet',
                 'pybullet_utils': 'pybullet', 'sklearn': 'scikit-learn',
                 'mcap_ros2': 'mcap-ros2-support'}
# Keys of rosdep that are not `python3-` and the name; this one brings all three.
ROSDEP = dict.fromkeys(('mcap', 'mcap_ros2', 'zstandard'), 'mcap-ros2-support')
# The Makefile installs it: an extra cannot say `--no-deps`.
UNDECLARED = {'gym_pybullet_drones'}
OPTIONAL = {'tf2_msgs', 'tf2_ros'}
# Asked for by one option of a command, which says so where they are missing; PIL comes with
# matplotlib.
ON_DEMAND = {'PIL', 'imageio_ffmpeg', 'pyarrow'}


def canonical(name: str) -> str:
    """Return a distribution's name as PEP 503 compares it."""
    return re.sub(r'[-_.]+', '-', name).lower()


def declared_for_rosdep(*tags: str) -> set[str]:
    """List the dependencies in package.xml."""
    return {str(element.text) for tag in tags for element in PACKAGE.findall(tag)}


def setup_lists() -> set[str]:
    """Read every requirement out of setup.py, without running it."""
    tree = ast.parse(ROOT.joinpath('setup.py').read_text('utf-8'))
    words = {element.value for node in ast.walk(tree) if isinstance(node, ast.List)
             for element in node.elts
             if isinstance(element, ast.Constant) and isinstance(element.value, str)}
    return {canonical(re.split(r'[=<>]', word)[0]) for word in words}


def named_in(*lists: str) -> set[str]:
    """Read the requirements of some lists of setup.py, without those of lists they extend."""
    tree = ast.parse(ROOT.joinpath('setup.py').read_text('utf-8'))
    values = {getattr(node.targets[0], 'id', ''): node.value for node in tree.body
              if isinstance(node, ast.Assign)}
    found = set()
    for name in lists:
        value = values[name]
        assert isinstance(value, ast.List), name
        found |= {canonical(re.split(r'[=<>]', str(word.value))[0]) for word in value.elts
                  if isinstance(word, ast.Constant)}
    return found


def imported(folder: str = '') -> set[str]:
    """List the top-level modules that the package imports, its own and Python's left out."""
    found = set()
    for path in (ROOT / 'liquid_control' / folder).rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text('utf-8'))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split('.')[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split('.')[0])
    return found - set(sys.stdlib_module_names) - {'liquid_control'}


def ros_packages(modules: set[str]) -> set[str]:
    """Pick the modules that ROS provides."""
    return {name for name in modules if name == 'rclpy' or name.endswith(('_msgs', '_srvs'))
            or name == 'builtin_interfaces' or name == 'rcl_interfaces'}


def test_every_ros_package_is_declared_twice() -> None:
    """In package.xml for rosdep, and as a wheel of the extras `ros-wheels...`."""
    modules = ros_packages(imported()) - OPTIONAL
    assert modules <= declared_for_rosdep('depend', 'exec_depend')
    assert {canonical(name) for name in modules} <= named_in('ROS_PACKAGES')


def test_every_other_module_is_declared_for_pip() -> None:
    """As a requirement or in an extra."""
    modules = imported() - ros_packages(imported()) - UNDECLARED - OPTIONAL
    names = {canonical(DISTRIBUTIONS.get(name, name)) for name in modules}
    assert names <= setup_lists()


@pytest.mark.parametrize('folder', ['sensing', 'runtime', 'nodes', 'bags', 'viz', 'evaluation'])
def test_a_robot_gets_all_by_rosdep(folder: str) -> None:
    """What flies there must come with `rosdep install`."""
    keys = declared_for_rosdep('depend', 'exec_depend')
    modules = imported(folder) - ros_packages(imported(folder)) - OPTIONAL - ON_DEMAND
    missing = [name for name in modules
               if not {f'python3-{DISTRIBUTIONS.get(name, name).removeprefix("py")}',
                       f'python3-{name}-pip', ROSDEP.get(name)} & keys]
    assert missing == []


def test_every_requirement_is_pinned() -> None:
    """The Makefile installs the versions that were tested."""
    def pinned(file: str) -> set[str]:
        lines = ROOT.joinpath(f'requirements/{file}.txt').read_text('utf-8').splitlines()
        return {canonical(line.split('==')[0]) for line in lines if not line.startswith('#')}

    names = named_in('SIM', 'MAVLINK', 'TASKS', 'TRAIN', 'RUNTIME_TEST', 'ROS_TEST', 'TEST')
    assert names and names <= pinned('constraints') | pinned('ros-jazzy')
    for distribution in ('jazzy', 'kilted'):
        assert {f'ros-{distribution}-{name}'
                for name in named_in('ROS_PACKAGES')} <= pinned(f'ros-{distribution}')


def test_the_manifest_is_valid() -> None:
    """By the parser that colcon uses, which warns of what degrades a package."""
    catkin = pytest.importorskip('catkin_pkg.package')
    warnings: list[str] = []
    package = catkin.parse_package(str(ROOT / 'package.xml'), warnings=warnings)
    assert warnings == []
    assert package.get_build_type() == 'ament_python'


def test_one_version_everywhere() -> None:
    """Package, manifest and citation."""
    assert PACKAGE.findtext('version') == __version__
    citation = yaml.safe_load(ROOT.joinpath('CITATION.cff').read_text('utf-8'))
    assert citation['version'] == __version__
    assert citation['license'] == PACKAGE.findtext('license') == 'Apache-2.0'


def test_the_simulators_fork_is_pinned_by_hash() -> None:
    """What is installed without its dependencies must be exactly what was looked at."""
    text = ROOT.joinpath('requirements/gym-pybullet-drones.txt').read_text('utf-8')
    assert re.search(r'^swarm-drone-gym==\S+ \\\n +--hash=sha256:[0-9a-f]{64}$', text, re.M)


@pytest.mark.parametrize(('command', 'expected'), [
    (['dist_info', '--output-dir'], {'liquid-control'}),
    (['egg_info', '--egg-base'], {'liquid-control', 'controller', 'guard', 'mavlink', 'monitor',
                                  'recorder', 'world'}),
])
def test_pip_gives_one_command_and_colcon_all(
        command: list[str], expected: set[str], tmp_path: Path) -> None:
    """`world` or `monitor` in a bin/ could hide somebody else's program; pip fills bin/."""
    subprocess.run([sys.executable, 'setup.py', '--quiet', *command, str(tmp_path)], cwd=ROOT,
                   check=True, capture_output=True, timeout=120)
    written, = tmp_path.rglob('entry_points.txt')
    parser = configparser.ConfigParser()
    parser.read(written, encoding='utf-8')
    assert set(parser['console_scripts']) == expected
    assert dict(parser['gymnasium.envs']) == {
        '__root__': 'liquid_control.sim.registration:register_environments'}
