# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""robot.launch.py: which topics a vehicle has, and, where launch is installed, what it starts."""

import ast
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / 'launch' / 'robot.launch.py'


def constant(name: str) -> Any:
    """Return a constant of the launch file, without launch."""
    for node in ast.parse(LAUNCH.read_text('utf-8')).body:
        target = (node.target if isinstance(node, ast.AnnAssign) else
                  node.targets[0] if isinstance(node, ast.Assign) else None)
        if isinstance(target, ast.Name) and target.id == name:
            assert isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
            return ast.literal_eval(node.value)
    raise AssertionError(f'{LAUNCH.name}: expected a constant {name}, found none')


TOPICS: dict[str, str] = constant('TOPICS')
VEHICLES: dict[str, dict[str, str]] = constant('VEHICLES')


def test_every_vehicle_has_its_parameters() -> None:
    """And every other file in config/vehicles has a bridge, whose own launch file names it."""
    files = {path.stem for path in (ROOT / 'config' / 'vehicles').glob('*.yaml')}
    assert set(VEHICLES) <= files
    bridges = '\n'.join(path.read_text('utf-8') for path in ROOT.glob('launch/*.launch.py')
                        if path != LAUNCH)
    for name in files - set(VEHICLES):
        assert f'{name}.yaml' in bridges, name


def test_topics_are_those_of_the_nodes() -> None:
    """As they subscribe and publish them."""
    source = '\n'.join(path.read_text('utf-8')
                       for path in (ROOT / 'liquid_control' / 'nodes').glob('*.py'))
    for topic in TOPICS.values():
        assert f"'{topic}'" in source
    for vehicle, names in VEHICLES.items():
        assert set(names) <= set(TOPICS), vehicle
        assert not any(name.startswith('/') for name in names.values()), 'for namespaces'


def test_a_crazyflie_is_never_sent_velocities_for_attitudes() -> None:
    """The Twist of cmd_vel_legacy is roll, pitch, yaw rate and thrust."""
    assert not any('legacy' in name for names in VEHICLES.values() for name in names.values())


def started(**arguments: str) -> dict[str, Any]:
    """Return the nodes that launch would start with these arguments, by executable."""
    launch = pytest.importorskip('launch', reason='launch is not installed: no wheel has it')
    actions = pytest.importorskip('launch_ros.actions')
    packages = pytest.importorskip('ament_index_python.packages')
    try:
        packages.get_package_share_directory('liquid_control')
    except packages.PackageNotFoundError:
        pytest.skip('the package is not in the ament index: build and source the workspace')
    spec = spec_from_file_location('robot_launch', LAUNCH)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SHARE = str(ROOT)
    context = launch.LaunchContext()
    context.launch_configurations.update(arguments)
    found = {}
    for entity in module.generate_launch_description().entities:
        for action in entity.visit(context) or []:
            assert isinstance(action, actions.Node)
            action._perform_substitutions(context)
            found[action.node_executable] = action
    assert set(found) == {'controller', 'guard'}
    return found


@pytest.mark.parametrize('vehicle', sorted(VEHICLES))
def test_launch_starts_each_vehicle(vehicle: str) -> None:
    """With its names, in a namespace."""
    for name, node in started(vehicle=vehicle, namespace='alpha').items():
        assert node.node_name == f'/alpha/{name}'
        assert dict(node.expanded_remapping_rules or []) == {
            TOPICS[argument]: topic for argument, topic in VEHICLES[vehicle].items()}


def test_a_name_that_is_given_wins(tmp_path: Path) -> None:
    """Over the vehicle's; a parameter file of one's own, too."""
    mine = tmp_path / 'mine.yaml'
    mine.write_text('/**/guard: {ros__parameters: {velocity_scale: 0.25}}\n')
    node = started(vehicle='mavros', imu='fcu/imu', image='front/image',
                   params_file=str(mine))['guard']
    assert dict(node.expanded_remapping_rules) == {
        'camera/image_raw': 'front/image', 'imu/data': 'fcu/imu',
        'odom': 'mavros/local_position/odom', 'cmd_vel': 'mavros/setpoint_velocity/cmd_vel'}
    assert str(mine) in ' '.join(str(part) for part in node._Node__expanded_parameter_arguments)
