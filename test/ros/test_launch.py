# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The launch files: what can be said without launch, and with it where it is installed."""

import ast
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

LAUNCH = Path(__file__).parents[2] / 'launch' / 'drone_nav.launch.py'
ROVER = LAUNCH.with_name('rover_nav.launch.py')
SWARM = LAUNCH.with_name('swarm.launch.py')
ARGUMENTS = {'sim', 'world', 'wind', 'seed', 'policy', 'gui', 'namespace', 'params_file',
             'use_sim_time', 'stamped', 'shadow', 'record', 'bag', 'log_level'}


def calls(name: str, path: Path = LAUNCH) -> list[ast.Call]:
    """Return the calls of a function in a launch file."""
    tree = ast.parse(path.read_text(encoding='utf-8'))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name) and node.func.id == name]


def text(node: ast.expr) -> str:
    """Return a string that is written in the launch file."""
    assert isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value


def test_every_argument_is_declared_described_and_used() -> None:
    declared = {text(call.args[0]): call for call in calls('DeclareLaunchArgument')}
    assert set(declared) == ARGUMENTS
    for name, call in declared.items():
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        assert len(text(keywords['description'])) > 15, name
    assert {text(call.args[0]) for call in calls('LaunchConfiguration')} == ARGUMENTS


@pytest.mark.parametrize('path', [LAUNCH, SWARM], ids=lambda path: path.name)
@pytest.mark.parametrize('name', ['world', 'wind', 'policy'])
def test_what_may_be_a_file_of_ones_own_is_not_a_choice(path: Path, name: str) -> None:
    call, = (call for call in calls('DeclareLaunchArgument', path) if text(call.args[0]) == name)
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    assert 'choices' not in keywords and 'path of a' in text(keywords['description'])


def test_nodes_are_the_executables_of_the_package() -> None:
    setup = (LAUNCH.parents[1] / 'setup.py').read_text(encoding='utf-8')
    nodes = [text(call.args[0]) for call in calls('drone_node')]
    assert nodes == ['recorder', 'controller', 'guard', 'world', 'monitor']
    assert all(f"'{node}'" in setup for node in nodes)
    conditions = {text(call.args[0]): ast.unparse(call.args[2]) for call in calls('drone_node')
                  if len(call.args) == 3}
    assert conditions == {
        'recorder': "IfCondition(LaunchConfiguration('record'))",
        'guard': "UnlessCondition(LaunchConfiguration('shadow'))",
        'world': 'in_simulation', 'monitor': 'in_simulation'}, 'the controller always starts'


def test_the_clock_is_remapped_into_the_namespace() -> None:
    remappings = [keyword.value for call in calls('Node') for keyword in call.keywords
                  if keyword.arg == 'remappings']
    assert [ast.literal_eval(value) for value in remappings] == [[('/clock', 'clock')]]


def test_a_rover_has_the_graph_of_a_drone_and_defaults_of_its_own() -> None:
    """Its file declares some of the arguments anew, and hands each on."""
    declared = {text(call.args[0]): {keyword.arg: keyword.value for keyword in call.keywords}
                for call in calls('DeclareLaunchArgument', ROVER)}
    assert set(declared) == {'world', 'policy', 'params_file'} <= ARGUMENTS
    assert text(declared['world']['default_value']) == 'yard'
    assert text(declared['policy']['default_value']) == 'yard_liquid'
    source = ROVER.read_text(encoding='utf-8')
    assert LAUNCH.name in source and "'rover.yaml'" in source
    handed, = (keyword.value for call in calls('IncludeLaunchDescription', ROVER)
               for keyword in call.keywords if keyword.arg == 'launch_arguments')
    assert isinstance(handed, ast.List)
    pairs = [(text(pair.elts[0]), text(pair.elts[1].args[0])) for pair in handed.elts]
    assert pairs == [(name, name) for name in declared]


@pytest.mark.parametrize('path', [LAUNCH, ROVER], ids=lambda path: path.name)
def test_launch_reads_it(path: Path) -> None:
    pytest.importorskip('launch', reason='launch is not installed: no wheel has it')
    pytest.importorskip('launch_ros', reason='launch_ros is not installed: no wheel has it')
    packages = pytest.importorskip('ament_index_python.packages')
    try:
        packages.get_package_share_directory('liquid_control')
    except packages.PackageNotFoundError:
        pytest.skip('the package is not in the ament index: build and source the workspace')
    spec = spec_from_file_location('nav_launch', path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.generate_launch_description().entities
