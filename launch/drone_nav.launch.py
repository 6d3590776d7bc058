# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
Fly a drone: `ros2 launch liquid_control drone_nav.launch.py`.

With `sim:=true` (the default) a simulated world, the controller, the guard and a monitor start,
and the flight begins by itself. With `sim:=false` controller and guard start alone, beside the
drivers of a vehicle; nothing moves until somebody calls the service `guard/engage`. With
`shadow:=true` beside it the controller starts alone, and shows what it would command while
somebody else flies.
"""

import os

from ament_index_python.packages import get_package_share_directory
from launch import Condition, LaunchDescription
from launch.actions import DeclareLaunchArgument, SetEnvironmentVariable
from launch.conditions import IfCondition, UnlessCondition
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from liquid_control.nodes.graph import discovery_environment, profile_environment

SHARE = get_package_share_directory('liquid_control')
TRUTH = ['true', 'false']

ARGUMENTS = [
    DeclareLaunchArgument(
        'sim', default_value='true', choices=TRUTH,
        description='Simulate world and vehicle; false: controller and guard alone.'),
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
        'policy', default_value='forest_liquid',
        description='Policy: a name in config/policies, or the path of a bundle.'),
    DeclareLaunchArgument(
        'gui', default_value='false', choices=TRUTH,
        description="Open the simulator's window."),
    DeclareLaunchArgument(
        'namespace', default_value='',
        description='Namespace of all nodes and topics, /clock included; one a vehicle.'),
    DeclareLaunchArgument(
        'params_file', default_value=os.path.join(SHARE, 'config', 'drone.yaml'),
        description='Parameters of the nodes; the other arguments are set on top of them.'),
    DeclareLaunchArgument(
        'use_sim_time', default_value=LaunchConfiguration('sim'), choices=TRUTH,
        description='Take the time from /clock; as sim, unless a bag is replayed.'),
    DeclareLaunchArgument(
        'stamped', default_value='true', choices=TRUTH,
        description='cmd_vel is geometry_msgs/TwistStamped; false: Twist.'),
    DeclareLaunchArgument(
        'shadow', default_value='false', choices=TRUTH,
        description='The controller alone, showing what it would command; needs sim:=false.'),
    DeclareLaunchArgument(
        'record', default_value='false', choices=TRUTH,
        description='Record inputs, commands, states and safety events into a rosbag2 folder.'),
    DeclareLaunchArgument(
        'bag', default_value='',
        description='Folder of the recording, new or empty; empty names one by the time, here.'),
    DeclareLaunchArgument(
        'log_level', default_value='info', choices=['debug', 'info', 'warn', 'error', 'fatal'],
        description='What the nodes log.'),
]


def drone_node(executable: str, parameters: dict, condition: Condition | None = None) -> Node:
    """
    Describe one node of the vehicle.

    :param executable: which is also the node's name.
    :param parameters: set on top of the parameter file.
    :param condition: of its start; None starts it always.
    """
    return Node(
        package='liquid_control', executable=executable, name=executable,
        namespace=LaunchConfiguration('namespace'), output='screen',
        parameters=[LaunchConfiguration('params_file'), parameters],
        remappings=[('/clock', 'clock')],
        arguments=['--ros-args', '--log-level', LaunchConfiguration('log_level')],
        condition=condition)


def generate_launch_description() -> LaunchDescription:
    """Describe the graph of one drone, simulated or real."""
    in_simulation = IfCondition(LaunchConfiguration('sim'))
    simulated = ParameterValue(LaunchConfiguration('sim'), value_type=bool)
    policy = ParameterValue(LaunchConfiguration('policy'), value_type=str)
    stamped = ParameterValue(LaunchConfiguration('stamped'), value_type=bool)
    clock = {'use_sim_time': ParameterValue(
        LaunchConfiguration('use_sim_time'), value_type=bool)}
    piloting = {**clock, 'policy': policy, 'sim': simulated, 'auto_engage': simulated}
    return LaunchDescription([
        *ARGUMENTS,
        # Fast DDS's own shared memory does not hold an image of 640x480.
        *(SetEnvironmentVariable(*item) for item in profile_environment().items()),
        # A simulated vehicle is engaged at once: no real one may hear of it.
        *(SetEnvironmentVariable(*item, condition=IfCondition(LaunchConfiguration('sim')))
          for item in discovery_environment().items()),
        drone_node('recorder', {
            **clock, 'stamped': stamped,
            'bag': ParameterValue(LaunchConfiguration('bag'), value_type=str)},
            IfCondition(LaunchConfiguration('record'))),
        drone_node('controller', {
            **piloting, 'stamped': stamped,
            'shadow': ParameterValue(LaunchConfiguration('shadow'), value_type=bool)}),
        drone_node('guard', {**piloting, 'stamped': stamped},
                   UnlessCondition(LaunchConfiguration('shadow'))),
        drone_node('world', {
            'world': ParameterValue(LaunchConfiguration('world'), value_type=str),
            'wind': ParameterValue(LaunchConfiguration('wind'), value_type=str),
            'seed': ParameterValue(LaunchConfiguration('seed'), value_type=int),
            'gui': ParameterValue(LaunchConfiguration('gui'), value_type=bool),
            'stamped': stamped}, in_simulation),
        drone_node('monitor', {
            **clock, 'policy': policy, 'stamped': stamped, 'out': '.'}, in_simulation),
    ])
