# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""robot.launch.py and swarm.launch.py: topics of vehicles; with launch, what is started."""

import ast
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

from liquid_control.nodes import messages
import pytest
import yaml

ROOT = Path(__file__).parents[2]
LAUNCH = ROOT / 'launch' / 'robot.launch.py'
MAVLINK = ROOT / 'launch' / 'mavlink.launch.py'
SWARM = ROOT / 'launch' / 'swarm.launch.py'


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


class FakeLaunchConfiguration:
    """Stands for an argument of a launch file where `launch` is not installed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def perform(self, context: dict[str, str]) -> str:
        """Return what the argument is."""
        return context.get(self._name, '')


def without_launch(path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a launch file as a module whose nodes are plain values: launch has no wheel."""
    for name in ('launch', 'launch.actions', 'launch.conditions', 'launch.substitutions',
                 'launch_ros', 'launch_ros.actions', 'launch_ros.parameter_descriptions',
                 'ament_index_python', 'ament_index_python.packages'):
        monkeypatch.setitem(sys.modules, name, MagicMock())
    sys.modules['launch.substitutions'].LaunchConfiguration = (   # type: ignore[attr-defined]
        FakeLaunchConfiguration)
    sys.modules['launch_ros.actions'].Node = SimpleNamespace      # type: ignore[attr-defined]
    spec = spec_from_file_location(path.stem.replace('.', '_'), path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(('path', 'arguments', 'others'), [
    (LAUNCH, {'vehicle': 'mavros'}, []), (MAVLINK, {}, ['mavlink']),
    (SWARM, {'drones': '1', 'sim': 'false', 'spacing': '2.0', 'separation': '1.0', 'seed': '1'},
     [])], ids=['robot', 'mavlink', 'swarm'])
@pytest.mark.parametrize('shadow', ['true', 'false'])
def test_where_a_file_asks_for_shadow_no_guard_is_started(
        path: Path, arguments: dict[str, str], others: list[str], shadow: str, tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch) -> None:
    """A guard would send zeros against the pilot."""
    file = tmp_path / 'mine.yaml'
    file.write_text(f'/**/controller: {{ros__parameters: {{shadow: {shadow}}}}}')
    nodes = without_launch(path, monkeypatch).nodes({**arguments, 'params_file': str(file)})
    started = {node.executable for node in nodes}
    assert started == {'controller', *others, *(['guard'] if shadow == 'false' else [])}


def test_a_simulated_vehicle_keeps_to_this_machine_and_a_real_one_to_its_clock() -> None:
    """A robot within reach hears the same cmd_vel; a simulator elsewhere has one /clock."""
    for path in (ROOT / 'launch').glob('*.launch.py'):
        source = path.read_text('utf-8')
        simulates = "'world'" in source and path.name != 'rover_nav.launch.py'
        assert ('discovery_environment().items()' in source) is simulates, path.name
        assert ("('/clock', 'clock')" in source) is (path.name == 'drone_nav.launch.py')


def test_compressed_images_are_renamed_with_the_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `image_transport` names them; ROS renames only the topic that is given."""
    remappings = without_launch(LAUNCH, monkeypatch).remappings
    assert remappings(TOPICS) == []
    assert {'camera/image_raw', 'camera/image_raw/compressed'} == {
        topic for topic, _ in messages.IMAGES.values()}
    assert dict(remappings({**TOPICS, 'image': 'front/image', 'imu': 'fcu/imu'})) == {
        'camera/image_raw': 'front/image', 'imu/data': 'fcu/imu',
        'camera/image_raw/compressed': 'front/image/compressed'}


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


def launched(path: Path, **arguments: str) -> list[Any]:
    """Return the nodes that launch would start with these arguments."""
    launch = pytest.importorskip('launch', reason='launch is not installed: no wheel has it')
    actions = pytest.importorskip('launch_ros.actions')
    packages = pytest.importorskip('ament_index_python.packages')
    try:
        packages.get_package_share_directory('liquid_control')
    except packages.PackageNotFoundError:
        pytest.skip('the package is not in the ament index: build and source the workspace')
    spec = spec_from_file_location(path.stem.replace('.', '_'), path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SHARE = str(ROOT)
    context = launch.LaunchContext()
    context.launch_configurations.update(arguments)
    found = []
    for entity in module.generate_launch_description().entities:
        for action in entity.visit(context) or []:
            assert isinstance(action, actions.Node)
            action._perform_substitutions(context)
            found.append(action)
    return found


def given(node: Any) -> dict[str, Any]:
    """Return the parameters that a node is given, those of later files over earlier ones."""
    found: dict[str, Any] = {}
    for path, is_file in node._Node__expanded_parameter_arguments:
        assert is_file
        for key, section in yaml.safe_load(Path(path).read_text('utf-8')).items():
            if key == '/**' or key.endswith('/' + node.node_executable):
                found |= section['ros__parameters']
    return found


@pytest.mark.parametrize('vehicle', sorted(VEHICLES))
def test_launch_starts_each_vehicle(vehicle: str) -> None:
    """With its names and parameters, in a namespace."""
    nodes = launched(LAUNCH, vehicle=vehicle, namespace='alpha')
    assert [node.node_name for node in nodes] == ['/alpha/controller', '/alpha/guard']
    for node in nodes:
        expected = {TOPICS[argument]: topic for argument, topic in VEHICLES[vehicle].items()}
        if 'image' in VEHICLES[vehicle]:
            expected[f'{TOPICS["image"]}/compressed'] = f'{VEHICLES[vehicle]["image"]}/compressed'
        assert dict(node.expanded_remapping_rules or []) == expected
        values = given(node)
        assert values['velocity_scale'] <= 0.5
        assert values['use_sim_time'] is False
        assert not {'sim', 'auto_engage'} & set(values)


def test_a_name_that_is_given_wins(tmp_path: Path) -> None:
    """Over the vehicle's; a parameter file of one's own, too."""
    mine = tmp_path / 'mine.yaml'
    mine.write_text('/**/guard: {ros__parameters: {velocity_scale: 0.25}}\n')
    _, guard = launched(LAUNCH, vehicle='mavros', imu='fcu/imu', image='front/image',
                        params_file=str(mine), policy='forest_gru')
    assert dict(guard.expanded_remapping_rules) == {
        'camera/image_raw': 'front/image', 'camera/image_raw/compressed':
        'front/image/compressed', 'imu/data': 'fcu/imu',
        'odom': 'mavros/local_position/odom', 'cmd_vel': 'mavros/setpoint_velocity/cmd_vel'}
    assert given(guard) == {'velocity_scale': 0.25, 'use_sim_time': False,
                            'policy': 'forest_gru'}


def test_in_shadow_of_a_pilot_there_is_no_guard() -> None:
    controller, = launched(LAUNCH, vehicle='turtlebot4', shadow='true')
    assert controller.node_name == '/controller'
    assert given(controller)['shadow'] is True
    assert 'shadow' not in given(launched(LAUNCH, vehicle='turtlebot4')[0])


def test_a_file_in_shadow_starts_no_guard_either(tmp_path: Path) -> None:
    mine = tmp_path / 'mine.yaml'
    mine.write_text('/**/controller: {ros__parameters: {shadow: true}}\n')
    controller, = launched(LAUNCH, params_file=str(mine))
    assert controller.node_name == '/controller'
    assert [node.node_name for node in launched(MAVLINK, params_file=str(mine))] == [
        '/controller', '/mavlink']


def test_an_autopilot_flies_the_policy_of_its_file(tmp_path: Path) -> None:
    """Unless another is given; the bridge has none."""
    mine = tmp_path / 'mine.yaml'
    mine.write_text('/**: {ros__parameters: {policy: forest_gru}}\n')
    for arguments, policy in (({}, 'forest_gru'), ({'policy': 'forest_lstm'}, 'forest_lstm')):
        nodes = launched(MAVLINK, params_file=str(mine), **arguments)
        assert [node.node_name for node in nodes] == ['/controller', '/guard', '/mavlink']
        assert [given(node)['policy'] for node in nodes] == [policy, policy, 'forest_gru']


def test_launch_starts_a_swarm() -> None:
    """As many of each node; each guard is told of the others, each world where it starts."""
    nodes = launched(SWARM, drones='3', spacing='1.5', namespace='lab')
    assert [node.node_name for node in nodes] == [
        f'/lab/drone_{number}/{node}' for number in (1, 2, 3)
        for node in ('controller', 'guard', 'world', 'monitor')]
    values = {node.node_name: given(node) for node in nodes}
    assert values['/lab/drone_2/guard']['neighbours'] == 'lab/drone_1,lab/drone_3'
    assert values['/lab/drone_1/world']['followers'] == 2
    assert values['/lab/drone_3/world']['follow'] == '/lab/drone_1/world/pace'
    assert values['/lab/drone_3/world']['abreast'] == -1.5
    assert values['/lab/drone_1/controller']['auto_engage'] is True


def test_a_real_swarm_has_no_worlds_and_engages_nobody() -> None:
    """Guards keep apart there too."""
    nodes = launched(SWARM, drones='2', sim='false')
    assert [node.node_name for node in nodes] == [
        f'/drone_{number}/{node}' for number in (1, 2) for node in ('controller', 'guard')]
    for node in nodes:
        values = given(node)
        assert values['sim'] is values['auto_engage'] is values['use_sim_time'] is False
    assert given(nodes[1])['neighbours'] == 'drone_2'
