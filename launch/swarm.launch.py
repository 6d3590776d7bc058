# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly several drones: `ros2 launch liquid_control swarm.launch.py drones:=3`.

Each has its nodes in a namespace of its own, drone_1 and so on, and its guard keeps away from the
others by the odometry that all share. With `sim:=true` (the default) every drone has a world, all
of one scene and one clock. With `sim:=false` controllers and guards start alone, beside drivers in
the same namespaces, whose `odom` must have one origin; nothing moves until somebody calls the
service `guard/engage` of each.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetEnvironmentVariable
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from liquid_control.nodes.graph import discovery_environment, profile_environment
from liquid_control.nodes.parameter_file import in_shadow
from liquid_control.nodes.swarm import Swarm

SHARE = get_package_share_directory('liquid_control')

ARGUMENTS = [
    DeclareLaunchArgument(
        'drones', default_value='2', description='How many fly, from 1 to 20.'),
    DeclareLaunchArgument(
        'sim', default_value='true', choices=['true', 'false'],
        description='Simulate worlds and vehicles; false: controllers and guards alone.'),
    DeclareLaunchArgument(
        'world', default_value='forest',
        description='World of the simulation: a name in sim_worlds, or the path of a YAML.'),
    DeclareLaunchArgument(
        'wind', default_value='W2',
        description='Wind of the simulation: a name in sim_worlds/wind, or the path of a YAML.'),
    DeclareLaunchArgument(
        'seed', default_value='600000',
        description='Seed of everything that the simulation draws, 0 or more.'),
    DeclareLaunchArgument(
        'spacing', default_value='2.0',
        description='Between two starts in simulation, side by side [m].'),
    DeclareLaunchArgument(
        'separation', default_value='1.0',
        description='Least distance that the guards keep between two drones [m].'),
    DeclareLaunchArgument(
        'policy', default_value='forest_liquid',
        description='Policy: a name in config/policies, or the path of a bundle.'),
    DeclareLaunchArgument(
        'namespace', default_value='',
        description='Put before the namespace of each drone.'),
    DeclareLaunchArgument(
        'params_file', default_value=os.path.join(SHARE, 'config', 'drone.yaml'),
        description='Parameters of the nodes; the other arguments are set on top of them.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='What the nodes log.'),
]


def nodes(context: LaunchContext) -> list[Node]:
    """
    Describe the nodes of every drone.

    :param context: what the arguments say.
    """
    def said(name: str) -> str:
        return str(LaunchConfiguration(name).perform(context))

    sim = said('sim') == 'true'
    swarm = Swarm(int(said('drones')), said('namespace'), float(said('spacing')),
                  float(said('separation')))
    clock = {'use_sim_time': sim}
    piloting = {**clock, 'policy': said('policy'), 'sim': sim, 'auto_engage': sim}
    simulated = {name: said(name) for name in ('world', 'wind')} | {'seed': int(said('seed'))}
    found = []
    for name in swarm.names:
        prefix = {'frame_prefix': f'{name}/'}
        each = {'controller': {**piloting, **prefix}}
        if not in_shadow(said('params_file'), name):
            each['guard'] = {**piloting, **prefix, **swarm.guard(name)}
        if sim:
            each['world'] = {**simulated, **prefix, **swarm.world(name)}
            each['monitor'] = {**clock, 'policy': said('policy'), 'live': False, 'out': name}
        found += [Node(package='liquid_control', executable=executable, name=executable,
                       namespace=name, output='screen',
                       parameters=[said('params_file'), parameters],
                       arguments=['--ros-args', '--log-level', said('log_level')])
                  for executable, parameters in each.items()]
    return found


def generate_launch_description() -> LaunchDescription:
    """Describe the graphs of several drones, simulated or real."""
    return LaunchDescription([
        *ARGUMENTS,
        # Fast DDS's own shared memory does not hold an image of 640x480.
        *(SetEnvironmentVariable(*item) for item in profile_environment().items()),
        # A simulated vehicle is engaged at once: no real one may hear of it.
        *(SetEnvironmentVariable(*item, condition=IfCondition(LaunchConfiguration('sim')))
          for item in discovery_environment().items()),
        OpaqueFunction(function=nodes),
    ])
